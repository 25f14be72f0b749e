"""In which languages is a rulebook complete, and which texts does another one lack? A missing text is no fault."""

from collections import defaultdict
from dataclasses import dataclass

from rulebook.layer import Path, Tree, dotted, leaves
from rulebook.model import Rulebook
from rulebook.wording import ENGLISH, WORDED


@dataclass(frozen=True)
class Languages:
    """The languages that every text of every region has; of each other language, the keys of the texts that lack it.

    A key is dotted; in brackets behind it stands the region whose layer states the text, nothing where the base does.
    """

    complete: list[str]
    missing: dict[str, list[str]]


def languages(rulebook: Rulebook) -> Languages:
    """Check every text of the base and of each region for every language that any text has."""
    found = {region: _said(rulebook.tree(region)) for region in (None, *sorted(rulebook.overlays))}
    every = sorted({tag for texts in found.values() for said in texts.values() for tag in said})
    missing: dict[str, list[str]] = {}
    for tag in every:
        lacking = {region: [at for at, said in texts.items() if tag not in said] for region, texts in found.items()}
        keys = [dotted(at) for at in lacking.pop(None)]
        for region, texts in lacking.items():
            below = found[rulebook.overlays[region].parent] if region else {}
            keys += [f"{dotted(at)} ({region})" for at in texts if tag in below.get(at, {tag})]
        if keys:
            missing[tag] = keys
    return Languages([tag for tag in every if tag not in missing], missing)


def _said(tree: Tree) -> dict[Path, set[str]]:
    """Give the path of each text with the languages that it has."""
    texts: defaultdict[Path, set[str]] = defaultdict(set)
    for path, _, _ in leaves(tree):
        if path[-1] in WORDED:
            texts[path].add(ENGLISH)
        elif path[-2:-1] and path[-2] in WORDED:
            texts[path[:-1]].add(path[-1])
    return dict(texts)
