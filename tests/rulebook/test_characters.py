"""What is a text, what a name, and what may a terminal have? By Unicode's properties, the same everywhere."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook import characters
from rulebook.characters import CharacterError

EVERY = [chr(code) for code in range(0x110000)]
ALONE = ["\u200b", "\u2060", "\u3164", "\u2800", "\ufeff", "\u00ad", "\uffa0", "\u115f", "\u1160", "\u180e", "\u034f"]
WORDS = [
    "Nguyễn Thị Bích",
    "主播在推广赌博",
    "مرحبا بالعالم",
    "می‌خواهم",
    "👩‍👩‍👧 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "one\ttwo\nthree",
    "a\u0323",
    "\U0001fae9",
]


def why(read: object, written: str) -> str:
    with pytest.raises(CharacterError) as caught:
        read(written)  # type: ignore[operator]
    return caught.value.key


def test_nothing_is_seen_of_what_unicode_calls_separators_controls_formats_and_private() -> None:
    for char in EVERY:
        category = unicodedata.category(char)
        if category[0] == "Z" or category in {"Cc", "Cf", "Cs", "Co"}:
            assert not characters.says(char), f"U+{ord(char):04X}"
        elif category[0] in "LNPS" and characters.says(char) is False:
            assert char in "\u115f\u1160\u2800\u3164\uffa0\U0001d159", f"U+{ord(char):04X}"


@pytest.mark.parametrize("char", ALONE)
def test_what_nobody_sees_is_empty(char: str) -> None:
    assert why(characters.text, char) == why(characters.text, f" {char}\n{char}\t") == "blank"
    assert why(characters.name, char) == "blank"
    assert why(characters.name, f"kim{char}") == "no_name"


@pytest.mark.parametrize("words", WORDS)
def test_the_words_of_every_language_are_a_text(words: str) -> None:
    assert characters.text(words) == unicodedata.normalize("NFC", words)


def test_a_text_has_no_control_characters_but_tab_and_newline() -> None:
    for char in EVERY:
        if unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\n":
            assert why(characters.text, f"a{char}b") == "no_text", f"U+{ord(char):04X}"
    assert characters.text("two\r\nlines") == "two\nlines"


@pytest.mark.parametrize("name", ["lotus", "Nguyễn Thị Bích", "美丽", "مريم", "a-b_c.d@e:f", "🙂", "O'Neil"])
def test_a_name_is_one_line_of_any_language(name: str) -> None:
    assert characters.name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "a\nb", "a\tb", " a", "a ", "a\u00a0b", "a\u3000b", "a\u2028b", "a\u202eb", "a\u2066b", "a\u200fb", "\ufeffa",
        "a\x00", "a\x1b[2J", "a\x9bm", "a\ud83c", "a\u200db", "a\ue000",
    ],
)  # fmt: skip
def test_a_name_that_reads_like_another_or_steers_is_none(name: str) -> None:
    assert why(characters.name, name) == "no_name"


def test_the_same_letters_are_the_same_however_they_were_composed() -> None:
    for read in (characters.text, characters.name):
        assert read("e\u0302\u0323") == read("ệ") == "ệ"


@given(st.text(st.characters()))
def test_what_is_kept_stays_as_it_is(written: str) -> None:
    for read in (characters.text, characters.name):
        try:
            kept = read(written)
        except CharacterError:
            continue
        assert read(kept) == kept == unicodedata.normalize("NFC", kept)


@given(st.text(st.characters(codec="utf-8")).map(lambda said: said.replace("\r\n", "\n")))
def test_the_forms_of_the_schemas_say_the_same_of_ascii_and_refuse_nothing_that_is_taken(written: str) -> None:
    for read, form in ((characters.text, characters.TEXT), (characters.name, characters.NAME)):
        fits = re.match(form.removesuffix("$") + r"\Z", written) is not None
        try:
            read(written)
        except CharacterError:
            assert not (fits and written.isascii())
        else:
            assert fits


def test_whatever_steers_a_terminal_is_shown() -> None:
    assert characters.shown("a\x1b[2J\x9b\u202eb\ud83c\r\u2028") == "a\\u001b[2J\\u009b\\u202eb\\ud83c\\u000d\\u2028"
    for words in WORDS:
        assert characters.shown(words) == words
