"""Where does the next page of a list begin? After the last row's sort key; to clients the cursor is opaque."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from rulebook.terms import PRIORITIES
from states.terms import Code, RefusedError

MOST = 100
# Of a number in a cursor: more would be none that PostgreSQL counts with.
_DIGITS = 18


@dataclass(frozen=True)
class Page:
    """Rows of a list, and the cursor of the page after it, if there is one."""

    rows: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True)
class Cursor:
    """The sort it belongs to, and the last row's time (none: it has none), id and, if sorted by it, priority."""

    sort: str
    at: datetime | None
    id: str
    priority: int | None = None

    def opaque(self) -> str:
        """The cursor as clients send it: JSON in base64url, without padding."""
        rank = [] if self.priority is None else [self.priority]
        told = json.dumps([self.sort, self.at.isoformat() if self.at else None, self.id, *rank])
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read(opaque: str | None, sort: str, *, ranked: bool = False) -> Cursor | None:
    """The cursor of a list in this sort; `ranked`: which is by priority first.

    Raises:
        RefusedError: `invalid`, field `cursor`: it is none, or one of another sort.
    """
    if opaque is None:
        return None
    try:
        told = json.loads(base64.b64decode(opaque + "=" * (-len(opaque) % 4), altchars=b"-_", validate=True))
        its, at, last, *rank = told
        found = Cursor(its, datetime.fromisoformat(at) if at is not None else None, last, *rank)
        last.encode()
    except (ValueError, TypeError, AttributeError):
        raise _refused("no_cursor") from None
    if not isinstance(its, str) or not isinstance(last, str) or "\0" in last or (found.at and not found.at.tzinfo):
        raise _refused("no_cursor")
    if its != sort:
        raise _refused("cursor_of_another_order")
    known = type(found.priority) is int and found.priority in PRIORITIES
    if not (known if ranked else found.priority is None):
        raise _refused("no_cursor")
    return found


def size(limit: int) -> int:
    """How many rows a page may have.

    Raises:
        RefusedError: `invalid`, field `limit`.
    """
    if not 1 <= limit <= MOST:
        raise RefusedError(Code.INVALID, "page_size", "limit", most=MOST)
    return limit


def paged(
    found: Sequence[Mapping[Any, Any] | sa.RowMapping], limit: int, sort: str, key: str | None, *, ranked: bool = False
) -> Page:
    """The page of at most `limit` of the rows found; one more was asked for, to know whether there is a next.

    `key` names the time by which they are sorted before their ids, if by any.
    """
    rows = [dict(row) for row in found[:limit]]
    if len(found) <= limit:
        return Page(rows, None)
    last = rows[-1]
    at = last[key] if key is not None else None
    return Page(rows, Cursor(sort, at, last["id"], last["priority"] if ranked else None).opaque())


def by_name(connection: Connection, query: sa.Select[Any], name: sa.Column[Any], after: str | None, limit: int) -> Page:
    """A page of `limit` rows of the query, in the order of their names.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    start, most = read(after, name.name), size(limit)
    if start is not None:
        query = query.where(name > start.id)
    rows = connection.execute(query.order_by(name).limit(most + 1)).mappings().all()
    return paged(rows, most, name.name, None)


def oldest_first(
    connection: Connection, query: sa.Select[Any], made: sa.Column[Any], last: sa.Column[Any], after: str | None
) -> Page:
    """A page of `MOST` rows of the query, in the order in which they were `made`, and of their ids.

    Raises:
        RefusedError: `invalid`, field `cursor`.
    """
    start, order = read(after, made.name), sa.tuple_(made, last)
    if start is not None and start.at is None:
        raise _refused("no_cursor")
    if start is not None:
        query = query.where(order > sa.tuple_(start.at, start.id))
    rows = connection.execute(query.order_by(made, last).limit(MOST + 1)).mappings().all()
    return paged(rows, MOST, made.name, made.name)


def newest_first(
    connection: Connection,
    query: sa.Select[Any],
    happened: sa.Column[Any] | sa.Label[Any],
    last: sa.Column[Any] | sa.Label[Any],
    after: str | None,
    limit: int,
) -> Page:
    """A page of `limit` rows of the query, in the reverse order in which they `happened`, and of their ids.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    sort, most = f"-{happened.name}", size(limit)
    start, order = read(after, sort), sa.tuple_(happened, last)
    if start is not None and start.at is None:
        raise _refused("no_cursor")
    if start is not None:
        query = query.where(order < sa.tuple_(start.at, start.id))
    rows = connection.execute(query.order_by(happened.desc(), last.desc()).limit(most + 1)).mappings().all()
    return paged(rows, most, sort, happened.name)


def highest_first(
    connection: Connection,
    query: sa.Select[Any],
    number: sa.ColumnElement[int],
    after: str | None,
    limit: int | None,
    params: Mapping[str, object] | None = None,
) -> Page:
    """A page of `limit` rows of the query, from the highest `number` down, which is its readers' to know; None: all.

    Raises:
        RefusedError: `invalid`; field `cursor` or `limit`.
    """
    name, most = str(number.key), None if limit is None else size(limit)
    start = read(after, f"-{name}")
    if start is not None:
        query = query.where(number < _number(start.id))
    query = query.order_by(number.desc()).limit(None if most is None else most + 1)
    rows = [dict(row) for row in connection.execute(query, params or {}).mappings()]
    if most is None or len(rows) <= most:
        return Page(rows, None)
    return Page(rows[:most], Cursor(f"-{name}", None, str(rows[most - 1][name])).opaque())


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise _refused("no_cursor")
    return int(text)


def _refused(key: str) -> RefusedError:
    return RefusedError(Code.INVALID, key, "cursor")
