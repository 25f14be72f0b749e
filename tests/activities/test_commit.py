"""One move, one commit: whatever is wished by whomever, the rows, the journal and the answers agree."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conftest import agency, creator, new, person
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.command import Answer, Command, Request, case_id, command_id
from activities.courier.enforce import Enforce, Round
from activities.courier.platform import Recorded
from activities.look import Looker
from activities.move.commit import Commit
from activities.move.input import INPUTS, read
from rulebook.terms import Severity
from states.tables import TABLES
from states.terms import Code, Finding, Kind, Outcome, Role, Status
from store import case as cases
from store import journal, text
from store.journal import FIRST, digest
from workers.reach import House

# The walks happen in a future of their own, which no sweep of the house reaches.
LATER = datetime(2031, 3, 2, 9, tzinfo=UTC)
PEOPLE = ("jan", "ann", "bob", "kim", "mia", "max", "sam", "sue", "oli", "platform")
SENSIBLE = {
    Status.HELD: [("jan", "look")],
    Status.QUEUED: [("mia", "claim"), ("sam", "claim"), ("sue", "claim")],
    Status.CLAIMED: [("claimer", "decide")] * 3 + [("claimer", verb) for verb in ("ask", "escalate", "release")],
    Status.AWAITING_ANSWER: [("jan", "answer"), ("ann", "answer")],
    Status.ESCALATED: [("sam", "claim"), ("sue", "claim")],
    Status.AWAITING_APPROVAL: [("sam", "approve"), ("sue", "approve"), ("sue", "reject")],
}
VERBS = sorted({event for _, event in INPUTS} - {"submit"})


@pytest.fixture(scope="module")
async def commit(house: House) -> Commit:
    return Commit(house.engine, house.key, Looker(house.client, new("nobody-listens")))


@pytest.fixture(scope="module")
async def cast(house: House) -> dict[str, str]:
    (jade, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    bob = await person(house, Role.AGENT, lotus)
    kim = await creator(house, lotus, bob)
    staff = {"mia": Role.MODERATOR, "max": Role.MODERATOR, "sam": Role.SENIOR_MODERATOR, "sue": Role.SENIOR_MODERATOR}
    made = {name: await person(house, role) for name, role in staff.items()}
    made |= {"jade": jade, "jan": jan, "lotus": lotus, "ann": ann, "bob": bob, "kim": kim, "platform": "platform"}
    return made | {"oli": await person(house, Role.OPS)}


async def sent(
    house: House, commit: Commit, by: str, kind: Kind, event: str, case: str | None, at: datetime, **said: Any
) -> tuple[Command, Answer]:
    """Do what the door does, without its question beforehand: the commit alone decides."""
    identity = command_id(by, new("key"))
    of_case = case or case_id(kind, identity, house.key)
    facts = read(kind, event, said)
    texts = facts.words()
    ids = {field: text.text_id(house.key, identity, field, body) for field, body in texts.items()}
    command = Command(
        id=identity,
        case=of_case,
        kind=kind,
        event=event,
        actor=by,
        args={name: value for name, value in facts.facts().items() if value is not None},
        texts=ids,
        body=identity,
        wanted_until=at + timedelta(seconds=10),
    ).signed(house.key)
    with house.engine.begin() as connection:
        text.write(connection, {ids[field]: body for field, body in texts.items()})
    return command, await commit.commit(Request(case=of_case, at=at, command=command))


def wished(
    house: House, cast: dict[str, str], kind: Kind, case: str, draw: st.DataObject
) -> tuple[str, str]:  # fmt: skip
    """Who wishes what next: mostly what makes sense, now and then anything."""
    if draw.draw(st.integers(0, 3)) == 0:
        verbs = [verb for verb in VERBS if (kind, verb) in INPUTS]
        return cast[draw.draw(st.sampled_from(PEOPLE))], draw.draw(st.sampled_from([*verbs, "look", "appeal"]))
    with house.engine.connect() as connection:
        row = cases.read(connection, case)
    assert row is not None
    by, event = draw.draw(st.sampled_from(SENSIBLE.get(row.status, [("ann", "appeal")])))
    return row.claimed_by if by == "claimer" and row.claimed_by else cast[by], event


def words(event: str, kind: Kind, draw: st.DataObject) -> dict[str, Any]:
    """What is said with a move: mostly what it needs."""
    said: dict[str, Any] = dict.fromkeys(INPUTS[kind, event].texts, "because")
    if event == "decide" and kind is Kind.REPORT:
        finding = draw.draw(st.sampled_from([Finding.VIOLATION, Finding.NONE]))
        weight = draw.draw(st.sampled_from(list(Severity)))
        extra = draw.draw(st.sampled_from([0, 0, 5]))
        said |= {"finding": finding} | ({"severity": weight, "extra": extra} if finding is Finding.VIOLATION else {})
    elif event == "decide":
        outcome = draw.draw(st.sampled_from([Outcome.UPHELD, Outcome.OVERTURNED, Outcome.MODIFIED]))
        said |= {"outcome": outcome} | ({"severity": Severity.MILD} if outcome is Outcome.MODIFIED else {})
    elif event == "ask" and kind is Kind.REPORT:
        said |= {"to": draw.draw(st.sampled_from(["reporter", "respondent"]))}
    return said


@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
async def test_whoever_wishes_whatever_the_case_stays_in_its_table(
    house: House, commit: Commit, cast: dict[str, str], draw: st.DataObject
) -> None:
    at = LATER
    said = {"clause": "agency.poaching", "against": cast["lotus"], "details": "seen", "occurred": LATER}
    reporter = cast["platform"] if draw.draw(st.booleans()) else cast["jan"]
    if reporter == "platform":
        said["clause"] = "agency.other"
    opened, answer = await sent(house, commit, reporter, Kind.REPORT, "submit", None, at, **said)
    if answer.refusal is not None:
        assert answer.refusal.code is Code.QUOTA_EXHAUSTED
        return
    live = {Kind.REPORT: opened.case}
    done = {opened.id: opened.case}
    for _ in range(draw.draw(st.integers(5, 25))):
        at += draw.draw(st.sampled_from([timedelta(minutes=1)] * 9 + [timedelta(hours=2), timedelta(days=4)]))
        kind = draw.draw(st.sampled_from(sorted(live)))
        by, event = wished(house, cast, kind, live[kind], draw)
        if event == "look":
            await commit.commit(Request(case=live[kind], at=at))
            continue
        if event == "appeal":
            said = {"of": opened.case, "grounds": "we did not"}
            command, told = await sent(house, commit, by, Kind.APPEAL, "submit", None, at, **said)
        else:
            command, told = await sent(house, commit, by, kind, event, live[kind], at, **words(event, kind, draw))
        assert (told.answer is None) == (told.refusal is not None)
        assert told.refusal is None or told.refusal.code is not Code.UNAVAILABLE, told.refusal
        if told.answer is not None:
            live[command.kind] = command.case
            done[command.id] = command.case
            again = await commit.commit(Request(case=command.case, at=at, command=command))
            assert again.answer == told.answer
        for each in live.values():
            proven(house, each, done)
    await told_what_is_in_force(house, cast["lotus"], at)


async def told_what_is_in_force(house: House, subject: str, at: datetime) -> None:
    courier, round_ = Enforce(house.engine, Recorded()), Round(subject=subject, at=at)
    while (await courier.survey(round_)).to_tell:
        await courier.tell(round_)


def proven(house: House, case: str, done: dict[str, str]) -> None:
    """The row is where its journal led; each line follows a row of the table; each command moved once."""
    with house.engine.connect() as connection:
        row = cases.read(connection, case)
        lines = journal.timeline(connection, case)
    assert row is not None
    assert [line["version"] for line in lines] == list(range(1, row.version + 1))
    moves = {(r.event, r.source, r.target) for r in TABLES[row.kind].rows}
    previous, status = FIRST, Status.NEW
    for line in lines:
        assert (line["event"], line["source"], line["target"]) in moves
        assert line["source"] == status
        assert line["previous"] == previous
        assert line["hash"] == digest(line)
        previous, status = line["hash"], Status(line["target"])
    assert status is row.status
    asked = [line["command"] for line in lines if line["actor"] not in {"clock", "engine"}]
    assert sorted(asked) == sorted(command for command, of in done.items() if of == case)


async def test_a_command_whose_texts_are_missing_leaves_nothing(
    house: House, commit: Commit, cast: dict[str, str]
) -> None:
    said = {"clause": "agency.poaching", "against": cast["jade"], "details": "seen"}
    command, _ = await sent(house, commit, cast["ann"], Kind.REPORT, "submit", None, LATER, **said)
    identity = command_id(cast["ann"], new("key"))
    case = case_id(Kind.REPORT, identity, house.key)
    lost = command.model_copy(update={"id": identity, "case": case, "texts": {"details": "0" * 64}}).signed(house.key)
    answer = await commit.commit(Request(case=case, at=LATER, command=lost))
    assert answer.now is None
    assert answer.refusal is not None
    assert answer.refusal.code is Code.UNAVAILABLE
    with house.engine.connect() as connection:
        assert cases.read(connection, case) is None
