"""The files of a form are a rulebook's: YAML as it is, and what a zip of one folder holds. Each becomes a field."""

import re
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo, is_zipfile

from starlette.concurrency import run_in_threadpool

from desk.console.form import TOKEN, Form
from desk.console.parts import Bring, Pairs
from desk.console.visit import Visit
from desk.identity.sessions import must_be_meant
from rulebook.files import MOST_BYTES, NAME
from states.terms import Code, RefusedError

# The field of a file's text is called so, and by the file's name: as it was written, and as it was brought.
FILE, BROUGHT = "file.", "brought."
_MIB = 1024 * 1024
# Of other methods no file can be read only as far as it may be long.
_METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})


def uploading(visit: Visit) -> Bring:
    """Takes files for whoever asks, once the session's token was read; nothing is kept of them."""

    async def bring(before: Pairs, name: str, content: AsyncIterator[bytes]) -> Pairs:
        must_be_meant(visit.desk.identities.sessions.cookies(visit.request)[0], dict(before).get(TOKEN, ""))
        room = MOST_BYTES - sum(len(text) for field, text in before if field.startswith(BROUGHT))
        raw = bytearray()
        async for piece in content:
            raw += piece
            _must_fit(len(raw), room)
        found = await run_in_threadpool(_files, PurePosixPath(name.replace("\\", "/")).name, bytes(raw))
        _must_fit(sum(map(len, found.values())), room)
        return [(BROUGHT + one, _text(one, said)) for one, said in found.items()]

    return bring


def files_in(form: Form) -> dict[str, str]:
    """The texts of a form's files by their names; none of a file without text.

    One that was brought stands for the written one of its name, or with `only` those that were brought for all.
    """
    brought = _called(form, BROUGHT)
    written = {} if brought and form.text("only") else _called(form, FILE)
    added = {form.text("name") or "": form.text("text") or ""}
    return {name: text for name, text in (written | added | brought).items() if text.strip()}


def _called(form: Form, field: str) -> dict[str, str]:
    return {name.removeprefix(field): text for name, text in form.fields.multi_items() if name.startswith(field)}


def _must_fit(size: int, room: int) -> None:
    """All that a form brings is one rulebook."""
    if size > room:
        raise RefusedError(Code.INVALID, "rulebook_too_large", "files", most=MOST_BYTES // _MIB)


def _files(name: str, raw: bytes) -> dict[str, bytes]:
    if not is_zipfile(BytesIO(raw)):
        return {name: raw}
    try:
        return _unpacked(raw)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        raise RefusedError(Code.INVALID, "no_rulebook_zip", "files", name=name) from None


def _unpacked(raw: bytes) -> dict[str, bytes]:
    """The YAML files of a zip, all of them in one folder; what else it holds is no rulebook's.

    Raises:
        BadZipFile: they are in several folders, there are none, together they are too large, or one is not as it says.
    """
    with ZipFile(BytesIO(raw)) as packed:
        places = {info: PurePosixPath(info.filename) for info in packed.infolist() if not info.is_dir()}
        wanted = {info: place for info, place in places.items() if re.fullmatch(NAME, place.name)}
        one_folder = len({place.parent for place in wanted.values()}) == 1
        if not one_folder or sum(info.file_size for info in wanted) > MOST_BYTES:
            raise BadZipFile
        return {place.name: _read(packed, info) for info, place in wanted.items()}


def _read(packed: ZipFile, info: ZipInfo) -> bytes:
    """A file of a zip; no more of it is unpacked than it says that it has."""
    if info.compress_type not in _METHODS:
        raise BadZipFile
    with packed.open(info) as file:
        return file.read(info.file_size)


def _text(name: str, said: bytes) -> str:
    try:
        return said.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusedError(Code.INVALID, "no_rulebook_text", "files", name=name) from None
