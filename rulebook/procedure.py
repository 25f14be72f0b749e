"""Quotas, deadlines, windows and votes: the procedure keys, `reports.refund_on` as `Procedure.reports_refund_on`.

A key with a default came after versions were stored: those don't state it, and go by the default.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from rulebook.misfit import refusing
from rulebook.provenance import Count, Flag, Stated
from rulebook.span import Span
from rulebook.terms import OnOverturn, Severity


def _dotted(attribute: str) -> str:
    return attribute.replace("_", ".", 1)


def _one_level(levels: object) -> object:
    if levels != 1 or isinstance(levels, bool):
        raise refusing("one_level")
    return levels


# Kept as long as there is something to keep.
ALWAYS: Literal["always"] = "always"
# How long something is kept.
Kept = Annotated[Span | Literal["always"], Field(union_mode="left_to_right")]


class SecondVote(BaseModel):
    """When a second senior person must approve: at these severities of agency clauses, and at an extra deduction.

    `review.second_vote` in `rulebook/data/`; `activities/move/wish.py` holds a verdict against it, and rows of
    `states/report.py` send it to the second person.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    severities: frozenset[Severity]
    any_extra: Flag


class Procedure(BaseModel):
    """The procedure of one region. Spans of a queue are elapsed time or local days as their unit says (ruling 11).

    `versions.notice` is how long before its date a version of the rulebook is approved; so the platform's users can
    know of it (in the EU at least 15 days, Regulation 2019/1150, Article 3). A proposal that nobody approves within
    `versions.approval_deadline` is a draft again. A wave stops itself where it brings penalties to more subjects than
    were forecast, by more than `versions.margin` percent of a region's subjects. `retention.reports` and
    `retention.appeals` are how long the words of such a case are kept once it is closed, or `always`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=_dotted)

    # fmt: off
    reports_quota_per_month:   Annotated[int, Field(strict=True, ge=0)]
    reports_oldest_act:        Span = Span(2, "year")
    reports_refund_on:         frozenset[Literal["withdrawn_before_claim", "duplicate"]]
    review_claim_lease:        Span
    review_deadline:           Span
    review_answer_deadline:    Span
    review_approval_deadline:  Span
    review_escalated_deadline: Span
    review_second_vote:        SecondVote
    appeals_window:            Span
    appeals_by_reporter:       Flag
    appeals_review_deadline:   Span
    appeals_levels:            Annotated[Count, BeforeValidator(_one_level)]
    appeals_on_overturn:       OnOverturn
    versions_notice:            Span = Span(15, "day")
    versions_approval_deadline: Span = Span(14, "day")
    versions_margin:            Annotated[int, Field(strict=True, ge=0, le=100)] = 1
    retention_reports:          Kept = ALWAYS
    retention_appeals:          Kept = ALWAYS
    # fmt: on


def _stated(name: str) -> tuple[Any, Any]:
    field = Procedure.model_fields[name]
    stated: Any = Stated[field.rebuild_annotation()]  # type: ignore[misc]
    default = ... if field.is_required() else stated(value=field.default, illustrative=True)
    return (stated, Field(default, alias=_dotted(name)))


# The same keys as a file states them: each a value with its origin.
FIELDS: dict[str, Any] = {name: _stated(name) for name in Procedure.model_fields}
Statements: type[BaseModel] = create_model("Statements", __config__=ConfigDict(frozen=True, extra="forbid"), **FIELDS)


# What holds where no file states a key that came later, as a file would state it.
DEFAULTS: dict[str, str] = {
    _dotted(name): str(field.default) for name, field in Procedure.model_fields.items() if not field.is_required()
}


def procedure(statements: BaseModel) -> Procedure:
    """Give the bare values of validated statements."""
    return Procedure.model_validate({_dotted(name): stated.value for name, stated in statements})
