"""Every effective value tells where it was stated."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rulebook.explain import Effective, explain, schema
from rulebook.fault import UnknownRegion
from rulebook.load import BUNDLED, load

LIVE = load("live")


def one(region: str | None, key: str) -> Effective:
    found = explain(LIVE, region, key)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(("region", "key", "value", "origin", "source"), [
    ("VN", "appeals.window",          "30 days",           "base",       "illustrative"),
    ("DE", "appeals.window",          "6 calendar months", "overlay EU", "P Digital Services Act, Article 20(1)"),
    ("EU", "appeals.window",          "6 calendar months", "overlay EU", "P Digital Services Act, Article 20(1)"),
    (None, "appeals.window",          "30 days",           "base",       "illustrative"),
    ("DE", "zone",                    "Europe/Berlin",     "overlay DE", "illustrative"),
    ("VN", "zone",                    "Asia/Ho_Chi_Minh",  "overlay VN", "illustrative"),
    ("DE", "reports.quota_per_month", 30,                  "base",       "S 001"),
    ("VN", "scores.agency_compliance.tiers.agency_compliance.watch.threshold", 80, "base", "S 001"),
    ("VN", "scores.creator_health.bounds.quality.cap", 110, "base",      "P Douyin health score"),
    ("VN", "clauses.agency.poaching.title.en", "Poaching",          "base", "S 001"),
    ("VN", "clauses.agency.poaching.title.vi", "Lôi kéo trái phép", "base", "S 001"),
    ("IN", "statutes.it_rules.dispose.text.zh", "投诉须在 15 天内处理完毕。", "overlay IN", "P India IT Rules 2021"),
])  # fmt: skip
def test_a_value_tells_its_origin_and_source(region: str, key: str, value: Any, origin: str, source: str) -> None:
    found = one(region, key)
    assert (found.key, found.value, found.origin, found.source) == (key, value, origin, source)


def test_an_override_is_the_last_word() -> None:
    changed = load("live", {"appeals.window": "1 day"})
    assert [(e.value, e.origin) for e in explain(changed, "DE", "appeals.window")] == [("1 day", "override")]


def test_a_key_narrows_to_a_section_or_to_an_internal_key() -> None:
    assert {each.key for each in explain(LIVE, "VN", "appeals.window")} == {"appeals.window"}
    assert {each.key for each in explain(LIVE, "VN", "base.warning")} >= {"penalties.base.warning.lasts"}
    assert explain(LIVE, "VN", "report") == []


def test_what_no_file_states_is_told_with_its_default() -> None:
    told = {each.key: (each.value, each.origin) for each in explain(LIVE, "VN", "reports")}
    assert told.keys() == {"reports.quota_per_month", "reports.refund_on", "reports.oldest_act", "retention.reports"}
    assert told["reports.oldest_act"] == ("2 years", "default")
    stated = load("live", {"reports.oldest_act": "1 year"})
    assert [(e.value, e.origin) for e in explain(stated, "VN", "reports.oldest_act")] == [("1 year", "override")]


def test_a_text_in_several_languages_is_shown_by_language_with_the_file_that_says_it() -> None:
    found = explain(LIVE, "VN", "base.warning.text")
    assert [(each.key.rpartition(".")[2], each.value, each.file) for each in found] == [
        ("en", "A warning.", "base.yaml"),
        ("vi", "Cảnh cáo.", "texts.vi.yaml"),
        ("zh", "警告。", "texts.zh.yaml"),
    ]
    assert {each.file for each in explain(LIVE, "VN", "vi")} == {"texts.vi.yaml"}


def test_every_leaf_of_every_region_states_its_source() -> None:
    for region in (None, "EU", *LIVE.regions):
        found = explain(LIVE, region, None)
        assert len({each.key for each in found}) == len(found) > 150
        assert all(each.source == "illustrative" or each.source[:2] in ("S ", "P ") for each in found)


def test_a_region_without_overlay_is_unknown() -> None:
    with pytest.raises(UnknownRegion):
        explain(LIVE, "XX", None)


def test_the_schema_knows_every_key_that_the_bundled_files_use() -> None:
    found = schema()
    for file in sorted(Path(BUNDLED / "live").glob("*.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        name = "Base" if file.name == "base.yaml" else "Texts" if file.name.startswith("texts.") else "Overlay"
        form = found["$defs"][name]
        assert set(content) <= set(form["properties"])
        if name == "Texts":
            continue
        assert set(form["required"]) <= set(content)
        statements = found["$defs"][form["properties"]["procedure"]["$ref"].removeprefix("#/$defs/")]
        assert set(content.get("procedure", {})) <= set(statements["properties"])


def test_the_schema_takes_a_text_plain_or_by_language() -> None:
    defs = schema()["$defs"]
    for form in ("Base", "Overlay"):
        for statement, field in (("Clause", "title"), ("Clause", "text"), ("Penalty", "text"), ("Statute", "text")):
            forms = defs[f"{form}.{statement}"]["properties"][field]["anyOf"]
            assert [one["type"] for one in forms] == ["string", "object"]
    assert set(defs["Texts"]["properties"]) == {"restrictions", "clauses", "penalties", "statutes"}


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    found = schema()
    assert {ref.removeprefix("#/$defs/") for ref in references(found)} <= set(found["$defs"])


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in references(value)]
    return [ref for value in node for ref in references(value)] if isinstance(node, list) else []
