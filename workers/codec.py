"""What does Temporal keep of messages? Ids and numbers, and those encrypted: who has no key of ours reads none."""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from store.master import NONCE

# As Temporal's own samples name it, and as its pages show it.
ENCRYPTED = b"binary/encrypted"
# Whose key it is, among those of `store/keyring.py`.
OWNER = "house/messages"


class UnreadableError(Exception):
    """A message was encrypted by another key, or changed."""


class Codec(PayloadCodec):
    """Encrypts each payload by AES-256-GCM; one that an older release wrote unencrypted it gives as it is."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt payloads."""
        return [self._encrypted(one) for one in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads as they were.

        Raises:
            UnreadableError: one was encrypted by another key, or changed.
        """
        return [self._decrypted(one) for one in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE)
        data = nonce + self._cipher.encrypt(nonce, payload.SerializeToString(), ENCRYPTED)
        return Payload(metadata={"encoding": ENCRYPTED}, data=data)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCRYPTED:
            return payload
        try:
            plain = self._cipher.decrypt(payload.data[:NONCE], payload.data[NONCE:], ENCRYPTED)
        except (InvalidTag, ValueError):
            raise UnreadableError("A message in Temporal was encrypted by another key.") from None
        return Payload.FromString(plain)
