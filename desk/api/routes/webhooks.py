"""Receivers of webhooks, of an agency or of the platform, and their deliveries."""

import base64
import secrets
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from activities.courier import address
from activities.courier.signature import PREFIX
from activities.look import Woken
from desk.api.admission import Admitted
from desk.api.once import Key, once
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.webhooks import Deliveries, Delivery, MadeReceiver, NewReceiver, Receivers, Removed
from desk.api.shapes.words import Cursor
from desk.door.replaying import replayed
from desk.identity.caller import Caller
from desk.service import Service, service
from states.terms import OVERSEERS, Code, RefusedError
from store import delivery, webhook
from store.in_thread import in_thread
from store.row_security import reading
from store.schema.webhooks import Event

router = APIRouter(route_class=Route, tags=["webhooks"])
Row = dict[str, Any]
ReceiverId = Annotated[
    str, Path(alias="webhook", max_length=200, pattern=r"^[\x21-\x7e]+$", examples=["wh-3f9c2a7d51e04b86aa10"])
]
_DELIVERY = r"^dl-[0-9a-f]{20}$"
DeliveryId = Annotated[str, Path(alias="delivery", pattern=_DELIVERY, examples=["dl-8a1c3e5f70b2d4961c0e"])]
Limit = Annotated[int, Query(ge=1, le=100)]
# Receivers of an agency: each costs a row in every commit that concerns the agency.
MOST = 20


@router.get(f"{V1}/webhooks", response_model=Receivers, responses=problems())
def receivers(request: Request, caller: Admitted, cursor: Cursor = None) -> Row:
    """The receivers of your agency, or of the platform: the oldest first. Ops and auditors read all of them."""
    desk = service(request)
    with reading(desk.engine, caller.actor) as connection:
        page = webhook.owned(connection, caller.actor, desk.now(), cursor)
    rows = [_as_overseen(row) for row in page.rows] if caller.actor.role in OVERSEERS else page.rows
    return {"webhooks": rows, "next": page.next}


@router.post(f"{V1}/webhooks", response_model=MadeReceiver, status_code=201, responses=problems())
def add(request: Request, caller: Admitted, key: Key, body: NewReceiver) -> JSONResponse:
    """Be told at a URL from now on. The answer has the secret, once."""
    desk = service(request)
    url = str(address.check(body.url, demo=desk.demo))
    work = partial(_add, desk, caller, url, body.events)
    return once(desk, caller, key, ["POST webhooks", body], work, _without_secret)


@router.delete(f"{V1}/webhooks/{{webhook}}", response_model=Removed, responses=problems(404))
def remove(request: Request, caller: Admitted, key: Key, receiver: ReceiverId) -> JSONResponse:
    """Be told there nothing any more; what was on its way is not sent."""
    desk = service(request)
    return once(desk, caller, key, ["DELETE webhooks", receiver], partial(_remove, desk, caller, receiver))


@router.get(f"{V1}/webhooks/{{webhook}}/deliveries", response_model=Deliveries, responses=problems(404))
def deliveries(
    request: Request, caller: Admitted, receiver: ReceiverId, cursor: Cursor = None, limit: Limit = 50
) -> Row:
    """What was sent there, or is on its way, newest first."""
    desk = service(request)
    with reading(desk.engine, caller.actor) as connection:
        _must_own(desk, connection, caller, receiver)
        page = delivery.page(connection, receiver, cursor, limit)
    return {"webhook": receiver, "deliveries": [_shown(row) for row in page.rows], "next": page.next}


@router.post(
    f"{V1}/webhooks/{{webhook}}/deliveries/{{delivery}}/replay",
    response_model=Delivery,
    status_code=202,
    responses=problems(404),
)
async def replay(
    request: Request, caller: Admitted, key: Key, receiver: ReceiverId, original: DeliveryId
) -> JSONResponse:
    """Send a delivery again, as a new one behind those that wait."""
    desk = service(request)
    asked = ["POST replay", receiver, original]
    work = partial(_replay, desk, caller, receiver, original)
    answer = await in_thread(desk.engine, once, desk, caller, key, asked, work)
    await desk.door.wake(Woken(receivers=[receiver]))
    return answer


def _add(desk: Service, caller: Caller, url: str, events: list[Event], connection: Connection) -> tuple[int, Row]:
    webhook.lock_owner(connection, caller.actor)
    if len(webhook.owned(connection, caller.actor, desk.now()).rows) >= MOST:
        raise RefusedError(Code.INVALID, "too_many_receivers", "url", most=MOST)
    values = {
        "id": f"wh-{secrets.token_hex(10)}",
        "agency": caller.actor.agency,
        "url": url,
        "secret": PREFIX + base64.b64encode(secrets.token_bytes(32)).decode(),
        "events": list(dict.fromkeys(events)),
        "created_at": desk.now(),
        "created_by": caller.actor.id,
    }
    webhook.add(connection, values)
    return HTTPStatus.CREATED, {name: values[name] for name in MadeReceiver.model_fields}


def _remove(desk: Service, caller: Caller, receiver: str, connection: Connection) -> tuple[int, Row]:
    _must_own(desk, connection, caller, receiver)
    now = desk.now()
    webhook.remove(connection, receiver, now, "the receiver was removed")
    return HTTPStatus.OK, {"id": receiver, "removed_at": now}


def _replay(desk: Service, caller: Caller, receiver: str, original: str, connection: Connection) -> tuple[int, Row]:
    return HTTPStatus.ACCEPTED, _shown(replayed(connection, desk.door, caller.actor, receiver, original))


def _must_own(desk: Service, connection: Connection, caller: Caller, receiver: str) -> None:
    if not webhook.owns(connection, caller.actor, receiver, desk.now()):
        raise RefusedError(Code.NOT_FOUND, "no_receiver", "webhook", receiver=receiver)


def _shown(row: Mapping[Any, Any]) -> Row:
    return {name: row[name] for name in Delivery.model_fields} | {"payload": delivery.body(row)}


def _as_overseen(row: Row) -> Row:
    """A receiver as ops and auditors read it: what follows the host in its URL may be its owner's secret."""
    where = urlsplit(row["url"])
    return {**row, "url": f"{where.scheme}://{where.netloc}/…"}


def _without_secret(body: Row) -> Row:
    return {**body, "secret": None}
