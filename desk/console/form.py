"""What a form says: its fields, the session's CSRF token, and the key under which it is sent once."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request

from desk.console import parts
from desk.console.parts import Bring
from desk.refusal import ApiCode, ProblemError
from states.terms import Code, RefusedError

TOKEN, KEY, VERSION, BASIS, VERB = "csrf", "key", "version", "basis", "do"
KIND = "application/x-www-form-urlencoded"
SMALL_FORM = 64 * 1024
_MOST_FIELDS = 200
_VERSION = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Form:
    """The fields of a form; lines end with a newline alone. `refused` is why one of its files was not taken."""

    fields: ImmutableMultiDict[str, str]
    refused: RefusedError | None = None

    def text(self, name: str) -> str | None:
        """What a field says; None where it is missing or empty."""
        return self.fields.get(name) or None

    def texts(self, name: str) -> list[str]:
        """What all fields of a name say, without the empty ones."""
        return [value for value in self.fields.getlist(name) if value]

    def said(self, *names: str) -> dict[str, str]:
        """Those of the named fields that say something."""
        return {name: value for name in names if (value := self.text(name))}

    @property
    def key(self) -> str:
        """The key under which it is sent; sent again, the form is carried out once."""
        return self.text(KEY) or new_key()

    @property
    def version(self) -> int | None:
        """The version of the case that its sender saw.

        Raises:
            ProblemError: `invalid`.
        """
        given = self.text(VERSION)
        if given is not None and not _VERSION.fullmatch(given):
            raise ProblemError(Code.INVALID, "input.form", VERSION, form="version")
        return int(given) if given else None

    @property
    def basis(self) -> str | None:
        """The basis of the preview that its sender saw."""
        return self.text(BASIS)

    def carried(self) -> list[tuple[str, str]]:
        """Its fields without the token: what a page carries on while its sender proves who they are."""
        return [(name, value) for name, value in self.fields.multi_items() if name != TOKEN]


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return secrets.token_urlsafe(16)


def carrying(field: tuple[str, str]) -> str:
    """A field as a page carries it on."""
    return urlencode([field])


def form_of(pairs: Sequence[tuple[str, str]], refused: RefusedError | None = None) -> Form:
    """A form with these fields."""
    return Form(ImmutableMultiDict([(name, value.replace("\r\n", "\n")) for name, value in pairs]), refused)


async def read_form(request: Request, most: int, *, files: bool = False, bring: Bring | None = None) -> Form:
    """The form in a request's body, of at most so many bytes.

    `files`: it may have files, which `bring` takes. Without `bring` the form ends at the first of them, and whatever
    button was pressed, it is to be shown again: it lacks its files.

    Raises:
        ProblemError: `too_large`; `invalid`: it is no form, no UTF-8, or what a field says is no text.
    """
    kind, refused = request.headers.get("Content-Type", "").partition(";")[0].strip().lower(), None
    if kind == parts.KIND and files:
        read = await parts.read_parts(request, most, bring)
        pairs, refused = [*read.pairs, *([] if read.whole else [(VERB, parts.BRING)])], read.refused
    elif kind == KIND:
        pairs = await _read_pairs(request, most)
    else:
        raise ProblemError(Code.INVALID, "no_form", "body")
    return form_of([(name, text_of(name, said)) for name, said in pairs], refused)


def text_of(name: str, said: str) -> str:
    """What was said, which a field or a part of an address is called.

    Raises:
        ProblemError: `invalid`: it is no text.
    """
    if "\0" in said:  # which PostgreSQL has no text with
        raise ProblemError(Code.INVALID, "input.no_text", name)
    return said


async def _read_pairs(request: Request, most: int) -> list[tuple[str, str]]:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise ProblemError(ApiCode.TOO_LARGE, "too_large", most=most)
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise ProblemError(Code.INVALID, "no_form", "body") from None
