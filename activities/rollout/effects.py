"""What does each move of a version do? Every effect that its table names, as a small function of the move."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from activities.look import Woken
from activities.rollout import batch, dates, telling
from activities.rollout.forecast import forecast
from activities.rollout.input import Approval, Proposal
from activities.rollout.moving import Moving
from rulebook.model import Rulebook
from states.version_terms import VersionStatus
from store import forecast as forecasts
from store import notice
from store import version as versions
from store.version import Version


def plan(moving: Moving) -> None:
    """Note who proposes it, why, to follow which version, from when on in each region; forecast whom it hits."""
    if not isinstance(moving.said, Proposal):
        raise TypeError("a proposal says from when on")
    version = moving.version
    version.follows = versions.newest(moving.connection)
    planned = dates.planned(moving.book, moving.said)
    _check(moving, planned)
    version.proposed_by, version.reason, version.pace = moving.actor.id, moving.words["reasons"], moving.said.pace
    version.approval_due_at = min(
        policy.procedure.versions_approval_deadline.after(moving.at, policy.zone)
        for policy in map(moving.book.policy, moving.book.regions)
    )
    told = {region: at.isoformat() for region, at in planned.items()}
    moving.facts |= {"follows": version.follows, "dates": told, "pace": version.pace}
    _foresee(moving, planned)


def send_back(moving: Moving) -> None:
    """The proposal is none any more."""
    version = moving.version
    version.proposed_by = version.reason = version.pace = version.approval_due_at = None


def approve(moving: Moving) -> None:
    """Note who approves it, and set its dates; each within a region's notice needs a reason."""
    if not isinstance(moving.said, Approval):
        raise TypeError("an approval may say why a date is early")
    version = moving.version
    planned = planned_dates(moving.connection, version)
    _check(moving, planned)
    if moving.said.override is None:
        dates.must_give_notice(planned, _before(moving), moving.at)
    version.approved_by, version.approved_at = moving.actor.id, moving.at
    version.override, version.approval_due_at = moving.words.get("override"), None
    moving.dates = planned


def set_out(moving: Moving) -> None:
    """The wave goes on, forward or back, from now."""
    moving.version.batch_due_at = moving.at


def stand_still(moving: Moving) -> None:
    """The wave does not go on."""
    moving.version.batch_due_at = None


def raise_incident(moving: Moving) -> None:
    """Put the wave that stopped itself, or broke down, before ops."""
    facts = {"version": moving.version.digest} | moving.facts
    kind = "rollout_broken" if moving.broken else "rollout_stopped"
    notice.raise_incident(moving.connection, kind, moving.at, subject=moving.at_fault, facts=facts)


def retire_before(moving: Moving) -> None:
    """The version before goes by no subject any more."""
    if moving.version.follows is not None:
        moving.others.append((moving.version.follows, "retire"))


def reinstate_before(moving: Moving) -> None:
    """The version before is in force again, where it was not any more."""
    before = moving.version.follows and versions.read(moving.connection, moving.version.follows)
    if before and before.status is VersionStatus.RETIRED:
        moving.others.append((before.digest, "reinstate"))


def wake_next(moving: Moving) -> None:
    """The version that waited for this one can set out."""
    follower = versions.follower(moving.connection, moving.version.digest)
    if follower is not None:
        versions.stir(moving.connection, follower)
        moving.woken.append(Woken(versions=[follower]))


def planned_dates(connection: Connection, version: Version) -> dict[str, datetime]:
    """The dates by region of the newest proposal, in UTC."""
    proposals = (row["facts"] for row in reversed(versions.moves(connection, version.digest)))
    stated: dict[str, str] = next((facts["dates"] for facts in proposals if "dates" in facts), {})
    return {region: datetime.fromisoformat(at) for region, at in stated.items()}


def _check(moving: Moving, planned: dates.Dates) -> None:
    dates.must_fit(moving.connection, moving.book, _before(moving), planned, moving.at)


def _foresee(moving: Moving, planned: dates.Dates) -> None:
    """Keep with the proposal whom it would hit."""
    version, connection, before = moving.version, moving.connection, _before(moving)
    timeline = moving.rulebooks.timeline(connection)
    held = moving.foreseen
    if held is not None and held.holds(timeline, planned):
        made = held.forecast
    else:
        made = forecast(connection, timeline, version.digest, before.digest, planned)
    forecasts.write(connection, {"version": version.digest, "number": version.version, "at": moving.at} | made.row())


def _before(moving: Moving) -> Rulebook:
    """The version that it follows; there is one, as a database begins with one."""
    if moving.version.follows is None:
        raise LookupError(f"{moving.version.digest} follows nothing")
    return moving.rulebooks.version(moving.connection, moving.version.follows)


Effect = Callable[[Moving], None]
EFFECTS: dict[str, Effect] = {
    one.__name__: one
    for one in (
        plan,
        send_back,
        approve,
        set_out,
        stand_still,
        raise_incident,
        retire_before,
        reinstate_before,
        wake_next,
        batch.reach,
        batch.release,
        telling.tell_part,
        telling.tell_approvers,
        telling.announce,
        telling.call_off,
    )
}
