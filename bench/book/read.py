"""What the tables hold, as it is compared with what must be there."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import distinct_on

from bench.book.tables import cases, ledger, notices, penalties, slots, tellings, verdicts
from bench.expected import Found


def read(connection: Connection) -> Found:
    """Read all that the lives have left."""

    def counts(column: sa.ColumnElement[Any], *where: sa.ColumnElement[bool]) -> dict[str, int]:
        asked = sa.select(column, sa.func.count()).where(*where).group_by(column)
        return {row[0]: row[1] for row in connection.execute(asked)}

    def newest(
        column: sa.ColumnElement[Any], of: sa.ColumnElement[str], *order: sa.ColumnElement[Any]
    ) -> dict[str, Any]:
        asked = sa.select(of, column).ext(distinct_on(of)).order_by(of, *order)
        return {row[0]: row[1] for row in connection.execute(asked)}

    told = newest(tellings.c.restrictions, tellings.c.subject, tellings.c.decided_at.desc())
    return Found(
        closed=counts(cases.c.status).get("closed", 0),
        verdicts=sum(counts(verdicts.c.case).values()),
        scores=newest(ledger.c.balance, ledger.c.subject, ledger.c.number.desc()),
        slots=counts(slots.c.agency),
        penalties=counts(penalties.c.subject, penalties.c.lifted_at.is_(None)),
        notices=counts(notices.c.recipient),
        told={subject: restrictions for subject, restrictions in told.items() if restrictions},
    )
