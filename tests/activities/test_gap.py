"""A template's gap that was left is refused, wherever somebody writes."""

import pytest

from activities.move.input import INPUTS, read
from states.terms import Code, Kind, RefusedError

# What each move needs beside the words.
NEEDED = {
    "submit": {"clause": "agency.poaching", "against": "lotus", "of": "report-1"},
    "decide": {"finding": "none", "outcome": "upheld"},
}
LEFT = "On 12 November [[who]] wrote."


FIELDS = [(kind, event, field) for (kind, event), model in INPUTS.items() for field in model.texts]


@pytest.mark.parametrize(("kind", "event", "field"), FIELDS)
def test_a_gap_that_was_left_is_refused_in_every_text(kind: Kind, event: str, field: str) -> None:
    model = INPUTS[kind, event]
    needed = {name: value for name, value in NEEDED.get(event, {}).items() if name in model.model_fields}
    said = needed | dict.fromkeys(model.texts, "seen") | {field: LEFT}
    with pytest.raises(RefusedError) as refused:
        read(kind, event, said)
    assert (refused.value.code, refused.value.field, refused.value.key) == (Code.INVALID, field, "input.gap")
    assert refused.value.values["gap"] == "[[who]]"


@pytest.mark.parametrize("words", ["[one]", "[ [x] ]", "[[]]", "a[[1]", "see [2] and [3]"])
def test_other_brackets_are_words(words: str) -> None:
    assert read(Kind.REPORT, "note", {"text": words}).words() == {"text": words}
