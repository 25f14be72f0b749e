"""Files become evidence: a command brings uploads of its sender, each once, for one side of a case; or nothing happens."""

import asyncio
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, creator, new, person, send
from sqlalchemy import Connection
from versions import in_force

from activities.move.consider import ask
from activities.move.evidence import must_have
from activities.move.input import Report, read
from activities.rulebooks import Rulebooks
from desk.door.door import Door
from desk.door.sending import former_hash_of, hash_of
from rulebook.load import BUNDLED, load
from states.terms import Code, Kind, RefusedError, Role, Side
from store import arrival, evidence, journal, party, seal
from store.evidence import File
from store.schema.evidence import FileKind
from store.schema.evidence import evidence as files
from workers.reach import House

HASH = "5" * 64
REPORT = {"clause": "agency.poaching", "details": "seen on stream"}


class Street:
    """Jan of jade reports lotus, whose owner is Ann; Mia and Sue review, Oli is of ops."""

    def __init__(self, house: House, door: Door) -> None:
        self.house, self.door = house, door

    async def begin(self) -> None:
        house = self.house
        (_, self.jan), (self.lotus, self.ann) = await agency(house, "jade"), await agency(house, "lotus")
        self.jim = await person(house, Role.TEAM_LEAD, self.lotus)
        self.mia, self.sue = await person(house, Role.MODERATOR), await person(house, Role.SENIOR_MODERATOR)
        self.kim = await creator(house, self.lotus)
        self.oli, self.amy = await person(house, Role.OPS), await person(house, Role.AUDITOR)

    def upload(self, who: str, **changed: Any) -> str:
        """The row of an upload; its bytes are nobody's matter here."""
        with self.house.engine.begin() as connection:
            agency = found.agency if (found := party.actor(connection, who)) else None
            made = File(evidence.new_id(), HASH, 1000, FileKind.PNG, "clip.png", who, agency, self.house.clock.now())
            evidence.write(connection, replace(made, **changed))
        return made.id

    async def report(self, **said: Any) -> str:
        case: str = (await send(self.door, self.jan, "report", **REPORT, against=self.lotus, **said))["case"]
        return case

    def row(self, file: str) -> File:
        with self.house.engine.connect() as connection:
            return File.of(connection, connection.execute(sa.select(files).where(files.c.id == file)).mappings().one())

    def seen(self, who: str, case: str) -> list[str]:
        with self.house.engine.connect() as connection:
            actor = party.actor(connection, who)
            assert actor is not None
            return [file.id for file in evidence.of_case(connection, actor, case, self.house.clock.now())]


@pytest.fixture(scope="module")
async def street(house: House, door: Door) -> Street:
    made = Street(house, door)
    await made.begin()
    return made


async def test_what_a_side_brings_is_its_own_and_sealed_with_the_move(street: Street) -> None:
    first, second, third, late = (street.upload(who) for who in (street.jan, street.jan, street.ann, street.ann))
    case = await street.report(evidence=[second, first])  # as they are given, not as they came
    await send(street.door, street.mia, "claim", case=case)
    await send(street.door, street.mia, "ask", case=case, question="why?", to="respondent")
    await send(street.door, street.ann, "answer", case=case, text="by chance", evidence=[third])
    await send(street.door, street.mia, "claim", case=case)
    said = {"finding": "violation", "severity": "mild", "reasons": "checked"}
    await send(street.door, street.mia, "decide", case=case, **said)
    appeal = (await send(street.door, street.ann, "appeal", of=case, grounds="not us", evidence=[late]))["case"]

    assert {(one.case, one.side, one.version) for one in map(street.row, (first, second))} == {(case, "reporter", 1)}
    assert (street.row(third).side, street.row(late).side) == (Side.RESPONDENT, Side.RESPONDENT)
    with street.house.engine.connect() as connection:
        lines = {line["version"]: line for line in journal.timeline(connection, case)}
        row = connection.execute(sa.select(files).where(files.c.id == third)).mappings().one()
    assert lines[1]["facts"]["files"] == {first: HASH, second: HASH}
    answered = lines[street.row(third).version or 0]
    assert (answered["event"], answered["facts"]["files"]) == ("answer", {third: HASH})
    assert answered["rows"][f"evidence/{third}"] == seal.digest(files, row)

    assert street.seen(street.mia, case) == street.seen(street.amy, case) == [second, first, third]
    assert set(street.seen(street.jan, case)) == {first, second}
    assert street.seen(street.ann, case) == street.seen(street.jim, case) == [third]
    assert street.seen(street.ann, appeal) == street.seen(street.sue, appeal) == [late]
    assert street.seen(street.jan, appeal) == street.seen(street.oli, case) == street.seen(street.oli, appeal) == []


async def test_the_same_command_again_brings_nothing_twice(street: Street) -> None:
    file, key = street.upload(street.jan), new("key")
    said = REPORT | {"against": street.lotus, "evidence": [file, file]}
    first = await street.door.send(street.jan, "report", said, key=key)
    assert await street.door.send(street.jan, "report", said, key=key) == first
    with pytest.raises(RefusedError) as refused:
        await street.door.send(street.jan, "report", said | {"evidence": [street.upload(street.jan)]}, key=key)
    assert refused.value.code is Code.KEY_REUSED


async def test_of_two_commands_that_bring_the_same_file_one_gets_it(street: Street) -> None:
    for _ in range(3):
        file = street.upload(street.jan)
        wishes = (street.report(evidence=[file]) for _ in range(3))
        done = await asyncio.gather(*wishes, return_exceptions=True)
        cases = [one for one in done if isinstance(one, str)]
        assert cases == [street.row(file).case]
        assert {one.field for one in done if isinstance(one, RefusedError)} == {"evidence.0"}


async def test_a_wrong_file_is_named_and_nothing_is_half_done(street: Street) -> None:
    good, others, other_side = street.upload(street.jan), street.upload(street.jim), street.upload(street.ann)
    old = street.upload(street.jan, at=street.house.clock.now() - timedelta(days=1, seconds=1))
    used = street.upload(street.jan)
    case = await street.report(evidence=[used])
    heavy = [street.upload(street.jan, size=105_000_000) for _ in range(2)]
    elsewhere = street.upload(street.jan, agency=street.lotus)  # as one of lotus, where jan was before
    # fmt: off
    wrong: list[tuple[object, str, str]] = [
        ([good, "ev-0"],                                     "no_upload",           "evidence.1"),
        ([good, others],                                     "no_upload",           "evidence.1"),
        ([other_side],                                       "no_upload",           "evidence.0"),
        ([good, old],                                        "no_upload",           "evidence.1"),
        ([good, used],                                       "no_upload",           "evidence.1"),
        ([good, elsewhere],                                  "upload_of_agency",    "evidence.1"),
        ([good, "ev 0\x00"],                                 "input.no_name",       "evidence"),
        ([good, 7],                                          "input.string_type",   "evidence"),
        ({"file": good},                                     "input.string_type",   "evidence"),
        ([f"ev-{number}" for number in range(11)],           "input.too_long",      "evidence"),
        (heavy,                                              "files_too_large",     "evidence"),
    ]
    # fmt: on
    before = _counts(street)
    for brought, sentence, field in wrong:
        with pytest.raises(RefusedError) as refused:
            await street.report(evidence=brought)
        assert (refused.value.code, refused.value.key, refused.value.field) == (Code.INVALID, sentence, field), brought
    with pytest.raises(RefusedError) as refused:  # who may not answer brings nothing either
        await send(street.door, street.ann, "answer", case=case, text="we?", evidence=[other_side])
    assert refused.value.code is Code.ILLEGAL_MOVE
    assert _counts(street) == before
    assert all(street.row(file).case is None for file in (good, others, other_side, old, elsewhere, *heavy))


def _counts(street: Street) -> tuple[int, ...]:
    tables = ("cases", "journal", "commands", "texts", "quota_slots")
    with street.house.engine.connect() as connection:
        return tuple(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables)


async def test_each_side_of_a_case_has_room_of_its_own(street: Street) -> None:
    case = await street.report(evidence=[street.upload(street.jan, size=20_971_520) for _ in range(9)])

    async def answers(by: str, to: str, *sizes: int) -> None:
        await send(street.door, street.mia, "claim", case=case)
        await send(street.door, street.mia, "ask", case=case, question="and?", to=to)
        brought = [street.upload(by, size=size) for size in sizes]
        try:
            await send(street.door, by, "answer", case=case, text="so", evidence=brought)
        except RefusedError:
            await send(street.door, by, "answer", case=case, text="so")
            raise

    with pytest.raises(RefusedError) as refused:
        await answers(street.jan, "reporter", 1, 1)
    assert (refused.value.key, refused.value.values) == ("too_many_files", {"most": 10, "count": 9})
    with pytest.raises(RefusedError) as refused:
        await answers(street.jan, "reporter", 20_971_521)
    assert refused.value.key == "files_too_large"
    await answers(street.jan, "reporter", 20_971_520)
    await answers(street.ann, "respondent", *[20_971_520] * 10)
    assert len(street.seen(street.mia, case)) == 20


async def test_a_wish_of_words_is_hashed_as_it_was_before_there_were_files(street: Street) -> None:
    words = read(Kind.REPORT, "submit", REPORT | {"against": "lotus", "evidence": "a video"})
    assert (
        former_hash_of("report", "report-1", words)
        == "7a3a7c22da0b6683b773a0026a1b8684f1d706e0822fc2f4379c784bc914ac55"
    )
    assert (
        former_hash_of("report", "report-1", read(Kind.REPORT, "submit", REPORT | {"against": "lotus"}))
        == "1ca985bb3fd194649bc431958aac1d4366bc2a3a2defaed8a71a5a4c35afb4ac"
    )
    keyed = "0dde7ed377fb55bda62cdd0c3e7d368d7e97ee851656438e70509847b489a228"
    assert hash_of(b"a key", "report", "report-1", words) == keyed
    case = await street.report(evidence="a video")
    with street.house.engine.connect() as connection:
        line = journal.timeline(connection, case)[0]
    assert len(line["facts"]["evidence"]) == len(HASH)
    assert "files" not in line["facts"]


def test_a_clause_may_require_a_file_also_of_the_platform(street: Street, tmp_path: Path) -> None:
    """As the desk asks and the commit decides; the version is in force in this transaction alone."""
    folder = Path(shutil.copytree(BUNDLED / "live", tmp_path / "strict"))
    text = (folder / "base.yaml").read_text("utf-8")
    for clause in ("agency.poaching", "content.vulgar"):
        text = text.replace(f"  - key: {clause}\n", f"  - key: {clause}\n    evidence: required\n")
    (folder / "base.yaml").write_text(text, "utf-8")
    file, now = street.upload(street.jan), street.house.clock.now()

    def asked(connection: Connection, by: str, clause: str, against: str, **brought: object) -> None:
        said = {"clause": clause, "against": against, "details": "seen", **brought}
        sending = street.door.sending(by, "report", said, new("key"))
        command, soon = sending.command, now + timedelta(seconds=1)
        known = arrival.at_desk(connection, command.id, command.actor, command.case, soon, None)
        ask(connection, Rulebooks(), command, sending.said, known)

    vulgar, poaching = ("platform", "content.vulgar", street.kim), (street.jan, "agency.poaching", street.lotus)
    with street.house.engine.connect() as connection, connection.begin() as passing:
        for wish in (vulgar, poaching):
            asked(connection, *wish)
        in_force(connection, load(folder), now)
        asked(connection, *poaching, evidence=[file])
        for wish, brought in ((vulgar, {}), (poaching, {}), (poaching, {"evidence": "a video"})):
            with pytest.raises(RefusedError) as refused:
                asked(connection, *wish, **brought)
            assert (refused.value.code, refused.value.key) == (Code.INVALID, "evidence_required")
            assert refused.value.field == "evidence"
        passing.rollback()


def test_what_is_filed_again_needs_no_file_of_its_own() -> None:
    clause = load("live").policy("VN").clauses["agency.poaching"].model_copy(update={"evidence": "required"})
    must_have(clause, Report(against="lotus", again="report-1", **REPORT))
    with pytest.raises(RefusedError) as refused:
        must_have(clause, Report(against="lotus", **REPORT))
    assert refused.value.key == "evidence_required"
