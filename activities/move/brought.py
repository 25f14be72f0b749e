"""Which penalties does a violation bring, and does it still later? (`docs/domain.md` §2.7, ruling 10).

They are imposed with the verdict. What it brings is asked again when it is modified, when a violation that it counts
with is overturned, and when the version by which it was judged is taken back.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from activities.move.scene import Scene
from activities.move.triggers import Owed, owed
from activities.restrictions import restricted
from activities.timeline import Timeline
from store import penalty, verdict
from store.party import Subject
from store.penalty import Changes


@dataclass
class Fitted:
    """The penalties that were lifted, and by their subjects the keys of those that stand instead, none on trial."""

    lifted: list[RowMapping] = field(default_factory=list)
    instead: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A violation, whom it brings penalties, and the versions that answer for that (`activities/timeline.py`)."""

    connection: Connection
    timeline: Timeline
    violation: RowMapping
    subject: Subject
    versions: Sequence[str]

    def owed(self) -> list[Owed]:
        """What it brings the subject."""
        rules = [self.timeline.policy(one, self.subject.region) for one in self.versions]
        return owed(self.connection, rules, self.violation, self.subject.id)

    def impose(self, changes: Changes, one: Owed, since: datetime, at: datetime) -> None:
        """Impose a penalty that it brings, by the version that would have judged it, had no other been taken back."""
        *_, terms = one.terms
        penalty.impose(
            self.connection,
            changes,
            subject=self.subject.id,
            kind=terms.kind,
            key=one.key,
            rulebook=self.versions[-1],
            case=self.violation["case"],
            violation=self.violation["id"],
            starts_at=since,
            ends_at=self._ends(one, since),
            restrictions=None if one.restrictions == terms.restrictions else sorted(one.restrictions),
            on_trial=one.on_trial,
            restricts=bool(one.restrictions),
            at=at,
        )

    def refit(self, changes: Changes, at: datetime) -> tuple[list[RowMapping], list[Owed]]:
        """Lift what it no longer brings, and begin what it brings instead, from the verdict on (ruling 7); give both.

        A penalty that is another now is lifted, and begins as it is; one that has run out stays as it was.
        """
        rows = penalty.of_violation(self.connection, self.violation["id"])
        own = [row for row in rows if row["subject"] == self.subject.id]
        due, since = self.owed(), self.violation["decided_at"]
        over = {row["key"] for row in own if penalty.over(row, at)}
        kept = {row["id"]: (row["key"], row["on_trial"]) for row in own if any(self._is(row, one) for one in due)}
        lifted = penalty.lift(self.connection, changes, [row["id"] for row in own if row["id"] not in kept], at)
        begun = [one for one in due if one.name not in kept.values() and one.key not in over]
        for one in begun:
            self.impose(changes, one, since, at)
        return list(lifted), begun

    def _is(self, row: RowMapping, one: Owed) -> bool:
        """Whether a penalty that was imposed is what it brings."""
        if (row["key"], row["on_trial"]) != one.name or row["ends_at"] != self._ends(one, row["starts_at"]):
            return False
        return restricted(row, self.timeline.policy(row["rulebook"], self.subject.region)) == one.restrictions

    def _ends(self, one: Owed, since: datetime) -> datetime | None:
        return one.ends(since, self.timeline.policy(self.versions[0], self.subject.region).zone)


def judged(connection: Connection, timeline: Timeline, violation: RowMapping, region: str, subject: Subject) -> Judged:
    """A violation of one that lives in the region, as the subject answers for it."""
    versions = timeline.followed(timeline.judging(violation, region, subject), subject)
    return Judged(connection, timeline, violation, subject, versions)


def bring(scene: Scene, violation: RowMapping, subject: str, at: datetime) -> list[Owed]:
    """Impose on the one charged, or on the agency, what the new violation brings; give it."""
    judged = _judged(scene, violation, subject)
    brought = judged.owed()
    for one in brought:
        judged.impose(scene.penalties, one, at, at)
    return brought


def fit(scene: Scene, violation: RowMapping, subject: str, at: datetime, fitted: Fitted) -> None:
    """Lift what the violation no longer brings the subject, and bring what it brings instead."""
    lifted, begun = _judged(scene, violation, subject).refit(scene.penalties, at)
    fitted.lifted += enforced(lifted)
    if instead := [one.key for one in begun if not one.on_trial]:
        fitted.instead.setdefault(subject, []).extend(instead)


def fit_others(scene: Scene, fallen: RowMapping, at: datetime, fitted: Fitted) -> None:
    """Fit what others brought, to the same subject or agency, together with a violation that fell."""
    for subject in sorted({fallen["subject"], fallen["agency"] or fallen["subject"]}):
        for violation in _others(scene, subject, at):
            fit(scene, violation, subject, at, fitted)


def enforced(rows: Iterable[RowMapping]) -> list[RowMapping]:
    """The penalties that are not on trial."""
    return [row for row in rows if not row["on_trial"]]


def _judged(scene: Scene, violation: RowMapping, subject: str) -> Judged:
    one, region = scene.subjects(subject)[subject], scene.region_of(violation["subject"])
    return judged(scene.connection, scene.timeline, violation, region, one)


def _others(scene: Scene, subject: str, at: datetime) -> Iterator[RowMapping]:
    """The violations whose additional penalties on the subject run, or ran while another one could stand instead."""
    brought: dict[str, list[RowMapping]] = {}
    for row in penalty.additional(scene.connection, subject):
        brought.setdefault(row["violation"], []).append(row)
    for name, rows in brought.items():
        violation = verdict.violation(scene.connection, name)
        running = any(not penalty.over(row, at) for row in rows)
        if running or _displaces(_judged(scene, violation, subject), {row["key"] for row in rows}):
            yield violation


def _displaces(judged: Judged, keys: set[str]) -> bool:
    """Whether one of the penalties stands instead of others, by one of the versions that answer."""
    rules = (judged.timeline.policy(one, judged.subject.region) for one in judged.versions)
    return any(rule.instead_of for one in rules for rule in one.triggers if rule.penalty in keys)
