"""Which notices were sent, and which of them read, and which incidents raised for ops? Lists, newest first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from states.sight import Resource
from states.situation import Actor
from states.terms import PARTIES, Code, RefusedError, Side
from store import cursor, seal
from store.cursor import Cursor, Page
from store.schema.cases import cases
from store.schema.journal import incidents as raised
from store.schema.journal import notices
from store.schema.own import notices_read
from store.schema.parties import subjects
from store.sight import AT, filtered

_SORT, _DIGITS = "notices", 6
# Unread notices are counted so far.
COUNTED = 100
_READ_UP_TO = sa.select(notices_read.c.up_to).where(notices_read.c.person == sa.bindparam("who"))


def page(connection: Connection, actor: Actor, at: datetime, *, after: str | None = None, limit: int = 50) -> Page:
    """A page of the notices that the actor sees.

    A notice's id would tell how many others get. So the cursor names the page's last notice by its time, its case, and
    its place among those of both that the actor sees.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    start, most = cursor.read(after, _SORT), cursor.size(limit)
    seen = _told(actor, at)
    found = sa.select(notices).where(seen)
    if start is not None:
        which, _, what = start.id.partition("/")
        if not which.isdecimal() or len(which) > _DIGITS:
            raise RefusedError(Code.INVALID, "no_cursor", "cursor")
        same = sa.select(notices.c.id).where(_beside(seen, what, start.at)).order_by(notices.c.id.desc())
        found = found.where(notices.c.id < same.offset(int(which)).limit(1).scalar_subquery())
    rows = connection.execute(found.order_by(notices.c.id.desc()).limit(most + 1)).mappings().all()
    if len(rows) <= most:
        return Page([dict(row) for row in rows], None)
    last = rows[most - 1]
    newer = sa.select(sa.func.count()).where(
        _beside(seen, _what(last), last["at"]), notices.c.id > last["id"]
    )  # fmt: skip
    name = f"{connection.execute(newer).scalar()}/{_what(last)}"
    return Page([dict(row) for row in rows[:most]], Cursor(_SORT, last["at"], name).opaque())


def unread(connection: Connection, actor: Actor, at: datetime) -> int:
    """How many of the notices that the actor sees are newer than what they have read, counted as far as `COUNTED`."""
    return int(connection.execute(_unread(actor), {"who": actor.id, "at": at}).scalar_one())


@lru_cache(256)
def _unread(actor: Actor) -> sa.Select[Any]:
    up_to = _READ_UP_TO.scalar_subquery()
    new = sa.or_(up_to.is_(None), notices.c.at > up_to)
    some = sa.select(notices.c.id).where(_told(actor, AT), new).limit(COUNTED).subquery()
    return sa.select(sa.func.count()).select_from(some)


def read_up_to(connection: Connection, person: str) -> datetime | None:
    """Of which time the newest notice is that the person has read; none: they never looked."""
    found: datetime | None = connection.execute(_READ_UP_TO, {"who": person}).scalar_one_or_none()
    return found


def read(connection: Connection, person: str, up_to: datetime) -> None:
    """Note that the person has read the notices of until then, never fewer than before."""
    statement = insert(notices_read).values(person=person, up_to=up_to)
    newer = sa.func.greatest(notices_read.c.up_to, statement.excluded.up_to)
    connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_={"up_to": newer}))


def _told(actor: Actor, at: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """The notices that the actor sees; of what is told to everybody of a region, a party's own region."""
    seen = filtered(actor, Resource.NOTICE, at)
    if actor.role not in PARTIES:
        return seen
    home = sa.select(subjects.c.region).where(subjects.c.id == (actor.agency or actor.id)).scalar_subquery()
    return sa.and_(seen, sa.or_(notices.c.region.is_(None), notices.c.region == home))


def _what(row: Mapping[Any, Any]) -> str:
    """The case or the version that a notice is about."""
    return str(row["case"] or row["version"])


def _beside(seen: sa.ColumnElement[bool], what: str, at: datetime | None) -> sa.ColumnElement[bool]:
    """The notices about a case, or a version, of a time."""
    return sa.and_(seen, sa.or_(notices.c.case == what, notices.c.version == what), notices.c.at == at)


def judged_by(connection: Connection, case_ids: Iterable[str]) -> dict[str, tuple[str, list[str]]]:
    """By which rulebook's digest each case that the reader sees is judged, in its region and that of the agency."""
    query = sa.select(cases.c.id, cases.c.rulebook, cases.c.region, subjects.c.region.label("agency"))
    query = query.outerjoin(subjects, subjects.c.id == cases.c.agency).where(cases.c.id.in_(sorted(set(case_ids))))
    return {
        row.id: (row.rulebook, [row.region, *([row.agency] if row.agency not in {None, row.region} else [])])
        for row in connection.execute(query)
    }


def told(connection: Connection, version: str, template: str, about: Iterable[str]) -> dict[str, list[str]]:
    """Who was told of the subjects, by this template about the version; by subject."""
    query = sa.select(notices.c.about, notices.c.recipient).where(
        notices.c.version == version, notices.c.template == template, notices.c.about.in_(sorted(about))
    )
    found = defaultdict[str, list[str]](list)
    for subject, recipient in connection.execute(query.order_by(notices.c.id)):
        found[subject].append(recipient)
    return found


def announced(connection: Connection, version: str, template: str) -> list[str]:
    """The regions in which everybody was told so of the version."""
    query = sa.select(notices.c.region).where(notices.c.version == version, notices.c.template == template)
    return list(connection.execute(query.where(notices.c.region.is_not(None)).order_by(notices.c.region)).scalars())


def known(connection: Connection, case_id: str, readers: Iterable[str]) -> bool:
    """Whether the respondent's side, who are the readers, knows of the report: one of them was told, or appeals."""
    told = sa.select(notices.c.id).where(notices.c.case == case_id, notices.c.recipient.in_(sorted(readers)))
    appeals = sa.select(cases.c.id).where(cases.c.of_case == case_id, cases.c.filed_side == Side.RESPONDENT)
    return bool(connection.execute(sa.select(sa.or_(told.exists(), appeals.exists()))).scalar())


def incidents(connection: Connection, actor: Actor, at: datetime, *, after: str | None = None, limit: int = 50) -> Page:
    """A page of the incidents that the actor sees, newest first.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    found = sa.select(raised).where(filtered(actor, Resource.INCIDENT, at))
    return cursor.highest_first(connection, found, raised.c.id, after, limit)


def send(connection: Connection, written: list[dict[str, Any]]) -> None:
    """Store notices: template, values, at; recipient and case, or of a version also about or region; all alike."""
    seal.insert(connection, notices, written)


def raise_incident(
    connection: Connection,
    kind: str,
    at: datetime,
    *,
    case: str | None = None,
    subject: str | None = None,
    facts: Mapping[str, Any],
) -> None:
    """Raise an incident for ops; `facts` are JSON values."""
    values = {"kind": kind, "case": case, "subject": subject, "facts": dict(facts), "at": at}
    seal.insert(connection, raised, values)


def raised_before(connection: Connection, kind: str, facts: Mapping[str, Any]) -> bool:
    """Whether an incident of a kind was raised with these facts."""
    known = sa.exists().where(raised.c.kind == kind, raised.c.facts == sa.literal(dict(facts), raised.c.facts.type))
    return bool(connection.execute(sa.select(known)).scalar())
