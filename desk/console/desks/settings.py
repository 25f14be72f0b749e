"""How somebody reads: language, time zone, theme, keys, and how evidence is veiled at first."""

from http import HTTPStatus
from itertools import groupby

from starlette.responses import RedirectResponse, Response

from desk.console.page import HERE, page
from desk.console.visit import Visit
from desk.words import LANGUAGES
from rulebook.zones import places
from states.terms import Code, RefusedError
from store.preference import Preference
from store.schema.identity import Theme

SWITCHES = ("keys", "blur", "grey", "mute")


def show(visit: Visit) -> Response:
    """What they chose."""
    return _page(visit, visit.chosen)


def save(visit: Visit) -> Response:
    """Keep what they choose; the page is then as they want it."""
    said = visit.form
    on = {name: said.text(name) is not None for name in SWITCHES}
    try:
        chosen = Preference(said.text("language"), said.text("zone"), _theme(said.text("theme")), **on)
        visit.desk.preferences.write(visit.actor, chosen)
    except RefusedError as refused:
        return _page(visit, visit.chosen, refused)
    return RedirectResponse(f"{HERE}/settings?saved=yes", HTTPStatus.SEE_OTHER)


def _theme(said: str | None) -> Theme | None:
    if said is not None and said not in set(Theme):
        raise RefusedError(Code.INVALID, "input.enum", "theme", expected=" · ".join(Theme))
    return Theme(said) if said else None


def _page(visit: Visit, chosen: Preference, refused: RefusedError | None = None) -> Response:
    return page(
        visit,
        "settings.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        chosen=chosen,
        tongues=LANGUAGES,
        zones=[(part, list(names)) for part, names in groupby(sorted({*places(), "UTC", chosen.zone or "UTC"}), _part)],
        themes=[("", visit.words.say("settings.as_device"), None)]
        + [(one.value, visit.words.say(f"settings.{one}"), None) for one in Theme],
        saved=refused is None and visit.asked("saved") is not None,
        sentence=visit.words.refusal(refused) if refused else None,
    )


def _part(zone: str) -> str:
    """The part of the world in a zone's name."""
    return zone.partition("/")[0]
