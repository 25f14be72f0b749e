"""Where are checkpoints kept outside the database? One file each, named by number and hash, in a folder or bucket.

Who may write there should not be able to delete or write over: a bucket with object lock, or a folder that another
machine takes away (docs/trust.md).
"""

from collections.abc import Iterator

from store.bucket import Bucket

_DIGITS, _END = 12, ".json"


class Copies:
    """The copies of checkpoints, at `file:///a/folder` or `s3://bucket/prefix`. They block: call them in threads."""

    def __init__(self, url: str) -> None:
        self._bucket = Bucket(url, "Checkpoints", "CASEWORK_CHECKPOINT_URL")

    def keep(self, number: int, digest: str, text: bytes) -> None:
        """Keep a checkpoint; again is the same.

        Raises:
            AwayError: it was not kept.
        """
        with self._bucket.asking() as kept:
            kept.put(name := _name(number, digest), text)
            self._bucket.on_disk(name)

    def listing(self) -> Iterator[tuple[int, str]]:
        """The number and hash of each that is kept, in no order; what bears another name is none.

        Raises:
            AwayError: it can't be listed to the end.
        """
        with self._bucket.asking() as kept:
            for page in kept.list(chunk_size=1000):
                for one in page:
                    number, _, digest = one["path"].removesuffix(_END).partition("-")
                    if number.isdecimal() and one["path"] == _name(int(number), digest):
                        yield int(number), digest

    def read(self, number: int, digest: str) -> bytes:
        """What is kept under that name.

        Raises:
            AwayError: it can't be read.
        """
        with self._bucket.asking() as kept:
            return bytes(kept.get(_name(number, digest)).bytes())


def _name(number: int, digest: str) -> str:
    return f"{number:0{_DIGITS}}-{digest}{_END}"
