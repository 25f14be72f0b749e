"""What does the table see of this case? Its row, the policy's switches, and for an appeal the report's window."""

from dataclasses import replace
from datetime import datetime

from rulebook.policy import Policy
from states.situation import ENGINE, NOBODY, Actor, Situation, Standpoint, Window
from states.terms import Role
from store.case import Case


def window_of(report: Case, policy: Policy, *, live_appeal: bool = False) -> Window:
    """What `appealable` must know of a report."""
    return Window(
        status=report.status,
        finding=report.finding,
        outcome=report.outcome,
        ends_at=report.window_ends_at,
        closed_at=report.moved_at if report.outcome else None,
        live_appeal=live_appeal,
        by_reporter=policy.procedure.appeals_by_reporter and report.filed_agency is not None,
    )


def situate(
    case: Case,
    report: Case | None,
    policy: Policy,
    at: datetime,
    *,
    actor: Actor = ENGINE,
    standpoint: Standpoint = NOBODY,
    live_appeal: bool = False,
    joined: bool = False,
) -> Situation:
    """The situation of a case at a time; `report` is the one that an appeal is about.

    Of the staff, who stand on no side, the senior is its filer who files a report again, as long as they could
    (ruling 20).
    """
    return Situation(
        kind=case.kind,
        status=case.status,
        region=case.region,
        claimed_by=case.claimed_by,
        escalated=case.escalated,
        proposer=case.proposer,
        asked=case.asked,
        finding=case.finding,
        barred=frozenset(case.barred),
        deciders=frozenset(case.deciders),
        joined=joined,
        window=window_of(report or case, policy, live_appeal=live_appeal),
        now=at,
        actor=actor,
        standpoint=replace(standpoint, filer=standpoint.filer or _files_again(actor, case)),
        dues=case.dues(),
    )


def _files_again(actor: Actor, case: Case) -> bool:
    senior = actor.role is Role.SENIOR_MODERATOR and case.region in actor.regions
    return senior and case.filed_by == actor.id
