"""A case's life as a picture and as a table: the same moments, in a reader's words and times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from markupsafe import Markup

from desk.console.times import Times
from desk.drawing.lanes import Bar, Dot, Lanes, drawn
from desk.drawing.lanes import Lane as Drawn
from desk.reading.life import Life, Wait
from desk.reading.story import Happening, Lane, story
from desk.words import Words
from states.terms import Status

# Whom a status waits for: our own people, the parties, or an appeal. What it waits for no time has no bar.
_THEIRS = frozenset({Status.AWAITING_ANSWER, Status.OPEN})
_APPEAL = frozenset({Status.UNDER_APPEAL, Status.HELD})


@dataclass(frozen=True)
class Moment:
    """A line of the table: when, in which lane, what it is, whose, and more about it.

    `lane` names one, or is the id of the case beside. `due` is when a deadline ends, `cancelled` when it no longer was
    one; `error` is why an attempt failed.
    """

    at: datetime
    lane: str
    what: str
    who: str = ""
    more: str = ""
    due: datetime | None = None
    cancelled: datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Drawing:
    """Draws a life for a reader, up to now."""

    life: Life
    words: Words
    times: Times

    @cached_property
    def moments(self) -> list[Moment]:
        """All that happened, in order."""
        return [self._worded(one) for one in story(self.life)]

    def picture(self) -> Markup:
        """The lanes, to scale."""
        begins = self.life.moves[0].at
        lanes = [
            Drawn(self._say("moves"), dots=self._dots("moves", "made")),
            Drawn(self._say("waiting"), [self._bar(one, self._kind(one.status)) for one in self.life.waits]),
            Drawn(self._say("deadlines"), list(self._armed()), self._dots("deadlines", "soon")),
            Drawn(self._say("attempts"), dots=self._dots("attempts", "good")),
            *(self._lane(one) for one in self.life.beside),
        ]

        def moment(at: float) -> str:
            return self.times.minute(begins + timedelta(seconds=at))

        def lasting(seconds: float) -> str:
            return self.times.lasting(timedelta(seconds=seconds))

        picture = drawn(Lanes(lanes, moment, lasting), self._say("title"), self._say("told"))
        return Markup(picture)  # noqa: S704  # escaped where it is drawn

    def _worded(self, one: Happening) -> Moment:
        became = f"→ {self.words.term('status', one.target)}" if one.target else ""
        if one.lane is Lane.LOOKS:
            return Moment(one.at, one.lane, self._say("looked"))
        if one.lane is Lane.ATTEMPTS:
            more = self._say("attempt", number=one.attempt)
            return Moment(one.at, one.lane, one.what or "", more=more, error=one.error or "")
        did = self.words.say(f"did.{one.what}")
        if one.lane is Lane.BESIDE:
            return Moment(one.at, one.case, did, more=became)
        if one.lane is Lane.MOVES:
            # What the engine does comes through nothing but itself.
            by = self.words.term("who", one.who), one.through and self.words.term("through", one.through)
            return Moment(one.at, one.lane, did, " · ".join(part for part in dict.fromkeys(by) if part), became)
        what, fired = self.words.term("move", one.what), self._say("fired") if one.lane is Lane.DEADLINES else ""
        return Moment(one.at, one.lane, what, more=fired, due=one.due, cancelled=one.cancelled)

    def _armed(self) -> Iterator[Bar]:
        for one in self.life.deadlines:
            ended = one.timer.ended_at or self.times.now
            says = f"{self.words.term('move', one.event)} · {self._say('due')} {self.times.second(one.timer.due_at)}"
            yield Bar(self._second(one.timer.armed_at), self._second(ended), "soon", says)

    def _dots(self, lane: str, kind: str) -> list[Dot]:
        return [
            Dot(self._second(one.at), "bad" if one.error else kind, self._says(one))
            for one in self.moments
            if one.lane == lane
        ]

    def _says(self, moment: Moment) -> str:
        said = self.times.second(moment.at), moment.what, moment.who, moment.more, moment.error
        return " · ".join(part for part in said if part)

    def _bar(self, wait: Wait, kind: str) -> Bar:
        until = wait.until or self.times.now
        says = f"{self.words.term('status', wait.status)} · {self.times.lasting(until - wait.since)}"
        return Bar(self._second(wait.since), self._second(until), kind, says)

    def _second(self, at: datetime) -> float:
        """Since the first move; Temporal's clock may say that something was before it."""
        return max((at - self.life.moves[0].at).total_seconds(), 0.0)

    def _lane(self, beside: Life) -> Drawn:
        kind, name = beside.case["kind"], beside.case["id"]
        called = f"{self.words.term('kind', kind)} {name.removeprefix(f'{kind}-')}"
        bars = [self._bar(wait, "held") for wait in beside.waits]
        return Drawn(called, bars, self._dots(name, "held"))

    def _say(self, key: str, **values: object) -> str:
        return self.words.say(f"life.{key}", **values)

    @staticmethod
    def _kind(status: Status) -> str:
        return "held" if status in _APPEAL else "theirs" if status in _THEIRS else "ours"
