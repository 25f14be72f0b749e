"""Which languages does a rulebook speak? Where every text is said in one, and what lacks it. A gap is no mistake."""

from collections import defaultdict
from dataclasses import dataclass

from rulebook.layer import Path, Tree, dotted, leaves
from rulebook.model import Rulebook
from rulebook.wording import ENGLISH, WORDED


@dataclass(frozen=True)
class Languages:
    """The languages in which every text of every region is said; of each other one, the keys of what lacks it.

    A key is dotted; in brackets behind it stands the region whose layer is to blame: none where it is the base.
    """

    complete: list[str]
    missing: dict[str, list[str]]


def languages(rulebook: Rulebook) -> Languages:
    """Hold every text of the base and of each region against the languages that any text is said in."""
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
    """Give the path of each text with the languages in which it is said."""
    texts: defaultdict[Path, set[str]] = defaultdict(set)
    for path, _, _ in leaves(tree):
        if path[-1] in WORDED:
            texts[path].add(ENGLISH)
        elif path[-2:-1] and path[-2] in WORDED:
            texts[path[:-1]].add(path[-1])
    return dict(texts)
