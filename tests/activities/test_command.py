"""What travels through Temporal, as older workers wrote it."""

from activities.command import Answer, Refusal
from desk.words import Languages
from states.terms import Code, RefusedError


def test_a_refusal_that_an_older_worker_answered_is_said_as_it_was() -> None:
    said = {
        "now": None,
        "told": None,
        "refusal": {"code": "forbidden", "reason": "Only seniors decide.", "field": "by"},
    }
    refused = Answer.model_validate(said).refusal
    assert refused is not None
    error = refused.error()
    assert (error.code, error.field) == (Code.FORBIDDEN, "by")
    assert Languages().words("vi").refusal(error) == "Only seniors decide."


def test_a_refusal_travels_whole() -> None:
    error = RefusedError(Code.STALE, "stale", "version", facts={"version": 3}, version=3, asked=2)
    again = Refusal.model_validate_json(Refusal.of(error).model_dump_json()).error()
    assert (again.code, again.key, again.field, again.facts, again.values) == (
        error.code, error.key, error.field, error.facts, error.values,
    )  # fmt: skip
