"""How is a checkpoint made? Aside, of what has moved since the last one; by one process at a time."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine

from store import checkpoint
from store.checkpoint import Body
from store.engine import one_by_one
from workers.checkpoints.signing import Signer

LOG = "casework.checkpoint"
log = logging.getLogger(LOG)
EVERY = timedelta(minutes=1)
# So many lines at once: their leaves are written within the time that a statement may take.
MOST = 5000


def make(
    engine: Engine,
    signer: Signer,
    at: datetime,
    *,
    abandons: Sequence[str] = (),
    at_once: bool = False,
    most: int = MOST,
) -> tuple[Body | None, bool]:
    """Make a checkpoint if something has moved and the last one is a minute old, or `at_once`; whether there is more.

    One that `abandons` others is made though nothing has moved, after that which another process makes just now.
    """
    with engine.begin() as guard:
        if abandons:
            checkpoint.in_turn(guard)
        elif not checkpoint.alone(guard):
            return None, False
        before = checkpoint.last(guard)
        if before is not None and abs(at - before["at"]) < EVERY and not at_once:
            return None, False
        with one_by_one(engine) as connection:
            sight = checkpoint.sight(connection)
        with engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                moved = checkpoint.moved(connection, sight, most)
                if not moved.leaves and not abandons:
                    return None, False
                body = checkpoint.body(before, moved, at, signer.public, abandons)
                signature = signer.sign(body.text)
                checkpoint.write(connection, body, signature, moved.leaves, sight)
    told = {"number": body.number, "checkpoint": body.hash, "signature": signature}
    log.info("%d %s signed %s", *told.values(), extra=told)
    return body, moved.more
