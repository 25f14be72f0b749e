"""Has the database every checkpoint that was kept outside of it, and are all of its own kept there?"""

from collections.abc import Iterator
from datetime import datetime

from ops.verify.checkpoints import PATIENCE, Walked
from ops.verify.difference import Difference
from store.checkpoint import Body
from store.copies import Copies
from workers.checkpoints.keep import taken

Name = tuple[int, str]


def copies(kept: Copies, trusted: frozenset[str], now: datetime, walked: Walked) -> Iterator[Difference]:
    """Compare the names of what is kept with what the database has, and read those that it doesn't have.

    Raises:
        AwayError: the copies can't be read.
    """
    names, ours = set(kept.listing()), set(walked.hashes.items())
    for number, digest in sorted(ours - names):
        if walked.last is None or number < walked.last.number or walked.last.at < now - PATIENCE:
            yield Difference(f"checkpoints/{number}", "it is not kept outside the database", digest)
    others = {name: _said(kept, name, trusted) for name in sorted(names - ours)}
    abandoned = _branches(others, walked.abandoned)
    for name, body in others.items():
        if body is None:
            yield Difference(f"copies/{name[0]}-{name[1]}", "nobody who is trusted signed it")
        elif name not in abandoned:
            found = walked.hashes.get(name[0], "nothing")
            yield Difference(f"checkpoints/{name[0]}", "the database was set back behind it", name[1], found)


def heads(kept: Copies, trusted: frozenset[str], ours: dict[int, str], abandoned: set[str]) -> list[str]:
    """The ends of what the database doesn't have, and has not abandoned yet.

    Raises:
        AwayError: the copies can't be read.
    """
    others = {name: _said(kept, name, trusted) for name in set(kept.listing()) - set(ours.items())}
    gone = _branches(others, abandoned)
    left = {name: body for name, body in others.items() if body and name not in gone}
    continued = {body.previous for body in left.values()}
    return sorted(digest for _, digest in left if digest not in continued)


def _said(kept: Copies, name: Name, trusted: frozenset[str]) -> Body | None:
    body = taken(kept.read(*name), trusted)
    return body if body and (body.number, body.hash) == name else None


def _branches(others: dict[Name, Body | None], heads: set[str]) -> set[Name]:
    """The names of those that end in a checkpoint which was abandoned."""
    by_hash = {name[1]: (name, body) for name, body in others.items() if body}
    found, left = set[Name](), [*heads]
    while left:
        if (one := by_hash.get(left.pop())) is not None:
            found.add(one[0])
            left.append(one[1].previous)
    return found
