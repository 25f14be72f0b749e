"""Second factors: time-based codes (RFC 6238) of 30 seconds; the one before and the one after are accepted, too."""

import hmac
from datetime import datetime

import pyotp

_STEPS = (0, -1, 1)


def new_secret() -> str:
    """A new secret of 160 bits, in base32."""
    return pyotp.random_base32()


def uri(secret: str, person: str) -> str:
    """The `otpauth:` address that a person's app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name="Casework")


def code(secret: str, now: datetime) -> str:
    """The code of these 30 seconds."""
    return pyotp.TOTP(secret).at(now)


def step(secret: str, given: str, now: datetime) -> int | None:
    """The number of the 30-second step whose code was given; None where it is not one of the three accepted."""
    totp = pyotp.TOTP(secret)
    matching = [
        offset for offset in _STEPS if hmac.compare_digest(totp.at(now, counter_offset=offset).encode(), given.encode())
    ]
    return totp.timecode(now) + matching[0] if matching else None
