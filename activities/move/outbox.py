"""Which events does a commit send to receivers of webhooks? Thin payloads, only of what the receiver can see anyway.

An agency gets events of cases that it reported or that are against it, of an appeal only where its side filed it
(ruling 12); of penalties of its own and of creators that it manages; of notices to it. The platform's receivers get all
events. No event names the reporter or contains a free text, and none is of a penalty on trial. Deliveries are written
in the commit's own transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from activities.move.scene import Scene
from activities.restrictions import restricted
from activities.rulebooks import Rulebooks
from rulebook.terms import SubjectKind
from states.terms import Kind, Side, Status
from store import as_read, delivery, party, webhook
from store.case import Case
from store.penalty import Changes, over
from store.schema.webhooks import Event

LINK = "/api/v1/cases/"


@dataclass(frozen=True)
class Happening:
    """An event, the agencies whose receivers get it beside the platform's, and its payload."""

    event: Event
    agencies: frozenset[str]
    payload: dict[str, Any]


def tell(scene: Scene) -> list[str]:
    """Write the deliveries of the commit's events, and give the receivers that have one due."""
    moved = scene.moved
    parties = {agency for case, _ in moved for agency in concerned(case)}
    parties |= {notice["recipient"] for notice in scene.notices} | scene.charged
    agencies = {case.agency for case, _ in moved}
    found = webhook.concerned(scene.connection, parties, scene.charged - agencies, scene.at)
    if not found:
        return []
    events = [event for case, statuses in moved for event in _of_case(scene.connection, case, statuses)]
    events += _of_penalties(scene.connection, scene.rulebooks, scene.penalties, scene.at)
    events += _of_notices(scene)
    return _post(scene.connection, found, events, scene.at)


def tell_penalties(
    connection: Connection, rulebooks: Rulebooks, subject: str, changes: Changes, at: datetime
) -> list[str]:
    """The same for a transaction outside the cases, which can only have changed a subject's penalties."""
    found = webhook.concerned(connection, {subject}, {subject}, at)
    return _post(connection, found, _of_penalties(connection, rulebooks, changes, at), at) if found else []


def tell_notices(connection: Connection, sent: Sequence[Mapping[str, Any]], at: datetime) -> list[str]:
    """The same for notices about a version of the rulebook; a region's go to the receivers of its agencies."""
    found = webhook.concerned(connection, {row["recipient"] for row in sent} - {None}, (), at) if sent else []
    living = webhook.living_in(connection, {row["region"] for row in sent if row.get("region")})
    there = {region: frozenset(one.agency for one in hear if one.agency) for region, hear in living.items()}
    events = [_of_notice(row, there.get(row.get("region") or "", frozenset())) for row in sent]
    everybody = {one.id: one for one in (*found, *chain.from_iterable(living.values()))}
    return _post(connection, list(everybody.values()), events, at) if everybody else []


def again(connection: Connection, case: Case, at: datetime) -> list[str]:
    """The case's receivers with a delivery due, so that a commit that was a repetition wakes them again."""
    charged = {case.subject, case.agency or case.subject}
    found = webhook.concerned(connection, concerned(case) | charged, charged, at)
    return webhook.due(connection, [receiver.id for receiver in found], at) if found else []


def concerned(case: Case) -> frozenset[str]:
    """The agencies that get a case's events: both sides of a report, the side that filed an appeal."""
    sides = {Side.REPORTER: case.filed_agency, Side.RESPONDENT: case.agency}
    hear = [case.filed_side] if case.kind is Kind.APPEAL else list(Side)
    return frozenset(agency for side in hear if (agency := sides[side]) is not None)


def _post(
    connection: Connection, receivers: list[webhook.Receiver], events: Iterable[Happening], at: datetime
) -> list[str]:
    rows: list[dict[str, Any]] = [
        {"webhook": receiver.id, "event": told.event, "payload": told.payload}
        for told in events
        for receiver in receivers
        if told.event in receiver.events and (receiver.agency is None or receiver.agency in told.agencies)
    ]
    delivery.post(connection, rows, at)
    return webhook.due(connection, {row["webhook"] for row in rows}, at) if rows else []


def _of_case(connection: Connection, case: Case, statuses: list[Status]) -> Iterator[Happening]:
    if set(statuses) == {Status.AWAITING_APPROVAL}:
        return  # a proposal is no verdict yet (ruling 16)
    payload = {**as_read.to_parties(connection, case).summary(), "link": f"{LINK}{case.id}"}
    yield Happening(Event.CASE_MOVED, concerned(case), payload)
    if Status.DECIDED in statuses:
        yield Happening(Event.VERDICT_DECIDED, concerned(case), payload)


def _of_penalties(connection: Connection, rulebooks: Rulebooks, changes: Changes, at: datetime) -> Iterator[Happening]:
    for row in changes.written():
        if row["on_trial"] or (row["lifted_at"] is None and over(row, at)):
            continue  # it was imposed since a time before, and has run out already
        subject = party.subject(connection, row["subject"])
        if subject is None:
            raise LookupError(f"subject {row['subject']} is gone")
        owner: str | None = subject.id
        if subject.kind is SubjectKind.CREATOR:
            owner = party.management(connection, subject.id, at).agency
        lifted = row["lifted_at"]
        rules = rulebooks.policy(connection, row["rulebook"], subject.region)
        payload = {
            "at": (lifted or at).isoformat(),
            "subject": subject.id,
            "key": row["key"],
            "kind": row["kind"],
            "restrictions": sorted(restricted(row, rules)),
            "starts_at": row["starts_at"].isoformat(),
            "ends_at": row["ends_at"].isoformat() if row["ends_at"] else None,
        } | ({"lifted_at": lifted.isoformat()} if lifted else {})
        event = Event.PENALTY_LIFTED if lifted else Event.PENALTY_IN_FORCE
        yield Happening(event, frozenset({owner} if owner else ()), payload)


def _of_notices(scene: Scene) -> Iterator[Happening]:
    return (_of_notice(row) for row in scene.notices)


def _of_notice(row: Mapping[str, Any], living_there: frozenset[str] = frozenset()) -> Happening:
    """A notice, as it is told: of whom, and not what it says. `living_there` are the agencies of its region."""
    about = {name: row.get(name) for name in ("case", "version", "about")}
    agencies = living_there if row["recipient"] is None else frozenset({row["recipient"]})
    return Happening(Event.NOTICE_SENT, agencies, {"at": row["at"].isoformat(), "template": row["template"], **about})
