"""The rules as they are in force, by region: what can be broken, what it brings, and each value with its origin."""

from itertools import groupby

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit
from rulebook.explain import Effective


def show(visit: Visit) -> Response:
    """A region's rules; without one, those of where the reader works."""
    rules, key, version = visit.desk.rules, visit.asked("key"), visit.asked("version")
    regions = rules.regions(visit.actor)
    region = visit.asked("region") or visit.desk.preferences.region(visit.actor) or regions[0]
    ruled = rules.of(visit.actor, region, version, key)
    parts = [(name, list(rows)) for name, rows in groupby(ruled.values, _part)]
    return page(visit, "rules.html", ruled=ruled, regions=regions, key=key, version=version, parts=parts)


def _part(value: Effective) -> str:
    return value.key.partition(".")[0]
