"""Titles and texts by language: who is shown which, and which languages a rulebook speaks."""

import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from rulebook.languages import Languages, languages
from rulebook.load import BUNDLED, dump, load, parse
from rulebook.wording import Wording

WORDING = TypeAdapter(Wording)
FRENCH = """
clauses:
  - {key: agency.poaching, title: {fr: Débauchage}, source: S 001}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED / "live", tmp_path / "mine"))


@pytest.mark.parametrize(("tag", "text"), [
    ("vi",         "Lôi kéo"),
    ("zh",         "挖角"),
    ("zh-Hant",    "挖角"),
    ("zh-Hant-TW", "挖角"),
    ("pt-BR",      "Aliciamento"),
    ("pt-br",      "Aliciamento"),
    ("pt",         "Poaching"),
    ("en-GB",      "Poaching"),
    ("de",         "Poaching"),
    ("und",        "Poaching"),
])  # fmt: skip
def test_a_text_is_shown_in_one_s_language_else_in_its_base_language_else_in_english(tag: str, text: str) -> None:
    said = {"en": "Poaching", "vi": "Lôi kéo", "zh": "挖角", "pt-BR": "Aliciamento"}
    assert Wording(said).in_language(tag) == text


def test_without_english_the_first_by_tag_is_shown_in_whatever_order_they_were_stated() -> None:
    assert Wording({"zh": "挖角", "vi": "Lôi kéo"}).in_language("de") == "Lôi kéo"
    assert Wording({"vi": "Lôi kéo", "zh": "挖角"}).in_language("de") == "Lôi kéo"


def test_a_plain_text_is_english() -> None:
    assert WORDING.validate_python("Poaching") == Wording({"en": "Poaching"})


def test_a_wording_survives_json_and_is_the_same_for_the_same_words() -> None:
    one = Wording({"vi": "Lôi kéo", "en": "Poaching"})
    assert WORDING.validate_json(WORDING.dump_json(one)) == one
    assert len({one, Wording({"en": "Poaching", "vi": "Lôi kéo"})}) == 1


def test_the_bundled_rulebook_is_complete_in_english_vietnamese_and_chinese() -> None:
    assert languages(load("live")) == Languages(["en", "vi", "zh"], {})


def test_a_language_that_one_text_lacks_is_told_with_that_text_and_is_no_mistake(folder: Path) -> None:
    vi = folder / "texts.vi.yaml"
    lines = vi.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("  base.warning:", "  it_rules.dispose:"))]
    vi.write_text("\n".join(kept), encoding="utf-8")
    gaps = ["penalties.base.warning.text", "statutes.it_rules.dispose.text (IN)"]
    assert languages(load(folder)) == Languages(["en", "zh"], {"vi": gaps})


def test_an_overlay_can_say_a_text_in_one_more_language(folder: Path) -> None:
    with (folder / "FR.yaml").open("a", encoding="utf-8") as file:
        file.write(FRENCH)
    mine = load(folder)
    titles = {region: mine.policy(region).clauses["agency.poaching"].title for region in ("FR", "DE")}
    assert dict(titles["FR"]) == {**titles["DE"], "fr": "Débauchage"}
    assert "clauses.agency.poaching.title" in languages(mine).missing["fr"]
    assert parse(dump(mine)).policy("FR") == mine.policy("FR")


def test_an_overlay_s_own_words_prevail_over_the_translation_of_the_base_s(folder: Path) -> None:
    with (folder / "FR.yaml").open("a", encoding="utf-8") as file:
        file.write(FRENCH.replace("fr: Débauchage", "vi: Câu kéo"))
    assert load(folder).policy("FR").clauses["agency.poaching"].title["vi"] == "Câu kéo"


def test_an_overlay_s_plain_text_leaves_no_translation_of_what_it_replaces(folder: Path) -> None:
    with (folder / "FR.yaml").open("a", encoding="utf-8") as file:
        file.write(FRENCH.replace("{fr: Débauchage}", "Luring creators away"))
    mine = load(folder)
    assert dict(mine.policy("FR").clauses["agency.poaching"].title) == {"en": "Luring creators away"}
    assert languages(mine).missing == {tag: ["clauses.agency.poaching.title (FR)"] for tag in ("vi", "zh")}


def test_a_text_by_language_is_laid_over_a_plain_one(folder: Path) -> None:
    for texts in folder.glob("texts.*.yaml"):
        texts.unlink()
    with (folder / "FR.yaml").open("a", encoding="utf-8") as file:
        file.write(FRENCH)
    mine = load(folder)
    assert dict(mine.policy("FR").clauses["agency.poaching"].title) == {"en": "Poaching", "fr": "Débauchage"}
    assert "texts" not in dump(mine)
