"""A request to the console, as a handler has it: who asks, what they say, and how they read."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from desk.console.form import Form, form_of, text_of
from desk.door.mending import Repair, Thing
from desk.identity.caller import Caller
from desk.identity.fresh import must_be_fresh
from desk.identity.sessions import csrf_token
from desk.refusal import ApiCode, ProblemError
from desk.service import Service
from desk.words import Languages, Words
from states.situation import Actor
from states.terms import Code, RefusedError
from store.preference import Preference

E = TypeVar("E", bound=StrEnum)


@dataclass
class Visit:
    """`chosen` is how they like to read; `caller` is None on pages for everybody; `form` is empty where nothing was.

    `unread` is how many notices they have not read, as far as they are counted. `days_in` names the zone of the days
    and times on the page, where it is not the reader's.
    """

    request: Request
    desk: Service
    words: Words
    chosen: Preference = field(default_factory=Preference)
    caller: Caller | None = None
    form: Form = field(default_factory=lambda: form_of([]))
    unread: int = 0
    days_in: str | None = None

    @classmethod
    def unknown(cls, request: Request, desk: Service, languages: Languages) -> Self:
        """The visit of whoever asks, before that is known: the browser says the language."""
        language = languages.negotiate(request.headers.get("Accept-Language"))
        return cls(request, desk, languages.words(language))

    def as_they_read(self) -> "Visit":
        """The same visit, in the language and zone that the person chose."""
        return visit_of(self.request, self.desk, self.request.app.state.languages, self.caller)

    def in_zone_of(self, zone: ZoneInfo | None) -> "Visit":
        """The same visit, for a page whose days are those of a region: of a score's year, of a month of content.

        A case's are those of its region for a reader without a zone of their own.
        """
        own, there = (one.key if one else "UTC" for one in (self.words.zone, zone))
        return replace(self, words=self.words.timed(zone), days_in=there if there != own else None)

    @property
    def actor(self) -> Actor:
        """Who asks.

        Raises:
            ProblemError: `unauthenticated`: nobody, on a page that is for somebody.
        """
        if self.caller is None:
            raise ProblemError(ApiCode.UNAUTHENTICATED, "say_who_you_are")
        return self.caller.actor

    @property
    def through(self) -> str:
        """Through what they came, as the journal says it."""
        return self.caller.through if self.caller is not None else ""

    async def mend(self, thing: Thing, how: Repair = Repair.LOOK) -> None:
        """Mend something that is stuck, under the form's key.

        Raises:
            RefusedError: as `desk/door/mending.py`.
        """
        await self.desk.mending.mend(self.actor, thing, how, key=self.form.key, through=self.through)

    def told_in(self, zone: ZoneInfo | None) -> None:
        """Tell times as where the page's case or score is, to a reader without a zone of their own."""
        if self.words.zone is None:
            self.words = self.words.timed(zone)

    @property
    def now(self) -> datetime:
        """The cases' time."""
        return self.desk.now()

    @property
    def token(self) -> str:
        """The CSRF token for the page's forms; empty where there is no session."""
        cookies = self.desk.identities.sessions.cookies(self.request)
        return csrf_token(cookies[0]) if self.caller is not None and cookies else ""

    @property
    def path(self) -> str:
        """Where the page is, with its query: where one comes back to."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def named(self, name: str) -> str:
        """A part of the path.

        Raises:
            ProblemError: `invalid`: it is no text.
        """
        return text_of(name, str(self.request.path_params[name]))

    def asked(self, name: str) -> str | None:
        """What the query says; None where it is missing or empty.

        Raises:
            ProblemError: `invalid`: it is no text.
        """
        return text_of(name, self.request.query_params.get(name, "")) or None

    def like(self, name: str, pattern: re.Pattern[str]) -> str | None:
        """What the query says, in its form; None where it is missing or empty.

        Raises:
            ProblemError: `invalid`.
        """
        return self._fits(name, self.asked(name), pattern)

    def named_like(self, name: str, pattern: re.Pattern[str]) -> str:
        """A part of the path, in its form.

        Raises:
            ProblemError: `invalid`.
        """
        return self._fits(name, self.named(name), pattern) or ""

    def time(self, name: str) -> datetime | None:
        """The time, with its zone, that the query says; None where it is missing or empty.

        Raises:
            ProblemError: `invalid`.
        """
        given = self.asked(name)
        try:
            found = datetime.fromisoformat(given) if given else None
        except ValueError:
            found = None
        if given and (found is None or found.tzinfo is None):
            raise ProblemError(Code.INVALID, "input.moment", name)
        return found

    def one_of(self, name: str, kinds: type[E]) -> E | None:
        """Which of a closed set the query says; None where it is missing or empty.

        Raises:
            ProblemError: `invalid`.
        """
        given = self.asked(name)
        if given is not None and given not in {kind.value for kind in kinds}:
            expected = ", ".join(f"`{kind.value}`" for kind in kinds)
            raise ProblemError(Code.INVALID, "input.enum", name, expected=expected)
        return kinds(given) if given is not None else None

    @staticmethod
    def _fits(name: str, given: str | None, pattern: re.Pattern[str]) -> str | None:
        if given is not None and not pattern.fullmatch(given):
            raise ProblemError(Code.INVALID, "input.string_pattern_mismatch", name, pattern=pattern.pattern)
        return given

    def moment(self, name: str, given: str, zone: ZoneInfo | None = None) -> datetime:
        """The time that a field says as `2026-03-02T09:00`: in that zone, else in the reader's.

        Raises:
            RefusedError: `invalid`.
        """
        try:
            return datetime.fromisoformat(given).replace(tzinfo=zone or self.words.zone or UTC)
        except ValueError:
            raise RefusedError(Code.INVALID, "input.moment", name) from None

    @property
    def fresh(self) -> Callable[[], None]:
        """What refuses a grave act where the second factor was shown long ago: `step_up_required`."""
        if self.caller is None:
            raise ProblemError(ApiCode.UNAUTHENTICATED, "say_who_you_are")
        return partial(must_be_fresh, self.caller, self.desk.identities.now())

    async def send(self, verb: str, said: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Send a command through the door under the form's key, as this session's person.

        Raises:
            RefusedError: as the door's; `step_up_required`: it is grave, and the second factor was shown long ago.
        """
        own: dict[str, Any] = {"key": self.form.key, "through": self.through, "before_grave": self.fresh}
        return await self.desk.door.send(self.actor.id, verb, said, **own, **more)


def visit_of(request: Request, desk: Service, languages: Languages, caller: Caller | None = None) -> Visit:
    """The visit of a request: in the language and zone that the person chose, or as the browser asks."""
    chosen, zone = Preference(), None
    if caller is not None:
        try:
            chosen, zone = desk.preferences.of(caller.actor)
        except SQLAlchemyError:
            chosen = Preference()  # that the database is away is told by whoever needs more of it
    language = languages.negotiate(request.headers.get("Accept-Language"), chosen.language)
    return Visit(request, desk, languages.words(language, zone), chosen, caller)
