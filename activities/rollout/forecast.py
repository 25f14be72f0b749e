"""Whom would a version hit on its first day? Its rules are held against every score as it is booked now.

The wave asks the same of one subject after the other (`activities/rollout/reach.py`), so where nothing else happens
meanwhile it hits exactly those. Balances, penalties and classes are read at once; acts only where a score would be
counted otherwise, not where only its tiers change. A score's period is the one that the region's date is in: of a
version in force from 1 January nobody is hit, as every agency begins at its start again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from math import ceil
from typing import Any

from sqlalchemy import Connection

from activities.rollout.reach import differs
from activities.score.lines import VERSION
from activities.score.pricing import Change, counted, weigh
from activities.score.rescore import followed
from activities.timeline import Timeline
from rulebook import calendar
from rulebook.policy import Policy
from rulebook.score import Carried, balances
from rulebook.terms import CreatorClass, SubjectKind
from states.version_terms import VersionStatus
from store import forecast as forecasts
from store import ledger
from store.party import Subject
from store.penalty import Standing
from store.timeline import EVERYBODY, NOBODY, Dated

_ALL, _NONE = (EVERYBODY, ""), (NOBODY, "")


@dataclass(frozen=True)
class Outlook:
    """What a version would do to a subject: the score penalties that it carries, and those that begin and end.

    None of them is on trial: who is only counted is not hit, and whom the end of a trial brings a penalty is.
    """

    subject: Subject
    creator_class: CreatorClass | None
    carried: list[str]
    begin: list[str]
    end: list[str]

    @property
    def place(self) -> tuple[str, str, str | None]:
        """Its region, kind and class."""
        return self.subject.region, self.subject.kind, self.creator_class


@dataclass(frozen=True)
class Forecast:
    """Everybody whom the wave will see; it stops itself where it hits more than `most_hit` of them."""

    outlooks: list[Outlook]
    most_hit: int

    @property
    def hit(self) -> list[Outlook]:
        """Those for whom a penalty begins."""
        return [one for one in self.outlooks if one.begin]

    def row(self) -> dict[str, Any]:
        """What is kept of it: counts, figures by place and tier, and the list of those who are hit."""
        return {
            "seen": len(self.outlooks),
            "hit": len(self.hit),
            "most_hit": self.most_hit,
            "figures": list(_figures(self.outlooks)),
            "subjects": [{**_named(one.place), "subject": one.subject.id, "penalties": one.begin} for one in self.hit],
        }


def forecast(
    connection: Connection, timeline: Timeline, digest: str, follows: str, dates: Mapping[str, datetime]
) -> Forecast:
    """Forecast the version's wave, in each region at its date; after the wave of the one that it `follows`."""
    before = replace(timeline, dated=[_gone_through(one) for one in timeline.dated])
    after = replace(before, dated=[*before.dated, *(_dated(digest, follows, *of) for of in dates.items())])
    carried, outlooks, most = forecasts.carried(connection), list[Outlook](), 0
    for region, at in dates.items():
        everybody = forecasts.living_in(connection, region)
        known = forecasts.classes(connection, at) if everybody else {}
        for kind in SubjectKind:
            subjects = [one for one in everybody if one.kind is kind]
            if subjects:
                asked = _Asked(connection, timeline, before, after, at, subjects, known, carried)
                outlooks += asked.outlooks()
        if everybody:
            old = before.governing(everybody[0], at)[1]
            most += ceil(len(everybody) * old.procedure.versions_margin / 100)
    return Forecast(outlooks, sum(bool(one.begin) for one in outlooks) + most)


@dataclass(frozen=True)
class _Asked:
    """The subjects of one kind and region, at the region's date."""

    connection: Connection
    now: Timeline
    before: Timeline
    after: Timeline
    at: datetime
    subjects: Sequence[Subject]
    known: Mapping[str, CreatorClass]
    carried: Mapping[forecasts.Key, list[Standing]]

    def outlooks(self) -> list[Outlook]:
        """One of each subject."""
        kind = self.subjects[0].kind
        before, old = self.before.governing(self.subjects[0], self.at)
        _, new = self.after.governing(self.subjects[0], self.at)
        scheme = new.scheme_of(kind) or old.scheme_of(kind)
        key, period = (scheme.key, calendar.period(scheme.period, self.at, new.zone)) if scheme else ("", "")
        was = ledger.balances(self.connection, [(one.id, key, period) for one in self.subjects])
        is_, changed = self._balances(old, new, was, period), differs(old, new, kind)
        found = []
        for subject in self.subjects:
            standing = self.carried.get((subject.id, key, period), [])
            if self.now.governing(subject, self.at)[0] != before:
                standing = self._reached(subject, old, was, standing)
            begin, end = followed(self.after, subject, new, is_[subject.id], standing, self.at) if changed else ([], [])
            own = self.known.get(subject.id) if kind is SubjectKind.CREATOR else None
            found.append(Outlook(subject, own, *(_enforced(of) for of in (standing, begin, end))))
        return found

    def _reached(
        self, subject: Subject, rules: Policy, booked: Mapping[str, int], standing: list[Standing]
    ) -> list[Standing]:
        """What the subject carries once the wave before has reached it, too."""
        digest, _ = self.before.governing(subject, self.at)
        score = booked.get(subject.id, self._start(rules, subject))
        begin, end = followed(self.before, subject, rules, score, standing, self.at)
        begun = [Standing(0, key, digest, None, on_trial) for key, on_trial in begin]
        return [row for row in standing if row not in end] + begun

    def _balances(self, old: Policy, new: Policy, booked: Mapping[str, int], period: str) -> dict[str, int]:
        """The score of each subject by the new rules."""
        same = _counts_alike(old, new, self.subjects[0].kind)
        return {
            one.id: self._start(new, one)
            if one.id not in booked
            else booked[one.id]
            if same
            else self._counted_again(new, one, period)
            for one in self.subjects
        }

    def _counted_again(self, new: Policy, subject: Subject, period: str) -> int:
        weighed = weigh(self.connection, self.after, subject, period, new, Change(self.at, VERSION))
        scheme = new.must_count(subject.kind)
        start, floor, cap = counted(scheme, scheme.bounds_of(self.known.get(subject.id)))
        return (start, *balances(start, floor, cap, weighed.wanted))[-1]

    def _start(self, rules: Policy, subject: Subject) -> int:
        """Where the score starts; 0 where none is counted, as that carries nothing."""
        scheme = rules.scheme_of(subject.kind)
        return scheme.bounds_of(self.known.get(subject.id)).start if scheme else 0


def _enforced(penalties: Iterable[Standing | Carried]) -> list[str]:
    return sorted(one.key for one in penalties if not one.on_trial)


def _counts_alike(old: Policy, new: Policy, kind: SubjectKind) -> bool:
    """Whether the same acts lead to the same score: only tiers differ, or what is on trial; or none is counted."""
    was, is_ = old.scheme_of(kind), new.scheme_of(kind)
    if was is None or is_ is None:
        return is_ is None
    return was.model_copy(update={"tiers": is_.tiers, "enforced": is_.enforced}) == is_


def _gone_through(one: Dated) -> Dated:
    """A version whose wave is through; one that is taken back is released by everybody."""
    return replace(one, released=_ALL) if one.taken_back else replace(one, reached=_ALL)


def _dated(digest: str, follows: str, region: str, since: datetime) -> Dated:
    return Dated(digest, follows, VersionStatus.ROLLING_OUT, region, since, 0, _ALL, _NONE, 0, 0)


def _named(place: tuple[str, str, str | None]) -> dict[str, str | None]:
    return dict(zip(("region", "kind", "class"), place, strict=True))


def _figures(outlooks: Iterable[Outlook]) -> Iterable[dict[str, Any]]:
    """By region, kind and class: how many there are, how many are hit, and how many carry each penalty."""

    def order(one: Outlook) -> tuple[str, str, str]:
        region, kind, own = one.place
        return region, kind, own or ""

    for _, together in groupby(sorted(outlooks, key=order), order):
        here = list(together)
        before, begin, end = (
            Counter(key for one in here for key in getattr(one, name)) for name in ("carried", "begin", "end")
        )
        tiers = [
            {"penalty": key, "before": before[key], "after": before[key] + begin[key] - end[key], "hit": begin[key]}
            for key in sorted({*before, *begin})
        ]
        yield {**_named(here[0].place), "seen": len(here), "hit": sum(bool(one.begin) for one in here), "tiers": tiers}
