"""The master key was changed: every key that a former one wrapped is wrapped anew, while everything goes on."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from store import privacy
from store.keyring import Keyring, name_of


@dataclass(frozen=True)
class Rewrapped:
    """How many keys were wrapped anew, and how many are `left` that no master key of the settings opens."""

    rewrapped: int = 0
    left: int = 0


def rewrap(engine: Engine, keys: Keyring, tell: Callable[[Rewrapped], None]) -> Rewrapped:
    """Wrap by the master key what former ones wrapped; `tell` hears after some how far it is.

    Each key is changed at once and for itself: stopped anywhere, it is called again, and does the rest.

    Raises:
        AwayError: the keys can't be reached.
    """
    so_far = Rewrapped()
    for done, unknown in keys.rewrap():
        _destroy_again(engine, keys, done)
        so_far = Rewrapped(so_far.rewrapped + len(done), so_far.left + unknown)
        tell(so_far)
    return so_far


def _destroy_again(engine: Engine, keys: Keyring, done: list[str]) -> None:
    """Of whoever was erased meanwhile: the order is there before the key is destroyed."""
    fresh = set(done)
    if fresh:
        with engine.begin() as connection:
            gone = [owner for owner in privacy.erased(connection) if name_of(owner) in fresh]
        for owner in gone:
            keys.destroy(owner)
