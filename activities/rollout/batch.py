"""What does one batch of a wave move? One region of a version, forward or back; then it waits as its pace asks."""

from datetime import timedelta

from activities.rollout.moving import Moving
from activities.rollout.reach import MOST, batch
from states.version_terms import VersionStatus
from store import timeline
from store.ring import Way
from store.timeline import Dated


def reach(moving: Moving) -> None:
    """Bring the version to the next subjects of a region whose date has come."""
    waves = timeline.waves(moving.connection, moving.version.digest)
    _go(moving, Way.REACHED, [one for one in waves if not one.through and one.since <= moving.at])


def release(moving: Moving) -> None:
    """Take the version from the next of those whom it had reached in a region."""
    waves = timeline.waves(moving.connection, moving.version.digest)
    _go(moving, Way.RELEASED, [one for one in waves if not one.undone])


def _go(moving: Moving, way: Way, waves: list[Dated]) -> None:
    seen = 0
    for dated in waves[:1]:
        most = min(MOST, moving.version.pace or MOST)
        done = batch(moving.connection, moving.rulebooks, dated, way, moving.at, most, moving.began)
        moving.woken.append(done.woken)
        moving.facts |= {"region": dated.region, "seen": done.seen, "hit": done.hit, "to": list(done.to)}
        seen = done.seen
    _set_next(moving, seen)


def _set_next(moving: Moving, seen: int) -> None:
    """When the next batch is due: at once, after as long as the pace asks, or when the next region's date comes."""
    version = moving.version
    wait = timedelta(seconds=seen / version.pace) if version.pace else timedelta()
    version.batch_due_at = moving.at + wait
    left = [one.since for one in timeline.waves(moving.connection, version.digest) if not one.through]
    if left and version.status is VersionStatus.ROLLING_OUT:
        version.batch_due_at = max(version.batch_due_at, left[0])
