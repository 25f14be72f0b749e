"""The rules as they are in force, by region: what can be broken, what it brings, and each value with its origin."""

from collections.abc import Sequence

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit
from rulebook.explain import Effective
from states.terms import STAFF


def show(visit: Visit) -> Response:
    """A region's rules; without one, those of where the reader works."""
    rules, key, version = visit.desk.rules, visit.asked("key"), visit.asked("version")
    regions = rules.regions(visit.actor)
    region = visit.asked("region") or visit.desk.preferences.region(visit.actor) or regions[0]
    ruled = rules.of(visit.actor, region, version, key)
    return page(
        visit,
        "rules.html",
        ruled=ruled,
        regions=regions,
        key=key,
        version=version,
        versions=visit.actor.role in STAFF,
        parts=_parts(ruled.values),
    )


def _parts(values: Sequence[Effective]) -> dict[str, list[Effective]]:
    """The values by the first word of their keys."""
    parts: dict[str, list[Effective]] = {}
    for one in values:
        parts.setdefault(one.key.partition(".")[0], []).append(one)
    return parts
