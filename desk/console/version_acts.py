"""The acts of a version's page, with the fields of their forms. Whether they are there is said by `offered()`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from desk.console.visit import Visit
from desk.reading.version import Life
from desk.words import Words

# The field of a region's own date is called so, and by the region.
FROM = "from."
FIELDS = ("reasons", "in_force_from", "regions", "pace", "override")


@dataclass(frozen=True)
class Act:
    """A move, and the texts of its form. With `seen` it holds for the version as its sender saw it.

    A wave moves its version at every batch: whoever halts it means the wave, however far it has come.
    """

    move: str
    texts: tuple[str, ...] = ()
    seen: bool = False


# fmt: off
ACTS: Mapping[str, Act] = {act.move: act for act in (
    Act("propose",   ("reasons",),  seen=True),
    Act("approve",   ("override",), seen=True),
    Act("reject",    ("reasons",),  seen=True),
    Act("halt"),
    Act("resume"),
    Act("take_back", ("reasons",)),
    Act("withdraw",  seen=True),
)}
# fmt: on
# Refusals that one may not expect: the act stands there greyed, with the reason. For any other it is absent.
_EXPECTED = frozenset({"approves_own", "follows_older", "is_followed", "only_author"})


def shown(life: Life, words: Words) -> dict[str, str | None]:
    """The acts that the page shows, each with why it can't be done now, if it can't."""
    found = ((one.event, one.refusal) for one in life.moves if one.event in ACTS)
    return {
        event: words.refusal(refusal) if refusal else None
        for event, refusal in found
        if refusal is None or refusal.key in _EXPECTED
    }


def said(visit: Visit, act: Act, zones: Mapping[str, ZoneInfo]) -> dict[str, Any]:
    """What the form says for an act; a region's own date is in the region's zone.

    Raises:
        RefusedError: `invalid`: a date is none.
    """
    given: dict[str, Any] = dict(visit.form.said(*act.texts))
    return given | (dates(visit, zones) | _pace(visit) if act.move == "propose" else {})


def dates(visit: Visit, zones: Mapping[str, ZoneInfo]) -> dict[str, Any]:
    """From when on, and in which regions otherwise, as the form of a proposal says it."""
    form = visit.form
    everywhere = form.text("in_force_from")
    own = {region: text for region in zones if (text := form.text(FROM + region))}
    regions = {region: visit.moment("regions", text, zones[region]).isoformat() for region, text in own.items()}
    at = {"in_force_from": visit.moment("in_force_from", everywhere).isoformat()} if everywhere else {}
    return {**at, "regions": regions}


def _pace(visit: Visit) -> dict[str, Any]:
    pace = visit.form.text("pace")
    return {"pace": int(pace) if pace.isdecimal() and pace.isascii() and len(pace) < _DIGITS else pace} if pace else {}


_DIGITS = 10
