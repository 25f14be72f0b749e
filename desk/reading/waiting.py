"""For whom does a case wait, and until when? Of the table: the first move that leads on, and the time that would."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from states.law import Who
from states.situation import ENGINE, Situation
from states.tables import TABLES


@dataclass(frozen=True)
class Waits:
    """Who makes the move that a case waits for; `until` is when time moves it instead, where its reader is told."""

    who: Who
    until: datetime | None


def waits(situation: Situation, told: Collection[str]) -> Waits | None:
    """What a case waits for, whoever reads it; none of a closed one. `told`: the deadlines that its reader gets."""
    seen = replace(situation, actor=ENGINE)
    rows = [row for row in TABLES[seen.kind].rows if row.source is seen.status and row.applies(seen)]
    on = [row for row in rows if row.who is not Who.CLOCK and not row.stays]
    dues = [row.due for row in rows if row.due is not None and row.due in told]
    return Waits(Who(on[0].who), seen.dues[dues[0]] if dues else None) if on else None
