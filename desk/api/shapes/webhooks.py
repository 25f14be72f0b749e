"""Receivers of webhooks, and their deliveries."""

from typing import Annotated, Any

from pydantic import Field
from pydantic.types import StringConstraints

from desk.api.shapes.words import Asked, Instant, Shown
from store.schema.webhooks import Event

_ID = Field(examples=["wh-3f9c2a7d51e04b86aa10"])
_URL = Field(examples=["https://hooks.example.com/casework"])
_EVENTS = Field(examples=[["case.moved", "notice.sent"]])
_PAYLOAD = {
    "id": "dl-8a1c3e5f70b2d4961c0e",
    "event": "case.moved",
    "at": "2026-03-02T02:00:00+00:00",
    "case": "report-1d5a0c7e9b3f4482a6d1",
    "kind": "report",
    "stage": "under_review",
    "status": "queued",
    "outcome": None,
    "version": 2,
    "link": "/api/v1/cases/report-1d5a0c7e9b3f4482a6d1",
}


class NewReceiver(Asked):
    """Where events are sent, and which. Elsewhere than in a demo: https, at a public address."""

    url: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=2000), _URL]
    events: Annotated[list[Event], Field(min_length=1, max_length=len(Event)), _EVENTS]


class Receiver(Shown):
    id: str = _ID
    url: str = _URL
    events: list[Event] = _EVENTS
    created_at: Instant


class MadeReceiver(Receiver):
    """A new receiver. The secret is shown this once; it verifies `webhook-signature` (Standard Webhooks)."""

    secret: str | None = Field(
        default=None,
        description="Only in the first answer: one that is given again under the same key has none.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )


class ListedReceiver(Receiver):
    """A receiver; of the platform's `agency` is none. Ops and auditors read its URL up to the host."""

    agency: str | None = Field(examples=["lotus"])


class Receivers(Shown):
    webhooks: list[ListedReceiver]
    next: str | None = Field(description="Give it as `cursor` for the next page.")


class Removed(Shown):
    id: str = _ID
    removed_at: Instant


class Delivery(Shown):
    """An event on its way, and what became of it. It arrived, was given up, or is tried again at `next_at`."""

    id: str = Field(examples=["dl-8a1c3e5f70b2d4961c0e"])
    event: Event
    at: Instant
    attempts: int
    next_at: Instant | None
    status: int | None = Field(description="The HTTP status of the last answer.", examples=[503])
    error: str | None = Field(description="Why the last attempt did not count.", examples=["answered 503"])
    answered_at: Instant | None = Field(description="When the last attempt ended.")
    delivered_at: Instant | None
    given_up_at: Instant | None
    replay_of: str | None = Field(description="The delivery that this one repeats.")
    payload: dict[str, Any] = Field(description="What is sent; see the webhooks of this document.", examples=[_PAYLOAD])


class Deliveries(Shown):
    webhook: str = _ID
    deliveries: list[Delivery]
    next: str | None = Field(description="Give it as `cursor` for the next page.")
