"""Accounts of the demo cast. Their password is public: they are marked, and only a demo lets them in."""

from collections.abc import Collection

from sqlalchemy import Connection

from desk.demo import cast
from desk.identity.accounts import hashed
from desk.identity.factor import new_secret
from store import identity, party

PASSWORD = "casework-demo"  # noqa: S105  # no secret


STAFF = frozenset(cast.STAFF)
EVERYBODY = STAFF.union(cast.CREATORS, *cast.AGENCIES.values())


def introduce(connection: Connection, staff: Collection[str] = STAFF, everybody: Collection[str] = EVERYBODY) -> None:
    """Give the demo cast, or another, accounts, and its staff second factors, new ones at the first start.

    An account that is there already stays as it is, but for a second factor that one of the cast's staff lacks. Who
    has left has none.
    """
    there = [person for person in sorted(everybody) if party.actor(connection, person) is not None]
    known = {person: identity.account(connection, person) for person in there}
    missing = [person for person, account in known.items() if account is None]
    password = hashed(PASSWORD) if missing else ""
    for person in missing:
        identity.enter_account(connection, person, password, demo=True)
    for person in known.keys() & set(staff):
        account = known[person]
        if account is None or (account.demo and account.totp_secret is None):
            identity.change_account(connection, person, {"totp_secret": new_secret()})
