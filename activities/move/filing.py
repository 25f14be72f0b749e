"""Which case would a submission open? One without a row yet, with everything that it refers to found and checked."""

from datetime import datetime

from sqlalchemy import Connection

from activities.command import Command
from activities.move.input import Report
from activities.move.work import Work
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from states.situation import Actor
from states.terms import AGENCY_ROLES, REVIEWERS, Code, Kind, RefusedError, Role, Side
from store import case as cases
from store import party
from store.case import Case
from store.party import Management, Subject


def report(work: Work, command: Command, said: Report, actor: Actor) -> Case:
    """The case that a report would open.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    connection, at = work.connection, work.at
    occurred = said.occurred or _of_the_first(connection, said, actor) or at
    if occurred > at:
        raise RefusedError(Code.INVALID, "in_the_future", "occurred")
    subject, agent = _respondent(connection, said.against, occurred)
    digest, rules = _rules(work, subject.region, occurred)
    _fits(rules, said, subject, agent, actor)
    _creators(connection, said.about)
    of_creator = subject.kind is SubjectKind.CREATOR
    managed = party.management(connection, subject.id, occurred) if of_creator else Management(subject.id, agent)
    return Case(
        id=command.case,
        kind=Kind.REPORT,
        rulebook=digest,
        region=subject.region,
        region_source="declared",
        filed_by=actor.id,
        filed_role=actor.role,
        filed_agency=actor.agency,
        filed_side=Side.REPORTER,
        filed_at=at,
        of_case=None,
        clause=said.clause,
        severity=said.severity,
        occurred_at=occurred,
        text=command.texts["details"],
        about=list(dict.fromkeys(said.about)),
        respondent=said.against,
        subject=subject.id,
        agency=managed.agency,
        agent=managed.agent,
        moved_at=at,
        language=said.language or rules.language,
        again=said.again,
        reference=said.reference,
        priority=rules.clauses[said.clause].priority,
    )


def _of_the_first(connection: Connection, said: Report, actor: Actor) -> datetime | None:
    """When the act of a closed report happened that a reviewer files again: it is the same act (ruling 20)."""
    first = cases.read(connection, said.again) if said.again and actor.role in REVIEWERS else None
    return first.occurred_at if first else None


def _rules(work: Work, region: str, occurred: datetime) -> tuple[str, Policy]:
    """The digest of the rulebook that judges what happened then, and its rules in the region; not what is too old."""
    digest = work.timeline.at_the_act(region, occurred)
    if digest is None:
        raise RefusedError(Code.INVALID, "before_any_rulebook", "occurred")
    rules = work.timeline.policy(digest, region)
    oldest = rules.procedure.reports_oldest_act
    if oldest.after(occurred, rules.zone) < work.at:
        raise RefusedError(Code.INVALID, "too_old", "occurred", oldest=str(oldest))
    return digest, rules


def _fits(rules: Policy, said: Report, subject: Subject, agent: str | None, actor: Actor) -> None:
    clause = rules.clauses.get(said.clause)
    if clause is None:
        raise RefusedError(Code.INVALID, "no_clause", "clause", clause=said.clause)
    if actor.role in AGENCY_ROLES and clause.reported_by != "agency":
        raise RefusedError(Code.INVALID, "only_platform_reports", "clause", clause=said.clause)
    if clause.charged_to is not subject.kind or (agent and "agent" not in clause.attributed_via):
        raise RefusedError(
            Code.INVALID, "charged_to_another", "against", clause=said.clause, charged=clause.charged_to.value
        )
    if said.severity is not None and actor.role is not Role.PLATFORM:
        raise RefusedError(Code.INVALID, "severity_is_found", "severity")
    if said.reference is not None and actor.role is not Role.PLATFORM:
        raise RefusedError(Code.INVALID, "platform_names_it", "reference")


def _creators(connection: Connection, about: tuple[str, ...]) -> None:
    for name in about:
        found = party.subject(connection, name)
        if found is None or found.kind is not SubjectKind.CREATOR:
            raise RefusedError(Code.INVALID, "no_creator", "about", name=name)


def may_name(connection: Connection, case: Case, actor: Actor, at: datetime) -> None:
    """An agent names other agencies' creators and those whom this agent manages, or did when it happened (ruling 17).

    Raises:
        RefusedError: `forbidden`, field `about`.
    """
    for name in case.about if actor.role is Role.AGENT else ():
        now = party.management(connection, name, at)
        agents = {now.agent, party.management(connection, name, case.occurred_at).agent}
        if now.agency == actor.agency and actor.id not in agents:
            raise RefusedError(Code.FORBIDDEN, "a_colleagues_creator", "about", name=name)


def appeal(command: Command, of: Case, side: Side | None, actor: Actor, at: datetime) -> Case:
    """The case that an appeal would open; it is about what its report is about."""
    return Case(
        id=command.case,
        kind=Kind.APPEAL,
        rulebook=of.rulebook,
        region=of.region,
        region_source=of.region_source,
        filed_by=actor.id,
        filed_role=actor.role,
        filed_agency=actor.agency,
        filed_side=side or Side.RESPONDENT,
        filed_at=at,
        of_case=of.id,
        clause=of.clause,
        severity=of.severity,
        occurred_at=of.occurred_at,
        text=command.texts["grounds"],
        about=of.about,
        respondent=of.respondent,
        subject=of.subject,
        agency=of.agency,
        agent=of.agent,
        moved_at=at,
        barred=sorted({*of.deciders, *of.barred}),
        language=of.language,
        priority=of.priority,
    )


def _respondent(connection: Connection, against: str, occurred: datetime) -> tuple[Subject, str | None]:
    """The subject that is charged, and the agent where the report is against one.

    An agent's act is charged to the agency whose agent they were when it happened.
    """
    subject = party.subject(connection, against)
    if subject is not None:
        return subject, None
    agency = party.agency_of_agent(connection, against, occurred)
    charged = party.subject(connection, agency) if agency is not None else None
    if charged is not None:
        return charged, against
    raise RefusedError(Code.INVALID, "no_respondent", "against", name=against)
