"""Health checks: whether the process lives, and whether database and Temporal answer it."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from desk.api.problem import RETRY_SECONDS
from desk.api.shapes.words import Shown
from desk.service import service
from store.in_thread import in_thread

router = APIRouter(tags=["health"])
PATIENCE = 3.0


class Live(Shown):
    live: bool


class Ready(Shown):
    """Whether the database and Temporal answer."""

    ready: bool
    database: bool
    temporal: bool


@router.get("/health/live", response_model=Live)
async def live() -> dict[str, bool]:
    """The process answers."""
    return {"live": True}


@router.get("/health/ready", response_model=Ready, responses={503: {"model": Ready, "description": "Not now."}})
async def ready(request: Request) -> JSONResponse:
    """The database and Temporal answer too."""
    desk = service(request)
    database, temporal = await asyncio.gather(
        _answers(in_thread(desk.engine, _select, desk.engine)), _answers(desk.client.service_client.check_health())
    )
    both = database and temporal
    headers = {} if both else {"Retry-After": str(RETRY_SECONDS)}
    return JSONResponse({"ready": both, "database": database, "temporal": temporal}, 200 if both else 503, headers)


async def _answers(question: Any) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await question
    except (TimeoutError, SQLAlchemyError, RPCError, OSError):
        return False
    return True


def _select(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
