"""A letter has one meaning on all pages, and none is pressed together with Alt."""

import re
from collections import defaultdict

from desk.console.acts import ACTS
from desk.console.keys import KEYS, keys_of
from desk.console.page import ASSETS
from states.terms import Role

PAGES = sorted((ASSETS.parent / "pages").glob("*.html"))
# A choice by key: `("violation", t("decide.violation"), "v")`; and a key on anything else, with its element's words.
CHOICE, KEY = re.compile(r'\("(\w+)", [^()]*\([^()]*\)(?:\|\w+)?, "(\w)"\)'), re.compile(r'(<[^<]*data-key="([\w?])")')


def meanings() -> dict[str, set[str]]:
    found = defaultdict[str, set[str]](set)
    for act in ACTS.values():
        if act.key:
            found[act.key].add(act.move)
    for page in PAGES:
        text = page.read_text("utf-8")
        for value, key in CHOICE.findall(text):
            found[key].add(value)
        for line in text.splitlines():
            for tag, key in KEY.findall(line):
                name = re.search(r'name="do" value="(\w+)"|name="(\w+)"', tag)
                said = re.search(r't\("([\w.]+)"', line[line.index(tag) :])
                found[key].add(name[1] or name[2] if name else said[1].removeprefix("act.") if said else tag)
    return found


def test_one_letter_has_one_meaning() -> None:
    found = meanings()
    assert len(found) > 20
    assert {key: named for key, named in found.items() if len({name.split(".")[-1] for name in named}) > 1} == {}
    assert "b" not in found, "it shows the evidence"


def test_the_page_of_keys_has_each_letter_once() -> None:
    told = [key for keys in KEYS.values() for key, _ in keys]
    assert sorted(told) == sorted({*meanings(), "b", "Ctrl ↵", "Esc", "Tab"})
    assert keys_of(Role.OWNER).keys() == {"everywhere"}


def test_the_script_leaves_alt_to_the_browser() -> None:
    assert "event.isComposing || event.altKey" in (ASSETS / "console.js").read_text("utf-8")
