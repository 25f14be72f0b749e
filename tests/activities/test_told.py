"""Who is told what, by each move of both tables: every side's agency, agent and creator (`docs/domain.md` §7)."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import agency, creator, feeding, person, send

from desk.door.door import Door
from desk.reading.notices import Notices
from desk.words import Languages
from ops.rehearsal.stage.inquiry import Inquiry
from states.tables import TABLES
from states.terms import Role
from store import feed
from store.schema.journal import notices
from workers.reach import House

Told = dict[str, list[str]]
POACHING = {"clause": "agency.poaching", "details": "the reporter's own words"}
GAMBLING = {"clause": "content.gambling", "severity": "mild", "details": "the platform's own words"}
FOUND = {"finding": "violation", "severity": "mild", "reasons": "the verdict's reasons"}
SEVERE = FOUND | {"severity": "severe"}
NONE = {"finding": "none", "reasons": "nothing in it"}
ASKED = {"to": "respondent", "question": "What do you say?"}
NOBODY: Told = {}
# What tells somebody; every other effect tells nobody.
TELLING = {
    "file_report", "file_appeal", "ask", "announce", "announce_again", "announce_withdrawal", "announce_appeal", "announce_review",
    "announce_set_aside", "charge", "modify", "take_back", "release_report", "answer_report",
}  # fmt: skip
# The moves that no party is told of: the review's own, and what only follows from a move that tells.
QUIET = {
    "queue", "claim", "release", "lease_ran_out", "escalate", "overdue", "unattended", "answer", "answer_missed",
    "claimer_left", "decide", "note", "summarise", "renew", "approve", "reject", "approval_lapsed", "appeal", "appeal_withdrawn", "window_over",
}  # fmt: skip
LOUD = {
    "submit", "ask", "conclude", "open_window", "withdraw", "become_moot", "uphold", "modify", "overturn",
    "appeal_upheld", "appeal_modified", "appeal_overturned", "set_aside",
}  # fmt: skip


def both(*templates: str, of: str) -> Told:
    """The same for the owner and leads of an agency, and for its agent."""
    return {of: [*templates], {"jade": "jim", "lotus": "bob"}[of]: [*templates]}


class Town:
    """Jade, whose agent jim reports; lotus with its agent bob, who manages kim; rose, which has nothing to do with it."""

    def __init__(self, house: House, door: Door, region: str = "VN") -> None:
        self.house, self.door, self.region = house, door, region
        self.ids: dict[str, str] = {"platform": "platform"}
        self.seen = 0

    async def settle(self) -> "Town":
        for name, owner in (("jade", "jan"), ("lotus", "ann"), ("rose", "roy")):
            self.ids[name], self.ids[owner] = await agency(self.house, name, self.region)
        for name, of in (("jim", "jade"), ("joe", "jade"), ("bob", "lotus"), ("eve", "lotus")):
            self.ids[name] = await person(self.house, Role.AGENT, self.ids[of])
        for name, role in (("mia", Role.MODERATOR), ("sam", Role.SENIOR_MODERATOR), ("sue", Role.SENIOR_MODERATOR)):
            self.ids[name] = await person(self.house, role, region=self.region)
        self.ids["kim"] = await creator(self.house, self.ids["lotus"], self.ids["bob"])
        self.told()
        return self

    def told(self) -> Told:
        """What anybody was told since it was last asked, by who and in order."""
        names, found = {of: name for name, of in self.ids.items()}, defaultdict[str, list[str]](list)
        mine = sa.and_(notices.c.id > self.seen, notices.c.recipient.in_(names))
        with self.house.engine.connect() as connection:
            for row in connection.execute(sa.select(notices).where(mine).order_by(notices.c.id)):
                found[names[row.recipient]].append(row.template)
                self.seen = row.id
        return dict(found)

    async def does(self, who: str, verb: str, case: str | None = None, **said: Any) -> Told:
        target = {"case": case} if case else {}
        answer = await send(self.door, self.ids[who], verb, **target, **said)
        self.ids.setdefault(verb, ""), self.ids.update({verb: answer["case"]})
        return self.told()

    async def report(self, by: str = "jim", against: str = "bob", **said: Any) -> str:
        await self.does(by, "report", against=self.ids[against], **(POACHING | said))
        return self.ids["report"]

    async def decided(self, case: str, said: dict[str, str], by: str = "mia") -> Told:
        await self.does(by, "claim", case)
        return await self.does(by, "decide", case, **said)

    async def appeal(self, of: str, by: str = "bob") -> str:
        await self.does(by, "appeal", of=of, grounds="not us")
        return self.ids["appeal"]

    def letters(self, who: str) -> list[dict[str, Any]]:
        actor = Inquiry(self.house.engine, self.house.clock.now).actor(self.ids[who])
        read = Notices(self.house.engine, self.house.clock.now, self.door.rulebooks)
        return read.page(actor, Languages().words("en")).rows


@pytest.fixture
async def town(house: House, door: Door) -> Town:
    return await Town(house, door).settle()


@pytest.fixture
async def europe(house: House, door: Door) -> Town:
    return await Town(house, door, "DE").settle()


def test_every_move_tells_somebody_or_is_known_to_tell_nobody() -> None:
    rows = [row for table in TABLES.values() for row in table.rows]
    tells = {row.event for row in rows if TELLING & {*row.does}}
    assert tells == LOUD
    assert {row.event for row in rows} - tells == QUIET


async def test_a_report_is_received_by_who_filed_it_and_their_leads(town: Town) -> None:
    filed = await town.does("jim", "report", against=town.ids["bob"], **POACHING)
    assert filed == both("report.received", of="jade")
    owners = await town.does("jan", "report", against=town.ids["lotus"], **POACHING)
    assert owners == {"jade": ["report.received"]}


async def test_the_review_s_own_moves_tell_nobody(town: Town) -> None:
    case = await town.report()
    for verb, said in (("claim", {}), ("release", {}), ("claim", {}), ("escalate", {"reasons": "hard"})):
        assert await town.does("mia", verb, case, **said) == NOBODY
    await town.does("sam", "claim", case)
    assert await town.does("sam", "decide", case, **SEVERE) == NOBODY
    assert await town.does("sue", "reject", case, reasons="no") == NOBODY


async def test_who_is_asked_is_told_until_when_and_nobody_else(town: Town) -> None:
    case = await town.report()
    await town.does("mia", "claim", case)
    assert await town.does("mia", "ask", case, question="Where?") == both("case.question", of="jade")
    assert await town.does("jim", "answer", case, text="There.") == NOBODY
    await town.does("mia", "claim", case)
    assert await town.does("mia", "ask", case, **ASKED) == both("case.accused", of="lotus")
    (letter,) = town.letters("bob")
    assert "induce a creator" in letter["body"]
    assert "Please answer by" in letter["body"]


async def test_a_violation_and_what_its_appeal_made_of_it(town: Town) -> None:
    for outcome in ("upheld", "modified", "overturned"):
        case = await town.report()
        found = await town.decided(case, FOUND | {"severity": "moderate"})
        assert found == both("report.violation", of="jade") | both("verdict.violation", of="lotus"), outcome
        assert await town.does("bob", "appeal", of=case, grounds="not us") == both("appeal.received", of="lotus")
        appeal = town.ids["appeal"]
        assert await town.does("sam", "claim", appeal) == NOBODY
        assert await town.does("sam", "ask", appeal, question="How?") == both("case.question", of="lotus")
        await town.does("bob", "answer", appeal, text="So.")
        await town.does("sam", "claim", appeal)
        milder = {"severity": "mild"} if outcome == "modified" else {}
        told = await town.does("sam", "decide", appeal, outcome=outcome, reasons="so", **milder)
        assert told.pop("lotus")[0] == told.pop("bob")[0] == f"appeal.{outcome}"
        assert told == both(f"report.{outcome}", of="jade")


async def test_a_verdict_that_was_made_milder_names_what_it_brings_now(town: Town) -> None:
    case = await town.report()
    await town.decided(case, FOUND | {"severity": "moderate"})
    appeal = await town.appeal(case)
    assert "suspend a penalty of " + town.ids["lotus"] in town.letters("bob")[0]["body"]
    await town.does("sam", "claim", appeal)
    told = await town.does("sam", "decide", appeal, outcome="modified", severity="mild", reasons="so")
    assert told["lotus"] == told["bob"] == ["appeal.modified", "verdict.modified", "penalty.lifted"]
    lifted, milder, _ = (letter["body"] for letter in town.letters("ann")[:3])
    first, brings, last = milder.splitlines()
    assert first == f"The verdict of case {case} is milder now: a mild violation of Poaching."
    assert brings.startswith("It brings: A warning (until 2")
    assert last == "The score that it is charged to is now 95."
    assert lifted == f"After case {case} these no longer apply: Recruiting is paused."


async def test_a_violation_says_until_when_its_penalty_lasts_and_a_lifting_what_still_applies(town: Town) -> None:
    cases = []
    for _ in range(2):
        cases.append(await town.report())
        await town.decided(cases[-1], FOUND | {"severity": "moderate"})
    (last, *_) = (letter["body"] for letter in town.letters("ann"))
    (lasts,) = [line for line in last.splitlines() if line.startswith("It brings: ")]
    until = lasts.removeprefix("It brings: Recruiting is paused (until ").removesuffix(").")
    assert datetime.strptime(until, "%Y-%m-%d %H:%M %Z").replace(tzinfo=UTC) > town.house.clock.now()
    appeal = await town.appeal(cases[0])
    await town.does("sam", "claim", appeal)
    told = await town.does("sam", "decide", appeal, outcome="overturned", reasons="so")
    assert "penalty.lifted" in told["lotus"]
    (lifted,) = [letter["body"] for letter in town.letters("ann") if letter["template"] == "penalty.lifted"]
    remains = f"These still apply, for other reasons than case {cases[0]}: Recruiting is paused (until {until})."
    assert lifted == remains


async def test_an_appeal_that_is_withdrawn(town: Town) -> None:
    case = await town.report()
    await town.decided(case, FOUND)
    appeal = await town.appeal(case)
    assert await town.does("ann", "withdraw", appeal) == both("appeal.withdrawn", of="lotus")


async def test_nothing_found_is_told_to_who_was_asked(town: Town) -> None:
    case = await town.report()
    assert await town.decided(case, NONE) == both("report.none", of="jade")
    asked = await town.report()
    await town.does("mia", "claim", asked)
    await town.does("mia", "ask", asked, **ASKED)
    await town.does("bob", "answer", asked, text="No.")
    assert await town.decided(asked, NONE) == both("report.none", of="jade") | both("verdict.none", of="lotus")


async def test_nothing_found_is_told_to_who_appeals(town: Town) -> None:
    case = await town.report()
    assert await town.does("bob", "appeal", of=case, grounds="not us") == both("appeal.held", of="lotus")
    told = await town.decided(case, NONE)
    assert told == both("report.none", of="jade") | both("verdict.none", "appeal.moot", of="lotus")


async def test_a_held_appeal_that_starts_is_offered_no_other(town: Town) -> None:
    case = await town.report()
    appeal = await town.appeal(case)
    assert await town.decided(case, FOUND) == both("report.violation", of="jade") | both(
        "verdict.violation", of="lotus"
    )
    body = town.letters("bob")[0]["body"]
    assert appeal in body
    assert "You can appeal" not in body


async def test_a_withdrawal_is_told_to_who_was_asked(town: Town) -> None:
    quiet = await town.report()
    assert await town.does("jan", "withdraw", quiet) == both("report.withdrawn", of="jade")
    case = await town.report()
    await town.does("mia", "claim", case)
    await town.does("mia", "ask", case, **ASKED)
    told = await town.does("jim", "withdraw", case)
    assert told == both("report.withdrawn", of="jade") | both("verdict.withdrawn", of="lotus")


async def test_the_reporter_of_a_duplicate_is_told_what_becomes_of_the_original(town: Town) -> None:
    first = await town.report("roy")
    joined = await town.report()
    duplicate = {"finding": "duplicate", "of": first, "reasons": "the same"}
    assert await town.decided(joined, duplicate) == both("report.duplicate", of="jade")
    told = await town.decided(first, FOUND)
    assert {name: told[name] for name in ("jade", "jim")} == both("original.violation", of="jade")
    appeal = await town.appeal(first)
    await town.does("sam", "claim", appeal)
    told = await town.does("sam", "decide", appeal, outcome="overturned", reasons="so")
    assert {name: told[name] for name in ("jade", "jim", "rose")} == both("original.overturned", of="jade") | {
        "rose": ["report.overturned"]
    }
    assert all(first not in letter["body"] for letter in town.letters("jim"))
    late = await town.report()
    assert await town.decided(late, duplicate) == both("report.duplicate", "original.none", of="jade")


async def test_the_platform_is_asked_and_not_told_of_what_it_sent(town: Town) -> None:
    case = await town.report("platform", "kim", **GAMBLING)
    assert town.ids["report"] == case
    await town.does("mia", "claim", case)
    assert await town.does("mia", "ask", case, question="When?") == {"platform": ["case.question"]}
    assert await town.does("platform", "answer", case, text="Then.") == NOBODY
    told = await town.decided(case, FOUND)
    assert told == {name: ["verdict.violation"] for name in ("kim", "lotus", "bob")}


async def test_of_a_creator_the_score_is_told_to_who_manages_them_now(town: Town) -> None:
    case = await town.report("platform", "kim", **GAMBLING)
    await town.decided(case, FOUND)
    assert all("score" in town.letters(name)[0]["body"] for name in ("kim", "ann", "bob"))
    with feeding(town.house) as connection:
        feed.management(connection, town.ids["kim"], town.ids["rose"], None, since=town.house.clock.now())
    appeal = await town.appeal(case, "kim")
    assert town.letters("ann")[0]["case"] == appeal
    assert all("rose" not in f"{letter}" for letter in town.letters("kim"))


async def test_an_agent_who_sees_a_case_no_longer_is_told_no_more(town: Town) -> None:
    case = await town.report("platform", "kim", **GAMBLING, occurred=(town.house.clock.now()).isoformat())
    with feeding(town.house) as connection:
        since = town.house.clock.now() - timedelta(days=1)
        feed.management(connection, town.ids["kim"], town.ids["lotus"], town.ids["eve"], since=since)
    told = await town.decided(case, FOUND)
    assert {*told} == {"kim", "lotus", "bob", "eve"}  # bob managed when it was filed, eve does now


async def test_the_respondent_hears_that_a_case_is_back_under_review(europe: Town) -> None:
    case = await europe.report()
    await europe.does("mia", "claim", case)
    await europe.does("mia", "ask", case, **ASKED)
    await europe.does("bob", "answer", case, text="No.")
    await europe.decided(case, NONE)
    assert "You can appeal until" in europe.letters("jim")[0]["body"]
    assert await europe.does("jim", "appeal", of=case, grounds="look") == both("appeal.received", of="jade")
    appeal = europe.ids["appeal"]
    await europe.does("sam", "claim", appeal)
    told = await europe.does("sam", "decide", appeal, outcome="overturned", reasons="so")
    assert told == both("appeal.overturned", of="jade") | both("verdict.again", of="lotus")
    assert f"{case} is under review again" in europe.letters("jim")[0]["body"]
    assert await europe.decided(case, NONE, "sue") == both("report.none", of="jade") | both("verdict.none", of="lotus")


async def test_a_verdict_that_is_set_aside_is_told_to_both_and_to_who_reported_the_same(town: Town) -> None:
    first, joined = await town.report("roy"), await town.report()
    await town.decided(joined, {"finding": "duplicate", "of": first, "reasons": "the same"})
    await town.decided(first, FOUND)
    told = await town.does("sam", "set_aside", first, reasons="another channel")
    assert told.pop("lotus") == told.pop("bob") == ["penalty.lifted", "verdict.set_aside"]
    assert told == both("original.again", of="jade") | {"rose": ["report.set_aside"]}
    assert any("given back" in letter["body"] for letter in town.letters("bob"))


async def test_the_respondent_reads_the_reviewer_s_summary_before_it_answers(town: Town) -> None:
    case = await town.report(about=[town.ids["kim"]])
    await town.does("mia", "claim", case)
    assert await town.does("mia", "summarise", case, text="You are said to have offered money.") == NOBODY
    await town.does("mia", "ask", case, **ASKED)
    for who in ("bob", "ann"):
        body = town.letters(who)[0]["body"]
        assert "You are said to have offered money." in body
        assert town.ids["kim"] in body
    assert town.letters("jim")[0]["template"] == "report.received"


async def test_of_a_report_that_is_filed_again_hears_who_reported_it_first_and_who_reported_the_same(
    town: Town,
) -> None:
    first, joined = await town.report("roy"), await town.report()
    await town.decided(joined, {"finding": "duplicate", "of": first, "reasons": "the same"})
    await town.decided(first, NONE)
    said = POACHING | {"against": town.ids["bob"], "again": first}
    again = both("original.again", of="jade") | {"rose": ["report.again"]}
    assert await town.does("sam", "report", **said) == again
    kept = both("report.kept", of="jade") | {"rose": ["report.kept"]}
    assert await town.does("sam", "withdraw", town.ids["report"]) == kept
    said["again"] = town.ids["report"]
    assert await town.does("sam", "report", **said) == again
    told = await town.decided(town.ids["report"], FOUND, "sue")
    assert told.pop("lotus") == told.pop("bob") == ["verdict.violation"]
    assert told == both("original.violation", of="jade") | {"rose": ["report.violation"]}
    for letter in (*town.letters("roy"), *town.letters("jim")):
        assert town.ids["report"] not in f"{letter}"


async def test_no_letter_to_a_respondent_has_the_reporter_s_words_or_name(town: Town) -> None:
    case = await town.report()
    await town.does("mia", "claim", case)
    await town.does("mia", "ask", case, **ASKED)
    await town.does("bob", "answer", case, text="No.")
    await town.decided(case, FOUND)
    for letter in (*town.letters("bob"), *town.letters("ann")):
        assert not [word for word in ("own words", town.ids["jade"], town.ids["jim"]) if word in letter["body"]]
        assert not [key for key in ("agency.poaching", "base.warning") if key in letter["body"]]
