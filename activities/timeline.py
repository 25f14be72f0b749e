"""Which version of the rulebook answers? Four questions, each answered in one place (`docs/domain.md` §8).

What is forbidden, what it costs, and which penalty, window and deadline it has, says the version *at the act*: that in
force in the charged subject's region when it happened. What a clean day gives says the version *of the day*. Where a
score starts and ends, and what its tiers bring, says the version that *governs* the subject: the newest whose wave has
reached it. Quotas, routes and regions go by the version in force *now*.

Of a version that is taken back, whom it has released is judged as if it had never been; but a region's first version
stays where no other has rules for the region.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rulebook.calendar import day_bounds, period_end
from rulebook.model import Rulebook
from rulebook.policy import Policy
from store.party import Subject
from store.timeline import Dated

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Timeline:
    """The versions that were ever approved, as one transaction reads them, by the time from which each is in force."""

    dated: Sequence[Dated]
    version: Callable[[str], Rulebook]

    def at_the_act(self, region: str, at: datetime) -> str | None:
        """The digest of the version that judges what happened in the region at that time, if any was in force."""
        begun = [one for one in self._of(region) if one.since <= at]
        # A region that only a version knows which is taken back has no other rules: it keeps them.
        standing = [one for one in begun if not one.taken_back] or begun[:1]
        return standing[-1].digest if standing and not self._ended(standing[-1], at) else None

    def could_judge(self, digest: str, region: str, at: datetime) -> bool:
        """Whether the version judged what happened in the region at that time, or did until it was taken back."""
        begun = [one for one in self._of(region) if one.since <= at]
        stood = max((number for number, one in enumerate(begun) if not one.taken_back), default=0)
        return digest in {one.digest for one in begun[stood:]}

    def now(self, region: str, at: datetime) -> Policy:
        """The rules in force in the region at a time, for whatever no subject's own version answers.

        Raises:
            LookupError: none are.
        """
        digest = self.at_the_act(region, at)
        if digest is None:
            raise LookupError(f"no rulebook is in force in {region} at {at}")
        return self.policy(digest, region)

    def governing(self, subject: Subject, at: datetime) -> tuple[str, Policy]:
        """The newest version that has reached the subject, by its digest, and its rules of the subject's region.

        Raises:
            LookupError: no version is in force in its region.
        """
        return self._governing(subject, at)

    def _governing(self, subject: Subject, at: datetime, year: str | None = None) -> tuple[str, Policy]:
        """The version that governs the subject at a time, or governed it when a year ended."""
        standing = [one for one in self._for(subject) if one.since <= at]
        reached = [one for one in standing if one.has_reached(subject, year)]
        # A region that is new in a version has no other: nobody there waits for its wave.
        for one in (*reached[-1:], *standing[:1]):
            return one.digest, self.policy(one.digest, subject.region)
        raise LookupError(f"no rulebook is in force in {subject.region} at {at}")

    def of_period(self, subject: Subject, period: str, at: datetime) -> tuple[str, Policy]:
        """The version that governs a score of a period, and its rules: of one that is over, which governed at its end.

        Raises:
            LookupError: no version is in force in the subject's region.
        """
        digest, rules = self.governing(subject, at)
        end = period_end(period, rules.zone)
        return (digest, rules) if end is None or at < end else self._governing(subject, end - _INSTANT, period)

    def of_day(self, subject: Subject, rules: Policy) -> Callable[[date], Policy]:
        """Give the rules of a day: those in force when it began in the subject's region, or the first that there were.

        `rules` are any of the region's, for its time zone.
        """
        standing = self._for(subject)
        begins = [one.since for one in standing[1:]]

        def of_day(day: date) -> Policy:
            number = bisect_right(begins, day_bounds(day, rules.zone)[0]) if begins else 0
            return self.policy(standing[number].digest, subject.region)

        return of_day

    def all_of(self, subject: Subject) -> list[Policy]:
        """The rules of the subject's region in every version that was ever in force there."""
        return [self.policy(one.digest, subject.region) for one in self._of(subject.region)]

    def followed(self, digest: str, subject: Subject) -> list[str]:
        """The versions that answer for what one judged: itself; where it was taken back, also those that it followed.

        The last of them is the one by which it would have been judged, had the others never been.
        """
        by = {one.digest: one for one in self._of(subject.region)}
        found = [digest]
        while (one := by.get(found[-1])) is not None and one.has_released(subject) and one.follows in by:
            found.append(one.follows)
        return found

    def answering(self, digest: str, subject: Subject) -> list[Policy]:
        """The rules of the versions that answer for what one judged.

        What a violation costs, it costs by the mildest of them; it brings what it brings by all of them, each penalty
        with the restrictions that all of them say, for as long as the shortest says.
        """
        return [self.policy(one, subject.region) for one in self.followed(digest, subject)]

    def was_released(self, digest: str, subject: Subject) -> bool:
        """Whether a version was taken back, and for the subject it is as if it had never been."""
        return len(self.followed(digest, subject)) > 1

    def judging(self, violation: Mapping[Any, Any], region: str, subject: Subject) -> str:
        """The version by which a subject gets what a violation brings, of one that lives in the region.

        It is the one that the violation pins; for an agency of another region the one that it pins for that.
        """
        pinned: str | None = violation["agency_rulebook"] if subject.id == violation["agency"] else None
        return pinned or self.charging(violation["rulebook"], region, subject, violation["occurred_at"])

    def charging(self, digest: str, region: str, subject: Subject, at: datetime) -> str:
        """The version by which a case of a region charges a subject for what happened then.

        It is the one that the case pins, or of another region's subject the one in force there at that time.
        """
        return digest if region == subject.region else self.at_the_act(subject.region, at) or digest

    def policy(self, digest: str, region: str) -> Policy:
        """The effective rules of a region in a version."""
        return self.version(digest).policy(region)

    def regions(self, at: datetime) -> list[str]:
        """The regions where somebody can begin to live: with rules then, and still in the newest approved version."""
        standing = [one for one in self.dated if not one.taken_back]
        followed = {one.follows for one in standing}
        begun = {one.region for one in standing if one.since <= at}
        return sorted(begun & {one.region for one in standing if one.digest not in followed})

    def _ended(self, last: Dated, at: datetime) -> bool:
        """Whether a later version that lacks the region has taken force: nobody lived there, or it was refused."""
        having = {one.digest for one in self._of(last.region)}
        follows = {one.digest: one.follows for one in self.dated}
        for one in self.dated:
            if one.since <= at and not one.taken_back and one.digest not in having:
                before = one.follows
                while before is not None and before != last.digest:
                    before = follows.get(before)
                if before is not None:
                    return True
        return False

    def _of(self, region: str) -> list[Dated]:
        return [one for one in self.dated if one.region == region]

    def _for(self, subject: Subject) -> list[Dated]:
        """Those that have not released the subject; the first that its region had stays."""
        own = self._of(subject.region)
        return own[:1] + [one for one in own[1:] if not one.has_released(subject)]
