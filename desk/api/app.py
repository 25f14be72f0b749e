"""The FastAPI application: routes, the handlers that make every error a problem, and middleware."""

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from desk.api import problem
from desk.api.admission import admitted
from desk.api.openapi.document import document
from desk.api.routes import (
    api_keys,
    cases,
    feed,
    health,
    moves,
    notices,
    queue,
    rulebook,
    session,
    subjects,
    violations,
    webhooks,
)
from desk.api.routes import outgoing as told
from desk.api.rules import V1
from desk.service import Service
from desk.serving.body import BoundedBody
from desk.serving.deadline import Deadline
from states.terms import RefusedError

_OPEN = (health, session)
_DATABASE_IS_AWAY = (OperationalError, InterfaceError, DisconnectionError, PoolTimeoutError)
_ADMITTED = (cases, moves, queue, subjects, notices, rulebook, feed, violations, webhooks, api_keys)


def create_app(service: Service) -> FastAPI:
    """The application over a running engine."""
    app = FastAPIOffline(
        title="Casework",
        version="1",
        openapi_url=f"{V1}/openapi.json",
        docs_url="/docs",
        redoc_url=None,
        redirect_slashes=False,
        webhooks=told.router,
    )
    app.state.service = service
    for room in _OPEN:
        app.include_router(room.router)
    for room in _ADMITTED:
        app.include_router(room.router, dependencies=[Depends(admitted)])
    app.add_exception_handler(RefusedError, problem.of_refusal)
    app.add_exception_handler(RequestValidationError, problem.of_input)
    app.add_exception_handler(HTTPException, problem.of_routing)
    for away in _DATABASE_IS_AWAY:
        app.add_exception_handler(away, problem.of_database)
    app.add_exception_handler(Exception, problem.of_failure)
    refuse = problem.refuse(service)
    app.add_middleware(BoundedBody, refuse=refuse)
    app.add_middleware(Deadline, refuse=refuse)  # outermost: a body that comes slowly counts
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app
