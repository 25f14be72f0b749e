"""One meaning of text: what HTTP takes, the command line takes, as the same; what one refuses, the other refuses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from activities.entered import LONGEST_NAME, LONGEST_TEXT
from activities.move.input import Input, read
from activities.wording import sentence
from desk.api.shapes.feed import Violation
from desk.api.shapes.moves import Move, NewAppeal, Report
from states.terms import Kind, RefusedError

FILED: dict[str, Any] = {"clause": "agency.poaching", "against": "lotus", "details": "seen"}
APPEALED: dict[str, Any] = {"of": "report-1", "grounds": "not us"}
VERDICT: dict[str, Any] = {"do": "decide", "finding": "violation", "severity": "mild", "reasons": "seen"}
SHAPES: dict[str, TypeAdapter[Any]] = {
    "report": TypeAdapter(Report),
    "violation": TypeAdapter(Violation),
    "appeal": TypeAdapter(NewAppeal),
    "move": TypeAdapter(Move),
}
# fmt: off
FIELDS: list[tuple[str, Kind, str, dict[str, Any], str]] = [
    *(("report", Kind.REPORT, "submit", FILED, field) for field in ("clause", "against", "about", "again", "reference", "details", "evidence")),
    *(("violation", Kind.REPORT, "submit", FILED, field) for field in ("clause", "against", "reference", "details")),
    *(("appeal", Kind.APPEAL, "submit", APPEALED, field) for field in ("of", "grounds", "evidence")),
    *(("move", Kind.REPORT, "ask", {"do": "ask", "question": "when?"}, field) for field in ("question",)),
    *(("move", Kind.REPORT, "answer", {"do": "answer", "text": "then"}, field) for field in ("text", "evidence")),
    *(("move", Kind.REPORT, "decide", VERDICT, field) for field in ("reasons", "clause", "of")),
    *(("move", Kind.REPORT, do, {"do": do, "reasons": "seen"}, "reasons") for do in ("escalate", "approve", "reject", "set_aside")),
    ("move", Kind.REPORT, "release", {"do": "release"}, "reasons"),
    *(("move", Kind.REPORT, do, {"do": do, "text": "seen"}, "text") for do in ("note", "summarise")),
]
# fmt: on
STRANGE = "\u200b\u2060\u3164\u2800\ufeff\u00ad\u202e\u2066\x00\x1b\x9b\r\n\t \u00a0\u3000\ud83c\u0323\u0302e👩\u200d️"
WRITTEN = (
    st.text(st.sampled_from(STRANGE), max_size=4)
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(
        ["ệ", "e\u0302\u0323", "x" * (LONGEST_NAME + 1), "x" * (LONGEST_TEXT + 1), "\u0958" * LONGEST_NAME]
    )
)
Outcome = tuple[str, Any]


def over_http(shape: str, kind: Kind, event: str, said: dict[str, Any]) -> Outcome:
    """What the shape makes of a request's body, as far as the door."""
    try:
        body = SHAPES[shape].validate_python(json.loads(json.dumps(said)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return sentence(first)[0], next(part for part in first["loc"] if part in said)
    if isinstance(body, Violation):
        return meant(body.input())
    if isinstance(body, Input):
        return meant(body.plain())
    return engine(kind, event, body.model_dump(mode="json", exclude_none=True, exclude={"do"}))


def engine(kind: Kind, event: str, said: dict[str, Any]) -> Outcome:
    """What the door makes of the command line's words."""
    try:
        return meant(read(kind, event, said))
    except RefusedError as refused:
        return refused.key, refused.field


def meant(said: Input) -> Outcome:
    return "taken", (said.facts(), said.words())


@pytest.mark.parametrize(("shape", "kind", "event", "said", "field"), FIELDS, ids=lambda part: f"{part}"[:12])
@given(written=WRITTEN)
def test_http_and_the_command_line_take_the_same_texts(
    shape: str, kind: Kind, event: str, said: dict[str, Any], field: str, written: str
) -> None:
    whole = said | {field: [written] if field == "about" else written}
    assert over_http(shape, kind, event, whole) == engine(kind, event, {k: v for k, v in whole.items() if k != "do"})
