"""One strict reader of YAML: plain data is read, whatever could mean something else is refused, with its line."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.clause import Clause, CreatorTrigger, Penalty, ViolationTrigger
from rulebook.notation import BYTES, DEPTH, VALUES, NotationError, parse, read
from rulebook.procedure import FIELDS, SecondVote
from rulebook.provenance import Flag
from rulebook.reader import SWITCHES


def refusal(raw: bytes | str) -> NotationError:
    with pytest.raises(NotationError) as caught:
        parse(raw.encode() if isinstance(raw, str) else raw)
    assert caught.value.__cause__ is None
    assert str(caught.value) == f"{caught.value.message} (line {caught.value.line})"
    assert len(str(caught.value)) < 200
    return caught.value


@pytest.mark.parametrize(("written", "value"), [
    ("12",                        12),
    ("-3",                        -3),
    ("0",                         0),
    ("2.5",                       2.5),
    ("-0.25",                     -0.25),
    ("999999999999999",           999_999_999_999_999),
    ("true",                      True),
    ("False",                     False),
    ("TRUE",                      True),
    ("null",                      None),
    ("~",                         None),
    ("",                          None),
    ("''",                        ""),
    ("'12'",                      "12"),
    ('"true"',                    "true"),
    ('"null"',                    "null"),
    ('"0x1F"',                    "0x1F"),
    ('"1_000"',                   "1_000"),
    ("'<<'",                      "<<"),
    ("'*x'",                      "*x"),
    ("yes",                       "yes"),
    ("no",                        "no"),
    ("on",                        "on"),
    ("off",                       "off"),
    ("Yes",                       "Yes"),
    ("y",                         "y"),
    ("NO",                        "NO"),
    ("[VN, NO, ON]",              ["VN", "NO", "ON"]),
    ("12:30",                     "12:30"),
    ("12:30:45",                  "12:30:45"),
    ("2026-04-02",                "2026-04-02"),
    ("2026-04-02T00:00:00+07:00", "2026-04-02T00:00:00+07:00"),
    ("2026-02-30 00:00:00",       "2026-02-30 00:00:00"),
    ("30 minutes",                "30 minutes"),
    ("1d12h",                     "1d12h"),
    ("S 001",                     "S 001"),
    ("1.2.3",                     "1.2.3"),
    ("1,000",                     "1,000"),
    ("0XFF",                      "0XFF"),
    ("e5",                        "e5"),
    ("inf",                       "inf"),
    ("-",                         [None]),
    ("=",                         "="),
    ("Nguyễn 🙂",                  "Nguyễn 🙂"),
    ("|\n  two\n  lines\n",       "two\nlines\n"),
    ("{}",                        {}),
    ("{b: 1, a: {no: 2}}",        {"b": 1, "a": {"no": 2}}),
    ("\n- 1\n- [2, '3']",         [1, [2, "3"]]),
])  # fmt: skip
def test_plain_data_is_read(written: str, value: object) -> None:
    found: Any = parse(f"here: {written}".encode() if written != "-" else b"here:\n-")
    assert found == {"here": value}
    assert type(found["here"]) is type(value)


def test_mappings_keep_their_order() -> None:
    assert list(parse(b"{b: 1, c: 2, a: 3}")) == ["b", "c", "a"]  # type: ignore[call-overload]


@pytest.mark.parametrize("number", [
    "0x1F", "0o17", "017", "08", "00", "0b101", "1_000", "1_000.5", "1e3", "1E3", "1.5e-3", "+3", ".5", "5.", "-.5",
    ".inf", "-.inf", "+.Inf", ".nan", ".NaN", "9" * 16, "0.1234567890123456", "9" * 10_000,
])  # fmt: skip
def test_what_might_be_a_number_is_refused_unless_it_stands_in_quotes(number: str) -> None:
    error = refusal(f"a: 1\nb: {{c: [x, {number}]}}\n")
    assert (error.line, error.place) == (2, ("b", "c", 1))
    assert "quotes" in error.message
    assert parse(f"a: '{number}'".encode()) == {"a": number}


@pytest.mark.parametrize(("text", "line", "place", "message"), [
    # keys
    ("a: 1\nb: 2\na: 3\n",                     3, ("a",),             "given twice"),
    ("a: 1\n'a': 2\n",                         2, ("a",),             "given twice"),
    ("x:\n- y\n- {z: {a: 1,\n  a: 1}}\n",      4, ("x", 1, "z", "a"), "given twice"),
    ("a:\n  7: x\n",                           2, ("a", "7"),         "the key `7` must be text: write it in quotes"),
    ("true: x\n",                              1, ("true",),          "must be text"),
    ("~: x\n",                                 1, ("~",),             "must be text"),
    ("? \n: x\n",                              1, ("",),              "must be text"),
    ("1_0: x\n",                               1, ("1_0",),           "a number is plain digits"),
    ("{[a]: 1}\n",                             1, (),                 "a key is text"),
    ("a:\n  ? {b: 1}\n  : 2\n",                2, ("a",),             "a key is text"),
    # what stands for something else
    ("a: &x 1\nb: 2\n",                        1, ("a",),             "`&x` gives a name"),
    ("a: &x [*x]\n",                           1, ("a",),             "`&x` gives a name"),
    ("&x a: 1\n",                              1, (),                 "`&x` gives a name"),
    ("- 1\n- *x\n",                            2, (1,),               "`*x` stands for"),
    ("{*x : 1}\n",                             1, (),                 "`*x` stands for"),
    ("a:\n  <<: {b: 1}\n",                     2, ("a",),             "not merged by `<<`"),
    ("a: !!str 5\n",                           1, ("a",),             "`!` gives a type"),
    ("a: ! 5\n",                               1, ("a",),             "`!` gives a type"),
    ("a: !mine {}\n",                          1, ("a",),             "`!` gives a type"),
    ("!!binary a: 1\n",                        1, (),                 "`!` gives a type"),
    ("a: !!python/object:os.system {}\n",      1, ("a",),             "`!` gives a type"),
    ("&" + "x" * 9999 + " a: 1\n",             1, (),                 "gives a name"),
    # more than one, or too deep
    ("a: 1\n---\nb: 2\n",                      2, (),                 "a second document begins"),
    ("a: 1\n...\n---\n",                       3, (),                 "a second document begins"),
    ("[" * 5000,                               1, (),                 "nested too deeply: more than 32 levels"),
    ("- " * 5000,                              1, (),                 "nested too deeply"),
    ("{a: " * 5000,                            1, (),                 "nested too deeply"),
    # no YAML
    ("a:\n\tb: 1\n",                           2, (),                 "not YAML: lines are indented by spaces, not by a tab"),
    ("a:\n  b: 1\n  \tc: 1\n",                 3, (),                 "indented by spaces"),
    ("- \tx: 1\n",                             1, (),                 "indented by spaces"),
    ("a: b\n c: d\n",                          2, (),                 "not YAML: a colon stands where no key can be"),
    ("a: [1\n",                                2, (),                 "not YAML: brackets don't match"),
    ("a: 'x\n",                                2, (),                 "not YAML: quotes are opened and have no end"),
    ("a: 1\nb: @x\n",                          2, (),                 "not YAML: text that begins with @ stands in quotes"),
    ("a: *b*\n",                               1, (),                 "not YAML: text that begins with * stands in quotes"),
    ("%YAML 2.0\n---\na: 1\n",                 1, (),                 "not YAML: found incompatible"),
    # no text
    ("a: 1\nb: \x01\n",                        2, (),                 "not YAML: the character U+0001 is no text"),
    ("a: \ufeff\n",                            1, (),                 "U+FEFF"),
    ('a: "\\0"\n',                             1, ("a",),             "holds a character that is no text"),
    ('a: "\\e[31m"\n',                         1, ("a",),             "holds a character that is no text"),
    ('a: "\\ud800"\n',                         1, (),                 "not YAML: found invalid Unicode"),
], ids=lambda part: part[:20] if isinstance(part, str) else "")  # fmt: skip
def test_what_has_no_one_meaning_is_refused_with_its_line(
    text: str, line: int, place: tuple[str | int, ...], message: str
) -> None:
    error = refusal(text)
    assert (error.line, error.place) == (line, place)
    assert message in error.message


def test_an_anchor_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\n" for n in range(1, 30))
    assert refusal(bomb).line == 1


def test_some_depth_is_allowed() -> None:
    parse(b"[" * DEPTH + b"]" * DEPTH)
    assert "nested" in refusal(b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1)).message


def test_a_small_file_does_not_become_large() -> None:
    assert parse(b"- a\n" * (VALUES - 10)) == ["a"] * (VALUES - 10)
    for much in (b"- a\n", b"- {}\n", b"- - a\n"):
        assert refusal(much * 2 * VALUES).message == "more than 20,000 values"


def test_the_same_letters_are_the_same_however_they_were_composed() -> None:
    assert parse("a: e\u0302\u0323\n'b': 'ệ'".encode()) == {"a": "ệ", "b": "ệ"}
    assert parse(b'a: "e\\u0302\\u0323"') == {"a": "ệ"}
    assert refusal("ệ: 1\ne\u0302\u0323: 2\n").message == "given twice"


def test_a_file_of_three_mebibytes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    file.write_bytes(b"- some text\n" * (3 * 1024 * 1024 // 12))
    with pytest.raises(NotationError, match="is larger than 2 MiB"):
        read(file)


def test_two_mebibytes_are_read() -> None:
    assert parse(b"- " + b"x" * (BYTES - 2)) == ["x" * (BYTES - 2)]


@pytest.mark.parametrize("raw", ["a: Ñ".encode("latin-1"), "a: 1".encode("utf-16"), b"\xff"])
def test_what_is_not_utf_8_is_refused(raw: bytes) -> None:
    error = refusal(b"# one\n" + raw if raw[0] == ord("a") else raw)
    assert error.message == "is not UTF-8 text"
    assert error.line == (2 if raw[0] == ord("a") else 1)


def test_a_byte_order_mark_says_nothing() -> None:
    assert parse(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n") == {"a": 1, "b": 2}


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"# a comment\n", b"\xef\xbb\xbf", b"---\n", b"--- ~\n"])
def test_an_empty_file_says_nothing(raw: bytes) -> None:
    assert parse(raw) is None


def test_a_file_that_is_not_there_is_the_readers_to_tell(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.yaml")


YAML = st.text(st.sampled_from("ab01._-+:,?&*!|>'\"%@`#[]{}<= \n\t\\~exyNO\u0085\u2028\ufeff"))


@given(st.binary() | YAML.map(str.encode))
def test_whatever_the_bytes_they_are_read_or_refused(raw: bytes) -> None:
    with suppress(NotationError):
        parse(raw)


def test_the_switches_of_a_rulebook_are_all_its_flags() -> None:
    flags = {field.alias for name, (_, field) in FIELDS.items() if _value_type(name) == Flag}
    inner = {name for name, field in SecondVote.model_fields.items() if field.rebuild_annotation() == Flag}
    of_lists = {
        name
        for model in (Clause, Penalty, ViolationTrigger, CreatorTrigger)
        for name, field in model.model_fields.items()
        if field.rebuild_annotation() == Flag
    }
    assert flags | inner | of_lists == SWITCHES


def _value_type(name: str) -> object:
    stated: Any = FIELDS[name][0]
    return stated.model_fields["value"].rebuild_annotation()
