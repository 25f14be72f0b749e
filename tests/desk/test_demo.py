"""`casework demo`, as people run it; and the chart that it draws, in a terminal and as a picture."""

import signal
import subprocess
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from outside import alive
from terminal import CASEWORK, family, terminal

from desk.demo import plot, svg
from desk.demo.year import play
from desk.drawing.chart import Bar, Chart, Line
from ops.rehearsal.script.reader import read
from ops.rehearsal.stage.servers import servers
from workers.settings import Settings

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FAILS = """
scenario: a year that fails
start: 2026-01-08T09:00:00+07:00
cast: {agencies: {lotus: {region: VN, owner: ann}}}
steps: [{expect: {score: {lotus: 95}}}]
"""


def day(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=ZONE)


CHART = Chart(
    title="lotus & <others>",
    start=day(1, 1),
    end=day(4, 1),
    floor=0,
    cap=100,
    points=[(day(1, 1), 100), (day(1, 16), 80), (day(2, 15), 60), (day(3, 1), 90)],
    lines=[Line(80, "≤ 80", "scheme.watch"), Line(0, "≤ 0", "scheme.over")],
    bars=[Bar("no gifts", [(day(2, 1), day(3, 1))])],
)


def rows(width: int = 26) -> list[str]:
    return [row.rstrip() for row in plot.drawn(CHART, width).plain.split("\n")]


def test_the_score_is_drawn_in_steps_across_the_tiers() -> None:
    drawn = rows()
    assert drawn[0] == CHART.title
    assert drawn[1] == "100 ┤━┓"
    assert drawn[3] == "    │ ┃    ┏━━"
    assert drawn[5] == " 80 ┤┄┗━━┓┄┃┄┄ ≤ 80 watch"
    assert drawn[9] == " 60 ┤    ┗━┛"
    assert drawn[21] == "  0 ┤┄┄┄┄┄┄┄┄┄ ≤ 0 over"
    assert drawn[23:] == ["     JanFebMar", "     ···▀▀▀··· no gifts"]


def test_a_chart_is_as_wide_as_its_room() -> None:
    assert all(len(row) <= 80 for row in rows(80))
    assert len(rows(80)[22]) > 60


def test_a_short_month_is_as_wide_as_a_long_one() -> None:
    assert [CHART.place(at) for at in (day(1, 1), day(2, 15), day(4, 1))] == [0, 1.5, 3]
    assert CHART.place(day(1, 1, 2030)) == 3


def test_the_line_itself_is_inside_the_zone() -> None:
    assert [CHART.depth(points) for points in (81, 80, 0)] == [0, 1, 2]


def test_the_picture_is_one_well_formed_file_that_needs_no_other() -> None:
    drawn = svg.drawn(CHART)
    picture = ET.fromstring(drawn)  # noqa: S314  # we drew it
    texts = [found.text for found in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {CHART.title, "80", "60", "90", "≤ 80 scheme.watch", "no gifts", "Feb"} <= set(texts)
    assert drawn.count("http") == 1


def test_a_year_is_played_and_told(tmp_path: Path) -> None:
    done = terminal(tmp_path).casework("demo", "--svg", "year.svg")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    for words in (
        "lotus: agency_compliance, January 2026 to January 2027",
        "≤ 80 watch",
        "r3: priced again, after r1",
        "creator_health.recovery",
        "“That account is not mine",
        "appeal overturned → closed",
        "all as expected and verified.",
    ):
        assert words in done.stdout
    assert ET.parse(tmp_path / "year.svg").getroot().tag.endswith("svg")  # noqa: S314  # we drew it


async def test_what_is_not_as_expected_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "year.yaml").write_text(FAILS, "utf-8")
    async with servers(Settings(data_dir=tmp_path)) as on:
        year = await play(on, read(tmp_path / "year.yaml"), lambda *_: None)
    assert list(year.faults) == ["step 1: score of lotus: expected 95, found 100"]


def servers_of(process: subprocess.Popen[str]) -> set[int]:
    """The command's processes, once PostgreSQL and those that serve it run; others come and go meanwhile."""
    while process.poll() is None:
        with suppress(OSError):
            if len(found := family(process.pid)) > 5:
                return found
        time.sleep(0.05)
    raise AssertionError(f"it ended with {process.returncode}")


def test_ctrl_c_leaves_no_process_behind(tmp_path: Path) -> None:
    at = terminal(tmp_path)
    process = subprocess.Popen([CASEWORK, "demo"], cwd=tmp_path, env=at.environment, stdout=-1, stderr=-1, text=True)
    assert process.stdout is not None
    assert "A year" in process.stdout.readline()
    pids = servers_of(process)
    process.send_signal(signal.SIGINT)
    _, wrong = process.communicate(timeout=30)
    assert (process.returncode, wrong) == (130, "")
    assert not [pid for pid in pids if alive(pid)]


def test_a_picture_in_no_folder_is_refused_before_the_year(tmp_path: Path) -> None:
    done = terminal(tmp_path).casework("demo", "--svg", "nowhere/year.svg")
    assert done.returncode == 2
    assert "there is no folder nowhere" in done.stderr
