"""The name of this build, which Temporal shows beside each worker and with whatever it did."""

from functools import cache
from hashlib import sha256
from pathlib import Path

import temporalio
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

_ROOMS = ("rulebook", "states", "store", "activities", "workflows", "workers")


@cache
def build() -> str:
    """Give the SDK's version and a hash of the code that a worker runs: ours, not of what it imports.

    Left alone the SDK reads and hashes all modules of the process again, 1,600 of them. Where Python keeps no bytecode
    it compiles them again, too, which took 1.6 s of each start.
    """
    rooms = Path(__file__).parents[1]
    files = sorted(file for room in _ROOMS for file in (rooms / room).rglob("*.py"))
    whole = sha256()
    for file in files:
        whole.update(f"{file.relative_to(rooms)}\0".encode() + file.read_bytes() + b"\0")
    return f"casework-{whole.hexdigest()[:16]}-sdk-{temporalio.__version__}"


def versioned(deployment: str | None, build_id: str | None = None) -> WorkerDeploymentConfig | None:
    """This build as a version of a deployment, to which Temporal gives work when it is told so; none of no deployment.

    What runs goes on with the version that is current (`docs/upgrade.md`): a case lives longer than an old worker.
    """
    if deployment is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment, build_id or build()),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )
