"""How many reports of a month has an agency used? (`docs/domain.md` §4.1) The agency's subject row must be locked."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from store import seal
from store.schema.cases import quota_slots

_TAKEN = sa.select(quota_slots.c.slot).where(
    quota_slots.c.agency == sa.bindparam("agency"),
    quota_slots.c.month == sa.bindparam("month"),
    quota_slots.c.given_back_at.is_(None),
)
_GIVE_BACK = (
    sa.update(quota_slots)
    .where(quota_slots.c.case == sa.bindparam("case_id"), quota_slots.c.given_back_at.is_(None))
    .values(given_back_at=sa.bindparam("at"))
    .returning(*quota_slots.c)
)


def taken(connection: Connection, agency: str, month: str) -> set[int]:
    """The slot numbers in use, from 1."""
    rows = connection.execute(_TAKEN, {"agency": agency, "month": month})
    return set(rows.scalars())


def take(connection: Connection, agency: str, month: str, used: Collection[int], case: str, at: datetime) -> None:
    """Take the lowest free slot of the month for the case."""
    slot = next(n for n in range(1, len(used) + 2) if n not in used)
    values = {"case": case, "agency": agency, "month": month, "slot": slot, "taken_at": at}
    seal.insert(connection, quota_slots, values)


def give_back(connection: Connection, case_id: str, at: datetime) -> None:
    """Free the case's slot, in the month that it was taken from."""
    slot = connection.execute(_GIVE_BACK, {"case_id": case_id, "at": at}).mappings().all()
    seal.note(connection, quota_slots, slot)
