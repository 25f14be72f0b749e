"""How does a checkpoint leave the database? As a small file in a folder or bucket, with all that proves it."""

import json
from collections.abc import Iterator

from sqlalchemy import Engine, RowMapping

from store import checkpoint
from store.checkpoint import Body
from store.copies import Copies
from workers.checkpoints.signing import proven

_PAGE = 500


def keep(engine: Engine, copies: Copies, after: int | None) -> int:
    """Keep those after a number; without one all that are not kept yet. Gives the number of the newest.

    Raises:
        AwayError: it can't be used; those that were not kept are when it can.
    """
    there = {digest for _, digest in copies.listing()} if after is None else set()
    number = after or 0
    for row in _each(engine, number):
        if row["hash"] not in there:
            copies.keep(row["number"], row["hash"], copy(Body.of(row), row["signature"]))
        number = row["number"]
    return number


def copy(body: Body, signature: str) -> bytes:
    """A checkpoint as a file: the text that is signed, and the signature."""
    return json.dumps({"checkpoint": json.loads(body.text), "signature": signature}, ensure_ascii=False).encode()


def taken(text: bytes, trusted: frozenset[str]) -> Body | None:
    """What a kept file says; None where no trusted key has signed it."""
    try:
        said = json.loads(text)
        body = Body.of(said["checkpoint"])
        good = body.key in trusted and proven(body.text, said["signature"], body.key)
    except (ValueError, KeyError, TypeError):
        return None
    return body if good else None


def _each(engine: Engine, number: int) -> Iterator[RowMapping]:
    while True:
        with engine.begin() as connection:
            rows = checkpoint.after(connection, number, _PAGE)
        yield from rows
        if len(rows) < _PAGE:
            return
        number = rows[-1]["number"]
