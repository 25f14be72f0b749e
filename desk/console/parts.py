"""A form that brings files, as browsers send it: read as it comes, so that no file is ever whole in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from desk.evidence.keep import MOST
from desk.refusal import ApiCode, ProblemError
from states.terms import Code, RefusedError

KIND = "multipart/form-data"
Pairs = list[tuple[str, str]]
# Brings a file, with the fields that stand before it, its name and its bytes; gives fields that say what it brought.
Bring = Callable[[Pairs, str, AsyncIterator[bytes]], Awaitable[Pairs]]
# The field that has the ids of files, of those that were brought before and of those that come; and the button that
# brings them, and shows the form again.
BROUGHT, BRING = "evidence", "bring"
# Bytes of a form with its files, how many parts it has, and bytes of what stands around them.
_MOST_BODY, _MOST_PARTS, _HEADS = 4 * MOST, 200, 64 * 1024
_Event: TypeAlias = MultipartSegment | bytes | bytearray | None


@dataclass(frozen=True)
class Parts:
    """The fields of a form, and the refusal of the first file that was not taken.

    `whole`: it was read to its end; of whoever may bring nothing, it is not read further than its first file.
    """

    pairs: Pairs
    refused: RefusedError | None
    whole: bool


async def read_parts(request: Request, most: int, bring: Bring | None) -> Parts:
    """Read a form; after a refusal of a file its rest. `most`: bytes of all fields together.

    Raises:
        ProblemError: `too_large`; `invalid`: it is no form, or no UTF-8.
    """
    try:
        return await _read(_events(request, _MOST_BODY if bring else most + _HEADS), most, bring)
    except (MultipartError, UnicodeDecodeError, ClientDisconnect):
        raise ProblemError(Code.INVALID, "no_form", "body") from None


async def _read(events: AsyncIterator[_Event], most: int, bring: Bring | None) -> Parts:
    pairs, refused, size = Pairs(), None, 0
    async for part in events:
        if not isinstance(part, MultipartSegment):
            continue  # what is left of a file that was not taken
        if part.filename is None:
            said = await _text(events, most - size)
            size += len(said)
            pairs.append((part.name or "", said.decode()))
        elif part.filename and bring is None:
            return Parts(pairs, None, whole=False)
        elif part.filename and bring is not None and refused is None:
            try:
                pairs += await bring(pairs, part.filename, _bytes(events))
            except RefusedError as error:
                refused = error
    return Parts(pairs, refused, whole=True)


async def _events(request: Request, most: int) -> AsyncIterator[_Event]:
    _, options = parse_options_header(request.headers.get("Content-Type", ""))
    came = 0
    with PushMultipartParser(options.get("boundary", ""), max_segment_count=_MOST_PARTS) as parser:
        async for chunk in request.stream():
            came += len(chunk)
            if came > most:
                raise ProblemError(ApiCode.TOO_LARGE, "too_large", most=most)
            for event in parser.parse(chunk) if chunk else ():
                yield event


async def _bytes(events: AsyncIterator[_Event]) -> AsyncIterator[bytes]:
    """What a part holds, to its end."""
    async for event in events:
        if event is None:
            return
        if not isinstance(event, MultipartSegment):
            yield bytes(event)


async def _text(events: AsyncIterator[_Event], most: int) -> bytes:
    said = bytearray()
    async for piece in _bytes(events):
        said += piece
        if len(said) > most:
            raise ProblemError(ApiCode.TOO_LARGE, "too_large", most=most)
    return bytes(said)
