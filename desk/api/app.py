"""The FastAPI application: routes, the handlers that make every error a problem, and middleware."""

from collections.abc import Iterable, Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from desk.api import documentation, problem
from desk.api.openapi.document import document
from desk.api.routes import (
    api_keys,
    audit,
    cases,
    codec,
    evidence,
    feed,
    health,
    moves,
    notices,
    operation,
    overviews,
    parties,
    previews,
    queue,
    rulebook,
    rulebooks,
    session,
    subjects,
    versions,
    violations,
    webhooks,
)
from desk.api.routes import outgoing as told
from desk.api.rules import OPEN
from desk.identity.guest import guest_of
from desk.identity.sessions import DECODE
from desk.service import Service
from desk.serving.deadline import Deadline
from desk.serving.failures import Failures
from desk.serving.guarded import Guarded
from desk.serving.head import Head
from desk.serving.hosts import OwnHosts
from desk.serving.measured import Measured
from desk.serving.once import SaidOnce
from desk.serving.refuse import Refuse, by_path
from desk.serving.shared import Shared
from desk.serving.target import ReadableTarget
from desk.serving.unread import Unread
from desk.serving.work import AtWork
from states.terms import RefusedError
from store.bucket import AwayError

_DATABASE_IS_AWAY = (OperationalError, InterfaceError, DisconnectionError, PoolTimeoutError)
ROOMS = (
    health, session, cases, moves, previews, evidence, overviews, queue, subjects, notices, rulebook, rulebooks,
    versions, parties, feed, violations, webhooks, api_keys, audit, operation, codec,
)  # fmt: skip
# FastAPI's own telemetry has paths, queries and messages of errors; ours has none (decision 0029).
_UNTOLD: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
# Monitoring may use any host name.
_HEALTH = tuple(path for _, path in OPEN if path.startswith("/health/"))
_LIVE = "/health/live"


def create_app(
    service: Service, names: Iterable[str] | None = None, beside: Mapping[str, tuple[ASGIApp, Refuse]] | None = None
) -> FastAPI:
    """The application over a running engine; `names`: by which it may be asked, beside numbers (None: by any).

    `beside`: other applications under paths of their own, each with how it answers what the middleware refuses.
    """
    app = FastAPI(
        title="Casework",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        webhooks=told.router,
        telemetry=_UNTOLD,
    )
    app.state.service = service
    for path, (other, _) in (beside or {}).items():
        app.mount(path, other)  # before the routes, or else each of its requests is held against all of them
    documentation.serve(app)
    for room in ROOMS:
        app.include_router(room.router)
    app.add_exception_handler(RefusedError, problem.of_refusal)
    app.add_exception_handler(RequestValidationError, problem.of_input)
    app.add_exception_handler(HTTPException, problem.of_routing)
    for away in _DATABASE_IS_AWAY:
        app.add_exception_handler(away, problem.of_database)
    app.add_exception_handler(AwayError, problem.of_objects)
    if (guest := guest_of(service.temporal_pages)) is not None:
        app.add_middleware(Shared, path=DECODE, origin=guest)
    _surround(app, by_path(problem.refuse(service), beside or {}), names)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app


def _surround(app: FastAPI, refuse: Refuse, names: Iterable[str] | None) -> None:
    """Put the middleware around it, from the innermost outwards."""
    app.add_middleware(Failures, refuse=refuse)
    app.add_middleware(Deadline, refuse=refuse)  # a body that comes slowly counts
    app.add_middleware(SaidOnce, refuse=refuse)
    app.add_middleware(ReadableTarget, refuse=refuse)
    if names is not None:
        app.add_middleware(OwnHosts, names=names, refuse=refuse, open_to_all=_HEALTH)
    app.add_middleware(AtWork, refuse=refuse, outside=[_LIVE])
    app.add_middleware(Unread)
    app.add_middleware(Head)
    app.add_middleware(Measured)
    app.add_middleware(Guarded, may_be_kept=["/health/", documentation.STATIC])
