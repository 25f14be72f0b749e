"""The clock of a past that is played, and what it does: what is due happens in its order, without a workflow.

What a case's workflow does, and the couriers of a subject's penalties and of a version of the rulebook, is done here by
the same activities: a commit of the deadlines that pass, of the cases that another one's commit has moved, the telling
of restrictions, and a version's wave.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine

from activities.command import Request
from activities.courier.enforce import Enforce, Round
from activities.move.commit import Commit
from activities.rollout.advance import Advance, Stretch
from store.in_thread import in_thread
from store.schema.cases import cases
from store.schema.rulebooks import versions
from store.schema.standing import standings, tellings

_CASES = sa.select(cases.c.id, cases.c.deadline_at).where(
    sa.or_(cases.c.deadline_at <= sa.bindparam("now"), cases.c.stirred)
)
_UNTOLD = sa.select(tellings.c.subject).where(tellings.c.told_at.is_(None), tellings.c.refused_at.is_(None))
_SUBJECTS = sa.select(standings.c.subject).where(
    sa.or_(standings.c.next_at <= sa.bindparam("now"), standings.c.stirred, standings.c.subject.in_(_UNTOLD))
)
_VERSIONS = sa.select(versions.c.digest).where(
    sa.or_(versions.c.deadline_at <= sa.bindparam("now"), versions.c.stirred)
)


class Past:
    """A clock that stands still, and is moved forward by steps."""

    def __init__(self, engine: Engine, commit: Commit, enforce: Enforce, advance: Advance, start: datetime) -> None:
        self.start = start
        self._engine = engine
        self._commit = commit
        self._enforce = enforce
        self._advance = advance
        self._now = start

    def now(self) -> datetime:
        """The story's time."""
        return self._now

    async def until(self, at: datetime) -> None:
        """Move the clock forward to this time; what falls due until then happens."""
        self._now = max(self._now, at)
        await self.catch_up()

    async def catch_up(self) -> None:
        """Do what is due, until nothing is."""
        while await self._cases() or await self._subjects() or await self._versions():
            pass

    async def _cases(self) -> int:
        found = await in_thread(self._engine, self._read, _CASES)
        for row in sorted(found, key=lambda row: row.deadline_at or self._now):
            await self._commit.commit(Request(case=row.id, at=self._now))
        return len(found)

    async def _subjects(self) -> int:
        found = await in_thread(self._engine, self._read, _SUBJECTS)
        for row in found:
            of = Round(subject=row.subject, at=self._now)
            while (await self._enforce.survey(of)).to_tell:
                await self._enforce.tell(of)
        return len(found)

    async def _versions(self) -> int:
        found = await in_thread(self._engine, self._read, _VERSIONS)
        for row in found:
            while (await self._advance.advance(Stretch(version=row.digest, at=self._now))).at_once:
                pass
        return len(found)

    def _read(self, query: sa.Select[*tuple[object, ...]]) -> list[sa.Row[*tuple[object, ...]]]:
        with self._engine.begin() as connection:
            return list(connection.execute(query, {"now": self._now}))
