"""The webhooks that receivers are sent: they are described in the OpenAPI document only, and are no routes."""

from typing import Annotated, Any

from fastapi import APIRouter, Header

from desk.api.shapes.events import CaseTold, LiftedTold, NoticeTold, PenaltyTold
from store.schema.webhooks import Event

_ANSWERS: dict[int | str, dict[str, Any]] = {
    204: {"description": "It has arrived, as with any 2xx."},
    410: {"description": "Nothing more is sent: the receiver is removed."},
    "default": {"description": "It is sent again, for up to three days."},
}
router = APIRouter(tags=["webhooks"], responses=_ANSWERS)
_Id = Annotated[str, Header(alias="webhook-id", description="The delivery's `id`.")]
_Timestamp = Annotated[int, Header(alias="webhook-timestamp", description="When it was sent, in seconds since 1970.")]
_Signature = Annotated[
    str,
    Header(
        alias="webhook-signature", description="`v1,` and the signature by the receiver's secret (Standard Webhooks)."
    ),
]


def _case(_body: CaseTold, _id: _Id, _at: _Timestamp, _signature: _Signature) -> None: ...


def _penalty(_body: PenaltyTold, _id: _Id, _at: _Timestamp, _signature: _Signature) -> None: ...


def _lifted(_body: LiftedTold, _id: _Id, _at: _Timestamp, _signature: _Signature) -> None: ...


def _notice(_body: NoticeTold, _id: _Id, _at: _Timestamp, _signature: _Signature) -> None: ...


for event, shape, when in (
    (Event.CASE_MOVED, _case, "A case that you see moved"),
    (Event.VERDICT_DECIDED, _case, "A report's verdict is in force, or an appeal was decided"),
    (Event.PENALTY_IN_FORCE, _penalty, "A penalty was imposed"),
    (Event.PENALTY_LIFTED, _lifted, "A penalty was lifted"),
    (Event.NOTICE_SENT, _notice, "A notice was sent to you"),
):
    name = event.value.replace(".", "_")
    router.add_api_route(
        event.value, shape, methods=["POST"], status_code=204, operation_id=f"told_{name}", summary=when, name=name
    )
