"""Fills messages with values; after the colon a message says how a value is written.

`{case}` is the value as it is, `{clause:named}` the rulebook's name of a key, `{penalties:listed}` a list of them (of a
penalty with an end, `key` and `until`; of the score of a year, `period`, `before` and `score`),
`{until:time}` a time in the reader's zone and in UTC, `{most:number}` a number as the language writes it,
`{field:field}` what a field of an input is called, `{n:count day|days}` a number and the word after it in the form that
the number asks for (`desk/words/plural.py`). Any other word is a family: `{status:status}` is the message
`status.queued` where the value is `queued`.
"""

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from desk.words.catalogue import Catalogue
from desk.words.plural import counted, numbered
from desk.words.times import said
from states.terms import RefusedError

_NOTHING = "—"


class Words(Formatter):
    """A language's words for a reader. `zone` is the reader's; without one times are in UTC.

    `names`: the rulebook's names of clauses and penalties in this language, by key.
    """

    def __init__(
        self,
        language: str,
        catalogue: Catalogue,
        zone: ZoneInfo | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.language = language
        self.zone = zone
        self._catalogue = catalogue
        self._names = dict(names or {})

    def naming(self, names: Mapping[str, str]) -> "Words":
        """The same words, with the rulebook's names of clauses and penalties by key."""
        return Words(self.language, self._catalogue, self.zone, names)

    def timed(self, zone: ZoneInfo | None) -> "Words":
        """The same words, with times in this zone."""
        return Words(self.language, self._catalogue, zone, self._names)

    def say(self, key: str, /, **values: Any) -> str:
        """The message of a key, filled in; the key itself where no catalogue has it. A missing value reads `—`."""
        message = self._catalogue.find(key)
        if message is None:
            return key
        return self.vformat(message, (), values) if "{" in message else message

    def lines(self, key: str, /, **values: Any) -> str:
        """The message of a key, filled in, without the lines that name a value which is not there or empty."""
        there = {name: value for name, value in values.items() if value not in (None, "", [])}
        message = self._catalogue[key].splitlines()
        return "\n".join(self.vformat(line, (), there) for line in message if self._named(line) <= there.keys())

    def term(self, family: str, value: object) -> str:
        """The word for one of a closed set: for `status`, `queued` the message `status.queued`; else the value."""
        return self._catalogue.find(f"{family}.{value}") or str(value)

    def refusal(self, refused: RefusedError) -> str:
        """The sentence of a refusal, `refusal.` and its key."""
        return self.say(f"refusal.{refused.key}", field=refused.field or "", **refused.values)

    def field(self, name: str) -> str:
        """What a field is called, in quotes; what no catalogue names (a header) as it is written: `` `Host` ``."""
        first, *rest = name.split(".")
        word = self._catalogue.find(f"field.{first}") or self._catalogue.find(f"column.{first}")
        return f"“{' '.join((word, *rest))}”" if word else f"`{name}`"

    def time(self, at: datetime) -> str:
        """A time in the reader's zone, and in UTC."""
        return said(at, self.zone, self.language)

    def _named(self, line: str) -> set[str]:
        return {name for _, name, _, _ in self.parse(line) if name}

    def _listed(self, one: str | Mapping[str, Any]) -> str:
        if isinstance(one, str):
            return self._names.get(one, one)
        if "period" in one:
            return self.say("say.of_year", **one)
        return self.say("say.lasts", name=self._names.get(one["key"], one["key"]), until=one["until"])

    def get_value(self, key: int | str, _args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), _NOTHING)

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None or value == _NOTHING:
            return _NOTHING
        if isinstance(value, bool):
            return self.say("say.yes" if value else "say.no")
        if isinstance(value, list | tuple | set | frozenset) and not format_spec:
            return ", ".join(map(str, value)) or _NOTHING
        if format_spec == "listed":
            return ("、" if self.language == "zh" else ", ").join(self._listed(one) for one in value)
        if format_spec == "named":
            return self._names.get(value, str(value))
        if format_spec == "field":
            return self.field(str(value))
        if format_spec == "time":
            return self.time(datetime.fromisoformat(value) if isinstance(value, str) else value)
        if format_spec == "number":
            return numbered(value, self.language)
        if format_spec.startswith("count "):
            return counted(value, format_spec.removeprefix("count ").split("|"), self.language)
        return self.term(format_spec, value) if format_spec else str(value)
