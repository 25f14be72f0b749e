"""Two versions differ in what takes effect: by internal key and region, each change once."""

import json
import shutil
from pathlib import Path

import pytest

from ops.rehearsal.stage.changes import changed
from rulebook.diff import Change, diff
from rulebook.files import assembled
from rulebook.load import BUNDLED, files_at, load, parse
from rulebook.model import Rulebook

LIVE = load("live")
EDITS = (
    ("base.yaml", "at or below, threshold: 80", "at or below, threshold: 85"),
    ("base.yaml", "{value: 72 hours, illustrative: true}", "{value: 72 hours, source: S 001}"),
    ("base.yaml", "title: Gambling", "title: Betting"),
    ("EU.yaml", "6 calendar months", "7 calendar months"),
    ("VN.yaml", "statutes:", "procedure:\n  appeals.window: {value: 30 days, illustrative: true}\n\nstatutes:"),
    ("IN.yaml", "region: IN", "region: LA"),
    ("texts.vi.yaml", "title: Cờ bạc", "title: Cá cược"),
)


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    folder = Path(shutil.copytree(BUNDLED / "live", tmp_path_factory.mktemp("after") / "live"))
    for name, old, new in EDITS:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    return load(folder)


def told(change: Change) -> tuple[object, ...]:
    sides = [side and (side.value, side.origin, side.source) for side in (change.before, change.after)]
    return change.key, change.regions, *sides


def test_each_change_is_told_once_with_its_regions_its_layers_and_its_sources(after: Rulebook) -> None:
    found = diff(LIVE, after)
    everywhere = ("CN", "DE", "FR", "IN", "LA", "US", "VN")
    eu = "P Digital Services Act, Article 20(1)"
    assert [told(change) for change in found.changes] == [
        (
            "appeals.window",
            ("DE", "FR"),
            ("6 calendar months", "overlay EU", eu),
            ("7 calendar months", "overlay EU", eu),
        ),
        ("appeals.window", ("VN",), ("30 days", "base", "illustrative"), ("30 days", "overlay VN", "illustrative")),
        ("language", ("IN",), ("en", "overlay IN", "illustrative"), None),
        ("language", ("LA",), None, ("en", "overlay LA", "illustrative")),
        ("review.deadline", everywhere, ("72 hours", "base", "illustrative"), ("72 hours", "base", "S 001")),
        (
            "scores.agency_compliance.tiers.agency_compliance.watch.threshold",
            everywhere,
            (80, "base", "S 001"),
            (85, "base", "S 001"),
        ),
        ("zone", ("IN",), ("Asia/Kolkata", "overlay IN", "illustrative"), None),
        ("zone", ("LA",), None, ("Asia/Kolkata", "overlay LA", "illustrative")),
    ]
    assert (found.regions, found.added, found.removed) == (everywhere, ["LA"], ["IN"])


def test_titles_and_texts_are_told_by_language_as_a_unified_diff(after: Rulebook) -> None:
    found = diff(LIVE, after)
    words = [(change.key, change.language) for change in found.texts if change.regions == found.regions]
    assert words == [("clauses.content.gambling.title", "en"), ("clauses.content.gambling.title", "vi")]
    told = found.rewording()
    assert told.keys() == {"en", "vi", "zh"}
    assert told["vi"].splitlines()[:5] == [
        f"--- live 3 ({LIVE.digest[:12]}) vi",
        f"+++ live 3 ({after.digest[:12]}) vi",
        "@@ -1 +1 @@ clauses.content.gambling.title",
        "-Cờ bạc",
        "+Cá cược",
    ]
    assert "@@ -1 +0,0 @@ statutes.it_rules.dispose.text (IN)" in told["zh"]


def test_backwards_every_change_is_turned_round(after: Rulebook) -> None:
    there, back = diff(LIVE, after), diff(after, LIVE)
    assert [(key, regions, new, old) for key, regions, old, new in map(told, there.changes)] == list(
        map(told, back.changes)
    )


def test_a_key_that_was_left_to_its_default_has_changed_and_did_not_come_anew() -> None:
    files = files_at(BUNDLED / "live")
    stated = assembled(changed(files, {"versions.margin": 2}))
    (change,) = diff(LIVE, stated).changes
    assert told(change)[2:] == (("1", "default", "illustrative"), (2, "base", "illustrative"))


def test_a_version_differs_from_itself_in_nothing() -> None:
    same = diff(LIVE, parse(json.loads(json.dumps(LIVE.document, sort_keys=True))))
    assert (same.changes, same.texts, same.rewording(), same.added, same.removed) == ([], [], {}, [], [])


def test_a_plain_text_is_english_and_no_change_from_a_text_by_language() -> None:
    first = parse(json.loads((Path(__file__).parent / "live_1.json").read_text("utf-8")))
    second = parse(json.loads((Path(__file__).parent / "live_2.json").read_text("utf-8")))
    found = diff(first, second)
    assert found.changes == []
    assert {change.language for change in found.texts} == {"vi", "zh"}
