"""What the door refuses leaves nothing behind: no row, no text, no workflow."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, creator, new, person, send
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from activities.command import case_id, command_id
from desk.door.door import Door
from desk.words import Languages
from states.terms import Code, Kind, RefusedError, Role
from store.schema import metadata
from workers.reach import House

TABLES = ("cases", "texts", "quota_slots", "commands", "journal", "notices", "verdicts")
SURROGATE = "caf\ud83c"
INVALID, NOT_FOUND = Code.INVALID, Code.NOT_FOUND
SENTENCE = Languages().words("en").refusal


@pytest.fixture(scope="module")
async def cast(house: House, door: Door) -> dict[str, str]:
    """Two agencies, an agent, two creators, reviewers; a report in the queue, one that is claimed."""
    (jade, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    mia, sam = await person(house, Role.MODERATOR), await person(house, Role.SENIOR_MODERATOR)
    bob = await person(house, Role.AGENT, lotus)
    made = {"jade": jade, "jan": jan, "lotus": lotus, "ann": ann, "mia": mia, "sam": sam, "bob": bob}
    made |= {"kim": await creator(house, lotus, bob), "oli": await person(house, Role.OPS)}
    made["far"] = await person(house, Role.MODERATOR, region="DE")
    for name in ("queued", "claimed"):
        said = {"clause": "agency.poaching", "against": lotus, "details": "seen on stream"}
        made[name] = (await send(door, jan, "report", **said))["case"]
    await send(door, mia, "claim", case=made["claimed"])
    return made


@pytest.fixture
def nothing_new(house: House) -> Iterator[None]:
    """Holds that a test adds no row to any table."""
    before = counted(house)
    yield
    assert counted(house) == before


def counted(house: House) -> dict[str, int]:
    with house.engine.connect() as connection:
        counts = {name: sa.select(sa.func.count()).select_from(metadata.tables[name]) for name in TABLES}
        return {name: connection.execute(query).scalar_one() for name, query in counts.items()}


async def refused(house: House, door: Door, by: str, verb: str, said: dict[str, Any]) -> RefusedError:
    """Send what must be refused; hold that no workflow of it lives."""
    key = new("key")
    with pytest.raises(RefusedError) as caught:
        await door.send(by, verb, said, key=key)
    if verb in tuple(Kind):
        try:
            case = case_id(Kind(verb), command_id(by, key), house.key)
            described = await house.client.get_workflow_handle(case).describe()
        except RPCError:
            return caught.value
        assert described.status is WorkflowExecutionStatus.COMPLETED
    return caught.value


def filled(value: Any, cast: dict[str, str]) -> Any:
    """`$name` is that of the cast."""
    if isinstance(value, str) and value.startswith("$"):
        return cast[value[1:]]
    return [filled(each, cast) for each in value] if isinstance(value, list) else value


REPORT: dict[str, Any] = {"clause": "agency.poaching", "against": "$lotus", "details": "seen on stream"}
# Words of the validator, which nobody is told.
RAW = {"Input", "input", "Field", "Value", "Extra", "String", "List", "permitted.", "required."}
DECIDE: dict[str, Any] = {"case": "$claimed", "finding": "violation", "severity": "mild", "reasons": "checked"}
# fmt: off
REPORTS: list[tuple[str, dict[str, Any], Code, str]] = [
    ("an unknown clause",              {"clause": "agency.rudeness"},                   INVALID, "clause"),
    ("a clause of the platform",       {"clause": "content.vulgar", "against": "$kim"}, INVALID, "clause"),
    ("an empty clause",                {"clause": ""},                                  INVALID, "clause"),
    ("a clause that is a number",      {"clause": 7},                                   INVALID, "clause"),
    ("no clause",                      {"clause": ...},                                 INVALID, "clause"),
    ("an unknown agency",              {"against": "nobody"},                           INVALID, "against"),
    ("a creator, by an agency clause", {"against": "$kim"},                             INVALID, "against"),
    ("an owner, who is no subject",    {"against": "$ann"},                             INVALID, "against"),
    ("a name with NUL",                {"against": "lo\x00tus"},                        INVALID, "against"),
    ("a name with a lone surrogate",   {"against": SURROGATE},                          INVALID, "against"),
    ("a name that is too long",        {"against": "x" * 10_000},                       INVALID, "against"),
    ("a list for a name",              {"against": ["$lotus"]},                         INVALID, "against"),
    ("an act of tomorrow",             {"occurred": datetime.now(UTC) + timedelta(1)},  INVALID, "occurred"),
    ("an act before all rulebooks",    {"occurred": datetime(1, 1, 1, tzinfo=UTC)},     INVALID, "occurred"),
    ("a time without its zone",        {"occurred": "2026-03-01T10:00:00"},             INVALID, "occurred"),
    ("a time that is none",            {"occurred": "yesterday"},                       INVALID, "occurred"),
    ("a time as a number",             {"occurred": 1},                                 INVALID, "occurred"),
    ("a creator who is unknown",       {"about": ["$kim", "nobody"]},                   INVALID, "about"),
    ("an agency as a creator",         {"about": ["$jade"]},                            INVALID, "about"),
    ("a text for a list",              {"about": "$kim"},                               INVALID, "about"),
    ("too many creators",              {"about": ["x"] * 1000},                         INVALID, "about"),
    ("a lone surrogate in a list",     {"about": [SURROGATE]},                          INVALID, "about"),
    ("a severity, by an agency",       {"severity": "mild"},                            INVALID, "severity"),
    ("a severity that is none",        {"severity": "worst"},                           INVALID, "severity"),
    ("no details",                     {"details": ...},                                INVALID, "details"),
    ("empty details",                  {"details": ""},                                 INVALID, "details"),
    ("blank details",                  {"details": " \n\t"},                            INVALID, "details"),
    ("a megabyte of details",          {"details": "x" * 1_000_000},                    INVALID, "details"),
    ("a megabyte of evidence",         {"evidence": "x" * 1_000_000},                   INVALID, "evidence"),
    ("details with NUL",               {"details": "seen\x00"},                         INVALID, "details"),
    ("details with a lone surrogate",  {"details": SURROGATE},                          INVALID, "details"),
    ("details that are a number",      {"details": 7},                                  INVALID, "details"),
    ("a file that nobody uploaded",    {"evidence": ["seen"]},                          INVALID, "evidence.0"),
    ("evidence that is a number",      {"evidence": 7},                                 INVALID, "evidence"),
    ("a field that nobody knows",      {"colour": "red"},                               INVALID, "colour"),
    ("the own agency",                 {"against": "$jade"},               Code.CONFLICT_OF_INTEREST, ""),
]
MOVES: list[tuple[str, str, str, dict[str, Any], Code, str]] = [
    ("an unknown move",          "mia", "fly",      {"case": "$queued"},                       INVALID,   "do"),
    ("a move of the engine",     "mia", "queue",    {"case": "$queued"},                       INVALID,   "do"),
    ("a move of the clock",      "mia", "overdue",  {"case": "$queued"},                       INVALID,   "do"),
    ("a second submission",      "jan", "submit",   REPORT | {"case": "$queued"},              INVALID,   "do"),
    ("no case",                  "mia", "claim",    {},                                        INVALID,   "case"),
    ("an empty case",            "mia", "claim",    {"case": ""},                              INVALID,   "case"),
    ("a case as a number",       "mia", "claim",    {"case": 7},                               INVALID,   "case"),
    ("a case with NUL",          "mia", "claim",    {"case": "r\x00"},                         INVALID,   "case"),
    ("a surrogate for a case",   "mia", "claim",    {"case": SURROGATE},                       INVALID,   "case"),
    ("an unknown case",          "mia", "claim",    {"case": "report-0"},                      NOT_FOUND, "case"),
    ("an unseen case",           "kim", "claim",    {"case": "$queued"},                       NOT_FOUND, "case"),
    ("a case abroad",            "far", "claim",    {"case": "$queued"},                       Code.FORBIDDEN, ""),
    ("a claim by ops",           "oli", "claim",    {"case": "$queued"},                       Code.FORBIDDEN, ""),
    ("a claim with a reason",    "mia", "claim",    {"case": "$queued", "reasons": "x"},       INVALID,   "reasons"),
    ("a second claim",           "sam", "claim",    {"case": "$claimed"},                      Code.ALREADY_CLAIMED, ""),
    ("a foreign claim's end",    "sam", "release",  {"case": "$claimed"},                      Code.NOT_CLAIMED_BY_YOU, ""),
    ("no reasons",               "mia", "escalate", {"case": "$claimed"},                      INVALID,   "reasons"),
    ("empty reasons",            "mia", "escalate", {"case": "$claimed", "reasons": ""},       INVALID,   "reasons"),
    ("a question to nobody",     "mia", "ask",      {"case": "$claimed", "question": "?", "to": "mum"}, INVALID, "to"),
    ("a verdict of nothing",     "mia", "decide",   DECIDE | {"finding": ...},                 INVALID,   "finding"),
    ("a verdict that is none",   "mia", "decide",   DECIDE | {"finding": "guilty"},            INVALID,   "finding"),
    ("a verdict with no reason", "mia", "decide",   DECIDE | {"reasons": " "},                 INVALID,   "reasons"),
    ("a violation of no weight", "mia", "decide",   DECIDE | {"severity": ...},                INVALID,   "severity"),
    ("a weight of nothing",      "mia", "decide",   DECIDE | {"finding": "none"},              INVALID,   "severity"),
    ("extra points by text",     "mia", "decide",   DECIDE | {"extra": "5"},                   INVALID,   "extra"),
    ("extra points by truth",    "mia", "decide",   DECIDE | {"extra": True},                  INVALID,   "extra"),
    ("extra points given",       "mia", "decide",   DECIDE | {"extra": -5},                    INVALID,   "extra"),
    ("extra points, too many",   "mia", "decide",   DECIDE | {"extra": 10**30},                INVALID,   "extra"),
    ("extra points by a junior", "mia", "decide",   DECIDE | {"extra": 5},                     Code.FORBIDDEN, ""),
    ("a clause for creators",    "mia", "decide",   DECIDE | {"clause": "content.vulgar"},     INVALID,   "clause"),
    ("a violation of a report",  "mia", "decide",   DECIDE | {"of": "$queued"},                INVALID,   "of"),
    ("a duplicate of nothing",   "mia", "decide",   {"case": "$claimed", "finding": "duplicate", "reasons": "x"}, INVALID, "of"),
    ("a duplicate of itself",    "mia", "decide",   {"case": "$claimed", "finding": "duplicate", "of": "$claimed", "reasons": "x"}, INVALID, "of"),
    ("an appeal's outcome",      "mia", "decide",   {"case": "$claimed", "outcome": "upheld", "reasons": "x"}, INVALID, "finding"),
    ("an appeal of nothing",     "ann", "appeal",   {"of": "report-0", "grounds": "x"},        NOT_FOUND, "of"),
    ("an appeal with no ground", "ann", "appeal",   {"of": "$queued", "grounds": ""},          INVALID,   "grounds"),
    ("a reporter's appeal",      "jan", "appeal",   {"of": "$queued", "grounds": "x"},         Code.APPEAL_NOT_ELIGIBLE, ""),
    ("a reviewer's appeal",      "mia", "appeal",   {"of": "$queued", "grounds": "x"},         Code.FORBIDDEN, ""),
    ("a reviewer's report",      "mia", "report",   REPORT,                                    Code.FORBIDDEN, ""),
    ("a report of a nobody",     "",    "report",   REPORT,                                    NOT_FOUND, "by"),
    ("a claim of a nobody",      "",    "claim",    {"case": "$queued"},                       NOT_FOUND, "by"),
    ("a foreign withdrawal",     "ann", "withdraw", {"case": "$queued"},                       Code.FORBIDDEN, ""),
]
# fmt: on


def given(said: dict[str, Any], cast: dict[str, str]) -> dict[str, Any]:
    return {name: filled(value, cast) for name, value in said.items() if value is not ...}


def named(rows: list[Any]) -> list[Any]:
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


@pytest.mark.parametrize(("said", "code", "field"), named(REPORTS))
@pytest.mark.usefixtures("nothing_new")
async def test_a_report_is_refused_for(
    house: House, door: Door, cast: dict[str, str], said: dict[str, Any], code: Code, field: str
) -> None:
    why = await refused(house, door, cast["jan"], "report", given(REPORT | said, cast))
    assert (why.code, why.field or "") == (code, field), SENTENCE(why)
    assert len(SENTENCE(why)) < 500
    assert SENTENCE(why).encode()
    assert not RAW & set(SENTENCE(why).split()), SENTENCE(why)


@pytest.mark.parametrize(("by", "verb", "said", "code", "field"), named(MOVES))
@pytest.mark.usefixtures("nothing_new")
async def test_a_move_is_refused_for(
    house: House, door: Door, cast: dict[str, str], by: str, verb: str, said: dict[str, Any], code: Code, field: str
) -> None:
    why = await refused(house, door, cast.get(by, "nobody"), verb, given(said, cast))
    assert (why.code, why.field or "") == (code, field), SENTENCE(why)
    assert not RAW & set(SENTENCE(why).split()), SENTENCE(why)


@pytest.mark.parametrize(("actor", "key"), [("nobody\x00", "k"), (SURROGATE, "k"), ("$jan", SURROGATE)])
@pytest.mark.usefixtures("nothing_new")
async def test_a_strange_name_or_key_is_refused_like_any_other(
    door: Door, cast: dict[str, str], actor: str, key: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        await door.send(filled(actor, cast), "report", given(REPORT, cast), key=key)
    assert caught.value.code in {INVALID, NOT_FOUND}


async def test_an_agent_of_the_own_agency_is_not_reported_either(
    house: House, door: Door, cast: dict[str, str]
) -> None:
    said = given(REPORT, cast) | {"against": cast["bob"]}
    why = await refused(house, door, cast["ann"], "report", said)
    assert why.code is Code.CONFLICT_OF_INTEREST


async def test_what_is_refused_can_be_sent_again_under_its_key(door: Door, cast: dict[str, str]) -> None:
    key, said = new("key"), given(REPORT, cast)
    with pytest.raises(RefusedError):
        await door.send(cast["jan"], "report", said | {"clause": "agency.rudeness"}, key=key)
    assert (await door.send(cast["jan"], "report", said, key=key))["status"] == "queued"
