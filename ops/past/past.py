"""The fold: each line of the journal is a row of its case's table, and the row's effects say what it did."""

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from activities.move.situation import situate
from activities.rulebooks import Rulebooks
from ops.past.effects import EFFECTS, Played, Told
from rulebook.policy import Policy
from states.law import CaseRow
from states.situation import NO_WISH, Situation
from states.tables import TABLES
from states.terms import Status
from store import past, seal
from store.case import NAMES, Case
from store.schema.cases import cases

# What no move changes: it is read from the row, and the seal vouches for it.
_KEPT = (
    *(one.name for one in fields(Case) if one.default is MISSING and one.default_factory is MISSING),
    *("language", "again", "reference", "priority"),
)


@dataclass(frozen=True)
class Was:
    """A case as it was. `sealed`: the chain has the digest of exactly this row; without it something is not as it was.

    `policy` are the rules that it pins.
    """

    case: Case
    sealed: bool
    policy: Policy


def was(connection: Connection, rulebooks: Rulebooks, case_id: str, at: datetime) -> Was | None:
    """The case as it was at a time, by its journal; none where it was not there yet."""
    found, lines = past.family(connection, case_id, at)
    policies = {one.id: rulebooks.policy(connection, one.rulebook, one.region) for one in found}
    played = {one.id: Told(**{name: getattr(one, name) for name in _KEPT}) for one in found}
    for line in lines:
        _play(played, line, policies[line["case"]])
    case = played.get(case_id)
    if case is None or case.status is Status.NEW:
        return None
    due = TABLES[case.kind].next_due(_situation(case, played, policies[case_id], at))
    case.deadline_at = due[0] if due else None
    return Was(case, _sealed(case, lines), policies[case_id])


def _play(played: dict[str, Told], line: sa.RowMapping, policy: Policy) -> None:
    """Let a line do to its case, and to those beside it, what its move did."""
    case = played[line["case"]]
    row = _row(case, played, line, policy)
    case.status, case.outcome = row.target, row.outcome
    case.version, case.moved_at = line["version"], line["at"]
    playing = Played(case, played, line["actor"], line["at"], line["facts"], policy)
    for name in row.does:
        if (effect := EFFECTS.get(name)) is not None:
            effect(playing)


def _row(case: Case, played: dict[str, Told], line: sa.RowMapping, policy: Policy) -> CaseRow:
    """The row of the table by which the move was made.

    Of several between the same statuses it is the one whose conditions on the case hold; where they are on the wish,
    the rows do the same to the case.
    """
    steps = line["event"], Status(line["source"]), Status(line["target"])
    rows = [row for row in TABLES[case.kind].rows if (row.event, row.source, row.target) == steps]
    situation = _situation(case, played, policy, line["at"])
    situation.wish = replace(NO_WISH, again=case.again is not None)
    return next((row for row in rows if row.applies(situation)), rows[0])


def _situation(case: Case, played: dict[str, Told], policy: Policy, at: datetime) -> Situation:
    return situate(case, played[case.of_case] if case.of_case else None, policy, at)


def _sealed(case: Case, lines: Sequence[sa.RowMapping]) -> bool:
    name = f"{cases.name}/{case.id}"
    newest = next((line["rows"][name] for line in reversed(lines) if name in line["rows"]), None)
    row = {column: getattr(case, column) for column in NAMES} | {"stage": case.status.stage}
    return newest == seal.digest(cases, row)
