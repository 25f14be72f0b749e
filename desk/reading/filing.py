"""What does a party file under? The rules of its region, and of an agency how many reports are left this month."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from activities.quota import Quota, quota_of
from activities.rulebooks import Rulebooks
from activities.subject import nobody
from rulebook.clause import Clause
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from states.situation import Actor
from store import party
from store.row_security import present


@dataclass(frozen=True)
class Filing:
    """The rules in force where the actor's agency, or the creator, is; `quota` is none for a creator."""

    rules: Policy
    quota: Quota | None

    @property
    def reported(self) -> list[Clause]:
        """The rules whose breach an agency reports."""
        return [one for one in self.rules.clauses.values() if one.reported_by == "agency"]


class Filings:
    """Reads, in one transaction; nothing is changed, and Temporal is not asked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks

    def of(self, actor: Actor) -> Filing:
        """What the actor, an agency's person or a creator, files under now.

        Raises:
            RefusedError: `not_found`: the actor is neither.
        """
        with present(self._engine, actor, self._now()) as (connection, now):
            subject = party.subject(connection, actor.agency or actor.id)
            if subject is None:
                raise nobody(actor.id)
            rules = self._rulebooks.now(connection, subject.region, now)
            of_agency = subject.kind is SubjectKind.AGENCY
            return Filing(rules, quota_of(connection, subject, rules, now) if of_agency else None)
