"""A version is written as the files that it came from: read again, they are the same version."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook import reader
from rulebook.assembly import Part, assemble
from rulebook.fault import RulebookError
from rulebook.files import assembled
from rulebook.load import BUNDLED, bundled, dump, load, parse
from rulebook.written import written

HELD = [json.loads((Path(__file__).parent / f"live_{number}.json").read_text("utf-8")) for number in (1, 2)]

_TEXT = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff", include_characters="\t\n\r\x85"
    )
).map(lambda text: unicodedata.normalize("NFC", text))
_WORD = st.sampled_from(
    [
        "no",
        "yes",
        "null",
        "~",
        "",
        " ",
        "12:30",
        "0x1F",
        "0o17",
        "017",
        "1_000",
        "+3",
        ".inf",
        "-",
        "<<",
        "=",
        "* a",
        "a: b",
        "#",
        "--- a",
        "'",
        '"',
    ]
)
_NUMBER = st.integers(-(10**15) + 1, 10**15 - 1) | st.decimals(-1000, 1000, places=9).map(float)
_VALUE = st.recursive(
    _TEXT | _WORD | _NUMBER | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT | _WORD, inner, max_size=4),
    max_leaves=12,
)


def again(files: dict[str, str]) -> str:
    return assembled({name: text.encode() for name, text in files.items()}).digest


@pytest.mark.parametrize(
    "document", [*HELD, *(dump(load(key)) for key in bundled())], ids=lambda one: f"{one['key']} {one['version']}"
)
def test_a_stored_version_is_written_as_files_that_are_the_same_version(document: dict[str, Any]) -> None:
    stored = parse(json.loads(json.dumps(document, sort_keys=True)))
    files = written(stored)
    assert again(files) == stored.digest
    assert files == written(parse(document))


def test_a_folder_comes_back_file_by_file_and_one_file_as_one(tmp_path: Path) -> None:
    assert written(load("live")).keys() == {file.name for file in (BUNDLED / "live").iterdir()}
    whole = {"overlays": [reader.parse("VN.yaml", (BUNDLED / "live" / "VN.yaml").read_bytes())], "texts": {"vi": {}}}
    base = reader.parse("base.yaml", (BUNDLED / "live" / "base.yaml").read_bytes())
    (tmp_path / "mine.yaml").write_text(json.dumps(base | whole), "utf-8")
    one = load(tmp_path / "mine.yaml")
    assert (again(written(one)), [*written(one)]) == (one.digest, ["mine.yaml"])


@given(st.dictionaries(_TEXT | _WORD, _VALUE, max_size=3))
def test_whatever_a_file_states_is_read_again_as_it_is(content: dict[str, Any]) -> None:
    given = {"key": "x", "version": 1} | {
        f"s{number} {name}": value for number, (name, value) in enumerate(content.items())
    }
    (text,) = written(assemble(Part("one.yaml", given), [], [], {})).values()
    assert reader.parse("one.yaml", text.encode()) == given


def test_a_version_with_an_override_is_no_files() -> None:
    with pytest.raises(RulebookError, match="a version with an override is not made of files alone"):
        written(load("live", {"appeals.window": "2 days"}))
