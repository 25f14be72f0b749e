"""How are the files that an older release left encrypted? Some at a time, and a record vouches for their rows anew.

The bytes are stored anew, and those that were there go once no row names them. Who was erased before their files were
encrypted is so then: the key is kept nowhere. What is missing, or not what was brought, stays, and `verify` names it.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

from sqlalchemy import Connection, Engine

from states.terms import PARTIES, Role
from store import cipher, encrypting, evidence, journal, keyring, pieces, text
from store.cipher import Locked
from store.keyring import DestroyedError, name_of, of_party
from store.objects import Objects
from workers.clearing import remove

log = logging.getLogger("casework.encrypting")
_MOST = 20
_Row = Mapping[Any, Any]


def encrypt_files(engine: Engine, objects: Callable[[], Objects], now: datetime) -> int:
    """Encrypt the files that are not, and give how many were; where there are none, it is a look.

    Raises:
        AwayError: the bytes can't be reached; what was encrypted is.
    """
    after, done = "", 0
    while found := _plain(engine, after):
        after = found[-1]["id"]
        made = {row["id"]: stored for row in found if (stored := _stored(objects(), row))}
        with engine.begin() as connection, journal.recording(connection, encrypting.TOPIC, now):
            named = [row for row in found if row["id"] in made and _change(connection, row, *made[row["id"]])]
        done += len(named)
        for hash_ in {row["hash"] for row in named} | {digest for _, digest in made.values()}:
            remove(engine, objects(), hash_)
    return done


def _plain(engine: Engine, after: str) -> Sequence[_Row]:
    with engine.begin() as connection:
        return evidence.plain(connection, after, _MOST)


def _stored(objects: Objects, row: _Row) -> tuple[bytes, str] | None:
    """A new key, and the hash of the bytes as they are stored by it; None where they are not what was brought."""
    with TemporaryFile() as file:
        found = hashlib.sha256()
        for chunk in objects.chunks(row["hash"]):
            found.update(chunk)
            file.write(chunk)
        if found.hexdigest() != row["hash"]:
            log.warning("the bytes of %s are gone, or not those that were stored", row["id"])
            return None
        key = pieces.new_key()
        return key, objects.keep(file, key)


def _change(connection: Connection, row: _Row, key: bytes, digest: str) -> bool:
    """Let the row name what is stored now; whether no other process was first."""
    evidence.hold(connection, digest)
    return evidence.encrypt(connection, row, digest, cipher.seal_text(key, row["name"]), _locked(connection, row, key))


def _locked(connection: Connection, row: _Row, key: bytes) -> Locked:
    author = row["brought_by"] if Role(row["role"]) in PARTIES else None
    owners = [of_party(who) for who in dict.fromkeys((author, row["respondent"])) if who] or [text.HOUSE]
    try:
        return cipher.locked(keyring.of(connection), owners, key)
    except DestroyedError:
        return Locked([name_of(owner) for owner in owners], None)
