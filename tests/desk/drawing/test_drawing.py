"""A gauge and a strip are text of their numbers alone, and look as the pictures beside this file."""

from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from desk.drawing import gauge, strip
from desk.drawing.chart import Chart, Line
from desk.drawing.gauge import Gauge
from desk.drawing.strip import Strip

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LINES = (80, 60, 40, 20, 0)
TOLD = {"title": "80 <of> 100", "told": "At the line & inside."}


def day(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=ZONE)


def a_year() -> Strip:
    points = [(day(1, 1), 100), (day(1, 16), 95), (day(3, 3), 90), (day(3, 20), 80), (day(10, 2), 90)]
    chart = Chart("", day(1, 1), day(1, 1, 2027), 0, 100, points, [Line(one, f"{one}", "") for one in LINES])
    return Strip(chart, lambda first: f"{first:%m}", lambda at, one: f"{at:%d %m}: {one}", day(11, 26), reset=100)


PICTURES = {
    "gauge": gauge.drawn(Gauge(80, 0, 100, LINES), **TOLD),
    "strip": strip.drawn(a_year(), **TOLD),
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


def test_the_steps_end_where_the_score_is_not_known_yet() -> None:
    ends = [float(one.get("x2", "")[:-1]) for one in ET.fromstring(PICTURES["strip"]) if one.get("class") == "score"]  # noqa: S314
    assert max(ends) == pytest.approx(100 * a_year().x(10 + 25 / 30), abs=0.01)


def test_of_lines_that_stand_too_close_the_higher_is_named() -> None:
    chart = Chart("", day(1, 1), day(2, 1), 0, 100, [(day(1, 1), 100)], [Line(one, "", "") for one in (40, 38, 0)])
    drawn = strip.drawn(Strip(chart, str, lambda *_: ""), **TOLD)
    assert ("40</text>" in drawn, "38</text>" in drawn) == (True, False)
