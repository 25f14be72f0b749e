"""The words of closed cases are erased when the time is over for which the rulebook keeps them, unless held back."""

from datetime import datetime
from itertools import islice, takewhile

from sqlalchemy import Connection, Engine

from activities.retention import Ending, endings
from activities.rulebooks import Rulebooks
from states.situation import ENGINE
from store import privacy
from store.schema.privacy import Order

_MOST = 500


def order(engine: Engine, rulebooks: Rulebooks, at: datetime) -> int:
    """Order that what is kept no longer at that time is erased; of how many cases. Their keys are to be destroyed."""
    ordered = 0
    while True:
        with engine.begin() as connection:
            privacy.alone(connection)
            found = _over(connection, rulebooks, at)
            said = [(one.case, f"{one.statement}: {one.kept} ({one.version})") for one in found]
            privacy.order(connection, ENGINE.id, Order.ERASE, said, at, ENGINE.id)
        ordered += len(found)
        if len(found) < _MOST:
            return ordered


def _over(connection: Connection, rulebooks: Rulebooks, at: datetime) -> list[Ending]:
    past = takewhile(lambda one: one.until <= at, endings(connection, rulebooks))
    return list(islice((one for one in past if not one.held), _MOST))
