"""Does every paragraph and ruling that the project cites stand in its documents?"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from ops.rehearsal.script.expect import Expect
from ops.rehearsal.script.step import ACTS
from states.terms import Code, Stage

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
DOMAIN, SCENARIOS = DOCS / "domain.md", DOCS / "scenarios.md"
NEVER_EXPECTED = {Code.KEY_REUSED, Code.STALE, Code.UNAVAILABLE}
KINDS = {".py", ".yaml", ".md", ".toml"}

# A paragraph is the domain's, unless another document is named just before it.
PARAGRAPH = re.compile(r"(?:(?P<file>[\w./-]+\.md)`?,? )?§(?P<number>\d+(?:\.\d+)?)")
RULINGS = re.compile(r"\b[Rr]ulings?\s(?P<numbers>\d+(?:(?:,\s|\sand\s|,\sand\s|\sto\s)\d+)*)")
DOCUMENT = re.compile(r"(?:[\w.-]+/)*(?:domain|scenarios)\.md\b")
# Where the rules were written before they stood here; the name is in two parts, so that this file does not cite it.
FORMER = "FORMAT" + ".md"


@cache
def texts() -> dict[Path, str]:
    """Whatever is written by hand: code, tests, scenarios, documents."""
    rooms = [room for room in ROOT.iterdir() if not room.name.startswith(".")]
    files = [file for room in rooms for file in ([room] if room.is_file() else room.rglob("*.*"))]
    return {file: file.read_text("utf-8") for file in files if file.suffix in KINDS and file.is_file()}


@cache
def paragraphs(document: Path) -> frozenset[str]:
    """The numbers of the document's headings: `2` of `## §2 …`, `2.7` of `### §2.7 …`; another's may lack the sign."""
    return frozenset(re.findall(r"^#+ §?(\d+(?:\.\d+)?)\b", document.read_text("utf-8"), re.MULTILINE))


@cache
def rulings() -> list[int]:
    """The numbers of the rulings, in the order of their headings."""
    return [int(n) for n in re.findall(r"^#+ Ruling (\d+): \S", SCENARIOS.read_text("utf-8"), re.MULTILINE)]


def place(file: Path, text: str, at: int) -> str:
    return f"{file.relative_to(ROOT)}:{text.count(chr(10), 0, at) + 1}"


def document_named(name: str, by: Path) -> Path:
    """The document: named from the root, from `docs/`, or by its neighbour."""
    return next((folder / name for folder in (DOCS, by.parent) if (folder / name).is_file()), ROOT / name)


def paragraphs_cited() -> Iterator[tuple[str, Path, str]]:
    """Each place, with the document and the paragraph that it cites."""
    for file, text in texts().items():
        for found in PARAGRAPH.finditer(text):
            named = found["file"]
            document = DOMAIN if named is None else document_named(named, file)
            yield place(file, text, found.start()), document, found["number"]


def rulings_cited() -> Iterator[tuple[str, int]]:
    """Each place, with the ruling that it cites."""
    for file, text in texts().items():
        for found in RULINGS.finditer(text):
            yield from ((place(file, text, found.start()), number) for number in numbers(found["numbers"]))


def numbers(written: str) -> set[int]:
    """The numbers of `3`, `3 to 7` or `3, 5 and 7`."""
    spans = [
        tuple(map(int, part.split(" to "))) for part in re.split(r",\sand\s|,\s|\sand\s", " ".join(written.split()))
    ]
    return {number for span in spans for number in range(span[0], span[-1] + 1)}


@pytest.mark.parametrize(
    ("written", "meant"), [("3", {3}), ("3 to 5", {3, 4, 5}), ("3 and 7", {3, 7}), ("3, 5 to 6, and 9", {3, 5, 6, 9})]
)
def test_rulings_are_cited_alone_as_a_list_or_as_a_span(written: str, meant: set[int]) -> None:
    assert numbers(written) == meant


def test_every_paragraph_that_is_cited_has_its_heading() -> None:
    cited = list(paragraphs_cited())
    lost = [(at, str(of), n) for at, of, n in cited if not of.is_file() or n not in paragraphs(of)]
    assert lost == []
    assert any(not at.startswith("docs/") for at, *_ in cited)


def test_every_ruling_that_is_cited_has_its_heading() -> None:
    cited = list(rulings_cited())
    assert [(at, number) for at, number in cited if number not in rulings()] == []
    assert any(not at.startswith("docs/") for at, _ in cited)


def test_every_document_of_the_law_that_is_named_is_there() -> None:
    named = [
        (place(file, text, found.start()), document_named(found[0], file))
        for file, text in texts().items()
        for found in DOCUMENT.finditer(text)
    ]
    assert [at for at, document in named if not document.is_file()] == []


def test_nothing_cites_where_the_rules_were_written_before() -> None:
    assert [place(file, text, text.index(FORMER)) for file, text in texts().items() if FORMER in text] == []


def test_paragraphs_and_rulings_are_numbered_without_gaps() -> None:
    text = DOMAIN.read_text("utf-8")
    found = re.findall(r"^#+ §(\d+(?:\.\d+)?)\b", text, re.MULTILINE)
    chapters = [n for n in found if "." not in n]
    assert chapters == [str(n) for n in range(1, len(chapters) + 1)]
    for chapter in chapters:
        items = [n for n in found if n.startswith(f"{chapter}.")]
        assert items == [f"{chapter}.{n}" for n in range(1, len(items) + 1)]
    assert rulings() == list(range(1, len(rulings()) + 1))


def rows(heading: str) -> set[str]:
    """The words in code type in the first column of the tables under a heading of `docs/scenarios.md`."""
    _, _, after = SCENARIOS.read_text("utf-8").partition(f"\n### {heading}\n")
    chapter = re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0]
    firsts = re.findall(r"^\| (`[^|]*) \|", chapter, re.MULTILINE)
    return {word for cell in firsts for word in re.findall(r"`(\w+)", cell)}


def test_the_acts_expectations_and_codes_are_those_that_can_be_written() -> None:
    assert rows("Acts") == set(ACTS)
    assert rows("Expectations") == set(Expect.words())
    assert rows("Stages and statuses") == set(Stage)
    assert rows("Codes") == set(Code) - NEVER_EXPECTED


def test_refusals_are_listed_in_their_order() -> None:
    _, _, after = SCENARIOS.read_text("utf-8").partition("\n### Ruling 1: the order of refusals\n\n")
    listed = re.findall(r"`(\w+)`", after.partition("\n\n")[0])
    assert listed == [code for code in Code if code not in NEVER_EXPECTED]
