"""From a template and values to a page. Templates get the reader's words and times, and nothing that could decide."""

import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from desk.console.form import carrying, new_key
from desk.console.keys import lettered
from desk.console.navigation import navigation
from desk.console.sizes import sized
from desk.console.times import Times
from desk.console.visit import Visit
from desk.words import LANGUAGES

HERE = "/console"
_FOLDER = Path(__file__).parent
ASSETS = _FOLDER / "assets"
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(visit: Visit, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page that a template makes of values, in the reader's language."""
    return HTMLResponse(rendered(visit, template, **values), status, {"Content-Language": visit.words.language})


def moved(visit: Visit, **values: Any) -> HTMLResponse:
    """The bar that says that something has moved, as its reader reads: a pulse asks that only here."""
    return page(visit.as_they_read(), "_news.html", **values)


def rendered(visit: Visit, template: str, **values: Any) -> str:
    """The text of a page, or of a part of one (a template whose name begins with `_`)."""
    words, role = visit.words, visit.caller.actor.role if visit.caller else None
    common = {
        "visit": visit,
        "t": words.say,
        "term": words.term,
        "times": Times(words, visit.now),
        "language": words.language,
        "languages": LANGUAGES,
        "here": HERE,
        "asset": asset,
        "bar": navigation(role),
        "lettered": lettered(role),
        "new_key": new_key,
        "carrying": carrying,
        "sized": partial(sized, language=words.language),
    }
    return _ENVIRONMENT.get_template(template).render({**common, **values})


@cache
def asset(name: str) -> str:
    """Where a file of ours is: its address has the hash of what it holds, so it may be kept for ever."""
    found = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"{HERE}/assets/{found}/{name}"
