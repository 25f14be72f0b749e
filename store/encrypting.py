"""How are the words that an older release left encrypted? Some at a time, and a record vouches for their rows anew."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from states.terms import PARTIES
from store import draft, identity, journal, seal, secret, text
from store.keyring import of_party
from store.schema.cases import texts
from store.schema.identity import accounts
from store.schema.webhooks import webhooks

TOPIC = "encryption"
_MOST = 500
_LEFT = sa.select(sa.exists().where(texts.c.wrapped_by.is_(None)))
_LAST = sa.text("SELECT coalesce(max(number), 0) FROM journal")
# What the lines of a stretch of the journal said: by whom, in a case against whom.
_SAID = sa.text("""
SELECT DISTINCT ON (t.id) t.id, t.body, p.id AS author, p.role, c.respondent
FROM journal j
JOIN cases c ON c.id = j."case"
LEFT JOIN people p ON p.id = j.actor
CROSS JOIN LATERAL jsonb_each_text(j.facts) AS said
JOIN texts t ON t.id = said.value AND t.wrapped_by IS NULL
WHERE j.number > :after AND j.number <= :after + :most
ORDER BY t.id
""")
_OF_VERSIONS = sa.text("""
SELECT DISTINCT t.id, t.body FROM version_moves m
CROSS JOIN LATERAL jsonb_each_text(m.facts) AS said
JOIN texts t ON t.id = said.value AND t.wrapped_by IS NULL
""")
# What no line names: a command may still be on its way to it, and no chain has it.
_NOBODYS = sa.text("SELECT id, body FROM texts WHERE wrapped_by IS NULL ORDER BY id LIMIT :most")
_ENCRYPT = (
    sa.update(texts)
    .where(texts.c.id == sa.bindparam("of_id"), texts.c.wrapped_by.is_(None))
    .values({name: sa.bindparam(f"new_{name}") for name in ("sha256", "body", "wrapped_by", "wrapped")})
    .returning(*texts.c)
)
_FACTORS = sa.select(accounts.c.person, accounts.c.totp_secret).where(secret.plain(accounts.c.totp_secret))
_RECEIVERS = sa.select(webhooks.c.id, webhooks.c.secret).where(secret.plain(webhooks.c.secret))
# A text, and whose words they are.
_Plain = tuple[str, str, Sequence[str]]


def encrypt(engine: Engine, now: datetime) -> None:
    """Encrypt the words, drafts and secrets that are not; where there are none, it is a look."""
    with engine.begin() as connection:
        _secrets(connection)
        draft.encrypt(connection)
        if not connection.execute(_LEFT).scalar():
            return
        last = connection.execute(_LAST).scalar_one()
    for after in range(0, last, _MOST):
        with engine.begin() as connection, journal.recording(connection, TOPIC, now):
            _encrypt(connection, _said(connection, after))
    with engine.begin() as connection, journal.recording(connection, TOPIC, now):
        rows = connection.execute(_OF_VERSIONS).all()
        _encrypt(connection, [(row.id, row.body, [text.HOUSE]) for row in rows])
    while True:
        with engine.begin() as connection:
            rows = connection.execute(_NOBODYS, {"most": _MOST}).all()
            _encrypt(connection, [(row.id, row.body, [text.HOUSE]) for row in rows])
            seal.forget(connection)
        if not rows:
            return


def _secrets(connection: Connection) -> None:
    for row in connection.execute(_FACTORS).all():
        identity.change_account(connection, row.person, {"totp_secret": row.totp_secret})
    for row in connection.execute(_RECEIVERS).all():
        kept = secret.encrypted(connection, secret.HOUSE, row.secret)
        connection.execute(sa.update(webhooks).where(webhooks.c.id == row.id).values(secret=kept))


def _said(connection: Connection, after: int) -> Iterator[_Plain]:
    for row in connection.execute(_SAID, {"after": after, "most": _MOST}).all():
        author = row.author if row.role in PARTIES else None
        yield row.id, row.body, [of_party(who) for who in dict.fromkeys((author, row.respondent)) if who]


def _encrypt(connection: Connection, plain: Sequence[_Plain] | Iterator[_Plain]) -> None:
    for id_, body, owners in plain:
        fresh = {f"new_{name}": value for name, value in text.row(connection, id_, body, owners).items()}
        rows = connection.execute(_ENCRYPT, fresh | {"of_id": id_}).mappings().all()
        seal.note(connection, texts, rows)
