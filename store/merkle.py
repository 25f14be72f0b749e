"""A Merkle tree as in RFC 9162, section 2.1: the root vouches for all leaves, a path of hashes for one of them."""

import hashlib
from collections.abc import Sequence

_LEAF, _NODE = b"\x00", b"\x01"


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of a tree with these leaves, 32 bytes; of no leaves it is that of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    level = [hashlib.sha256(_LEAF + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """The hashes beside the way from the leaf at that place up to the root, from below; at most 32."""
    level, beside = [hashlib.sha256(_LEAF + leaf).digest() for leaf in leaves], []
    while len(level) > 1:
        if (place ^ 1) < len(level):
            beside.append(level[place ^ 1])
        level, place = _above(level), place // 2
    return beside


def _above(level: list[bytes]) -> list[bytes]:
    """The nodes above a level; one without a neighbour goes up as it is."""
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [hashlib.sha256(_NODE + left + right).digest() for left, right in pairs]
    return [*above, level[-1]] if len(level) % 2 else above
