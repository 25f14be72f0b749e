"""A case as one person may read it: its facts, what they may do now, and its timeline with the words."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from activities.move.again import stands
from activities.move.situation import situate
from activities.rulebooks import Rulebooks
from desk.reading.columns import deadlines, opened
from desk.reading.offered import Offered, again, offered
from desk.reading.redaction import Entry, Reader, entries, filer, reader, tells_score
from desk.reading.waiting import Waits, waits
from rulebook.policy import Policy
from states.appealable import Appealable, of_an_appeal
from states.sight import Resource
from states.situation import Actor, Situation, Standpoint
from states.terms import Code, Kind, RefusedError
from store import as_read, evidence, journal, sight, text, verdict
from store import case as cases
from store.alike import Alike, likely_duplicates
from store.case import Case, Related
from store.evidence import File, Readable
from store.keyring import DestroyedError
from store.row_security import present

# Who reads the summary of what the respondent is accused of.
_ACCUSED = frozenset({Reader.REVIEWER, Reader.RESPONDENT})
# Refusals without `allowed`: the case is not there for the sender, or the command did not reach its table.
_SAY_NOTHING = frozenset({Code.NOT_FOUND, Code.UNAVAILABLE, Code.INVALID, Code.KEY_REUSED})


@dataclass(frozen=True)
class Dossier:
    """A case as one person sees it.

    `evidence` are the files that they see; `summary` is what the respondent is told that it is accused of; `again` the
    closed report that this one files again, `filed_again` the one that files this one again; `alike` are reports that
    may be about the same act; None to whoever is no reviewer. `rules` are those that it is judged by: they name its
    clause and penalties. `beside` is an appeal's report, or the appeal of a report that is not closed. `waits` is for
    whom it waits; none of a closed one.
    """

    case: dict[str, Any]
    offered: Offered
    appeals: list[str]
    timeline: list[Entry]
    evidence: list[File]
    summary: str | None
    again: str | None
    filed_again: str | None
    alike: list[Alike] | None
    rules: Policy
    beside: str | None
    waits: Waits | None


@dataclass(frozen=True)
class Found:
    """A case as the actor reads it, how they stand to it, and as whom they read it."""

    case: Case
    standpoint: Standpoint
    reader: Reader


class Dossiers:
    """Reads; nothing is changed, and Temporal is not asked.

    Each read raises `RefusedError`: `not_found` where there is no case for the actor, `forbidden` for staff of other
    regions.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime], rulebooks: Rulebooks | None = None) -> None:
        self._engine = engine
        self._now = now
        self._rulebooks = rulebooks or Rulebooks()

    def open(self, actor: Actor, case_id: str) -> Dossier:
        """The case as the actor sees it."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return self.read(connection, actor, case_id, now)[0]

    def read(self, connection: Connection, actor: Actor, case_id: str, now: datetime) -> tuple[Dossier, Case]:
        """The same in the reader's transaction, at its moment (`store/row_security.py`), and the row behind it."""
        found = find(connection, actor, case_id, now)
        case, who = found.case, found.reader
        related = cases.related(connection, actor, case, now)
        situation = self._situation(connection, found, actor, related, now)
        timeline, summary = _timeline(connection, found, actor, now)
        brought = any("files" in entry.facts for entry in timeline)
        dossier = Dossier(
            case=facts(case, who),
            offered=_offered(connection, found, related, situation),
            appeals=related.appeals,
            timeline=timeline,
            evidence=evidence.of_case(connection, actor, case_id, now) if brought else [],
            summary=summary,
            again=related.again,
            filed_again=related.filed_again,
            alike=likely_duplicates(connection, actor, case, now) if who is Reader.REVIEWER else None,
            rules=self._rulebooks.policy(connection, case.rulebook, case.region),
            beside=case.of_case or (related.live if related.live in related.appeals else None),
            waits=waits(situation, deadlines(case, who)),
        )
        return dossier, case

    def timeline(self, actor: Actor, case_id: str) -> list[Entry]:
        """What happened, with the words that are the actor's to read."""
        with present(self._engine, actor, self._now()) as (connection, now):
            return _timeline(connection, find(connection, actor, case_id, now), actor, now)[0]

    def evidence(self, actor: Actor, case_id: str) -> list[File]:
        """The case's files of evidence that the actor sees, in the order in which they were brought."""
        with present(self._engine, actor, self._now()) as (connection, now):
            find(connection, actor, case_id, now)
            return evidence.of_case(connection, actor, case_id, now)

    def file(self, actor: Actor, case_id: str, file_id: str) -> Readable:
        """One of the case's files, to be read; `not_found` where there is none that the actor sees, or it is erased."""
        with present(self._engine, actor, self._now()) as (connection, now):
            find(connection, actor, case_id, now)
            seen = evidence.of_case(connection, actor, case_id, now)
            found = next((file for file in seen if file.id == file_id), None)
            if found is None:
                raise RefusedError(Code.NOT_FOUND, "no_file", "evidence", file=file_id)
            try:
                return Readable(found, evidence.key_of(connection, found.id))
            except DestroyedError:
                raise RefusedError(Code.NOT_FOUND, "file_erased", "evidence", file=file_id) from None

    def offered(self, actor: Actor, case_id: str) -> tuple[Case, Offered]:
        """The case, and its moves for the actor now: allowed, or with the refusal."""
        with present(self._engine, actor, self._now()) as (connection, now):
            found = find(connection, actor, case_id, now)
            related = cases.related(connection, actor, found.case, now)
            situation = self._situation(connection, found, actor, related, now)
            return found.case, _offered(connection, found, related, situation)

    def appealable(self, actor: Actor, case_id: str) -> Appealable:
        """Whether the actor can appeal the case, why, and until when (`domain.md` §5.3)."""
        case, found = self.offered(actor, case_id)
        if case.kind is Kind.APPEAL:
            return of_an_appeal()
        return found.appeal or Appealable.of_nobody()

    def add_allowed(self, actor: Actor, case_id: str, refused: RefusedError) -> None:
        """Add `allowed` to a refusal: the moves that its sender has now. Not of a case that they can't see."""
        if refused.code not in _SAY_NOTHING:
            with suppress(RefusedError):
                refused.facts["allowed"] = self.offered(actor, case_id)[1].allowed

    def _situation(
        self, connection: Connection, found: Found, actor: Actor, related: Related, now: datetime
    ) -> Situation:
        case, standpoint = found.case, found.standpoint
        report = cases.read(connection, case.of_case) if case.of_case else None
        withdraws = case.kind is Kind.REPORT and case.outcome is None and (standpoint.filer or standpoint.leads_filer)
        return situate(
            case,
            report,
            self._rulebooks.policy(connection, case.rulebook, case.region),
            now,
            actor=actor,
            standpoint=standpoint,
            live_appeal=related.live is not None,
            joined=withdraws and bool(verdict.duplicates(connection, case.id)),
        )


def _offered(connection: Connection, found: Found, related: Related, situation: Situation) -> Offered:
    case, offer = found.case, offered(situation)
    mendable = case.kind is Kind.REPORT and case.outcome is not None and related.filed_again is None
    if found.reader is Reader.REVIEWER and mendable and not stands(connection, case.id):
        return replace(offer, again=again(situation))
    return offer


def find(connection: Connection, actor: Actor, case_id: str, now: datetime) -> Found:
    """A case as the actor reads it.

    Raises:
        RefusedError: `not_found`: there is none for the actor; `forbidden`: staff of other regions.
    """
    found = as_read.find(connection, actor, case_id, now)
    who = reader(actor, found.standpoint.side) if found else None
    if found and not found.seen and who is Reader.REVIEWER:
        raise RefusedError(Code.FORBIDDEN, "outside_your_regions", "case")
    if found is None or not found.seen or who is None:
        raise RefusedError(Code.NOT_FOUND, "no_case", "case", case=case_id)
    return Found(found.case, found.standpoint, who)


def _timeline(connection: Connection, found: Found, actor: Actor, now: datetime) -> tuple[list[Entry], str | None]:
    """The timeline with the words, and the summary."""
    case, who = found.case, found.reader
    lines = [dict(line) for line in journal.timeline(connection, case.id)]
    asks = who is Reader.RESPONDENT and tells_score(lines)
    scored = asks and sight.sees(connection, actor, Resource.SUBJECT, case.subject, now)
    told = entries(case, who, actor, lines, scored=scored)
    summary = case.summarised if who in _ACCUSED else None
    ids = [one for entry in told for one in entry.texts.values() if one]
    bodies = text.bodies(connection, [*ids, *([summary] if summary else [])])
    worded = [replace(e, texts={name: bodies[one] for name, one in e.texts.items() if one}) for e in told]
    return worded, bodies[summary] if summary else None


def facts(case: Case, who: Reader) -> dict[str, Any]:
    """What its reader reads of a case's row."""
    known = {"stage": case.status.stage, "filed_by": filer(case, who)}
    return known | {name: getattr(case, name) for name in opened(case, who)}
