"""A picture is text of its numbers alone, and looks as the one beside this file."""

from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from desk.drawing import gauge, lanes, strip, tiers
from desk.drawing.chart import Chart, Line
from desk.drawing.gauge import Gauge
from desk.drawing.lanes import Bar, Dot, Lane, Lanes, Scale
from desk.drawing.strip import Strip
from desk.drawing.tiers import Tier

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LINES = (80, 60, 40, 20, 0)
TOLD = {"title": "80 <of> 100", "told": "At the line & inside."}


def day(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=ZONE)


def a_year() -> Strip:
    points = [(day(1, 1), 100), (day(1, 16), 95), (day(3, 3), 90), (day(3, 20), 80), (day(10, 2), 90)]
    chart = Chart("", day(1, 1), day(1, 1, 2027), 0, 100, points, [Line(one, f"{one}", "") for one in LINES])
    return Strip(chart, lambda first: f"{first:%m}", lambda at, one: f"{at:%d %m}: {one}", day(11, 26), reset=100)


def a_life() -> Lanes:
    """Filed, claimed an hour later, decided after twenty minutes; appealed three weeks later."""
    hour, decided, appealed, end = 3600.0, 4800.0, 1_900_000.0, 1_910_000.0
    moves = [Dot(at, "made", f"<{at:.0f}>") for at in (0, hour, decided, appealed)]
    waiting = [Bar(0, hour, "ours", "queued"), Bar(decided, appealed, "theirs", "open"), Bar(appealed, end, "held", "")]
    tried = [Dot(0, "made", "commit"), Dot(decided, "bad", "commit & again")]
    made = (Lane("Moves", dots=moves), Lane("Waiting", waiting), Lane("Activities", dots=tried))
    return Lanes(made, lambda at: f"{at / 3600:.1f} h", lambda lasts: f"{lasts / 86400:.0f} days")


PICTURES = {
    "gauge": gauge.drawn(Gauge(80, 0, 100, LINES), **TOLD),
    "strip": strip.drawn(a_year(), **TOLD),
    "lanes": lanes.drawn(a_life(), **TOLD),
    "tiers": tiers.drawn([Tier("A warning <&>", 6, 9), Tier("Suspended", 5, 5), Tier("Ended", 1, 0)], **TOLD),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_as_it_was_looked_at(name: str) -> None:
    """If it shall look otherwise: write it here, look at it in a browser, and keep it."""
    kept = Path(__file__).with_name(f"{name}.svg").read_text("utf-8")
    assert PICTURES[name].replace("><", ">\n<") + "\n" == kept


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_no_style_no_scale_and_no_id_and_says_in_words_what_it_shows(name: str) -> None:
    root = ET.fromstring(PICTURES[name])  # noqa: S314  # we drew it
    named = {attribute for each in root.iter() for attribute in each.attrib}
    assert not named & {"style", "viewBox", "id", "fill", "stroke"}
    assert (root.get("role"), root[0].text, root[1].text) == ("img", TOLD["title"], TOLD["told"])


def test_a_score_outside_of_its_bounds_stands_at_their_end() -> None:
    one = Gauge(130, 0, 120, (70,))
    assert (one.place(130), one.place(-5), one.place(60)) == (1, 0, 0.5)


def test_a_score_without_lines_is_safe_all_along() -> None:
    assert 'class="safe" x="0%"' in gauge.drawn(Gauge(50, 0, 100, ()), **TOLD)


def test_a_row_of_a_table_has_the_same_picture_without_words() -> None:
    drawn = gauge.bar(Gauge(80, 0, 100, LINES))
    assert "<text" not in drawn
    assert 'aria-hidden="true"' in drawn
    assert 'class="here" x1="80%"' in drawn


def test_the_steps_end_where_the_score_is_not_known_yet() -> None:
    ends = [float(one.get("x2", "")[:-1]) for one in ET.fromstring(PICTURES["strip"]) if one.get("class") == "score"]  # noqa: S314
    assert max(ends) == pytest.approx(100 * a_year().x(10 + 25 / 30), abs=0.01)


def test_of_lines_that_stand_too_close_the_higher_is_named() -> None:
    chart = Chart("", day(1, 1), day(2, 1), 0, 100, [(day(1, 1), 100)], [Line(one, "", "") for one in (40, 38, 0)])
    drawn = strip.drawn(Strip(chart, str, lambda *_: ""), **TOLD)
    assert ("40</text>" in drawn, "38</text>" in drawn) == (True, False)


def test_words_of_neighbouring_breaks_never_touch() -> None:
    week = 14 * 86400
    near = Scale([0, 3000, week, week + 60, 2 * week, 2 * week + 3000])
    apart = Scale([0, week, week + 60, 2 * week, 2 * week + 60])
    assert (near.rows, apart.rows) == ([0, 1], [0, 0])


def test_weeks_of_waiting_are_a_break_and_the_rest_is_to_scale() -> None:
    scale = a_life().scale
    assert scale.breaks == {(4800, 1_900_000)}
    assert scale.x(4800) - scale.x(3600) == pytest.approx(scale.x(3600) / 3)
    assert (scale.x(0), scale.x(1_910_000)) == (0, 1)


def test_a_night_is_broken_beside_minutes_and_not_beside_hours() -> None:
    night, day = 12 * 3600, 24 * 3600
    assert Scale([0, 300, 300 + night]).breaks == {(300, 300 + night)}
    assert Scale([0, 3 * 3600, night, day]).breaks == frozenset()


def test_a_wait_beside_which_nothing_happened_is_not_broken_and_nothing_is_an_empty_axis() -> None:
    assert (Scale([0, 2, 30 * 86400]).breaks, Scale([0, 2, 30 * 86400]).x(30 * 86400)) == (frozenset(), 1)
    assert Scale([]).ends == []
    assert "<svg" in lanes.drawn(Lanes([Lane("Moves")], str, str), **TOLD)
