"""Does a receipt prove that the record of a case was under a signed checkpoint?

It needs Python and the package `cryptography`, and nothing of Casework. KEY is the public key that whoever runs
Casework has published, and CASE is the case that the receipt is to be of:

    python check_receipt.py RECEIPT KEY CASE

It ends with code 0 and says what is proved, or with code 1 and says what is wrong.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class WrongError(Exception):
    """What the receipt does not prove."""


def check(receipt: dict[str, Any], key: str, case: str) -> dict[str, Any]:
    """The checkpoint that has the case's record; or WrongError, and of a receipt without its form other errors."""
    if receipt["format"] != "casework receipt 1":
        raise WrongError("it has another format")
    if receipt["case"] != case:
        raise WrongError("it is of another case")
    signed = receipt["signed"].encode()
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(receipt["signature"]), signed)
    except InvalidSignature:
        raise WrongError("that key has not signed the checkpoint") from None
    checkpoint: dict[str, Any] = json.loads(signed)
    if checkpoint["format"] != "casework checkpoint 1":
        raise WrongError("the checkpoint has another format")
    leaf = json.dumps(["case", case, receipt["hash"]], ensure_ascii=False, separators=(",", ":")).encode()
    path = [bytes.fromhex(digest) for digest in receipt["path"]]
    if root(leaf, receipt["place"], checkpoint["size"], path).hex() != checkpoint["root"]:
        raise WrongError("the case's record does not lead to the checkpoint's root")
    return checkpoint


def root(leaf: bytes, place: int, size: int, path: list[bytes]) -> bytes:
    """The root to which a path leads from a leaf, in a tree of that size (RFC 9162, section 2.1.3.2)."""
    found, last = hashlib.sha256(b"\x00" + leaf).digest(), size - 1
    if not 0 <= place <= last:
        raise WrongError("the tree has no such place")
    for beside in path:
        if last == 0:
            raise WrongError("the path is too long")
        if place % 2 or place == last:
            found = hashlib.sha256(b"\x01" + beside + found).digest()
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            found = hashlib.sha256(b"\x01" + found + beside).digest()
        place, last = place // 2, last // 2
    if last:
        raise WrongError("the path is too short")
    return found


def main() -> int:
    """Check what the arguments name."""
    parser = argparse.ArgumentParser(description="Check a receipt of a case.")
    parser.add_argument("receipt", type=Path, help="a file with the receipt")
    parser.add_argument("key", help="the public key, 64 hex digits")
    parser.add_argument("case", help="the case's id")
    said = parser.parse_args()
    try:
        receipt = json.loads(said.receipt.read_text("utf-8"))
        checkpoint = check(receipt, said.key, said.case)
    except (WrongError, OSError) as error:
        print(f"Not proved: {error}.", file=sys.stderr)
        return 1
    except (ValueError, LookupError, TypeError, AttributeError):
        print("Not proved: the receipt or the key lacks its form.", file=sys.stderr)
        return 1
    number, digest = checkpoint["number"], hashlib.sha256(receipt["signed"].encode()).hexdigest()
    print(f"Proved: {said.case} had a line with hash {receipt['hash']} by {checkpoint['at']}.")
    print(f'Whoever has the database shows that it still has: casework verify --seen "{number} {digest}"')
    return 0


if __name__ == "__main__":
    sys.exit(main())
