"""Asks the queue of the checkout that runs it, which may be an older one: `bench/queue.py` says what.

Its argument is a database, which it migrates. Then it reads questions, a line of JSON each, and answers with one.
It imports what every checkout has, and looks up by name what some don't.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from states.situation import Actor
from states.terms import Role
from store import queue
from store import row_security as belt
from store.engine import connect
from store.migrate import migrate

# An older queue had one value for each filter, and everything open in it.
NOW = find_spec("store.search") is not None
FILTER: Any = import_module("store.wanted" if NOW else "store.queue").Filter
SORT: Any = import_module("store.order" if NOW else "store.queue").Sort
MOST = 100


def main() -> None:
    """Say when the database is ready, and answer until there are no more questions."""
    engine = connect(sys.argv[1], pool=1)
    migrate(engine)
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(engine, json.loads(line))), flush=True)


def answer(engine: Engine, question: Mapping[str, Any]) -> dict[str, Any]:
    """The milliseconds of CPU of each run, of the server and of this process, and the page's ids; or that it can't."""
    found = _filter(question["wanted"])
    if found is None or question["sort"] not in set(SORT):
        return {"server": [], "here": [], "ids": []}
    regions, languages = frozenset(question["regions"]), frozenset(question["languages"])
    actor = Actor("mod", Role(question["role"]), regions=regions, languages=languages)
    asked = actor, datetime.fromisoformat(question["at"]), found, SORT(question["sort"])
    after = None
    for _ in range(question["pages"]):
        after = _page(engine, *asked, after, MOST).next
    server, here, ids = list[float](), list[float](), list[str]()
    with engine.connect() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    for _ in range(question["runs"]):
        before, start = worked(pid), time.process_time()
        page = _page(engine, *asked, after, question["limit"])
        here.append((time.process_time() - start) * 1000)
        server.append(worked(pid) - before)
        ids = [row["id"] for row in page.rows]
    return {"server": server, "here": here, "ids": ids}


def worked(pid: int) -> float:
    """The milliseconds of CPU that the server's process for our only connection has used."""
    return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0]) / 1e6


def _page(engine: Engine, actor: Actor, at: datetime, wanted: Any, sort: Any, after: str | None, limit: int) -> Any:
    page: Callable[..., Any] = queue.page
    with belt.reading(engine, actor, at) as connection:
        if NOW:
            looked = import_module("store.search").search(connection, actor, at, wanted)
            return page(connection, looked, sort, after, limit)
        return page(connection, actor, at, wanted, sort, after, limit)


def _filter(wanted: Mapping[str, Any]) -> Any | None:
    known, made = {field.name for field in fields(FILTER)}, dict[str, Any]()
    for name, value in wanted.items():
        one = f"{name.removesuffix('ies')}y" if name.endswith("ies") else name.removesuffix("s")
        if name in known:
            made[name] = frozenset(value) if isinstance(value, list) else value
        elif one in known and len(value) == 1:
            made[one] = value[0]
        elif (name, value) != ("claimable", False):
            return None
    return FILTER(**made)


if __name__ == "__main__":
    main()
