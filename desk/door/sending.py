"""A command on its way: what its sender asked, and whether it was answered already."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection

from activities.command import Command
from activities.move.input import Input, Report
from states.terms import Code, Kind, RefusedError
from store import case as cases
from store import command as commands
from store import text
from store.command import Stored


class Sending(NamedTuple):
    """A command with its input, and the texts that it refers to, by their ids."""

    command: Command
    said: Input
    texts: Mapping[str, str]


def answer_of(connection: Connection, sending: Sending, stored: Stored | None) -> dict[str, Any] | None:
    """The answer of a command that was carried out; `stored` is what is found under its key.

    Raises:
        RefusedError: `key_reused`: the same key, or the same act's reference, was sent with something else.
    """
    if stored is None:
        return _of_the_same_act(connection, sending)
    if stored.body != sending.command.body:
        raise RefusedError(Code.KEY_REUSED, "key_reused", "key")
    return stored.answer


def _of_the_same_act(connection: Connection, sending: Sending) -> dict[str, Any] | None:
    """The answer of the report that was filed under the same reference, whatever its key was."""
    said = sending.said
    if not isinstance(said, Report) or said.reference is None:
        return None
    found = cases.by_reference(connection, said.reference)
    if found is None or found[1] != sending.command.actor:  # of others' acts nothing is answered: the commit refuses
        return None
    case = found[0]
    stored = commands.opening(connection, case)
    if stored.body != hash_of("report", case, said):
        raise RefusedError(Code.KEY_REUSED, "reference_reused", "reference")
    return stored.answer


def kind_of(case: str) -> Kind:
    """The kind, by the id alone: so a case that is hidden from the actor is refused like one that is not there."""
    return Kind.APPEAL if case.startswith(f"{Kind.APPEAL}-") else Kind.REPORT


def hash_of(verb: str, case: str, said: Input) -> str:
    """The hash by which a reused key is found. Later releases must hash a wish the same: it may be sent again."""
    words = {field: text.sha256(body) for field, body in said.words().items()}
    return hashlib.sha256(json.dumps([verb, case, said.facts(), words], sort_keys=True).encode()).hexdigest()
