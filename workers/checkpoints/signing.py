"""Who vouches for checkpoints? A key of Ed25519 (RFC 8032) that the database never holds."""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from store.keyring import Keyring

# Whose key it is, among those of `store/keyring.py`.
OWNER = "house/checkpoints"


@dataclass(frozen=True)
class Signer:
    """A private key; `public` is its public half, as 64 hex digits, by which checkpoints name who signed them."""

    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, key: bytes) -> "Signer":
        """That of a private key, 32 bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(key))

    @property
    def public(self) -> str:
        return self._private.public_key().public_bytes_raw().hex()

    def sign(self, text: bytes) -> str:
        """The signature of a text, as 128 hex digits."""
        return self._private.sign(text).hex()


def proven(text: bytes, signature: str, public: str) -> bool:
    """Whether the owner of a public key signed the text; what is no key or no signature proves nothing."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def signer(keyring: Keyring) -> Signer:
    """The house's key, made when it is first asked for. It blocks.

    Raises:
        AwayError: the keys can't be reached.
        UnknownMasterError: it was wrapped by another master key.
    """
    return Signer.of(keyring.of(OWNER))
