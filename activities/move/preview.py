"""What would a command do? It is carried out as by its commit, and then nothing of it is kept.

The `basis` of a preview is a short hash of what it says, without times: it stays the same while nothing else happens. A
command may bring it; its commit makes the same, and refuses where the command would do something else by now.
"""

import hashlib
import json
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from activities.command import Command
from activities.move.carry_out import carry_out
from activities.move.effects import EFFECTS
from activities.move.foreseen import Foreseen
from activities.move.input import Input
from activities.move.scene import Scene
from activities.move.situation import situate
from activities.rulebooks import Rulebooks
from states.situation import Actor
from states.terms import Code, RefusedError, Role, Status
from store.case import Case
from store.trial import aside

# Hex digits of a basis.
_SHORT = 12


@dataclass(frozen=True)
class Preview:
    """What a command does now; and, where a second person must approve it, what follows if somebody does.

    `version` is the case's before, `at` the moment that was looked at.
    """

    case: str
    version: int
    at: datetime
    now: Foreseen
    if_seconded: Foreseen | None
    basis: str


def preview(connection: Connection, rulebooks: Rulebooks, command: Command, said: Input, at: datetime) -> Preview:
    """Carry the command out in a trial (`store/trial.py`), and say what that did; nothing is locked.

    Raises:
        RefusedError: the commit would refuse it.
    """
    scene = Scene(connection, at, rulebooks, EFFECTS, locks=False)
    found = carry_out(scene, command, scene.open(command.case), said)
    return hold(scene, command, found.case)


def hold(scene: Scene, command: Command, case: Case) -> Preview:
    """Say what the command did in a scene that is not written yet, and hold its basis against that.

    Raises:
        RefusedError: `stale`: it is not what its sender has seen.
    """
    now = Foreseen.of(scene)
    seconded = _seconded(scene, command, case) if case.status is Status.AWAITING_APPROVAL else None
    basis = _hash(command, now, seconded)
    if command.basis not in {None, basis}:
        raise RefusedError(Code.STALE, "basis_changed", "basis", facts={"basis": basis})
    before = scene.before(case)
    return Preview(case.id, before.version if before else 0, scene.at, now, seconded, basis)


def _seconded(scene: Scene, command: Command, case: Case) -> Foreseen:
    """What the proposed verdict does once somebody has approved it: as if they did at once."""
    with aside(scene.connection):
        after = Scene(scene.connection, scene.at, scene.rulebooks, EFFECTS, locks=scene.locks)
        for known in scene.cases.values():
            after.introduce(copy(known), before=known)
        proposed = after.require(case.id)
        second = Actor("a second person", Role.SENIOR_MODERATOR, regions=frozenset({case.region}))
        situation = situate(proposed, None, after.policy(proposed), after.at, actor=second)
        after.carry_out(proposed, "approve", situation, command)
        after.settle(proposed.id)
        return Foreseen.of(after)


def _hash(command: Command, now: Foreseen, seconded: Foreseen | None) -> str:
    gist = [command.event, command.args, now.gist(), seconded.gist() if seconded else None]
    return hashlib.sha256(json.dumps(gist, sort_keys=True, default=str).encode()).hexdigest()[:_SHORT]
