"""PostgreSQL row-level security: a second check behind `store/sight.py`.

A reader's transaction is read-only and runs as a role that owns nothing. Parties read as `casework_desk`, whose rows
the policies of migration 0004 choose by three settings. So a query that forgets its filter gives an agency's people
rows of their own agency, a creator rows of their own, and nothing where no setting was made. Staff and the platform
read as `casework_staff`, which sees every row: no setting does that, and neither role is a member of the other.

The transaction is rolled back, so that no setting outlives it, whoever made it and whether for it or for the session.

It protects from mistakes in our own queries. It does not know which of an agency's creators an agent manages, nor what
a party may read of a row (`states/sight.py` and `desk/reading/redaction.py` do). It does not protect from somebody who
can run SQL of their own on the connection: they could set the settings, `RESET ROLE`, or `SET ROLE casework_staff`, for
PostgreSQL checks the role that logged in, not the one that was set.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from states.situation import Actor
from states.terms import AGENCY_ROLES, STAFF, Role
from store.engine import rolled_back
from store.moment import MOMENT, bounds

ROLE, STAFF_ROLE = "casework_desk", "casework_staff"
_SEES_ALL = STAFF | {Role.PLATFORM}
# Local to the transaction: the next one on the same connection begins without them.
_PUT_ON = sa.text("""
SELECT set_config('role', :role, true), set_config('casework.agency', :agency, true),
       set_config('casework.person', :person, true), set_config('casework.at', :at, true),
       set_config('plan_cache_mode', 'force_custom_plan', true)
""")
# The same at the present moment, which it gives; its tables are read as whoever logged in, before the role is put on.
_PUT_ON_NOW = sa.text(f"""
SELECT set_config('role', :role, true), set_config('casework.agency', :agency, true),
       set_config('casework.person', :person, true), set_config('casework.at', CAST(at AS text), true),
       set_config('plan_cache_mode', :plans, true), at
FROM ({MOMENT}) AS present
""")  # noqa: S608  # two constants


@contextmanager
def reading(engine: Engine, actor: Actor, at: datetime | None = None) -> Iterator[Connection]:
    """A read-only transaction that sees only rows of the actor's agency or person; staff and platform see all.

    `at` decides which creators the agency manages; without it, whoever is the last known to manage them.
    """
    with engine.connect() as connection:
        connection.execution_options(postgresql_readonly=True)
        with connection.begin(), rolled_back(connection):
            put_on(connection, actor, at)
            yield connection


@contextmanager
def present(
    engine: Engine, actor: Actor, now: datetime, *, often: bool = False
) -> Iterator[tuple[Connection, datetime]]:
    """The same at the present moment, and that moment: `now`, or the newest commit's time (`store/moment.py`).

    All its statements see the database as it was at the first: what is read in one go fits together. `often`: they are
    asked again and again and find their rows by key, so that the database keeps their plans; to make one takes longer.
    """
    plans = "force_generic_plan" if often else "force_custom_plan"
    with engine.connect() as connection:
        connection.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
        with connection.begin(), rolled_back(connection):
            put_on_now = _settings(actor) | bounds(now) | {"plans": plans}
            yield connection, connection.execute(_PUT_ON_NOW, put_on_now).one().at


def put_on(connection: Connection, actor: Actor, at: datetime | None = None) -> None:
    """Set the role and settings by which the policies choose the actor's rows, until the transaction ends."""
    connection.execute(_PUT_ON, _settings(actor) | {"at": at.isoformat() if at else ""})


def _settings(actor: Actor) -> dict[str, Any]:
    return {
        "role": STAFF_ROLE if actor.role in _SEES_ALL else ROLE,
        "agency": (actor.agency or "") if actor.role in AGENCY_ROLES else "",
        "person": actor.id,
    }
