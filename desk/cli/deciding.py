"""Commands that decide: verdicts, second votes, and verdicts that are set aside; each can be previewed."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from typer import Option

from desk.cli.answer import By, Case, Json, Key, number
from desk.cli.wish import preview, send

Reasons = Annotated[str | None, Option(help="Why.")]
Preview = Annotated[bool, Option("--preview", help="Only show what it would do.")]
Basis = Annotated[
    str | None, Option(help="Of the preview that you have seen: it is refused if it would do another thing.")
]


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
    only_preview: Preview = False,
    basis: Basis = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Decide a claimed case."""
    said = {"case": case, "finding": finding, "outcome": outcome, "severity": severity, "reasons": reasons}
    said |= {"clause": clause, "of": of}
    _decide(by, "decide", {**said, "extra": number(extra)}, basis, key, only_preview=only_preview, as_json=as_json)


def _on(verb: str, text: str) -> Callable[..., None]:
    """The command of a move on a verdict that is there, which needs no more than reasons."""

    def command(
        case: Case,
        by: By,
        reasons: Reasons = None,
        only_preview: Preview = False,
        basis: Basis = None,
        key: Key = None,
        as_json: Json = False,
    ) -> None:
        said = {"case": case, "reasons": reasons}
        _decide(by, verb, said, basis, key, only_preview=only_preview, as_json=as_json)

    command.__name__, command.__doc__ = verb, text
    return command


def _decide(
    by: str,
    verb: str,
    said: Mapping[str, Any],
    basis: str | None,
    key: str | None,
    *,
    only_preview: bool,
    as_json: bool,
) -> None:
    if only_preview:
        preview(by, verb, said, basis, as_json=as_json)
    else:
        send(by, verb, said, key, basis=basis, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    approve = _on("approve", "Second a verdict that needs two.")
    reject = _on("reject", "Send a proposed verdict back to review.")
    set_aside = _on("set_aside", "Set a verdict aside while it can be appealed: others review it again.")
    for command in (decide, approve, reject, set_aside):
        app.command(command.__name__.replace("_", "-"), rich_help_panel="Reviewers")(command)
