"""Accounts of the demo cast are marked; those that are there already are known by what everybody knows of them.

Their second factors were computed from the source: they go, and a demo gives new ones at its next start.
"""

import base64
import hashlib

import sqlalchemy as sa
from alembic import op
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_CAST = ("ann", "bob", "eve", "jan", "kim", "lee", "max", "mia", "oli", "sam", "sue", "tom")
_PASSWORD = "casework-demo"  # noqa: S105  # no secret


def upgrade() -> None:
    op.add_column("accounts", sa.Column("demo", sa.Boolean(), server_default="false", nullable=False))
    bind = op.get_bind()
    listed = sa.text("SELECT person, password, totp_secret FROM accounts WHERE person = ANY (:people)")
    found = bind.execute(listed, {"people": list(_CAST)}).all()
    demo = [person for person, password, secret in found if secret == _factor(person) or _right(password)]
    public = [person for person, _, secret in found if secret == _factor(person)]
    bind.execute(sa.text("UPDATE accounts SET demo = true WHERE person = ANY (:people)"), {"people": demo})
    forget = sa.text("UPDATE accounts SET totp_secret = NULL, totp_step = NULL WHERE person = ANY (:people)")
    bind.execute(forget, {"people": public})
    bind.execute(sa.text("DELETE FROM sessions WHERE person = ANY (:people)"), {"people": demo})


def _factor(person: str) -> str:
    return base64.b32encode(hashlib.sha256(f"casework demo {person}".encode()).digest()[:20]).decode()


def _right(password: str) -> bool:
    try:
        return PasswordHasher().verify(password, _PASSWORD)
    except (VerificationError, InvalidHashError):
        return False
