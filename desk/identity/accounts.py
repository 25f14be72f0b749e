"""Local accounts: passwords (argon2id) and second factors, where there is no identity provider."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine

from desk.identity import factor
from desk.identity.seats import Seats
from desk.identity.unproven import UnprovenError
from store import identity
from store.identity import Account

# So many failures are free; each further one doubles the pause. Strangers can cause it, so it is short.
FORGIVEN = 4
PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
SHORTEST, LONGEST = 12, 1000


@dataclass(frozen=True)
class Proven:
    """What an account proved: whether it has a second factor, and whether that was shown."""

    person: str
    has_factor: bool
    factor_shown: bool


class Accounts:
    """Checks passwords and codes; every failure is counted in the account's row, whichever of them was wrong.

    Elsewhere than in a `demo` the accounts of its cast count as none.
    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        hasher: PasswordHasher | None = None,
        *,
        demo: bool = False,
    ) -> None:
        self._engine = engine
        self._demo = demo
        self._now = now
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash("nobody's password")
        self.seats = Seats()

    def login(self, person: str, password: str, code: str | None = None, *, inside: bool = False) -> Proven:
        """Check a password, and the code of a second factor if it is given.

        `inside`: from a session in which all was proven; a pause does not refuse it.

        Raises:
            UnprovenError: not proven, or the account pauses.
        """
        known = self._read(person)
        right = self._right(known.password if known else self._nobodys, password)
        if known is None:
            raise UnprovenError("no account")
        has_factor = known.totp_secret is not None
        asked = code if has_factor else None
        self._conclude(known, right=right, code=asked, shown=not has_factor, inside=inside)
        if self._hasher.check_needs_rehash(known.password):
            with self._engine.begin() as connection:
                identity.change_account(connection, person, {"password": hashed(password, self._hasher)})
        return Proven(person, has_factor, has_factor and code is not None)

    def show_factor(self, person: str, code: str, *, inside: bool = False) -> None:
        """Check a code of the second factor, each good once; `inside` as in `login`.

        Raises:
            UnprovenError: not proven, there is no second factor, or the account pauses.
        """
        known = self._read(person)
        if known is None or known.totp_secret is None:
            raise UnprovenError("no second factor")
        self._conclude(known, right=True, code=code, shown=False, inside=inside)

    def has_factor(self, person: str) -> bool:
        known = self._read(person)
        return known is not None and known.totp_secret is not None

    def pauses(self, person: str) -> bool:
        known = self._read(person)
        return known is not None and known.locked_until is not None and self._now() < known.locked_until

    def _read(self, person: str) -> Account | None:
        with self._engine.begin() as connection:
            found = identity.account(connection, person)
        return None if found is not None and found.demo and not self._demo else found

    def _right(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, normal(password))
        except (VerificationError, InvalidHashError):
            return False

    def _conclude(self, known: Account, *, right: bool, code: str | None, shown: bool, inside: bool) -> None:
        """Judge and count under a lock of the account's row, so that parallel tries gain nothing over tries in turn.

        `shown`: the account needs no code. Failures are set to 0 only then, or by a right code, and not during a pause.
        """
        now = self._now()
        with self._engine.begin() as connection:
            account = identity.account(connection, known.person, lock=True)
            if account is None or (account.password, account.totp_secret) != (known.password, known.totp_secret):
                raise UnprovenError("the account has changed meanwhile")
            paused = account.locked_until is not None and now < account.locked_until
            if paused and not inside:
                raise UnprovenError("the account pauses")
            step = _good_once(account, code, now) if code is not None else None
            if not right or (code is not None and step is None):
                changed: dict[str, object] = {"failures": account.failures + 1, "locked_until": _pause(account, now)}
            elif shown or step is not None:
                forgotten = {} if paused else {"failures": 0, "locked_until": None}
                changed = {**forgotten, "totp_step": step or account.totp_step}
            else:
                changed = {}
            if changed:
                identity.change_account(connection, known.person, changed)
        if "failures" in changed and changed["failures"] != 0:
            raise UnprovenError("a wrong password or code")


def hashed(password: str, hasher: PasswordHasher | None = None) -> str:
    """The hash of a password, as it is stored."""
    return (hasher or PasswordHasher()).hash(normal(password))


def normal(password: str) -> str:
    """The password in NFKC: keyboards compose the same letters differently."""
    return unicodedata.normalize("NFKC", password)


def _good_once(account: Account, code: str, now: datetime) -> int | None:
    step = factor.step(account.totp_secret, code, now) if account.totp_secret else None
    return step if step is not None and step > (account.totp_step or 0) else None


def _pause(account: Account, now: datetime) -> datetime | None:
    beyond = account.failures + 1 - FORGIVEN
    return now + min(PAUSE * 2 ** min(beyond - 1, 20), LONGEST_PAUSE) if beyond > 0 else None
