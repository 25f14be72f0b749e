"""A score's gauge and strip, and a forecast's tiers, in the reader's words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from desk.console.times import Times
from desk.drawing import gauge, strip, tiers
from desk.drawing.chart import Chart, Line
from desk.drawing.gauge import Gauge
from desk.drawing.strip import Strip
from desk.drawing.tiers import Tier
from desk.reading.course import Course
from desk.reading.standing import CreatorStands
from desk.words import Words

# So many of a score's changes are told to somebody who can't see the strip; the ledger has them all.
_TOLD = 24


def gauge_of(course: Course, words: Words) -> Markup:
    """The score between floor and cap, with the lines of its tiers."""
    score, tiers = course.score, course.scheme.tiers
    drawn = Gauge(score.points, course.scheme.floor, score.cap, [tier.threshold for tier in tiers])
    title = words.say("score.gauge", points=score.points, cap=score.cap)
    lines = words.say("score.gauge_lines", lines=[tier.threshold for tier in tiers])
    return Markup(gauge.drawn(drawn, title, lines))  # noqa: S704  # escaped where it is drawn


def bar_of(one: CreatorStands) -> Markup:
    """A creator's score in a row of a table."""
    lines = [tier.threshold for tier in one.scheme.tiers]
    return Markup(gauge.bar(Gauge(one.score, one.scheme.floor, one.cap, lines)))  # noqa: S704


def tiers_of(figures: Sequence[Mapping[str, Any]], names: Mapping[str, str], words: Words) -> Markup:
    """How many carry each penalty before and after, of all groups of a forecast together; empty without any."""
    summed: dict[str, Tier] = {}
    for tier in (one for group in figures for one in group["tiers"]):
        key = tier["penalty"]
        so_far = summed.get(key, Tier(names.get(key, key), 0, 0))
        summed[key] = Tier(so_far.name, so_far.before + tier["before"], so_far.after + tier["after"])
    shown = [summed[key] for key in (*(key for key in names if key in summed), *(summed.keys() - names.keys()))]
    if not shown:
        return Markup()
    title = words.say("version.picture")
    told = [words.say("version.told", name=one.name, before=one.before, after=one.after) for one in shown]
    return Markup(tiers.drawn(shown, title, " ".join(told)))  # noqa: S704


def strip_of(course: Course, words: Words, times: Times) -> Markup:
    """The score over its months, until now."""
    zone, cap = course.rules.zone, max(course.score.cap, *(points for _, points in course.points))

    def day(at: datetime, points: int) -> str:
        return words.say("score.point", day=times.day(at), points=points)

    chart = Chart(
        title=words.say("score.strip", period=course.score.period),
        start=course.since.astimezone(zone),
        end=course.until.astimezone(zone),
        floor=course.scheme.floor,
        cap=cap,
        points=course.points,
        lines=[Line(tier.threshold, f"{tier.threshold}", tier.key) for tier in course.scheme.tiers],
    )
    told = words.say("score.strip_points", points=[day(at, points) for at, points in course.points[-_TOLD:]])
    found = Strip(chart, times.short_month, day, until=times.now, reset=course.reset, scale=160)
    return Markup(strip.drawn(found, chart.title, told))  # noqa: S704
