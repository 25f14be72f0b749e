"""The form of a token: a JWT in compact form of at most 8 KiB, whose header and claims repeat no name."""

import json
import re
from typing import Any

from jwt.utils import base64url_decode

from desk.identity.unproven import UnprovenError

LONGEST = 8 * 1024
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def must_be_compact(token: str) -> None:
    """Refuse what two parsers could read differently.

    Raises:
        UnprovenError: it has another form, is too large, or has a name twice.
        ValueError: header or claims are no JSON.
        RecursionError: they are nested too deeply.
    """
    if len(token) > LONGEST or not _COMPACT.fullmatch(token):
        raise UnprovenError("no token in compact form, or too large")
    for part in token.split(".")[:2]:
        json.loads(base64url_decode(part), object_pairs_hook=_each_once)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnprovenError("something is said twice")
    return found
