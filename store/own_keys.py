"""Are the keys at hand those of this database? Asked at each start, before anything is written by others."""

import logging

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from store import cipher, secret
from store.keyring import Keyring, LostError, of_party

log = logging.getLogger("casework.keys")
ANEW = "--accept-lost-keys"
_ENCRYPTS = sa.text("""
SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('texts') AND attname = 'wrapped')
""")
# The newest words, which older keys would not open, and any others.
_WORDS = sa.text("""
(SELECT t.wrapped_by, t.wrapped
FROM (SELECT facts FROM journal ORDER BY number DESC LIMIT 200) j
CROSS JOIN LATERAL jsonb_each_text(j.facts) AS said
JOIN texts t ON t.id = said.value AND t.wrapped IS NOT NULL LIMIT 5)
UNION ALL
(SELECT t.wrapped_by, t.wrapped FROM cases c JOIN texts t ON t.id = c.text AND t.wrapped IS NOT NULL LIMIT 5)
""")
_FACTORS = sa.text("SELECT person, totp_secret FROM accounts WHERE totp_secret IS NOT NULL LIMIT 5")


class ForeignKeysError(LostError):
    """The keys do not open what is written in the database: they are another's, older, or lost."""


def prove(engine: Engine, keys: Keyring, anew: bool) -> None:  # it is called in threads
    """Open some of what is written; with `anew`, keys that do not are taken for those that follow lost ones.

    Nothing is written but that, and by nobody's key.

    Raises:
        ForeignKeysError: they do not.
        UnknownMasterError: another master key wrapped them.
        AwayError: they can't be reached.
    """
    try:
        with engine.connect() as connection:
            _open_some(connection, keys)
    except LostError:
        if not anew:
            raise ForeignKeysError(
                f"keys_lost: The keys at {keys.url} do not open what was written in this database: set "
                f"CASEWORK_KEYS_URL to where its own lie; only if they are lost for good, start with `{ANEW}`."
            ) from None
        log.warning("what was written by keys that are lost is read as erased from now on")
        keys.begin_anew()


def _open_some(connection: Connection, keys: Keyring) -> None:
    if not connection.scalar(_ENCRYPTS):
        return
    words = connection.execute(_WORDS).all()
    for row in words:
        cipher.unlock(keys, row.wrapped_by, row.wrapped)
    for row in [] if words else connection.execute(_FACTORS).all():
        secret.proved(keys, of_party(row.person), row.totp_secret)
