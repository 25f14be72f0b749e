"""The words of what is stuck: whose workflow it is, what troubles it, and what mends it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from activities.look import Woken
from activities.names import rollout_id, standing_id, webhook_id
from ops.history import Attempt

_PREFIXES = {"subject": standing_id(""), "receiver": webhook_id(""), "version": rollout_id("")}


class Whose(StrEnum):
    """Whose workflow it is: a case's, or the courier of a subject, of a receiver of webhooks, or of a version."""

    CASE = "case"
    SUBJECT = "subject"
    RECEIVER = "receiver"
    VERSION = "version"


class Trouble(StrEnum):
    """What is wrong with it."""

    OVERDUE = "overdue"
    UNREAD = "unread"
    UNTOLD = "untold"
    MISTOLD = "mistold"
    UNDELIVERED = "undelivered"
    HALTED = "halted"
    FAILING = "failing"
    NO_WORKFLOW = "no_workflow"
    NO_CASE = "no_case"


class Repair(StrEnum):
    """What mends it and can do no harm: the rows are the truth, and a workflow that reads them does what is due.

    `look`: its workflow reads its rows, and is begun where there is none. `anew`: its workflow is ended, and another
    one begins by reading the rows: for one that the workers' build can't go on with.
    """

    LOOK = "look"
    ANEW = "anew"


@dataclass(frozen=True, order=True)
class Thing:
    """Something that has a workflow, by its own name."""

    whose: Whose
    name: str

    @classmethod
    def of_workflow(cls, workflow_id: str) -> "Thing":
        """Whose workflow has this id."""
        for whose, prefix in _PREFIXES.items():
            if workflow_id.startswith(prefix):
                return cls(Whose(whose), workflow_id.removeprefix(prefix))
        return cls(Whose.CASE, workflow_id)

    @property
    def workflow_id(self) -> str:
        """The id of its workflow."""
        return f"{_PREFIXES.get(self.whose, '')}{self.name}"

    @property
    def woken(self) -> Woken:
        """It alone, to be woken."""
        if self.whose is Whose.CASE:
            return Woken(cases=[self.name])
        if self.whose is Whose.SUBJECT:
            return Woken(subjects=[self.name])
        return Woken(receivers=[self.name]) if self.whose is Whose.RECEIVER else Woken(versions=[self.name])


@dataclass(frozen=True)
class Stuck:
    """Something that does not go on: what troubles it, since when, where that is known, and what mends it.

    Without a `repair` nothing of ours mends it: it goes on by itself once its cause is gone, or a person decides.
    `failing` is what is tried again and again; `waiting` how many deliveries wait.
    """

    thing: Thing
    trouble: Trouble
    since: datetime | None
    repair: Repair | None = Repair.LOOK
    failing: Attempt | None = None
    waiting: int | None = None
