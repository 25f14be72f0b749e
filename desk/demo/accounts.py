"""Accounts of the demo cast. Password and second factors are public: only for embedded engines on one machine."""

import base64
import hashlib

from sqlalchemy import Connection

from desk.demo import cast
from desk.identity.accounts import hashed
from store import identity

PASSWORD = "casework-demo"  # noqa: S105  # no secret


def introduce(connection: Connection) -> None:
    """Give the demo cast accounts, and its staff second factors; accounts that are there already stay as they are."""
    people = [*cast.CREATORS, *(person for agency in cast.AGENCIES.values() for person in agency)]
    missing = [who for who in [*people, *cast.STAFF] if identity.account(connection, who) is None]
    if not missing:
        return
    password = hashed(PASSWORD)
    for person in missing:
        identity.enter_account(connection, person, password)
        if person in cast.STAFF:
            identity.change_account(connection, person, {"totp_secret": factor_of(person)})


def factor_of(person: str) -> str:
    """The secret of a demo person's second factor: always the same, so that an app is set up once."""
    return base64.b32encode(hashlib.sha256(f"casework demo {person}".encode()).digest()[:20]).decode()
