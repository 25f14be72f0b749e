"""Prints what a decision would do: scores and why, penalties, what becomes of cases, and who is told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from desk.cli.language import words
from desk.cli.paper import line, table
from states.terms import RefusedError

_LINES = ("why", "price", "change", "balance")
_PENALTIES = ("subject", "what", "text", "starts_at", "ends_at")
_TOLD = ("recipient", "case", "text")


def show(told: Mapping[str, Any]) -> None:
    """Print a preview for people."""
    _effects(told["now"])
    if told["if_seconded"]:
        line(words().say("say.if_seconded"))
        _effects(told["if_seconded"])
    line(words().say("say.basis", basis=told["basis"]))


def _effects(does: Mapping[str, Any]) -> None:
    say = words().say
    for one in does["moves"]:
        line(say("say.would_move", case=one["case"], source=one["from"], target=one["through"][-1]))
    for score in does["scores"]:
        title = say("table.score", **{name: score[name] for name in ("subject", "before", "after", "period")})
        table(title, _LINES, [[one["why"], one["price"], one["change"], one["score"]] for one in score["lines"]])
    if does["penalties"]:
        rows = [
            [one["subject"], words().term("preview", one["change"]), _text(one), one["starts_at"], one["ends_at"]]
            for one in does["penalties"]
        ]
        table(say("table.penalty_changes"), _PENALTIES, rows)
    if does["held_appeal"]:
        line(say(f"preview.{does['held_appeal']['then']}", case=does["held_appeal"]["case"]))
    if does["window_ends_at"]:
        line(say("say.appealable_until", until=does["window_ends_at"]))
    if does["notices"]:
        table(say("table.told"), _TOLD, [[one["recipient"], one["case"], one["subject"]] for one in does["notices"]])


def _text(penalty: Mapping[str, Any]) -> str:
    return words().say("preview.on_trial", text=penalty["text"]) if penalty["on_trial"] else str(penalty["text"])


@contextmanager
def showing(*, as_json: bool) -> Iterator[None]:
    """Print the preview that a refusal brings, for people; JSON has it among the refusal's facts."""
    try:
        yield
    except RefusedError as refused:
        told = refused.facts.pop("preview", None) if not as_json else None
        if isinstance(told, Mapping):
            show(told)
        raise
