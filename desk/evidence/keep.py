"""How does a file come in? To a file without a name, as it comes; cleaned, stored encrypted; and then it gets a row.

Whatever ends on the way leaves nothing behind but bytes that no row names, which are removed after a day.
"""

import asyncio
import hashlib
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection

from desk.evidence.clean import Cleaner
from desk.evidence.sniff import ENOUGH, kind_of
from desk.refusal import ApiCode, ProblemError
from states.situation import Actor
from states.terms import PARTIES, Code, RefusedError
from store import cipher, evidence, keyring, lock, pieces, text
from store.keyring import DestroyedError, of_party
from store.objects import File as Open
from store.objects import Objects
from store.schema.evidence import FileKind
from workers.reach import House

MEGABYTE = 1024 * 1024
# Bytes of a file; files and bytes of a person that no command has referred to: twice what a case takes of a side.
MOST, MOST_WAITING, MOST_BYTES_WAITING = 50 * MEGABYTE, 20, 400 * MEGABYTE
# Bytes that a person brings in a day: a report that is withdrawn gives its slot of the quota back, and keeps its files.
MOST_A_DAY = 2048 * MEGABYTE
# Seconds in which a file comes.
COMES_WITHIN = 120
# Uploads at once, of a person, of an agency's people and of all, in this process.
_OF_ONE, _OF_AGENCY, _OF_ALL = 2, 4, 16
KINDS = "JPEG, PNG, WebP, GIF, AVIF, MP4, MOV, WebM, PDF"
_SOON, _LATER = {"Retry-After": "5"}, {"Retry-After": "3600"}


@dataclass(frozen=True)
class Taken:
    """A file whose bytes are stored, encrypted by `key`: `hash` is theirs, `sent` that of what came.

    `size` is how many bytes were brought, and are in `file`.
    """

    kind: FileKind
    sent: str
    hash: str
    size: int
    file: Open
    key: bytes = field(repr=False)


class Intake:
    """Takes files in. While they come they lie in `folder`, which is on a disk, and have no name there."""

    def __init__(self, objects: Objects, folder: Path) -> None:
        self.objects = objects
        self._folder = folder
        self._cleaner = Cleaner(folder)
        self._at_once, self._of_agencies = Counter[str](), Counter[str]()

    @classmethod
    def of(cls, house: House) -> Self:
        """The house's; its files come to the data folder."""
        return cls(house.objects, house.settings.data_dir)

    @contextmanager
    def turn(self, actor: Actor) -> Iterator[None]:
        """Hold one of the few places of an upload.

        Raises:
            ProblemError: `too_many_requests`: the person, their agency or all together bring as many as is possible.
        """
        if self._at_once[actor.id] >= _OF_ONE:
            raise ProblemError(ApiCode.TOO_MANY_REQUESTS, "files_at_once", headers=_SOON, most=_OF_ONE)
        if self._at_once.total() >= _OF_ALL or (actor.agency and self._of_agencies[actor.agency] >= _OF_AGENCY):
            raise ProblemError(ApiCode.TOO_MANY_REQUESTS, "files_of_others", headers=_SOON)
        held = ((self._at_once, actor.id), (self._of_agencies, actor.agency or ""))
        for counts, who in held:
            counts[who] += 1
        try:
            yield
        finally:
            for counts, who in held:
                counts[who] -= 1
                counts += Counter()  # forget who has none

    def must_have_room(self, connection: Connection, actor: Actor, at: datetime, more: int = 0) -> None:
        """Refuse one more file, of so many bytes, of somebody who brought too much in a day or for no case.

        Raises:
            ProblemError: `too_many_requests`.
        """
        count, size = evidence.waiting(connection, actor.id)
        if count >= MOST_WAITING or size + more > MOST_BYTES_WAITING:
            most = MOST_BYTES_WAITING // MEGABYTE
            raise ProblemError(
                ApiCode.TOO_MANY_REQUESTS, "files_waiting", headers=_LATER, count=MOST_WAITING, most=most
            )
        if evidence.lately(connection, actor.id, at) + more > MOST_A_DAY:
            most = MOST_A_DAY // MEGABYTE
            raise ProblemError(ApiCode.TOO_MANY_REQUESTS, "files_today", headers=_LATER, most=most)

    @asynccontextmanager
    async def taken(self, parts: AsyncIterator[bytes]) -> AsyncIterator[Taken]:
        """Read a file to its end, clean it and store its bytes, which mean nothing until `write`.

        Raises:
            ProblemError: `too_large`; `invalid`: it is of no kind that is taken, or not what it says.
            AwayError: its bytes can't be stored now.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._folder) as sent:
            kind, came = await _received(parts, sent)
            async with self._cleaner.cleaned(kind, sent) as clean:
                size = clean.seek(0, 2)
                if size > MOST:
                    raise too_large()
                key = pieces.new_key()
                kept = await asyncio.to_thread(self.objects.keep, clean, key)
                yield Taken(kind, came, kept, size, clean, key)

    def write(self, connection: Connection, actor: Actor, name: str, taken: Taken, at: datetime) -> evidence.File:
        """Write the row of a file; its bytes are stored again, should they have been removed meanwhile.

        Raises:
            ProblemError: `too_many_requests`: others of the person's came before it.
            RefusedError: `forbidden`: the person was erased meanwhile.
            AwayError: its bytes can't be stored now, or there are no keys.
        """
        owner = of_party(actor.id) if actor.role in PARTIES else text.HOUSE
        try:
            locked = cipher.locked(keyring.of(connection), [owner], taken.key)
        except DestroyedError:
            raise RefusedError(Code.FORBIDDEN, "erased") from None
        lock.hold(connection, f"evidence of {actor.id}")
        self.must_have_room(connection, actor, at, taken.size)
        evidence.hold(connection, taken.hash)
        if self.objects.size(taken.hash) is None:
            self.objects.keep(taken.file, taken.key)
        row = evidence.File(
            evidence.new_id(), taken.hash, taken.size, taken.kind, name, actor.id, actor.agency, at
        )  # fmt: skip
        evidence.write(connection, replace(row, name=cipher.seal_text(taken.key, name)), locked)
        return row


def too_large() -> ProblemError:
    """The refusal of a file that is too large."""
    return ProblemError(ApiCode.TOO_LARGE, "too_large", most=MOST)


async def _received(parts: AsyncIterator[bytes], file: Open) -> tuple[FileKind, str]:
    """Write what comes to a file, as far as it may; its kind, and its hash.

    Raises:
        ProblemError: `too_large`; `invalid`: it is of no kind that is taken.
    """
    digest, head, size = hashlib.sha256(), b"", 0
    async for part in _in_pieces(parts):
        if not head and kind_of(head := part[:ENOUGH]) is None:
            break
        size += len(part)
        if size > MOST:
            raise too_large()
        await asyncio.to_thread(_append, file, digest, part)
    kind = kind_of(head)
    if kind is None:
        raise ProblemError(Code.INVALID, "file_kind", "body", kinds=KINDS)
    file.flush()
    return kind, digest.hexdigest()


def _append(file: Open, digest: "hashlib._Hash", part: bytes) -> None:
    digest.update(part)
    file.write(part)


async def _in_pieces(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, first as many as tell a kind, then a megabyte at a time."""
    piece, least = bytearray(), ENOUGH
    async for part in parts:
        piece += part
        if len(piece) >= least:
            yield bytes(piece)
            piece.clear()
            least = MEGABYTE
    if piece:
        yield bytes(piece)
