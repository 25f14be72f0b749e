"""Commands of reviewers: claims, questions, decisions and second votes."""

from typing import Annotated

import typer
from typer import Option

from desk.cli.answer import By, Case, Json, Key, number
from desk.cli.wish import send

Words = Annotated[str | None, Option(help="Your words.")]
Reasons = Annotated[str | None, Option(help="Why.")]


def claim(case: Case, by: By, key: Key = None, as_json: Json = False) -> None:
    """Take a case for review, on a lease."""
    send(by, "claim", {"case": case}, key, as_json=as_json)


def renew(case: Case, by: By, key: Key = None, as_json: Json = False) -> None:
    """Start the lease of a claimed case anew."""
    send(by, "renew", {"case": case}, key, as_json=as_json)


def release(case: Case, by: By, reasons: Reasons = None, key: Key = None, as_json: Json = False) -> None:
    """Put a claimed case back; ops also another's, with reasons."""
    send(by, "release", {"case": case, "reasons": reasons}, key, as_json=as_json)


def summarise(case: Case, by: By, text: Words = None, key: Key = None, as_json: Json = False) -> None:
    """Tell the respondent what it is accused of."""
    send(by, "summarise", {"case": case, "text": text}, key, as_json=as_json)


def note(case: Case, by: By, text: Words = None, key: Key = None, as_json: Json = False) -> None:
    """Leave a note for other reviewers."""
    send(by, "note", {"case": case, "text": text}, key, as_json=as_json)


def ask(
    case: Case,
    by: By,
    question: Annotated[str | None, Option(help="What you want to know.")] = None,
    to: Annotated[str | None, Option(help="reporter (default) or respondent.")] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Ask one side; the review waits for the answer."""
    send(by, "ask", {"case": case, "question": question, "to": to}, key, as_json=as_json)


def escalate(case: Case, by: By, reasons: Reasons = None, key: Key = None, as_json: Json = False) -> None:
    """Put a case before senior moderators."""
    send(by, "escalate", {"case": case, "reasons": reasons}, key, as_json=as_json)


def decide(
    case: Case,
    by: By,
    finding: Annotated[str | None, Option(help="Of a report: violation, none or duplicate.")] = None,
    outcome: Annotated[str | None, Option(help="Of an appeal: upheld, overturned or modified.")] = None,
    severity: Annotated[str | None, Option(help="mild, moderate or severe.")] = None,
    reasons: Reasons = None,
    clause: Annotated[str | None, Option(help="The rule that was broken. Default: the report's.")] = None,
    extra: Annotated[str | None, Option(help="Points beyond the standard; needs a second vote.")] = None,
    of: Annotated[str | None, Option(help="The report that this one duplicates.")] = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Decide a claimed case."""
    said = {"case": case, "finding": finding, "outcome": outcome, "severity": severity, "reasons": reasons}
    said |= {"clause": clause, "of": of}
    send(by, "decide", {**said, "extra": number(extra)}, key, as_json=as_json)


def approve(case: Case, by: By, reasons: Reasons = None, key: Key = None, as_json: Json = False) -> None:
    """Second a verdict that needs two."""
    send(by, "approve", {"case": case, "reasons": reasons}, key, as_json=as_json)


def reject(case: Case, by: By, reasons: Reasons = None, key: Key = None, as_json: Json = False) -> None:
    """Send a proposed verdict back to review."""
    send(by, "reject", {"case": case, "reasons": reasons}, key, as_json=as_json)


def set_aside(case: Case, by: By, reasons: Reasons = None, key: Key = None, as_json: Json = False) -> None:
    """Set a verdict aside while it can be appealed: others review it again."""
    send(by, "set_aside", {"case": case, "reasons": reasons}, key, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    reviewing = (claim, renew, release, ask, summarise, note, escalate, decide, approve, reject, set_aside)
    for command in reviewing:
        app.command(command.__name__.replace("_", "-"), rich_help_panel="Reviewers")(command)
