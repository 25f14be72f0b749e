"""What was ordered about what is kept of somebody, or in a case? One row an order; it only grows."""

from enum import StrEnum

import sqlalchemy as sa

from store.schema.metadata import Instant, metadata, one_of


class Order(StrEnum):
    """To erase a party or a case's words, to hold what is theirs back from that, or to hold it no longer."""

    ERASE = "erase"
    HOLD = "hold"
    RELEASE = "release"


# `name` is the party or case; `person` who ordered it, whom nobody need have fed; `why` a reason without content.
privacy_orders = sa.Table(
    "privacy_orders",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    one_of("kind", Order),
    sa.Index("ix_privacy_orders_name", "name", "id"),
)
