"""Versions of a rulebook, drawn by chance: what each says in numbers, and the rulebook that says it."""

import json
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from random import Random
from typing import Any

import yaml
from chance import ZONES

from rulebook.files import assembled
from rulebook.load import BUNDLED
from rulebook.model import Rulebook

REGIONS = {"VN": ZONES[0], "DE": ZONES[1], "JP": "Asia/Tokyo"}
# A region that only further versions know.
NEW = "JP"
MULTI, CONTENT = "additional.multi_account", "additional.creator_content"
BASE = yaml.safe_load((BUNDLED / "live" / "base.yaml").read_text("utf-8"))
WORDS = ("recruiting", "bonus", "operations", "contract")
DURATIONS = {"base.warning": 30, "base.recruiting_paused": 7, "base.recruiting_suspended": 30, MULTI: 30, CONTENT: 30}
DURATIONS |= {"base.live_suspended": 7}
BROUGHT = {"mild": "base.warning", "moderate": "base.recruiting_paused", "severe": "base.recruiting_suspended"}


@dataclass(frozen=True)
class Rules:
    """What one version says; the first as `docs/domain.md` has it, with fewer creators for a repetition.

    Lines are those at or below which a tier applies. `lasts` are days of a penalty, of a score penalty where it states
    any; `several` are the acts and days of the trigger, `crowd` the creators of the other one; what the first
    brings stands `instead` of base penalties. `gone` are clauses that
    the version does not know, `attributed` those that are charged to the creator's agency too.
    """

    ranks: tuple[int, ...] = (5, 5, 10)
    start: int = 100
    agency_lines: dict[str, int] = field(default_factory=lambda: {"watch": 80, "restricted": 60})
    matrix: dict[str, tuple[int, ...]] = field(
        default_factory=lambda: {"mild": (1, 1, 2), "moderate": (2, 3, 4), "severe": (4, 6, 8)}
    )
    surcharge: int = 1
    caps: dict[str, int] = field(default_factory=lambda: {"standard": 100, "quality": 110, "professional": 120})
    creator_lines: dict[str, int] = field(default_factory=lambda: {"limited": 94, "no_pk": 85})
    recovery: tuple[int, int, int] | None = (5, 5, 2)
    brings: dict[str, str] = field(default_factory=lambda: dict(BROUGHT))
    lasts: dict[str, int] = field(default_factory=lambda: dict(DURATIONS))
    words: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"agency_compliance.watch": ()})
    several: tuple[int, int] = (2, 30)
    crowd: int = 2
    instead: bool = False
    gone: frozenset[str] = frozenset()
    attributed: frozenset[str] = frozenset()
    freeze: bool = False
    window: int = 30
    regions: tuple[str, ...] = ("VN", "DE")


# fmt: off
CHOICES: dict[str, list[Any]] = {
    "ranks":         [(5, 5, 10), (7, 7, 14), (3, 3, 3), (0, 20), (30, 1)],
    "start":         [100, 110, 95],
    "agency_lines":  [{"watch": 90, "restricted": 80}, {"watch": 70, "restricted": 30}, {"watch": 94, "restricted": 93}],
    "matrix":        [{"mild": (3, 4, 5), "moderate": (7, 7, 7), "severe": (9, 20, 30)},
                      {"mild": (0, 0, 1), "moderate": (1, 1, 1), "severe": (8, 4, 2)}],
    "surcharge":     [0, 1, 9],
    "caps":          [{"standard": 110, "quality": 110, "professional": 110},
                      {"standard": 98, "quality": 130, "professional": 120}],
    "creator_lines": [{"limited": 97, "no_pk": 90}, {"limited": 60, "no_pk": 10}],
    "recovery":      [None, (1, 2, 2), (5, 5, 4), (3, 1, 1), (5, 8, 2)],
    "brings":        [{"mild": "base.recruiting_paused"}, {}, {"moderate": "base.warning", "severe": "base.warning"}],
    "lasts":         [DURATIONS | {"base.warning": 10, MULTI: 60}, DURATIONS | {"base.warning": 90, CONTENT: 7},
                      DURATIONS | {"agency_compliance.watch": 5, "creator_health.limited": 3},
                      DURATIONS | {"agency_compliance.watch": 20, "agency_compliance.restricted": 9}],
    "words":         [{"agency_compliance.watch": ("bonus",)}, {"base.warning": ("bonus",), MULTI: ("bonus",)},
                      {"base.warning": ("recruiting", "bonus"), "base.recruiting_paused": (), CONTENT: ("bonus",)},
                      {"agency_compliance.watch": ("recruiting",), "creator_health.limited": ("pk",)}],
    "several":       [(1, 30), (3, 30), (2, 5), (2, 90)],
    "crowd":         [1, 2, 3],
    "instead":       [True],
    "gone":          [frozenset({"agency.poaching"}), frozenset({"content.gambling"})],
    "attributed":    [frozenset({"content.vulgar"}), frozenset({"content.gambling", "content.vulgar"})],
    "freeze":        [True],
    "window":        [20, 45],
    "regions":       [("VN", "DE", NEW)],
}
# fmt: on
NAMES = [one.name for one in fields(Rules)]


def first(die: Random) -> Rules:
    """What a story begins with."""
    return _changed(Rules(), die, [name for name in CHOICES if name != "regions"], die.randint(0, 2))


def reform(rules: Rules, die: Random) -> Rules:
    """Another version: some of what it says is other, or again as at first."""
    changed = _changed(rules, die, list(CHOICES), die.randint(1, 5))
    return replace(changed, regions=rules.regions) if NEW in rules.regions else changed


def _changed(rules: Rules, die: Random, names: list[str], count: int) -> Rules:
    usual = Rules()
    chosen = {name: die.choice([getattr(usual, name), *CHOICES[name]]) for name in die.sample(names, count)}
    return replace(rules, **chosen)


def book(rules: Rules, number: int) -> Rulebook:
    """The rulebook that says so; the number makes it another one than all before."""
    body = deepcopy(BASE)
    body["version"] = number
    _scores(body, rules)
    _penalties(body, rules)
    _clauses(body, rules)
    body["procedure"]["appeals.window"] = {"value": f"{rules.window} days", "illustrative": True}
    body["procedure"]["appeals.on_overturn"]["value"] = "freeze" if rules.freeze else "reprice"
    body["procedure"]["review.second_vote"]["value"] = {"severities": [], "any_extra": False}
    body["overlays"] = [
        {"region": region, "zone": {"value": REGIONS[region], "illustrative": True}} for region in rules.regions
    ]
    return assembled({"base.yaml": json.dumps(body).encode()})


def _scores(body: dict[str, Any], rules: Rules) -> None:
    agency, creator = body["scores"]
    agency["bounds"][0] |= {"start": rules.start, "cap": rules.start}
    agency["pricing"]["points"] = rules.ranks
    for bounds in creator["bounds"]:
        bounds |= {"start": rules.caps[bounds["key"]], "cap": rules.caps[bounds["key"]]}
    creator["pricing"]["matrix"] = rules.matrix
    creator["pricing"]["surcharge"] = [creator["pricing"]["surcharge"][0] | {"points": rules.surcharge}]
    creator.pop("recovery")
    if rules.recovery is not None:
        creator["recovery"] = dict(zip(("points", "days", "hours"), rules.recovery, strict=True)) | {"source": "S 001"}
    for score, lines in ((agency, rules.agency_lines), (creator, rules.creator_lines)):
        score["tiers"] = [
            {"key": f"{score['key']}.{name}", "penalty": f"{score['key']}.{name}", "at": "at or below"}
            | {"threshold": line, "illustrative": True}
            for name, line in lines.items()
        ]


def _penalties(body: dict[str, Any], rules: Rules) -> None:
    tiers = {tier["penalty"] for score in body["scores"] for tier in score["tiers"]}
    body["penalties"] = [one for one in body["penalties"] if one["kind"] != "score" or one["key"] in tiers]
    for one in body["penalties"]:
        if one["key"] in rules.lasts:
            one["lasts"] = f"{rules.lasts[one['key']]} days"
        one["restrictions"] = rules.words.get(one["key"], one["restrictions"])
    several, crowd = body["triggers"]
    several |= {"count": rules.several[0], "within": f"{rules.several[1]} days"}
    several["instead_of"] = sorted(set(rules.brings.values())) if rules.instead else []
    crowd["count"] = rules.crowd


def _clauses(body: dict[str, Any], rules: Rules) -> None:
    body["clauses"] = [one for one in body["clauses"] if one["key"] not in rules.gone]
    for one in body["clauses"]:
        if one["charged_to"] == "agency":
            one["base_penalty"] = rules.brings
        elif one["key"] in rules.attributed:
            one["attributed_via"] = ["creator"]
