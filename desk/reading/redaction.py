"""Who may read what of a case? Names, facts and words of its journal, as each side sees them (ruling 2).

- A reviewer and an auditor read everything; ops read what happened, and nobody's words (`docs/domain.md` §7).
- A party reads its own words and what reviewers say to it; never the other side's words, and no reviewer's name.
- Files are known by ids and hashes, to staff and to the side that brought them.
- What is found against the respondent is explained to the respondent; the reporter learns that it was found.
- A verdict that was set aside is explained to both (ruling 19).
- The last summary is the respondent's and the reviewers' (ruling 24); notes are for reviewers, ops and auditors (25).
- The respondent's side never learns who reported: "another agency" or "the platform".
- A verdict that waits for its second vote is no verdict yet: the parties read it once it is in force (ruling 16). They
  don't read that a claim was renewed either: else they would tell the wait from a claim by its length.
- Scores and penalties are the respondent's matter, quotas the reporter's.
- Through what somebody came (a session, a key, the command line) is read by auditors and ops alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from states.situation import CLOCK, ENGINE, Actor
from states.terms import LEADS, OVERSEERS, REVIEWERS, Finding, Role, Side, Status
from store.case import Case


class Reader(StrEnum):
    """As whom somebody reads a case."""

    REVIEWER = "reviewer"
    OPS = "ops"
    REPORTER = "reporter"
    RESPONDENT = "respondent"


@dataclass(frozen=True)
class Entry:
    """A line of the timeline as its reader sees it; `texts` has the ids of words, by field; or words, none if erased.

    `through` is none for whoever is not an overseer, and on lines of older releases.
    """

    version: int
    at: datetime
    event: str
    actor: str
    source: str
    target: str
    facts: dict[str, Any]
    texts: Mapping[str, str | None]
    through: str | None = None


WORDS = frozenset({"details", "evidence", "grounds", "question", "text", "reasons"})
_OF_BOTH = frozenset({"clause", "against", "occurred", "finding", "outcome", "window_ends", "to"})
_FACTS = {
    Reader.REPORTER: _OF_BOTH | {"quota_month", "slot"},
    Reader.RESPONDENT: _OF_BOTH | {"severity", "extra", "penalties", "on_trial", "lifted"},
}
# Only for those of the respondent's side who may read the charged score now.
_OF_SCORE = frozenset({"score", "score_on_trial", "repriced"})
# What a creator's violation brought the agency (`docs/domain.md` §2.9): only for the agency's owner and leads.
_OF_LEADS = frozenset({"agency_imposed", "agency_lifted"})
# Reviewers' words that a party may read; the other words of their moves are for reviewers.
_SAID = frozenset({"reasons", "question", "text"})
_FILED = frozenset({"submit", "withdraw"})
# What ends the wait for a second vote, as the parties read it (ruling 16).
_VOTES = {"approve": "decide", "reject": "release", "approval_lapsed": "lease_ran_out"}
_UNREAD = frozenset({"note", "renew"})
THEMSELVES = {CLOCK.id: "time", ENGINE.id: "the engine"}


def reader(actor: Actor, side: Side | None) -> Reader | None:
    """As whom the actor reads a case that they see from `side`; None where they have nothing to do with cases."""
    if actor.role in REVIEWERS or actor.role is Role.AUDITOR:
        return Reader.REVIEWER
    if actor.role is Role.OPS:
        return Reader.OPS
    return Reader(side.value) if side else None


def filer(case: Case, who: Reader) -> str:
    """Who filed the case: the person's id, or what stands for it ("another agency", "the platform")."""
    if who is Reader.RESPONDENT and case.filed_side is Side.REPORTER:
        return "another agency" if case.filed_agency else "the platform"
    return case.filed_by


def tells_score(lines: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any of a journal's lines has what only who may read the score reads."""
    return any(_OF_SCORE & line["facts"].keys() for line in lines)


def entries(case: Case, who: Reader, actor: Actor, lines: Iterable[Mapping[str, Any]], *, scored: bool) -> list[Entry]:
    """The timeline as the actor, who reads it as `who`, sees it; `scored` if they may read the subject's score.

    The `lines` are the case's journal, in order.
    """
    told: list[Entry] = []
    open_to = _FACTS.get(who, frozenset())
    journal = _to_parties(lines) if who in _FACTS else lines
    if who is Reader.RESPONDENT:
        open_to |= (_OF_SCORE if scored else frozenset()) | (_OF_LEADS if actor.role in LEADS else frozenset())
    asked = Side.REPORTER
    for line in journal:
        if line["event"] == "ask":
            asked = Side(line["facts"]["to"])
        author = case.filed_side if line["event"] in _FILED else asked if line["event"] == "answer" else None
        words = {name: value for name, value in line["facts"].items() if name in WORDS}
        facts = {name: value for name, value in line["facts"].items() if name not in WORDS}
        if who in _FACTS:
            own = author == who.value
            facts = {name: value for name, value in facts.items() if name in open_to or (own and name == "files")}
            words = words if own else _addressed(line, words, who, asked, case.summarised)
        if who is Reader.OPS and line["event"] != "note":
            words = {}
        entry = _entry(line, _named(case, who, line["actor"], author), facts, words)
        told.append(replace(entry, through=line["through"]) if actor.role in OVERSEERS else entry)
    return told


def _to_parties(lines: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The lines as the parties read them, numbered anew: a verdict is one line, of when it was put in force.

    A claim lasts until the vote; where that brought no verdict, the claim was given up.
    """
    awaited = Status.AWAITING_APPROVAL
    proposed: Mapping[str, Any] = {}
    version = 0
    for line in lines:
        if line["event"] in _UNREAD:
            continue
        if line["target"] == awaited:
            proposed = line["facts"]
            continue
        version += 1
        event, facts = line["event"], line["facts"]
        if event in _VOTES:
            event, facts = _VOTES[event], proposed if event == "approve" else {}
        source = Status(line["source"]).to_parties
        yield {**line, "version": version, "event": event, "source": source.value, "facts": facts}


def _addressed(
    line: Mapping[str, Any], words: dict[str, str], who: Reader, asked: Side, summary: str | None
) -> dict[str, str]:
    """The words of a reviewer that a party reads: a question put to it, its summary, and the reasons of a decision."""
    against_other = who is Reader.REPORTER and line["facts"].get("finding") == Finding.VIOLATION
    accused = who is Reader.RESPONDENT and line["facts"].get("text") == summary
    wanted = {"decide": not against_other, "ask": asked == who.value, "set_aside": True, "summarise": accused}
    read = wanted.get(line["event"], False)
    return {name: value for name, value in words.items() if read and name in _SAID}


def _named(case: Case, who: Reader, actor: str, author: Side | None) -> str:
    if actor in THEMSELVES:
        return THEMSELVES[actor]
    if who not in _FACTS or (author and author == who.value):
        return actor
    if author is None:
        return "a reviewer"
    return "the respondent" if author is Side.RESPONDENT else filer(case, who)


def _entry(line: Mapping[str, Any], actor: str, facts: dict[str, Any], words: dict[str, str]) -> Entry:
    same = {name: line[name] for name in ("version", "at", "event", "source", "target")}
    return Entry(**same, actor=actor, facts=facts, texts={name: value for name, value in words.items() if value})
