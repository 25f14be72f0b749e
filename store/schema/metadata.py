"""How are the tables' constraints named, and which column shapes repeat?"""

from collections.abc import Iterable
from enum import StrEnum

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Instant = sa.DateTime(timezone=True)
# Of a column that came after rows were sealed: while it is empty, or false, a row's digest is what it was without it.
ADDED_LATER = {"added": "later"}
# Of a column that only repeats others, and came after rows were sealed: no digest has it.
REPEATS = {"repeats": "others"}


def one_of(column: str, values: Iterable[StrEnum]) -> sa.CheckConstraint:
    """A check that the column holds one of the enumeration's values (or nothing, where it may)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def refers(column: str) -> sa.ForeignKey:
    """A foreign key that a trial (`store/trial.py`) defers to its end, which never comes: so it locks nothing."""
    return sa.ForeignKey(column, deferrable=True, initially="IMMEDIATE")
