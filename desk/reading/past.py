"""A case as it was at a time, with the scores and penalties that it concerns, by journal and ledger alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from activities.rulebooks import Rulebooks
from activities.subject import subject_of
from desk.reading.dossier import facts, find
from desk.reading.life import must_oversee
from desk.reading.subject import Sheet, Sheets, past
from ops.past import was
from states.situation import Actor
from states.terms import Code, RefusedError
from store.row_security import present


@dataclass(frozen=True)
class Past:
    """A case `at` a time, as ops and auditors read it, and the sheets of whom it charges.

    `sealed`: the chain vouches for the case's whole row; without it, some of it was not as it is told.
    """

    at: datetime
    case: dict[str, Any]
    sealed: bool
    sheets: list[Sheet]


class Pasts:
    """Reads; nothing is changed, and Temporal is not asked."""

    def __init__(
        self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks, sheets: Sheets | None = None
    ) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks
        self._sheets = sheets or Sheets(engine, now, rulebooks)

    def of(self, actor: Actor, case_id: str, at: datetime | None = None) -> Past:
        """The case as it was at a time, or as it is now.

        Raises:
            RefusedError: `forbidden`; `not_found`: there is no case for the actor, or (field `at`) there was none yet;
                `invalid`, field `at`: that lies ahead.
        """
        must_oversee(actor)
        with present(self._engine, actor, self._now()) as (connection, now):
            who = find(connection, actor, case_id, now).reader
            then = past(at or now, now)
            found = was(connection, self._rulebooks, case_id, then)
            if found is None:
                raise RefusedError(Code.NOT_FOUND, "no_case_yet", "at", case=case_id)
            case = found.case
            charged = dict.fromkeys(one for one in (case.subject, case.agency) if one)
            subjects = [subject_of(connection, one) for one in charged]
            timeline = self._rulebooks.then(connection, then)
            scored = [one for one in subjects if timeline.governing(one, then)[1].scheme_of(one.kind) is not None]
            sheets = [self._sheets.then(connection, one, then) for one in scored]
        return Past(then, facts(case, who), found.sealed, sheets)
