"""A language's tag is written in one way, and covers those that begin with it."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from rulebook.tag import LANGUAGE, LONGEST, covers, normal
from rulebook.terms import Language

TAG = TypeAdapter(Language)
LETTERS, DIGITS = string.ascii_letters, string.digits


def subtag(characters: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(characters, min_size=least, max_size=most)


def some(*, each: st.SearchStrategy[str], most: int = 2, before: str = "") -> st.SearchStrategy[str]:
    listed = st.lists(each, max_size=most)
    return listed.map(lambda found: "".join(f"-{one}" for one in ([before, *found] if before and found else found)))


# A tag by its parts: language, extended languages, script, region, variants, an extension, private use.
whole = st.tuples(
    subtag(LETTERS, 2, 3),
    some(each=subtag(LETTERS, 3, 3)),
    some(each=subtag(LETTERS, 4, 4), most=1),
    some(each=subtag(LETTERS, 2, 2) | subtag(DIGITS, 3, 3), most=1),
    some(each=subtag(LETTERS + DIGITS, 5, 8)),
    some(each=subtag(LETTERS + DIGITS, 2, 8), before="u"),
    some(each=subtag(LETTERS + DIGITS, 1, 8), before="x"),
).map("".join)
# Cut where a subtag ends, so that it is short enough and still a tag.
tags = whole.map(lambda tag: tag[: LONGEST + 1].rpartition("-")[0] if len(tag) > LONGEST else tag).filter(
    re.compile(LANGUAGE, re.ASCII).fullmatch
)


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("VI-vn", "vi-VN"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("EN", "en"),
        ("es-419", "es-419"),
        ("ZH-YUE-hk", "zh-yue-HK"),
        ("DE-ch-1901", "de-CH-1901"),
        ("en-ca-x-CA-Latn", "en-CA-x-ca-latn"),
        ("en-U-CA-Gregory", "en-u-ca-gregory"),
        ("und", "und"),
    ],
)
def test_a_tag_is_normalised_as_rfc_5646_recommends(said: str, tag: str) -> None:
    assert TAG.validate_python(said) == tag


@pytest.mark.parametrize(
    "said", ["v", "viet", "vi_VN", "vi-", "-vi", "vi--VN", "a1", "x-foo", "vi-VN-V", "tiếng", "vi\n", "", "en-" * 20]
)
def test_what_is_no_tag_is_refused(said: str) -> None:
    with pytest.raises(ValidationError):
        TAG.validate_python(said)


@given(tags)
def test_a_normal_tag_is_a_tag_and_stays_as_it_is(tag: str) -> None:
    found = TAG.validate_python(tag)
    assert found.lower() == tag.lower()
    assert normal(found) == TAG.validate_python(found.swapcase()) == found


@pytest.mark.parametrize(
    ("language", "tag", "holds"),
    [
        ("vi", "vi", True),
        ("vi", "vi-VN", True),
        ("zh", "zh-Hans-CN", True),
        ("zh-Hans", "zh-Hans-CN", True),
        ("zh-Hant", "zh-Hans-CN", False),
        ("zh-CN", "zh-Hans-CN", False),
        ("vi-VN", "vi", False),
        ("v", "vi", False),
        ("vi", "vie", False),
    ],
)
def test_a_language_covers_the_tags_that_begin_with_it(language: str, tag: str, holds: bool) -> None:
    assert covers(language, tag) is holds
