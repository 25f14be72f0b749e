"""Commands that read: cases, scores and quotas, as their reader may see them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import typer
from rich.filesize import decimal
from sqlalchemy import Engine
from typer import Argument, Option

from activities.quota import Quota
from activities.subject import known
from desk.cli.answer import By, Case, Json, instant, refusals
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.paper import document, facts, line, named, shown, table
from desk.cli.running import run
from desk.cli.zone import times_of, times_of_subject
from desk.reading.agency import Agencies, Verdicts
from desk.reading.dossier import Dossier, Dossiers
from desk.reading.subject import Ledger, Sheet, Sheets
from desk.words import condition
from rulebook.terms import PenaltyKind
from states.condition import Facts
from states.sight import Reason, Resource
from states.sight import why as why_seen
from states.situation import Actor
from states.terms import Code, RefusedError
from store import sight
from store.cursor import MOST
from store.history import PERIOD, Who

Reader = Annotated[str | None, Option("--by", metavar="PERSON", help="Who reads. Default: you, who run the engine.")]
_LEDGER = ("number", "at", "reason", "rule", "case", "day", "price", "change", "balance")
_PENALTIES = ("text", "kind", "starts_at", "ends_at", "case")
_VERDICTS = ("occurred_at", "respondent", "clause", "severity", "stands", "appeal", "penalties", "case")
_EVIDENCE = ("id", "file", "media", "size", "side", "who", "at")
_TIMELINE = ("number", "at", "who", "did", "then", "what")
_OVERSEEN = ("number", "at", "who", "through", "did", "then", "what")
_SAID = frozenset({"id", "stage", "status"})
# Facts of the timeline that are keys of the rulebook.
_KEYS = frozenset({"clause", "penalties", "on_trial", "lifted", "agency_imposed", "agency_lifted"})

cases = typer.Typer(no_args_is_help=True, help="Look at a case.")


@cases.command()
def show(case: Case, by: By, as_json: Json = False) -> None:
    """Show a case: its facts, what its reader can do, and its timeline with the words."""
    with refusals(as_json=as_json):
        found = run(_case(by, case))
    if as_json:
        document(_told(found))
        return
    say, facts_ = words().say, {name: value for name, value in found.case.items() if name not in _SAID}
    line(say("say.standing", case=case, stage=found.case["stage"], status=found.case["status"]))
    facts(facts_)
    moves = ", ".join(words().term("move", move) for move in found.offered.allowed)
    line("  " + say("say.can", name=by, moves=moves or say("say.nothing_now")))
    if (answer := found.offered.appeal) is not None:
        line("  " + say("say.an_appeal", name=by, answer=answer.answer, reason=answer.reason))
    again = {"summary": found.summary, "again": found.again, "filed_again": found.filed_again}
    facts(again | {"likely_duplicates": [one.id for one in found.alike or []]})
    for appeal in found.appeals:
        line("  " + say("say.appealed_by", case=appeal))
    if found.evidence:
        _evidence(found)
    _timeline(found)


@cases.command()
def why(case: Case, by: By, as_json: Json = False) -> None:
    """Show why somebody sees a case, or doesn't: the rules of sight about their role, and what holds. For ops."""
    with refusals(as_json=as_json):
        actor, facts_, reasons = run(_why(by, case))
    say = str if as_json else partial(condition, words())
    rows = [
        (say(one.rule.where), one.holds, one.rule.side, [say(leaf) for leaf, holds in one.parts if not holds])
        for one in reasons
    ]
    if as_json:
        told = [dict(zip(("where", "holds", "side", "failing"), row, strict=True)) for row in rows]
        document(
            {
                "person": by,
                "role": actor.role,
                "sees": any(one.holds for one in reasons),
                "facts": facts_,
                "rules": told,
            }
        )
        return
    seen = any(one.holds for one in reasons)
    line(words().say("say.sees" if seen else "say.does_not_see", name=by, role=actor.role, case=case))
    facts(facts_)
    table(words().say("table.sight"), ("where", "holds", "side", "failing"), rows)


def score(
    subject: Annotated[str, Argument(help="An agency or a creator.")],
    by: Reader = None,
    period: Annotated[str | None, Option(help="E.g. 2026. Default: the current one.")] = None,
    at: Annotated[str | None, Option(help="As it was then, e.g. 2026-03-01T10:00:00+07:00. Default: now.")] = None,
    as_json: Json = False,
) -> None:
    """Show a score, the lines that led to it, and the penalties in force."""
    with refusals(as_json=as_json):
        sheet, account = run(_score(subject, by, period, instant(at) if at else None))
    found, ledger = sheet.score, account.lines[::-1]
    if as_json:
        document({**told_sheet(sheet), "ledger": ledger})
        return
    told = "say.points_on_trial" if found.on_trial else "say.points"
    line(words().say(told, name=found.subject, **asdict(found)))
    table(words().say("table.ledger"), _LEDGER, [[row[name] for name in _LEDGER] for row in ledger])
    penalties(sheet)


def told_sheet(sheet: Sheet) -> dict[str, Any]:
    """A score with the penalties in force and those on trial, for machines."""
    penalties, counted = ([_facts_of(row) for row in reversed(rows)] for rows in (sheet.penalties, sheet.counted))
    return {**asdict(sheet.score), "penalties": penalties, "counted": counted}


def penalties(sheet: Sheet) -> None:
    """Show the penalties in force, and those on trial, if there are any."""
    for title, found in (("table.penalties", sheet.penalties), ("table.counted", sheet.counted)):
        if found or found is sheet.penalties:
            table(words().say(title), _PENALTIES, [_penalty(_facts_of(row)) for row in reversed(found)])


def quota(agency: Annotated[str, Argument(help="An agency.")], by: Reader = None, as_json: Json = False) -> None:
    """Show how many reports an agency has left this month."""
    with refusals(as_json=as_json):
        found = run(_quota(agency, by))
    if as_json:
        document(asdict(found))
    else:
        line(words().say("say.reports_left", name=agency, opens=found.opens_at, **asdict(found)))


def verdicts(
    subject: Annotated[str, Argument(help="An agency or a creator.")],
    by: Reader = None,
    kind: Annotated[PenaltyKind | None, Option(help="Only what brought a penalty of this kind.")] = None,
    who: Annotated[Who | None, Option(help="Only those against the agency, its agents, or its creators.")] = None,
    period: Annotated[str | None, Option(help="A year or a month, such as 2026-03.")] = None,
    as_json: Json = False,
) -> None:
    """Show the verdict history of an agency with its agents and creators, or of a creator: the newest acts."""
    with refusals(as_json=as_json):
        found = run(_verdicts(subject, by, kind, who, period))
    lines = [{**row, "title": row["title"].in_language(words().language)} for row in found.lines]
    if as_json:
        document([{**row, "penalties": [_facts_of(one) for one in row["penalties"]]} for row in lines])
        return
    told = [_named(row) for row in lines]
    table(words().say("table.verdicts", name=subject), _VERDICTS, [[row[name] for name in _VERDICTS] for row in told])
    if found.next:
        line(words().say("say.newest", most=len(lines)))


async def _case(by: str, case_id: str) -> Dossier:
    with reading() as (engine, now):
        actor = known(engine, by)
        found = Dossiers(engine, now).open(actor, case_id)
        times_of(engine, now, actor, found.case["region"])
        return found


async def _why(by: str, case_id: str) -> tuple[Actor, Facts, list[Reason]]:
    with reading() as (engine, now):
        actor = known(engine, by)
        with engine.begin() as connection:
            found = sight.known(connection, Resource.CASE, case_id, now())
    if found is None:
        raise RefusedError(Code.NOT_FOUND, "no_case", "case", case=case_id)
    return actor, found, why_seen(actor, Resource.CASE, found)


async def _score(subject: str, by: str | None, period: str | None, at: datetime | None) -> tuple[Sheet, Ledger]:
    with reading() as (engine, now):
        reader, sheets = _reader(engine, by), Sheets(engine, now)
        times_of_subject(engine, now, reader, subject)
        return sheets.show(reader, subject, period, at=at), sheets.ledger(reader, subject, period, at=at)


async def _verdicts(
    subject: str, by: str | None, kind: PenaltyKind | None, who: Who | None, period: str | None
) -> Verdicts:
    if period is not None and not PERIOD.fullmatch(period):
        raise RefusedError(Code.INVALID, "input.form", "period", form="year_or_month")
    with reading() as (engine, now):
        reader = _reader(engine, by)
        times_of_subject(engine, now, reader, subject)
        return Agencies(engine, now).verdicts(reader, subject, kind=kind, who=who, period=period, limit=MOST)


async def _quota(agency: str, by: str | None) -> Quota:
    with reading() as (engine, now):
        reader = _reader(engine, by)
        times_of_subject(engine, now, reader, agency)
        return Agencies(engine, now).quota(reader, agency)


def _penalty(row: Mapping[str, Any]) -> list[object]:
    told = {**row, "kind": words().term("penalty_kind", row["kind"])}
    return [told[name] for name in _PENALTIES]


def _reader(engine: Engine, by: str | None) -> Actor | None:
    return None if by is None else known(engine, by)


def _named(verdict: Mapping[str, Any]) -> dict[str, Any]:
    brought = [_brought(_facts_of(one)) for one in verdict["penalties"]]
    return {**verdict, "clause": verdict["title"], "penalties": brought}


def _brought(penalty: Mapping[str, Any]) -> str:
    text = str(penalty["text"]).rstrip(".。")
    return words().say("say.counted", text=text) if penalty["on_trial"] else text


def _facts_of(penalty: Mapping[str, Any]) -> dict[str, Any]:
    return {**penalty, "text": penalty["text"].in_language(words().language)}


def _told(found: Dossier) -> dict[str, Any]:
    """A case for machines."""
    offer = {"allowed": found.offered.allowed, "appeal": found.offered.appeal}
    again = {"again": found.again, "filed_again": found.filed_again, "summary": found.summary}
    alike = {"likely_duplicates": found.alike} if found.alike is not None else {}
    return {
        "case": found.case,
        **offer,
        "appeals": found.appeals,
        **again,
        **alike,
        "evidence": found.evidence,
        "timeline": found.timeline,
    }


def _timeline(found: Dossier) -> None:
    overseen = any(entry.through for entry in found.timeline)
    titles, rows = found.rules.names(words().language), []
    for entry in found.timeline:
        said = [f"{named(name)}: {body or words().say('say.erased')}" for name, body in entry.texts.items()]
        noted = [
            f"{named(name)}: {shown(_titled(value, titles) if name in _KEYS else value, name)}"
            for name, value in entry.facts.items()
            if value not in (None, [], {})
        ]
        came = [entry.through] if overseen else []
        what = "\n".join([*said, *noted])
        rows.append([entry.version, entry.at, entry.actor, *came, entry.event, entry.target, what])
    table(words().say("table.timeline"), _OVERSEEN if overseen else _TIMELINE, rows)


def _titled(keys: str | list[str], titles: Mapping[str, str]) -> object:
    """What the rulebook calls a key, or each of a list."""
    return titles.get(keys, keys) if isinstance(keys, str) else [titles.get(key, key) for key in keys]


def _evidence(found: Dossier) -> None:
    erased = words().say("say.erased_file")
    rows = [
        (
            one.id,
            one.name or erased,
            one.kind.value,
            decimal(one.size),
            one.side,
            one.brought_by,
            one.at,
        )
        for one in found.evidence
    ]
    table(words().say("table.evidence"), _EVIDENCE, rows)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(cases, name="case", rich_help_panel="Look")
    for command in (score, quota, verdicts):
        app.command(rich_help_panel="Look")(command)
