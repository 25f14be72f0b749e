"""How does the engine say it? Messages filled with values; a message says of each value how it is to be read.

In a message, `{name}` is a value as it is, `{status:status}` the word for a status, `{penalties:listed}` a list,
`{until:time}` a time in the reader's zone beside the instant, `{most:number}` a number as the language writes it.
"""

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from desk.words.catalogue import Catalogue
from desk.words.times import said
from states.terms import RefusedError

_NOTHING = "—"


class Words(Formatter):
    """A language's words for a reader; `zone` is the reader's, without one times are in UTC.

    `names` gives, for values such as a clause's key, how the rulebook calls it.
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
        """The same words, with the rulebook's names of things by their keys."""
        return Words(self.language, self._catalogue, self.zone, names)

    def say(self, key: str, /, **values: Any) -> str:
        """The message of a key, filled in; a key that no catalogue has is said as it is."""
        message = self._catalogue.find(key)
        return self.vformat(message, (), values) if message is not None else key

    def term(self, family: str, value: object) -> str:
        """The word for one of a closed set of values, such as `status` `queued`; what has none is said as it is."""
        return self._catalogue.find(f"{family}.{value}") or str(value)

    def refusal(self, refused: RefusedError) -> str:
        """One sentence: why something was refused."""
        return self.say(f"refusal.{refused.key}", field=refused.field or "", **refused.values)

    def time(self, at: datetime) -> str:
        """A time in the reader's zone, and beside it the instant."""
        return said(at, self.zone, self.language)

    def get_value(self, key: int | str, _args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), _NOTHING)

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None or value == _NOTHING:
            return _NOTHING
        if format_spec == "listed":
            return ", ".join(self._names.get(one, str(one)) for one in value) or self.say("nothing_further")
        if format_spec == "named":
            return self._names.get(value, str(value))
        if format_spec == "time":
            return self.time(datetime.fromisoformat(value) if isinstance(value, str) else value)
        if format_spec == "number":
            return f"{value:,}" if self.language != "vi" else f"{value:,}".replace(",", ".")
        return self.term(format_spec, value) if format_spec else str(value)
