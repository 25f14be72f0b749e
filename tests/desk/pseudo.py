"""A language of which every message is the English one between two marks: text outside of them is no catalogue's."""

import gettext
import re
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from desk.words.catalogue import Catalogue

PSEUDO = "qps"
MARKED = re.compile(r"⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧")


def marked(folder: Path, fallback: Catalogue | None = None) -> Catalogue:
    """The catalogue of a folder in that language, each line of a message between marks of its own."""
    with (folder / "en.po").open("rb") as file:
        english = read_po(file)
    made, compiled = Catalog(), BytesIO()
    for one in english:
        if one.id:
            made.add(one.id, "\n".join(f"⟦{line}⟧" for line in str(one.string).splitlines()))
    write_mo(compiled, made)
    compiled.seek(0)
    return Catalogue(gettext.GNUTranslations(compiled), fallback)


def unmarked(text: str) -> str:
    """What of a text no catalogue says."""
    while (less := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = less
    return text
