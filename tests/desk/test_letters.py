"""Notices read as letters, and never tell a respondent who reported."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import sqlalchemy as sa

from desk.reading.dossier import Dossiers
from desk.rehearsal.direct import direct
from desk.words import Languages, letter
from ops.rehearsal.script.reader import read
from ops.rehearsal.stage.inquiry import Inquiry
from ops.rehearsal.stage.rehearsal import Stage, stage
from ops.rehearsal.stage.servers import servers
from store import text
from store.schema.cases import texts
from store.schema.journal import notices
from workers.settings import Settings

STORY = Path(__file__).parents[1] / "ops" / "verify.yaml"
REPETITION = Path(__file__).parent.parent.parent / "scenarios" / "additional-creator-content.yaml"
ADDITIONAL = "additional.creator_content"
RESPONDENTS = {"lotus", "bob", "kim", "tom"}
REPORTERS = {"jan", "jade", "platform"}
WORDS = Languages().words("en")


@asynccontextmanager
async def played(file: Path) -> AsyncIterator[tuple[Stage, list[sa.RowMapping]]]:
    """A story at its end, and everything that somebody was told."""
    scenario = read(file)
    async with servers(Settings()) as running, stage(running, scenario, direct) as place:
        for step in scenario.steps:
            await place.player.play(step)
        with place.engine.connect() as connection:
            told = list(connection.execute(sa.select(notices)).mappings())
        yield place, told


async def test_every_notice_of_a_story_reads_as_a_letter() -> None:
    async with played(STORY) as (place, told):
        with place.engine.connect() as connection:
            ids = list(connection.execute(sa.select(texts.c.id)).scalars())
            words = text.bodies(connection, ids)
    assert {"report.received", "report.violation", "verdict.violation", "penalty.lifted"} <= {
        row["template"] for row in told
    }
    for row in told:
        values = row["values"] | {"case": row["case"], "at": row["at"]}
        written = letter(WORDS, row["template"], values, words)
        assert "{" not in written.subject + written.body
        assert "letter." not in written.subject + written.body
        assert not re.search(r"\d{2}:\d{2}:\d{2}|[+]00:00|\dT\d", written.body), written.body
        if row["recipient"] in RESPONDENTS:
            said = set(f"{written.subject} {written.body}".replace(".", " ").replace(",", " ").split())
            assert not said & REPORTERS


async def test_of_a_repetition_of_creators_the_agency_alone_is_told() -> None:
    async with played(REPETITION) as (place, told):
        repetitions = [row for row in told if row["template"].startswith("repetition.")]
        dossiers, inquiry = Dossiers(place.engine, place.story.now), Inquiry(place.engine, place.story.now)

        def timeline(name: str, row: sa.RowMapping) -> str:
            return f"{dossiers.open(inquiry.actor(name), row['case']).timeline}"

        assert all(ADDITIONAL in timeline("ann", row) for row in repetitions)
        assert not any(ADDITIONAL in timeline(row["values"]["creator"], row) for row in repetitions)
    assert {row["template"] for row in repetitions} == {"repetition.imposed", "repetition.lifted"}
    assert {row["recipient"] for row in told if ADDITIONAL in f"{row['values']}"} == {"lotus"}


def test_a_time_is_told_to_the_minute_and_what_somebody_wrote_as_it_is() -> None:
    at = datetime(2026, 11, 21, 18, 25, 40, 584541, tzinfo=timezone(timedelta(hours=7)))
    told = letter(WORDS, "report.received", {"case": "r1", "clause": "c", "at": at}, {})
    assert told.body == "Your report r1 about c was received on 2026-11-21 11:25 UTC and will be reviewed."
    asked = {"case": "r1", "question": "t1", "until": at.isoformat(), "at": at}
    written = letter(WORDS, "case.question", asked, {"t1": at.isoformat()}).body
    assert f"ask you: {at.isoformat()}\nPlease answer by 2026-11-21 11:25 UTC;" in written
