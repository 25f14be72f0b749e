"""Is the code of a second factor right? Time-based codes (RFC 6238): of this half minute, the last or the next."""

import hmac
from datetime import datetime

import pyotp

_STEPS = (0, -1, 1)


def new_secret() -> str:
    """A new secret of 160 bits, in base32."""
    return pyotp.random_base32()


def uri(secret: str, person: str) -> str:
    """What a person's app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name="Casework")


def code(secret: str, now: datetime) -> str:
    """The code of this half minute."""
    return pyotp.TOTP(secret).at(now)


def step(secret: str, given: str, now: datetime) -> int | None:
    """The half minute whose code was given; none where it is no code of now."""
    totp = pyotp.TOTP(secret)
    matching = [
        offset for offset in _STEPS if hmac.compare_digest(totp.at(now, counter_offset=offset).encode(), given.encode())
    ]
    return totp.timecode(now) + matching[0] if matching else None
