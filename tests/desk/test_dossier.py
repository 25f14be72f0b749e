"""Who reads what of a case: a report by one agency on another, with a question, a proposal and a second vote."""

from dataclasses import asdict

import pytest
from conftest import agency, creator, person, send

from desk.door.door import Door
from desk.reading.dossier import Dossier, Dossiers
from desk.reading.pulse import Pulse, Pulses
from desk.reading.subject import Sheets
from ops.rehearsal.stage.inquiry import Inquiry
from states.terms import Code, RefusedError, Role
from workers.reach import House

SEVERE = {"finding": "violation", "severity": "severe", "reasons": "the verdict's reasons"}


class Story:
    """Jan of jade reports lotus, and is asked; mia decides: a severe verdict is a proposal."""

    def __init__(self, house: House, door: Door) -> None:
        self.house, self.door = house, door
        self.dossiers = Dossiers(house.engine, house.clock.now)
        self.people: dict[str, str] = {}
        self.case = ""

    async def begin(self, decision: dict[str, str]) -> None:
        (self.jade, jan), (lotus, ann) = await agency(self.house, "jade"), await agency(self.house, "lotus")
        bob, oli = await person(self.house, Role.AGENT, lotus), await person(self.house, Role.OPS)
        mia, sam = await person(self.house, Role.MODERATOR), await person(self.house, Role.SENIOR_MODERATOR)
        pol, far = await person(self.house, Role.POLICY_EDITOR), await person(self.house, Role.MODERATOR, region="DE")
        self.people = {"jan": jan, "ann": ann, "bob": bob, "oli": oli, "mia": mia, "sam": sam, "pol": pol, "far": far}
        self.people["kim"] = await creator(self.house, lotus, bob)
        report = {"clause": "agency.poaching", "against": lotus, "details": "the reporter's details"}
        self.case = (await send(self.door, jan, "report", **report))["case"]
        await self.does("mia", "claim")
        await self.does("mia", "ask", question="a question to the reporter")
        await self.does("jan", "answer", text="the reporter's answer")
        await self.does("mia", "claim")
        await self.does("mia", "decide", **decision)

    async def does(self, name: str, verb: str, **said: object) -> None:
        await send(self.door, self.people[name], verb, case=self.case, **said)

    def seen(self, name: str) -> Dossier:
        actor = Inquiry(self.house.engine, self.house.clock.now).actor(self.people[name])
        return self.dossiers.open(actor, self.case)

    def pulse(self, name: str) -> Pulse:
        actor = Inquiry(self.house.engine, self.house.clock.now).actor(self.people[name])
        return Pulses(self.house.engine, self.house.clock.now).case(actor, self.case)

    def words(self, name: str) -> set[str | None]:
        return {word for entry in self.seen(name).timeline for word in entry.texts.values()}


@pytest.fixture(scope="module")
async def proposed(house: House, door: Door) -> Story:
    story = Story(house, door)
    await story.begin(SEVERE)
    return story


@pytest.fixture(scope="module")
async def dismissed(house: House, door: Door) -> Story:
    story = Story(house, door)
    await story.begin({"finding": "none", "reasons": "the verdict's reasons"})
    return story


@pytest.fixture(scope="module")
async def approved(house: House, door: Door) -> Story:
    story = Story(house, door)
    await story.begin(SEVERE)
    await story.does("sam", "approve", reasons="the second's reasons")
    return story


def test_the_respondent_never_learns_who_reported(approved: Story) -> None:
    seen = approved.seen("ann")
    assert seen.case["filed_by"] == "another agency"
    told = all_of(seen)
    assert approved.people["jan"] not in told
    assert approved.jade not in told
    assert "reporter's" not in told


def test_the_parties_never_learn_who_reviews(approved: Story) -> None:
    for name in ("jan", "ann"):
        told = all_of(approved.seen(name))
        assert "a reviewer" in told
        assert not {approved.people[who] for who in ("mia", "sam") if approved.people[who] in told}


def test_each_party_reads_its_own_words_and_what_it_is_told(approved: Story) -> None:
    own = {"the reporter's details", "a question to the reporter", "the reporter's answer"}
    assert approved.words("jan") == own
    assert approved.words("ann") == {"the verdict's reasons"}
    assert approved.words("sam") == {*own, "the verdict's reasons", "the second's reasons"}
    assert approved.words("oli") == set()


def all_of(seen: Dossier) -> str:
    """All that somebody reads of the case; the rules are everybody's."""
    return f"{[value for name, value in asdict(seen).items() if name != 'rules']}"


def test_who_reported_in_vain_reads_why(dismissed: Story) -> None:
    assert "the verdict's reasons" in dismissed.words("jan")


def test_a_proposal_is_no_verdict_yet(proposed: Story) -> None:
    assert "the verdict's reasons" in proposed.words("sam")
    for name in ("jan", "ann"):
        seen = proposed.seen(name)
        assert "severe" not in all_of(seen)
        assert "the verdict's reasons" not in proposed.words(name)


def test_scores_and_penalties_are_the_respondents_matter(approved: Story) -> None:
    def facts(seen: Dossier) -> set[str]:
        return {name for entry in seen.timeline for name in entry.facts}

    assert "score" in facts(approved.seen("ann"))
    assert not facts(approved.seen("jan")) & {"score", "penalties", "severity", "extra"}
    assert "quota_month" not in facts(approved.seen("ann"))


@pytest.mark.parametrize(
    ("name", "code"),
    [("bob", Code.NOT_FOUND), ("kim", Code.NOT_FOUND), ("pol", Code.NOT_FOUND), ("far", Code.FORBIDDEN)],
)
def test_others_see_nothing(approved: Story, name: str, code: Code) -> None:
    with pytest.raises(RefusedError) as refused:
        approved.seen(name)
    assert refused.value.code is code


@pytest.mark.parametrize(
    ("name", "moves"), [("mia", ["note"]), ("sam", ["approve", "reject", "note"]), ("jan", ["withdraw"]), ("ann", ["appeal"])]
)  # fmt: skip
def test_the_moves_offered_are_those_of_the_table(proposed: Story, name: str, moves: list[str]) -> None:
    assert proposed.seen(name).offered.allowed == moves


def test_an_appeal_is_offered_where_it_is_available(approved: Story) -> None:
    assert approved.seen("ann").offered.allowed == ["appeal"]
    assert approved.seen("jan").offered.allowed == []


@pytest.mark.parametrize(
    ("name", "sees"), [("ann", True), ("jan", False), ("bob", False), ("mia", True), ("far", False), ("oli", True)]
)
def test_a_score_is_read_by_those_whom_it_concerns(approved: Story, name: str, *, sees: bool) -> None:
    engine, now = approved.house.engine, approved.house.clock.now
    actor, respondent = Inquiry(engine, now).actor(approved.people[name]), approved.seen("sam").case["subject"]
    if sees:
        assert Sheets(engine, now).show(actor, respondent).score.points == 95
        return
    with pytest.raises(RefusedError, match="no_subject"):
        Sheets(engine, now).show(actor, respondent)


@pytest.mark.parametrize("name", ["mia", "sam", "oli", "jan", "ann"])
def test_a_pulse_is_the_version_that_its_reader_reads(proposed: Story, approved: Story, name: str) -> None:
    for story in (proposed, approved):
        pulse, seen = story.pulse(name), story.seen(name)
        assert pulse.version == seen.case["version"]
        last = seen.timeline[-1]
        by_staff = name not in {"jan", "ann"}
        assert (pulse.event, pulse.actor) == ((last.event, last.actor) if by_staff else (None, None))


@pytest.mark.parametrize("name", ["bob", "kim", "pol", "far"])
def test_whom_a_case_is_hidden_from_finds_no_pulse(approved: Story, name: str) -> None:
    with pytest.raises(RefusedError) as opened:
        approved.seen(name)
    with pytest.raises(RefusedError) as asked:
        approved.pulse(name)
    assert (asked.value.code, asked.value.key) == (opened.value.code, opened.value.key)


async def test_the_journal_says_that_ops_put_a_case_back_and_reviewers_read_why(house: House, door: Door) -> None:
    (_, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    mia, oli = await person(house, Role.MODERATOR), await person(house, Role.OPS)
    case = (await send(door, jan, "report", clause="agency.poaching", against=lotus, details="seen"))["case"]
    await send(door, mia, "claim", case=case)
    with pytest.raises(RefusedError) as caught:
        await send(door, oli, "release", case=case)
    assert (caught.value.code, caught.value.field) == (Code.INVALID, "reasons")
    await send(door, oli, "release", case=case, reasons="she is away")
    known = Inquiry(house.engine, house.clock.now).actor
    read = Dossiers(house.engine, house.clock.now).open
    line = {who: read(known(who), case).timeline[-1] for who in (mia, oli, jan, ann)}
    assert {(one.event, one.target) for one in line.values()} == {("release", "queued")}
    assert (line[mia].actor, line[mia].texts) == (oli, {"reasons": "she is away"})
    assert (line[oli].actor, line[oli].texts) == (oli, {})
    assert {(line[who].actor, *line[who].texts) for who in (jan, ann)} == {("a reviewer",)}
