"""In which situation is a version? What its table looks at, of its row, its chain and its wave."""

from activities.rollout.moving import Moving
from states.version import VersionSituation
from states.version_terms import VersionStatus
from store import forecast, timeline
from store import version as versions


def situate(moving: Moving) -> VersionSituation:
    """The situation of a version whose row is locked."""
    connection, version = moving.connection, moving.version
    waves = timeline.waves(connection, version.digest)
    since = min(moving.dates.values() or (wave.since for wave in waves), default=None)
    back = version.status is VersionStatus.TAKING_BACK
    before = versions.read(connection, version.follows) if version.follows else None
    return VersionSituation(
        status=version.status,
        actor=moving.actor,
        now=moving.at,
        author=version.author,
        proposer=version.proposed_by,
        follows=version.follows,
        newest=versions.newest(connection),
        follower=versions.follower(connection, version.digest),
        before_goes=before is not None and before.status is VersionStatus.TAKING_BACK,
        since=since,
        turn_has_come=before is None or before.status is VersionStatus.IN_FORCE,
        left=any(not (wave.undone if back else wave.through) for wave in waves),
        hit=sum(wave.hit for wave in waves),
        most_hit=forecast.most_hit(connection, version.digest),
        broken=moving.broken,
        dues={
            "approval_due_at": version.approval_due_at,
            "in_force_from": since,
            "batch_due_at": version.batch_due_at,
        },
    )
