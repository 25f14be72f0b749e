"""What does a version's wave change for a subject, and who is told of it? Each once, in the commit that changes it.

Of an agency it is told to the agency; of a creator to the creator and to the agency and agent who manage the creator
now. Who was told when the version came is told when it is taken back, too: without what the score and the penalties
are, if they may not read them any more (`docs/domain.md` §8).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from activities.move.notify import lasting
from activities.score.pricing import Counted
from activities.score.rescore import Rescored
from rulebook.terms import SubjectKind
from store import notice, party
from store.party import Subject
from store.ring import Way
from store.timeline import Dated

TEMPLATES = {Way.REACHED: "version.reached", Way.RELEASED: "version.released"}


class Recounted(NamedTuple):
    """A score that is counted by other rules: how it was counted, if it was, how it is now, and what that did."""

    was: Counted | None
    now: Counted | None
    done: Rescored

    @property
    def something(self) -> bool:
        """Whether a line of a score that is enforced was booked: of what is on trial nobody is told."""
        other = self.was is not None and self.was != self.now
        return self.done.scheme.enforced and bool(other or self.done.booked or self.done.before != self.done.points)


class Changed(NamedTuple):
    """What a version changed for a subject: its scores, the newest period last, and the rows of its penalties."""

    subject: Subject
    recounted: Sequence[Recounted]
    penalties: Sequence[Mapping[Any, Any]]

    @property
    def something(self) -> bool:
        """Whether a line was booked, or a penalty began or ended."""
        return bool(self.penalties) or any(one.something for one in self.recounted)

    @property
    def hit(self) -> bool:
        """Whether the scores brought a penalty."""
        return any(one.done.imposed for one in self.recounted)


def letters(
    connection: Connection, dated: Dated, way: Way, one: Changed, before: Sequence[str], at: datetime
) -> list[dict[str, Any]]:
    """The notices about a subject that a batch has come to, as rows; `before` are those told when the version came."""
    told = {"version": dated.digest, "template": TEMPLATES[way], "about": one.subject.id, "at": at}
    since = {"since": dated.since.isoformat()}
    return [
        told | {"recipient": reader, "values": since | values}
        for reader, values in _readers(connection, one, before, at)
    ]


def told_before(connection: Connection, dated: Dated, way: Way, coming: Sequence[Subject]) -> dict[str, list[str]]:
    """By subject, who was told of it when the version came, where it goes now."""
    if way is Way.REACHED:
        return {}
    return notice.told(connection, dated.digest, TEMPLATES[Way.REACHED], [one.id for one in coming])


def felt(penalty: Mapping[Any, Any], at: datetime) -> bool:
    """Whether a penalty that a version wrote is carried out, and is one that the subject has now, or had until now."""
    lives = penalty["lifted_at"] is not None or penalty["ends_at"] is None or penalty["ends_at"] > at
    return lives and not penalty["on_trial"]


def readers(connection: Connection, subject: Subject, at: datetime) -> list[str]:
    """Who may read the subject's score: itself, and the agency and agent who manage a creator at that time."""
    if subject.kind is SubjectKind.AGENCY:
        return [subject.id]
    managing = party.management(connection, subject.id, at)
    return [subject.id, *(one for one in (managing.agency, managing.agent) if one is not None)]


def _readers(
    connection: Connection, one: Changed, before: Iterable[str], at: datetime
) -> Iterator[tuple[str, dict[str, object]]]:
    """Who is told of a subject, each with the values of the letter."""
    if not (one.something or before):
        return
    now, values = readers(connection, one.subject, at), _values(one)
    yield from ((reader, values) for reader in now if one.something or reader in before)
    yield from ((reader, {}) for reader in before if reader not in now)


def _values(one: Changed) -> dict[str, object]:
    """What is another now, before and after; what stays the same is not there. `past` are years that are over."""
    begun = {row["key"] for row in one.penalties if row["lifted_at"] is None}
    ended = {row["key"] for row in one.penalties} - begun
    again = begun & {row["key"] for row in one.penalties if row["lifted_at"] is not None}
    found: dict[str, object] = {
        "imposed": lasting(_begun(one), sorted(begun - again)),
        "altered": lasting(_begun(one), sorted(again)),
        "lifted": sorted(ended),
    }
    for was, now, done in one.recounted[-1:] if one.recounted and one.recounted[-1].done.scheme.enforced else ():
        if was is not None and now is not None and was != now:
            found |= {"start_before": was.start, "cap_before": was.cap, "start": now.start, "cap": now.cap}
        moved = done.before != done.points
        found |= {"score_before": done.before, "score": done.points} if moved else {"points": done.points}
    over = [of.done for of in one.recounted[:-1] if of.something]
    found["past"] = [{"period": of.period, "before": of.before, "score": of.points} for of in over]
    return {name: value for name, value in found.items() if value != []}


def _begun(one: Changed) -> list[Mapping[Any, Any]]:
    return [row for row in one.penalties if row["lifted_at"] is None]
