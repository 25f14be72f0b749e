"""Does what is fed fit what is known already? Names, subjects and regions that a feed refers to."""

import unicodedata
from datetime import datetime

from sqlalchemy import Connection

from activities.rulebooks import Rulebooks
from rulebook.terms import SubjectKind
from states.terms import Code, RefusedError
from store import party

# The product's own actors, and what stands in for hidden names: nobody else may be called so.
RESERVED = frozenset(
    {
        "clock", "engine", "platform", "time", "the engine", "the platform", "a reviewer", "another agency",
        "me", "nobody",
    }
)  # fmt: skip


def must_be_free(name: str, field: str) -> None:
    """Refuse a reserved name (`invalid`)."""
    if " ".join(unicodedata.normalize("NFKC", name).casefold().split()) in RESERVED:
        raise RefusedError(Code.INVALID, "reserved_name", field, name=name)


def must_be(connection: Connection, name: str, kind: SubjectKind, field: str) -> None:
    """Refuse a name that is no subject of that kind (`invalid`)."""
    found = party.subject(connection, name)
    if found is None or found.kind is not kind:
        raise RefusedError(Code.INVALID, "no_such_subject", field, kind=kind.value, name=name)


def must_know_region(connection: Connection, rulebooks: Rulebooks, region: str, at: datetime, field: str) -> None:
    """Refuse a region that has no rules in force (`invalid`)."""
    if region not in rulebooks.timeline(connection).regions(at):
        raise RefusedError(Code.INVALID, "no_region", field, region=region)
