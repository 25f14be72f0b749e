"""A page as a browser would read it: its elements, the texts outside of people's own words, and what must not be in it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from desk.console.headers import POLICY
from desk.console.page import asset

_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Attributes that are read to somebody, or shown.
_SAID = ("title", "alt", "aria-label", "placeholder", "aria-description")
_ADDRESSES = ("href", "src", "action", "formaction", "poster", "data", "srcset")
# What each page is sent with.
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@dataclass
class _Open:
    tag: str
    foreign: bool


@dataclass
class Markup(HTMLParser):
    """`texts` are what the console itself says: not what stands in `translate="no"`, in a `lang` of its own, in times."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @classmethod
    def of(cls, page: httpx.Response) -> "Markup":
        made = cls()
        made.feed(page.text)
        made.close()
        return made

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        own = (
            tag in {"time", "kbd", "code", "style"}
            or given.get("translate") == "no"
            or (tag != "html" and "lang" in given)
        )
        foreign = own or bool(self._open and self._open[-1].foreign)
        if not foreign:
            self.texts += [given[name] for name in _SAID if given.get(name)]
        if tag not in _EMPTY:
            self._open.append(_Open(tag, foreign))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].tag == "script":
            self.scripts.append(data)
        elif data.strip() and not (self._open and self._open[-1].foreign):
            self.texts.append(data.strip())

    def wrong(self) -> list[str]:
        """What must not be in a page: styles and scripts in it, ids twice, labels of nothing, other places."""
        named = Counter(given["id"] for _, given in self.elements if "id" in given)
        found = [f"id {name} is there {often} times" for name, often in named.items() if often > 1]
        found += [f"script {text[:40]}" for text in self.scripts]
        for tag, given in self.elements:
            found += [f"{tag} has {name}" for name in given if name == "style" or name.startswith("on")]
            found += [f"{tag} leads to {given[name]}" for name in _ADDRESSES if leads_away(given.get(name, ""))]
            found += [
                f"{tag} {name} names no element {one}"
                for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list")
                for one in given.get(name, "").split()
                if one not in named
            ]
            if tag in {"style", "base", "iframe", "object", "embed"}:
                found.append(f"there is {tag}")
            if tag == "script" and given.get("src") != asset("console.js"):
                found.append(f"script of {given.get('src')}")
            if tag == "form" and given.get("method", "get").lower() == "post" and "action" not in given:
                found.append("a form without an address")
        return found


def leads_away(address: str) -> bool:
    return bool(re.match(r"\s*(?:[a-z][a-z0-9+.-]*:|//)", address, re.IGNORECASE))


def unfit(page: httpx.Response) -> list[str]:
    """What of a page is not as it must be: headers, language, elements."""
    lacking = [
        f"{name}: {page.headers.get(name)}" for name, value in HEADERS.items() if page.headers.get(name) != value
    ]
    if page.status_code in {204, 303}:
        return lacking
    if page.headers["Content-Type"] != "text/html; charset=utf-8":
        return [*lacking, f"it is {page.headers['Content-Type']}"]
    markup = Markup.of(page)
    language = [given.get("lang") for tag, given in markup.elements if tag == "html"]
    if language not in ([], [page.headers.get("Content-Language")]):  # a part of a page has none
        lacking.append(f"it says to be {language}")
    if language and "h1" not in [tag for tag, _ in markup.elements]:
        lacking.append("it has no title")
    return lacking + markup.wrong()
