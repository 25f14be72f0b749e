"""Violations that the platform saw, one or up to 1,000 at a time; each becomes a report of the platform."""

import asyncio
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from operator import itemgetter
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from desk.api.admission import Admitted
from desk.api.language import Speaking
from desk.api.once import Key, once
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.routes.moves import send
from desk.api.rules import V1
from desk.api.shapes.feed import LineResults, Violation, Violations
from desk.api.shapes.moves import Moved
from desk.identity.caller import Caller
from desk.refusal import STATUS
from desk.service import Service, service
from desk.words import Words
from states.terms import Code, RefusedError
from store.in_thread import in_thread

router = APIRouter(route_class=Route, tags=["platform feed"])
Lines = list[tuple[int, Violation]]
AT_ONCE = 8
# Seconds after which no further line is begun, and after which none is waited for; below `LONGEST_ANSWER`.
LAST_BEGUN, LONGEST = 12.0, 15.0


@router.post(f"{V1}/violations", status_code=201, response_model=Moved, responses=problems(404, 409))
async def violation(
    request: Request, caller: Admitted, key: Key, body: Violation, response: Response
) -> dict[str, Any]:  # fmt: skip
    """Report a violation that the platform saw."""
    return await send(service(request), caller, "report", body.input(), key, response)


@router.post(
    f"{V1}/violations/batch", response_model=LineResults, responses=problems(), response_model_exclude_none=True
)
async def batch(request: Request, caller: Admitted, key: Key, body: Violations, words: Speaking) -> dict[str, Any]:
    """Report up to 1,000 violations. Each line is done or refused by itself.

    Lines of one `reference` are taken in the order in which they were sent. Lines for which there was no time are
    `unavailable`; sent again under the same key, they are done, and what was done stays done.
    """
    desk = service(request)
    clock = asyncio.get_running_loop().time
    begun = clock()
    await in_thread(desk.engine, _claim, desk, caller, key, body)
    gate = asyncio.Semaphore(AT_ONCE)

    async def line(number: int, said: Violation) -> dict[str, Any]:
        async with gate:
            with suppress(TimeoutError):
                if clock() < begun + LAST_BEGUN:
                    async with asyncio.timeout_at(begun + LONGEST):
                        return {"line": number, **await _line(desk, caller, f"{key}/{number}", said, words)}
        return {"line": number, **_refused(RefusedError(Code.UNAVAILABLE, "no_time_left"), words)}

    async def in_order(same: Lines) -> list[dict[str, Any]]:
        return [await line(number, said) for number, said in same]

    found = await asyncio.gather(*map(in_order, _by_reference(body.violations)))
    lines = sorted(chain.from_iterable(found), key=itemgetter("line"))
    done = sum("case" in told for told in lines)
    return {"done": done, "refused": len(lines) - done, "lines": lines}


def _by_reference(violations: Iterable[Violation]) -> list[Lines]:
    """The lines by their reference, each with its number; one that has none is alone."""
    same: dict[str | int, Lines] = {}
    for number, said in enumerate(violations):
        same.setdefault(said.reference or number, []).append((number, said))
    return list(same.values())


def _claim(desk: Service, caller: Caller, key: str, body: Violations) -> None:
    """Bind the key to this batch: another batch under it is `key_reused`."""

    def nothing(_: Connection) -> tuple[int, dict[str, Any]]:
        return 200, {}

    once(desk, caller, key, ["violations/batch", {"violations": [said.asked() for said in body.violations]}], nothing)


async def _line(desk: Service, caller: Caller, key: str, said: Violation, words: Words) -> dict[str, Any]:
    identity = hashlib.sha256(key.encode()).hexdigest()
    try:
        answer = await desk.door.send(caller.actor.id, "report", said.input(), key=identity, through=caller.through)
    except RefusedError as refused:
        return _refused(refused, words)
    return {"status": 201, "case": answer["case"]}


def _refused(refused: RefusedError, words: Words) -> dict[str, Any]:
    code = Code(refused.code)
    return {"status": STATUS[code].value, "code": code, "detail": words.refusal(refused), "field": refused.field}
