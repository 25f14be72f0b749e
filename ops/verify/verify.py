"""All checks, one after the other; a clean database gives no difference."""

from collections.abc import AsyncGenerator, Iterator
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import NoResultFound
from temporalio.client import Client

from activities.rulebooks import Rulebooks
from ops.verify.attribution import attribution
from ops.verify.carried import carried
from ops.verify.chains import chains, seals
from ops.verify.checkpoints import Walked, Witness, checkpoints
from ops.verify.copies import copies
from ops.verify.difference import Difference
from ops.verify.evidence import evidence
from ops.verify.notices import notices
from ops.verify.outside import told
from ops.verify.penalties import penalties
from ops.verify.priorities import priorities
from ops.verify.quotas import quotas
from ops.verify.scores import scores
from ops.verify.versions import lives
from ops.verify.waves import waves
from ops.verify.windows import windows
from ops.verify.workflows import workflows
from rulebook.fault import RulebookError
from store.moment import moment
from store.objects import Objects

# Errors that a falsified row can cause in a computation. A database that is away is no difference: it is raised.
UNREADABLE = (LookupError, ValueError, TypeError, OverflowError, NoResultFound, RulebookError)


async def verify(
    connection: Connection,
    now: datetime,
    client: Client | None = None,
    objects: Objects | None = None,
    witness: Witness | None = None,
) -> AsyncGenerator[Difference, None]:
    """Recompute everything as of `now`; with the bytes of evidence, read them too; with a witness, hear it.

    With a client also ask every case's workflow, which ends the transaction.

    Raises:
        AwayError: the bytes, or the copies of checkpoints, can't be reached.
    """
    rulebooks, now = Rulebooks(), moment(connection, now)
    checks: dict[str, Iterator[Difference]] = {
        "chains": chains(connection),
        "seals": seals(connection),
        "priorities": priorities(connection, rulebooks),
        "scores": scores(connection, rulebooks, now),
        "penalties": penalties(connection, rulebooks, now),
        "carried": carried(connection, rulebooks, now),
        "attribution": attribution(connection, rulebooks),
        "windows": windows(connection, rulebooks),
        "quotas": quotas(connection, rulebooks),
        "told": told(connection, rulebooks, now),
        "versions": lives(connection, rulebooks),
        "notices": notices(connection, rulebooks),
        "waves": waves(connection, rulebooks),
    }
    if objects is not None:
        checks["evidence"] = evidence(connection, objects, now)
    if witness is not None:
        checks["checkpoints"] = checkpoints(connection, witness, now, walked := Walked())
        if witness.copies is not None:
            checks["copies"] = copies(witness.copies, witness.trusted, now, walked)
    for name, check in checks.items():
        try:
            for difference in check:
                yield difference
        except UNREADABLE as error:
            yield Difference(name, f"can't be recomputed to the end: {type(error).__name__}: {error}")
    if client is not None:
        async for difference in workflows(connection, client):
            yield difference
