"""What would this submission open? A case that has no row yet, with everything that it refers to found and checked."""

from datetime import datetime

from sqlalchemy import Connection

from activities.books import Books
from activities.command import Command
from activities.input import Report
from rulebook.policy import Policy
from rulebook.terms import SubjectKind
from states.situation import Actor
from states.terms import AGENCY_ROLES, Code, Kind, RefusedError, Role, Side
from store import party, policy
from store.case import Case
from store.party import Management, Subject

_CHARGED = {SubjectKind.AGENCY: "agencies", SubjectKind.CREATOR: "creators"}


def report(connection: Connection, books: Books, command: Command, said: Report, actor: Actor, at: datetime) -> Case:
    """The case that a report would open.

    Raises:
        RefusedError: `invalid`, naming the field.
    """
    occurred = said.occurred or at
    if occurred > at:
        raise RefusedError(Code.INVALID, "`occurred` lies in the future.", "occurred")
    subject, agent = _respondent(connection, said.against)
    digest = policy.in_force(connection, occurred)
    if digest is None:
        raise RefusedError(Code.INVALID, "`occurred` lies before any rulebook was in force.", "occurred")
    rules = books.policy(connection, digest, subject.region)
    _fits(rules, said, subject, agent, actor)
    _creators(connection, said.about)
    managed = Management(subject.id, agent)
    if subject.kind is SubjectKind.CREATOR:
        managed = party.management(connection, subject.id, occurred)
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
    )


def _fits(rules: Policy, said: Report, subject: Subject, agent: str | None, actor: Actor) -> None:
    clause = rules.clauses.get(said.clause)
    if clause is None:
        raise RefusedError(Code.INVALID, f"`clause`: nothing that can be reported is called {said.clause}.", "clause")
    if actor.role in AGENCY_ROLES and clause.reported_by != "agency":
        raise RefusedError(Code.INVALID, f"`clause`: only the platform reports {said.clause}.", "clause")
    if clause.charged_to is not subject.kind or (agent and "agent" not in clause.attributed_via):
        raise RefusedError(
            Code.INVALID, f"`against`: {said.clause} is charged to {_CHARGED[clause.charged_to]}.", "against"
        )
    if said.severity is not None and actor.role is not Role.PLATFORM:
        raise RefusedError(Code.INVALID, "`severity` is the moderator's to find.", "severity")


def _creators(connection: Connection, about: tuple[str, ...]) -> None:
    for name in about:
        found = party.subject(connection, name)
        if found is None or found.kind is not SubjectKind.CREATOR:
            raise RefusedError(Code.INVALID, f"`about`: there is no creator {name}.", "about")


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
        barred=list(of.deciders),
        language=of.language,
    )


def _respondent(connection: Connection, against: str) -> tuple[Subject, str | None]:
    """The subject that is charged, and the agent through whom."""
    subject = party.subject(connection, against)
    if subject is not None:
        return subject, None
    person = party.actor(connection, against)
    if person is not None and person.role is Role.AGENT and person.agency is not None:
        agency = party.subject(connection, person.agency)
        if agency is not None:
            return agency, person.id
    reason = f"`against`: there is no agency, agent or creator {against}."
    raise RefusedError(Code.INVALID, reason, "against")
