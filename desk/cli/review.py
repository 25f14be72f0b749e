"""Commands of reviewers: claims, questions, notes and escalations; those that decide are in `deciding.py`."""

from typing import Annotated

import typer
from typer import Option

from desk.cli.answer import By, Case, Json, Key
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


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (claim, renew, release, ask, summarise, note, escalate):
        app.command(rich_help_panel="Reviewers")(command)
