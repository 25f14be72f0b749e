"""Which actor, case and situation does a command mean? The commit asks under locks, the desk before it sends."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from activities.command import Command
from activities.move import again, evidence, filing
from activities.move.effects import EFFECTS
from activities.move.input import Appeal, Input, Report
from activities.move.scene import Scene
from activities.move.situation import situate
from activities.move.wish import weigh
from activities.quota import quota_by
from activities.rulebooks import Rulebooks
from states.situation import Actor, Situation, Standpoint
from states.tables import TABLES
from states.terms import REVIEWERS, Code, Kind, RefusedError
from store import as_read, sight, verdict
from store import case as cases
from store.arrival import Wished
from store.case import Case


@dataclass(frozen=True)
class Considered:
    """A command's case, its input, and the situation on which the table decides."""

    case: Case
    said: Input
    situation: Situation


def consider(scene: Scene, command: Command, case: Case | None, said: Input) -> Considered:
    """Find what the command refers to, and check its input against it; a submission's case is drafted, without a row.

    Raises:
        RefusedError: `invalid`, `not_found`, `stale` or, of a creator whom the actor may not name, `forbidden`.
    """
    actor = scene.actor(command.actor)
    if actor is None:
        raise RefusedError(Code.NOT_FOUND, "nobody", "by", name=command.actor)
    if case is None and isinstance(said, Report):
        return _report(scene, command, said, actor)
    if case is None and isinstance(said, Appeal):
        return _appeal(scene, command, said, actor)
    if case is None:
        raise RefusedError(Code.NOT_FOUND, "no_case", "case", case=command.case)
    standpoint = sight.standpoint(scene.connection, actor, case.id, scene.at)
    if not standpoint.sees or case.kind is not command.kind:
        raise RefusedError(Code.NOT_FOUND, "no_case", "case", case=command.case)
    wish = weigh(scene, case, said, scene.policy(case), actor)
    evidence.check(scene, case, said, actor, standpoint.side)
    read = as_read.of(scene.connection, actor, case)
    if command.version not in {None, read.version}:
        facts = {"version": read.version}
        raise RefusedError(Code.STALE, "stale", facts=facts, version=read.version, asked=command.version)
    joined = command.event == "withdraw" and _joined(scene, case)
    situation = _situation(scene, case, actor, standpoint, joined=joined)
    situation.wish = wish
    if read.status is not case.status:
        # Refused is what the case, as the actor reads it, doesn't allow: no refusal tells how it stands (ruling 16).
        TABLES[case.kind].choose(_situation(scene, read, actor, standpoint, joined=joined), command.event)
    return Considered(case, said, situation)


@dataclass(frozen=True)
class Asked:
    """A command that would be carried out: whether its move is grave, and on which case, which may have no row yet."""

    grave: bool
    case: Case


def ask(connection: Connection, rulebooks: Rulebooks, command: Command, said: Input, known: Wished) -> Asked:
    """Ask the table on the row as it stands, before anything is sent; nothing is locked or written.

    Raises:
        RefusedError: the command would be refused.
    """
    scene, case = Scene(connection, known.at, rulebooks, EFFECTS, locks=False), known.case
    scene.meet(command.actor, known.actor)
    if case is not None:
        scene.introduce(case)
    if case is not None and case.deadline_at is not None and case.deadline_at <= known.at:
        # The row is about to move by itself: the commit decides.
        return Asked(TABLES[command.kind].may_be_grave(command.event), case)
    found = consider(scene, command, case, said)
    return Asked(TABLES[found.case.kind].choose(found.situation, command.event).grave, found.case)


def _report(scene: Scene, command: Command, said: Report, actor: Actor) -> Considered:
    case = filing.report(scene, command, said, actor)
    if said.reference is not None:
        scene.hold_reference(said.reference)
        if cases.by_reference(scene.connection, said.reference) is not None:
            raise RefusedError(Code.KEY_REUSED, "reference_reused", "reference")
    if said.again is not None and actor.role in REVIEWERS:  # to anybody else nothing is said of that case
        again.check(scene, case, said.again)
    filing.may_name(scene.connection, case, actor, scene.at)
    own = actor.agency is not None and actor.agency == case.agency
    situation = _situation(scene, case, actor, Standpoint(own_agency=own))
    situation.wish = weigh(scene, case, said, scene.policy(case), actor)
    evidence.must_have(scene.policy(case).clauses[case.clause], said)
    evidence.check(scene, case, said, actor, case.filed_side)
    if (agency := actor.agency) is not None:
        quota = quota_by(partial(scene.slots, agency), agency, scene.policy_now(agency), scene.at)
        situation.slots_left, situation.quota_opens = quota.left, quota.opens_at
    return Considered(case, said, situation)


def _appeal(scene: Scene, command: Command, said: Appeal, actor: Actor) -> Considered:
    report = scene.open(said.of)
    standpoint = sight.standpoint(scene.connection, actor, said.of, scene.at)
    if report is None or report.kind is not Kind.REPORT or not standpoint.sees:
        raise RefusedError(Code.NOT_FOUND, "no_report", "of", case=said.of)
    if scene.locks:
        scene.lapse(report)
    live = scene.live_appeal(report) is not None
    case = filing.appeal(command, report, standpoint.side, actor, scene.at)
    evidence.check(scene, case, said, actor, standpoint.side)
    return Considered(case, said, _situation(scene, case, actor, standpoint, live_appeal=live))


def _joined(scene: Scene, case: Case) -> bool:
    """Whether duplicates were joined to the report (ruling 15)."""
    scene.hold_duplicates(case)
    return bool(verdict.duplicates(scene.connection, case.id))


def _situation(
    scene: Scene,
    case: Case,
    actor: Actor,
    standpoint: Standpoint,
    *,
    live_appeal: bool = False,
    joined: bool = False,
) -> Situation:
    report = scene.open(case.of_case) if case.of_case else None
    policy, at = scene.policy(case), scene.at
    return situate(case, report, policy, at, actor=actor, standpoint=standpoint, live_appeal=live_appeal, joined=joined)
