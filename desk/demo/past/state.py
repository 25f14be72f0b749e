"""Is a past there, and all of it? By the commands of its first and last step, so that the story need not be read."""

from datetime import datetime

from sqlalchemy import Connection

from activities.command import command_id
from store import command as commands

# Who acts, and the step's number: of the first step, which says when the story begins, and of the last.
FIRST, LAST = ("ann", 1), ("ann", 399)


def key(step: object) -> str:
    """The key of a step's command."""
    return f"demo year, step {step}"


def begun(connection: Connection) -> datetime | None:
    """When the story in this engine begins; none where there is none."""
    return commands.done_at(connection, _command(*FIRST))


def complete(connection: Connection) -> bool:
    """Whether the whole story is there."""
    return commands.done_at(connection, _command(*LAST)) is not None


def _command(by: str, number: int) -> str:
    return command_id(by, key(number))
