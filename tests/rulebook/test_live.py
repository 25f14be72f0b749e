"""The bundled rulebook `live`: its keys and numbers, as the source documents and our own choices state them."""

import pytest

from rulebook.load import bundled, load
from rulebook.terms import OnOverturn, PenaltyKind, Severity, SubjectKind

LIVE = load("live")


def test_it_is_bundled() -> None:
    assert LIVE.key in bundled()


def test_it_has_the_regions_of_agencies_and_eu_only_as_a_parent() -> None:
    assert LIVE.regions == ["CN", "DE", "FR", "IN", "US", "VN"]
    assert {region: LIVE.policy(region).zone.key for region in LIVE.regions} == {
        "CN": "Asia/Shanghai",
        "DE": "Europe/Berlin",
        "FR": "Europe/Paris",
        "IN": "Asia/Kolkata",
        "US": "America/New_York",
        "VN": "Asia/Ho_Chi_Minh",
    }


@pytest.mark.parametrize("region", LIVE.regions)
def test_the_appeal_window_is_thirty_days_and_in_the_eu_six_months_also_for_reporters(region: str) -> None:
    procedure, european = LIVE.policy(region).procedure, region in ("DE", "FR")
    assert str(procedure.appeals_window) == ("6 months" if european else "30 days")
    assert procedure.appeals_by_reporter is european


def test_its_procedure_is_as_documented() -> None:
    procedure = LIVE.policy("VN").procedure
    assert procedure.reports_quota_per_month == 30
    assert procedure.reports_refund_on == {"withdrawn_before_claim", "duplicate"}
    assert str(procedure.review_claim_lease) == "30 minutes"
    assert str(procedure.review_deadline) == "72 hours"
    assert str(procedure.review_answer_deadline) == "7 days"
    assert str(procedure.review_approval_deadline) == "72 hours"
    assert str(procedure.review_escalated_deadline) == "72 hours"
    assert procedure.review_second_vote.severities == {Severity.SEVERE}
    assert procedure.review_second_vote.any_extra is True
    assert str(procedure.appeals_review_deadline) == "7 days"
    assert procedure.appeals_levels == 1
    assert procedure.appeals_on_overturn is OnOverturn.REPRICE


def test_agency_clauses_are_charged_to_the_agency_also_for_its_agents() -> None:
    clauses = LIVE.policy("VN").clauses
    agency = [clause for clause in clauses.values() if clause.key.startswith("agency.")]
    assert {clause.charged_to for clause in agency} == {SubjectKind.AGENCY}
    assert {clause.attributed_via for clause in agency} == {frozenset({"agent"})}
    assert [clause.key for clause in agency if clause.reported_by == "agency"] == [
        "agency.poaching",
        "agency.multi_account",
    ]
    assert {tuple(clause.base_penalty.values()) for clause in agency} == {
        ("base.warning", "base.recruiting_paused", "base.recruiting_suspended")
    }


def test_of_content_clauses_only_a_severe_one_on_minors_brings_a_base_penalty() -> None:
    clauses = LIVE.policy("VN").clauses
    content = {key: dict(clause.base_penalty) for key, clause in clauses.items() if key.startswith("content.")}
    assert content == {
        "content.vulgar": {},
        "content.gambling": {},
        "content.misleading": {},
        "content.minor_safety": {Severity.SEVERE: "base.live_suspended"},
    }


@pytest.mark.parametrize(("key", "lasts", "restrictions"), [
    ("agency_compliance.watch",      None,      set()),
    ("agency_compliance.restricted", None,      {"recruiting"}),
    ("agency_compliance.probation",  None,      {"bonus"}),
    ("agency_compliance.suspended",  None,      {"operations"}),
    ("agency_compliance.terminated", None,      {"contract"}),
    ("creator_health.limited",       None,      {"recommend", "pk_limited"}),
    ("creator_health.no_pk",         None,      {"leaderboard", "pk"}),
    ("creator_health.no_gifts",      None,      {"gifts", "withdrawal"}),
    ("creator_health.revoked",       None,      {"live"}),
    ("base.warning",                 "30 days", set()),
    ("base.recruiting_paused",       "7 days",  {"recruiting"}),
    ("base.recruiting_suspended",    "30 days", {"recruiting"}),
    ("base.live_suspended",          "7 days",  {"live"}),
    ("additional.multi_account",     "30 days", {"bonus"}),
    ("additional.creator_content",   "30 days", {"recruiting"}),
])  # fmt: skip
def test_every_penalty_names_its_restrictions(key: str, lasts: str | None, restrictions: set[str]) -> None:
    penalty = LIVE.policy("VN").penalties[key]
    assert (str(penalty.lasts) if penalty.lasts else None) == lasts
    assert penalty.restrictions == restrictions
    assert (penalty.kind is PenaltyKind.SCORE) == (lasts is None)


def test_two_repetitions_bring_additional_penalties() -> None:
    found = [(trigger.count, str(trigger.within), trigger.penalty) for trigger in LIVE.policy("VN").triggers]
    assert found == [
        (3, "30 days", "additional.multi_account"),
        (5, "calendar month", "additional.creator_content"),
    ]
