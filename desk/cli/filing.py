"""Commands of parties and the platform: reports, appeals, answers, withdrawals and streamed days."""

from typing import Annotated, Any

import typer
from typer import Option

from desk.cli.answer import By, Case, Json, Key, number
from desk.cli.evidence import Files
from desk.cli.wish import feed, send

Words = Annotated[str | None, Option(help="Your words.")]


def report(
    by: By,
    clause: Annotated[str | None, Option(help="The rule's key, e.g. agency.poaching.")] = None,
    against: Annotated[str | None, Option(help="An agency, one of its agents, or a creator.")] = None,
    details: Words = None,
    about: Annotated[list[str] | None, Option(help="A creator whom it is about; give it for each.")] = None,
    occurred: Annotated[str | None, Option(help="When, e.g. 2026-03-01T10:00:00+07:00. Default: now.")] = None,
    evidence: Files = None,
    severity: Annotated[str | None, Option(help="mild, moderate or severe: the platform's to state.")] = None,
    reference: Annotated[str | None, Option(help="The platform's own name of the act, one for good.")] = None,
    again: Annotated[str | None, Option(help="A closed report that a senior moderator files again.")] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Report a violation."""
    said: dict[str, Any] = {"clause": clause, "against": against, "details": details, "about": about or None}
    said |= {"occurred": occurred, "evidence": evidence or None, "severity": severity}
    said |= {"reference": reference, "again": again}
    send(by, "report", said, key, as_json=as_json)


def appeal(
    by: By,
    of: Annotated[str | None, Option(help="The report.")] = None,
    grounds: Words = None,
    evidence: Files = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Appeal a report's verdict; before the verdict the appeal is held."""
    send(by, "appeal", {"of": of, "grounds": grounds, "evidence": evidence or None}, key, as_json=as_json)


def answer(
    case: Case, by: By, text: Words = None, evidence: Files = None, key: Key = None, as_json: Json = False
) -> None:
    """Answer a reviewer's question, for the side that was asked."""
    send(by, "answer", {"case": case, "text": text, "evidence": evidence or None}, key, as_json=as_json)


def withdraw(case: Case, by: By, key: Key = None, as_json: Json = False) -> None:
    """Withdraw what was filed."""
    send(by, "withdraw", {"case": case}, key, as_json=as_json)


def stream(
    by: By,
    creator: Annotated[str | None, Option(help="Who streamed.")] = None,
    days: Annotated[str | None, Option(help="How many days, the last of them today.")] = None,
    hours: Annotated[str | None, Option(help="Hours on each of these days.")] = None,
    day: Annotated[list[str] | None, Option(help="A day and its hours, e.g. 2026-03-01=2.5; give it for each.")] = None,
    as_json: Json = False,
) -> None:
    """Feed days on which a creator streamed; only the platform does."""
    pairs = [one.partition("=") for one in day or ()]
    dates = [{"day": when, "hours": streamed} for when, _, streamed in pairs] or None
    said = {"creator": creator, "days": number(days), "hours": hours, "dates": dates}
    feed(by, said, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (report, appeal, answer, withdraw, stream):
        app.command(rich_help_panel="Parties and the platform")(command)
