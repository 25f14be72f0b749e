"""How a refusal reads at a form: at its field, without naming it once more; else above the form."""

import re
from collections.abc import Collection

from desk.refusal import STATUS
from desk.words import Words
from states.terms import RefusedError

# A sentence may begin with the name of its field.
_NAMED = re.compile(r"\A(“[^”]*”|`[^`]*`)\s*[:\uff1a]\s*")
# Where the sentence of no field stands.
FORM = ""


def problems(words: Words, refused: RefusedError | None, fields: Collection[str]) -> dict[str, str]:
    """The sentence by the field of the form that it stands at."""
    if refused is None:
        return {}
    at = (refused.field or "").partition(".")[0]  # `evidence.2` is one of the field's files
    sentence = _NAMED.sub("", words.refusal(refused))
    return {at if at in fields else FORM: sentence[:1].upper() + sentence[1:]}


def status_of(refused: RefusedError | None) -> int:
    """The status of a page with a refusal, or without one."""
    return STATUS[refused.code].value if refused else 200  # type: ignore[index]  # a code of the engine's or the API's
