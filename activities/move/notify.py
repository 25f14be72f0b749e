"""Which notices does a move send? Each keeps a template's key and values; it is worded when it is read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from activities.move import recipients
from activities.move.work import Work
from states.situation import Actor
from states.terms import Side
from store import sight
from store.case import Case


def notify(work: Work, case: Case, side: Side, template: str, at: datetime, **values: object) -> None:
    """Send a notice to a side of the case.

    The value `score` goes only to those who may read it now; of `creators` each reads their own (ruling 17).
    """
    readers = recipients.of_side(work, case, side)
    scored = recipients.of_score(work, case, readers) if "score" in values else []
    for reader in readers:
        own: dict[str, object] = {"score": None} if "score" in values and reader not in scored else {}
        if values.get("creators"):
            own["creators"] = sight.named(work.connection, reader, case.id, work.at)
        tell(work, reader, case, template, at, **values | own)


def tell(work: Work, reader: Actor, case: Case, template: str, at: datetime, **values: object) -> None:
    """Send a notice to one recipient, with the commit. A value that is None or empty is not there."""
    there = {name: _plain(value) for name, value in values.items() if value is not None and value != []}
    work.notices.append({"recipient": reader.id, "case": case.id, "template": template, "values": there, "at": at})


def lasting(rows: Iterable[Mapping[Any, Any]], keys: Iterable[str]) -> list[object]:
    """Penalties as letters list them: each key, and where all its rows end, with `until` when the last of them does."""
    ends: dict[str, list[datetime | None]] = {}
    for row in rows:
        ends.setdefault(row["key"], []).append(row["ends_at"])
    return [_until(key, ends.get(key, [])) for key in keys]


def _until(key: str, ends: list[datetime | None]) -> object:
    known = [end for end in ends if end is not None]
    return {"key": key, "until": max(known).isoformat()} if known and len(known) == len(ends) else key


def _plain(value: object) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
