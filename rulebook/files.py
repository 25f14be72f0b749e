"""How are the files of a rulebook one version? A base, one file an overlay, and one a language of its texts.

The base is `base.yaml`, the texts of a language are `texts.vi.yaml`, every other file is an overlay. A file that is
alone is the base, whatever it is called. A base may hold overlays too, as a list under `overlays`, and texts, as a
mapping of languages under `texts`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rulebook.assembly import Part, assemble
from rulebook.fault import MISSING, Fault, RulebookError
from rulebook.lines import located
from rulebook.mistake import Mistake
from rulebook.model import Rulebook
from rulebook.notation import BYTES
from rulebook.reader import parse

BASE = "base.yaml"
# How a file that somebody uploads may be called.
NAME = r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,80}\.ya?ml$"
TEXTS = re.compile(r"texts\.(.+)\.ya?ml")
# A folder may hold as much as one file could; `live` has 24 kB. Of files, one for each overlay that there may be, the
# base, and a hundred languages.
MOST_BYTES, MOST_FILES = BYTES, 401


def assembled(files: Mapping[str, bytes], override: Mapping[str, object] | None = None) -> Rulebook:
    """Give the checked version that files hold, by their names; see `rulebook.load.load` for `override`.

    Raises:
        RulebookError: naming file, line, key and value of everything that is wrong.
    """
    try:
        rulebook = _put_together(files, override or {})
        rulebook.check()
    except RulebookError as error:
        raise located(error, files) from None
    return rulebook


def _put_together(files: Mapping[str, bytes], override: Mapping[str, object]) -> Rulebook:
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        large = Mistake("large_rulebook", files=MOST_FILES, most=MOST_BYTES // 1024 // 1024)
        raise RulebookError("(rulebook)", "(file)", MISSING, large)
    name = next(iter(files)) if len(files) == 1 else BASE
    if name not in files:
        raise RulebookError(BASE, "(file)", MISSING, Mistake("no_base"))
    contents = _contents(files)
    base = contents.pop(name)
    overlays = [*_listed(base.pop("overlays", []), name)]
    texts = [*_by_language(base.pop("texts", {}), name)]
    for file, content in contents.items():
        if language := TEXTS.fullmatch(file):
            texts.append((language[1], Part(file, content)))
        else:
            overlays.append(Part(file, content))
    return assemble(Part(name, base), overlays, texts, override)


def _contents(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """What each file states; what is wrong with several is told together."""
    contents: dict[str, dict[str, Any]] = {}
    faults: list[Fault] = []
    for file, raw in files.items():
        try:
            contents[file] = parse(file, raw)
        except RulebookError as error:
            faults.extend(error.faults)
    if faults:
        raise RulebookError.of(faults)
    return contents


def _listed(overlays: object, file: str) -> Iterator[Part]:
    if not isinstance(overlays, list) or not all(isinstance(overlay, dict) for overlay in overlays):
        raise RulebookError(file, "overlays", overlays, Mistake("no_overlays"))
    for number, overlay in enumerate(overlays):
        yield Part(file, overlay, ("overlays", f"{number}"))


def _by_language(texts: object, file: str) -> Iterator[tuple[str, Part]]:
    if not isinstance(texts, dict):
        raise RulebookError(file, "texts", texts, Mistake("no_languages"))
    for language, said in texts.items():
        yield language, Part(file, said, ("texts", language))
