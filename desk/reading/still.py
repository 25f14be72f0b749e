"""As long as nobody writes anything, what was answered still holds: so pages can ask again and again at little cost.

`pg_current_snapshot()` names the transactions that are seen: it is another one as soon as any that wrote has ended. It
is asked before an answer is looked for, so an answer is never older than its snapshot.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Engine

from store.engine import one_by_one

_NOW = sa.select(sa.cast(sa.func.pg_current_snapshot(), sa.Text))
# What time alone changes is news that late.
HOLDS = timedelta(minutes=5)
# So many answers are kept at most, those that were asked for last.
_MOST = 4096

T = TypeVar("T")


class Still:
    """Keeps answers in this process, each with the snapshot that it holds for."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._kept: OrderedDict[Hashable, tuple[str, datetime, Any]] = OrderedDict()
        self._lock = Lock()

    def answer(self, question: Hashable, ask: Callable[[], T]) -> T:
        """The answer to a question: the one that was given, where nothing was written since; else what `ask` finds.

        A question says all that its answer depends on, who asks among it. What `ask` raises is not kept.
        """
        with one_by_one(self._engine) as connection:
            snapshot: str = connection.execute(_NOW).scalar_one()
        now = self._now()
        with self._lock:
            known = self._kept.get(question)
        if known is not None and known[0] == snapshot and now - known[1] < HOLDS:
            return known[2]  # type: ignore[no-any-return]  # the question's
        found = ask()
        with self._lock:
            self._kept[question] = (snapshot, now, found)
            self._kept.move_to_end(question)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found
