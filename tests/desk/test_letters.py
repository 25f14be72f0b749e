"""Notices read as letters, and never tell a respondent who reported."""

from pathlib import Path

import sqlalchemy as sa

from desk.letters import letter, templates
from desk.rehearsal.reader import read
from desk.rehearsal.rehearsal import stage
from desk.rehearsal.servers import servers
from store import view
from store.schema.cases import texts
from store.schema.journal import notices
from workers.settings import Settings

STORY = Path(__file__).parent / "verify.yaml"
RESPONDENTS = {"lotus", "bob", "kim", "tom"}
REPORTERS = {"jan", "jade", "platform"}


async def test_every_notice_of_a_story_reads_as_a_letter() -> None:
    scenario = read(STORY)
    async with servers(Settings()) as running, stage(running, scenario) as place:
        for step in scenario.steps:
            await place.player.play(step)
        with place.engine.connect() as connection:
            told = list(connection.execute(sa.select(notices)).mappings())
            ids = list(connection.execute(sa.select(texts.c.id)).scalars())
            words = view.bodies(connection, ids)
    assert {row["template"] for row in told} <= templates().keys()
    assert {"report.received", "report.violation", "verdict.violation", "penalty.lifted"} <= {
        row["template"] for row in told
    }
    for row in told:
        values = row["values"] | {"case": row["case"], "at": row["at"].isoformat()}
        written = letter(row["template"], values, words)
        assert "{" not in written.subject + written.body
        if row["recipient"] in RESPONDENTS:
            said = set(f"{written.subject} {written.body}".replace(".", " ").replace(",", " ").split())
            assert not said & REPORTERS


def test_each_template_has_a_subject_and_a_body() -> None:
    assert all(words.keys() == {"subject", "body"} and all(words.values()) for words in templates().values())
