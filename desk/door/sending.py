"""A command on its way: what its sender asked, and whether it was answered already."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection

from activities.command import Command
from activities.move.input import Input, Report
from activities.retention import kept
from rulebook.policy import Policy
from states.situation import Actor
from states.terms import PARTIES, Code, Kind, RefusedError
from store import case as cases
from store import command as commands
from store import text
from store.case import Case
from store.command import Stored
from store.keyring import of_case, of_party


class Sending(NamedTuple):
    """A command with its input, and the texts that it refers to, by their ids."""

    command: Command
    said: Input
    texts: Mapping[str, str]


def answer_of(connection: Connection, key: bytes, sending: Sending, stored: Stored | None) -> dict[str, Any] | None:
    """The answer of a command that was carried out; `stored` is what is found under its sender's key.

    `key` is that by which commands are signed.

    Raises:
        RefusedError: `key_reused`: the same key, or the same act's reference, was sent with something else.
    """
    if stored is None:
        return _of_the_same_act(connection, key, sending)
    command = sending.command
    verb = command.kind.value if command.event == "submit" else command.event
    if stored.body not in {command.body, former_hash_of(verb, command.case, sending.said)}:
        raise RefusedError(Code.KEY_REUSED, "key_reused", "key")
    return stored.answer


def _of_the_same_act(connection: Connection, key: bytes, sending: Sending) -> dict[str, Any] | None:
    """The answer of the report that was filed under the same reference, whatever its key was."""
    said = sending.said
    if not isinstance(said, Report) or said.reference is None:
        return None
    found = cases.by_reference(connection, said.reference)
    if found is None or found[1] != sending.command.actor:  # of others' acts nothing is answered: the commit refuses
        return None
    case = found[0]
    stored = commands.opening(connection, case)
    if stored.body not in {hash_of(key, "report", case, said), former_hash_of("report", case, said)}:
        raise RefusedError(Code.KEY_REUSED, "reference_reused", "reference")
    return stored.answer


def kind_of(case: str) -> Kind:
    """The kind, by the id alone: so a case that is hidden from the actor is refused like one that is not there."""
    return Kind.APPEAL if case.startswith(f"{Kind.APPEAL}-") else Kind.REPORT


def hash_of(key: bytes, verb: str, case: str, said: Input) -> str:
    """The hash by which a reused key is found. Later releases must hash a wish the same: it may be sent again.

    It is made by a key, so that nobody finds by trying what was said, when it is erased.
    """
    return hmac.digest(key, _wish(verb, case, said), "sha256").hex()


def former_hash_of(verb: str, case: str, said: Input) -> str:
    """The same, as releases made it that did not encrypt."""
    return hashlib.sha256(_wish(verb, case, said)).hexdigest()


def _wish(verb: str, case: str, said: Input) -> bytes:
    words = {field: text.sha256(body) for field, body in said.words().items()}
    return json.dumps([verb, case, said.facts(), words], sort_keys=True).encode()


def owners_of(case: Case, author: Actor | None, rules: Policy) -> list[str]:
    """Whose words somebody says in a case: of whom it is against, and of who says them, unless they are of the staff.

    They are the case's too, where its `rules` don't keep them always.
    """
    who = author.id if author and author.role in PARTIES else None
    parties = [of_party(one) for one in dict.fromkeys((who, case.respondent)) if one]
    return parties if kept(rules, case.kind) is None else [*parties, of_case(case.id)]
