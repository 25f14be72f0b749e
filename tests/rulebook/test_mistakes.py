"""Every mistake that a rulebook can have has a kind, one English sentence, and words in the console's languages."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.pofile import read_po
from pydantic import TypeAdapter, ValidationError

from desk.console.words import FOLDER, spoken
from desk.words import LANGUAGES
from ops.rehearsal.stage.changes import changed
from rulebook.fault import Fault, RulebookError
from rulebook.files import MOST_BYTES, assembled
from rulebook.layer import Tree
from rulebook.load import dump, load, parse
from rulebook.misfit import misfit
from rulebook.mistake import SENTENCES, Mistake
from rulebook.notation import BYTES, VALUES
from rulebook.policy import check
from rulebook.reader import parse as read
from rulebook.written import written

Place = tuple[Any, ...]

SMALL = """\
key: mine
version: 1
clauses:
  - key: content.vulgar
    family: content violation
    charged_to: creator
    reported_by: platform
    attributed_via: [creator]
    base_penalty: {mild: base.warning, severe: base.stopped}
    title: Vulgar content
    text: No vulgar content.
    illustrative: true
  - key: agency.poaching
    family: illicit gain
    charged_to: agency
    reported_by: agency
    attributed_via: [agent]
    base_penalty: {mild: base.warning, moderate: base.stopped}
    appeals_window: 5 days
    title: Poaching
    text: Don't poach.
    illustrative: true
scores:
  - key: health
    subject: creator
    floor: 0
    period: none
    bounds:
      - {key: standard, start: 100, cap: 100, illustrative: true}
      - {key: quality, start: 110, cap: 110, illustrative: true}
      - {key: professional, start: 120, cap: 120, illustrative: true}
    pricing:
      by: severity and level
      matrix:
        mild: [1, 1]
        moderate: [2, 2]
        severe: [4, 4]
      surcharge:
        - {key: one, points: 1, followers_over: 10, average_viewers_over: 1, illustrative: true}
        - {key: two, points: 2, followers_over: 20, average_viewers_over: 2, illustrative: true}
      illustrative: true
    recovery: {points: 1, days: 7, hours: 1, illustrative: true}
    tiers:
      - {key: health.low, at: below, threshold: 70, penalty: health.low, illustrative: true}
      - {key: health.lower, at: below, threshold: 50, penalty: health.lower, illustrative: true}
    illustrative: true
penalties:
  - {key: base.warning, kind: base, lasts: 7 days, restrictions: [], text: Take care., illustrative: true}
  - {key: base.stopped, kind: base, lasts: 7 days, restrictions: [live], text: Stop., illustrative: true}
  - {key: additional.more, kind: additional, for_good: true, restrictions: [], text: More., illustrative: true}
  - {key: health.low, kind: score, restrictions: [gifts], text: Less., illustrative: true}
  - {key: health.lower, kind: score, restrictions: [live], text: Nothing., illustrative: true}
triggers:
  - key: often
    counts: violations
    clause: content.vulgar
    whose: subject
    charges: subject
    count: 2
    within: 7 days
    penalty: additional.more
    instead_of: []
    illustrative: true
statutes:
  - {key: law, text: So it is written., illustrative: true}
procedure:
  reports.quota_per_month: {value: 3, illustrative: true}
  reports.refund_on: {value: [duplicate], illustrative: true}
  review.claim_lease: {value: 30 minutes, illustrative: true}
  review.deadline: {value: 72 hours, illustrative: true}
  review.answer_deadline: {value: 7 days, illustrative: true}
  review.approval_deadline: {value: 72 hours, illustrative: true}
  review.escalated_deadline: {value: 72 hours, illustrative: true}
  review.second_vote: {value: {severities: [severe], any_extra: true}, illustrative: true}
  appeals.window: {value: 30 days, illustrative: true}
  appeals.by_reporter: {value: false, illustrative: true}
  appeals.review_deadline: {value: 7 days, illustrative: true}
  appeals.levels: {value: 1, illustrative: true}
  appeals.on_overturn: {value: reprice, illustrative: true}
overlays:
  - region: VN
    zone: {value: Asia/Ho_Chi_Minh, illustrative: true}
    language: {value: vi, illustrative: true}
  - region: EU
  - region: DE
    parent: EU
    zone: {value: Europe/Berlin, illustrative: true}
texts:
  vi:
    clauses:
      content.vulgar: {title: Nội dung dung tục, text: Không dung tục.}
    penalties: {base.warning: Cẩn thận.}
    statutes: {law: Luật ghi như vậy.}
"""
FILES = {"base.yaml": SMALL.encode()}
_CREATORS = "counts: violations\n    clause: content.vulgar\n    whose: subject\n    charges: subject\n    count: 2\n    within: 7 days"
# What is changed in the file, for each kind.
EDITS: dict[str, tuple[str, str]] = {
    "bracket": ("scores:\n", "scores: [\n"),
    "colon": ("version: 1\n", "version: 1\nregion\n"),
    "indent": ("penalties:\n", " penalties:\n"),
    "mapping": ("version: 1\n", "version: 1: 2\n"),
    "other": ("key: mine\n", "%YAML 2.0\n---\nkey: mine\n"),
    "quote": ("text: Don't poach.", "text: 'Don"),
    "reserved": ("title: Poaching", "title: @Poaching"),
    "tab": ("    family: illicit", "\tfamily: illicit"),
    "character": ("title: Poaching", "title: Poa\x01ching"),
    "alias": ("title: Poaching", "title: *poaching"),
    "anchor": ("title: Poaching", "title: &poaching Poaching"),
    "tag": ("title: Poaching", "title: !!str Poaching"),
    "merged": ("title: Poaching", "<<: {title: Poaching}"),
    "key_compound": ("title: Poaching", "[title]: Poaching"),
    "key_no_text": ("title: Poaching", "12: Poaching"),
    "given_twice": ("version: 1\n", "version: 1\nversion: 2\n"),
    "escaped": ("title: Poaching", 'title: "\\0"'),
    "number": ("floor: 0", "floor: 0x10"),
    "digits": ("floor: 0", "floor: 1234567890123456"),
    "second_document": ("scores:\n", "---\nscores:\n"),
    "nested": ("title: Poaching", f"title: {'[' * 40}{']' * 40}"),
    "many_values": ("severities: [severe]", f"severities: [{'severe, ' * 2 * VALUES}severe]"),
    "no_overlays": ("overlays:\n", "overlays: 1\nothers:\n"),
    "no_languages": ("texts:\n", "texts: 1\nothers:\n"),
    "missing": ("    title: Poaching\n", ""),
    "missing_choice": ("      by: severity and level\n", ""),
    "no_key": ("    title: Poaching\n", "    title: Poaching\n    colour: red\n"),
    "stated_twice": ("  - key: agency.poaching\n", "  - key: content.vulgar\n"),
    "stated_elsewhere": ("title: Vulgar content", "title: {en: Vulgar, vi: Dung tục}"),
    "origin": ("text: So it is written., illustrative: true", "text: So it is written."),
    "integer": ("floor: 0", "floor: none"),
    "decimal": ("hours: 1,", "hours: some,"),
    "string": ("- {key: law,", "- {key: [],"),
    "boolean": ("any_extra: true", "any_extra: maybe"),
    "list": ("restrictions: [gifts]", "restrictions: gifts"),
    "block": ("base_penalty: {mild: base.warning, severe", "base_penalty: [base.warning]\n    other: {severe"),
    "empty": ("mild: [1, 1]", "mild: []"),
    "one_of": ("reported_by: agency", "reported_by: nobody"),
    "at_least": ("floor: 0", "floor: -1"),
    "more_than": ("hours: 1,", "hours: 0,"),
    "at_most": ("hours: 1,", "hours: 25,"),
    "long": ("language: {value: vi,", f"language: {{value: vi{'-abcdefgh' * 4},"),
    "pattern": ("text: So it is written., illustrative: true", "text: So it is written., source: hearsay"),
    "span": ("appeals_window: 5 days", "appeals_window: soon"),
    "zone": ("Asia/Ho_Chi_Minh", "Asia/Saigon_City"),
    "language": ("  vi:\n", "  vietnamese_words:\n"),
    "wording": ("title: Poaching", "title: 9"),
    "blank": ("title: Poaching", "title: ' '"),
    "region_twice": ("- region: EU", "- region: VN"),
    "region_zone": ("zone: {value: Asia/Ho_Chi_Minh, illustrative: true}", "zone: null"),
    "no_overlay": ("- region: VN\n", "- region: VN\n    parent: EEA\n"),
    "own_parent": ("- region: EU", "- region: EU\n    parent: DE"),
    "no_clause": ("clause: content.vulgar", "clause: content.gone"),
    "no_family": ("clause: content.vulgar", "family: other"),
    "no_penalty": ("penalty: additional.more", "penalty: additional.gone"),
    "no_restriction": ("    statutes: {law:", "    restrictions: {gone: Không có.}\n    statutes: {law:"),
    "no_restriction_of": ("restrictions: [gifts]", "restrictions: [fun]"),
    "no_statute": ("statutes: {law:", "statutes: {gone:"),
    "penalty_kind": ("penalty: additional.more", "penalty: base.warning"),
    "attributed": ("attributed_via: [creator]", "attributed_via: [agent]"),
    "window": (
        "  - region: VN\n",
        "  - region: VN\n    procedure: {appeals.window: {value: 9 days, illustrative: true}}\n",
    ),
    "score_for_good": ("restrictions: [gifts]", "for_good: true, restrictions: [gifts]"),
    "no_end": ("for_good: true, ", ""),
    "recovery": ("period: none", "period: calendar year"),
    "bounds": ("{key: quality, start: 110", "{key: agency, start: 110"),
    "outside": ("start: 110, cap: 110", "start: 110, cap: 100"),
    "rows": ("        severe: [4, 4]\n", ""),
    "levels": ("mild: [1, 1]", "mild: [1]"),
    "brackets": ("followers_over: 20", "followers_over: 5"),
    "tier_nowhere": ("threshold: 70", "threshold: 700"),
    "tier_order": ("threshold: 50", "threshold: 90"),
    "one_level": ("appeals.levels: {value: 1", "appeals.levels: {value: 2"),
    "counts_one": ("    clause: content.vulgar\n", ""),
    "counts_creators": (
        _CREATORS,
        "counts: creators\n    clause: content.vulgar\n    whose: subject\n    count: 2\n    within: calendar month",
    ),
    "counts_no_creator": (
        _CREATORS,
        "counts: creators\n    clause: agency.poaching\n    count: 2\n    within: calendar month",
    ),
    "charges_one": ("    whose: subject\n", ""),
    "instead_of_itself": ("instead_of: []", "instead_of: [additional.more]"),
    "not_brought": ("instead_of: []", "instead_of: [health.low]"),
    "milder": ("instead_of: []", "instead_of: [base.stopped]"),
}
OF_SEVERAL: Mapping[str, Callable[[Path], object]] = {
    "not_utf8": lambda _: assembled({"base.yaml": SMALL.encode("utf-16")}),
    "large_file": lambda _: read("base.yaml", b"#" * (BYTES + 1)),
    "large_rulebook": lambda _: assembled({**FILES, "VN.yaml": b"#" * MOST_BYTES}),
    "score_twice": lambda _: assembled({"base.yaml": _two_scores()}),
    "no_base": lambda _: assembled({"VN.yaml": b"region: VN", "DE.yaml": b"region: DE"}),
    "no_sections": lambda _: assembled({**FILES, "FR.yaml": b"- region: FR"}),
    "language_twice": lambda _: assembled({**FILES, "texts.vi.yaml": b"clauses: {}"}),
    "many_overlays": lambda _: assembled({**FILES, **_overlays()}),
    "no_rulebook": lambda _: load("nowhere"),
    "no_document": lambda _: parse({"key": "mine"}),
    "unreadable": load,
    "overridden": lambda _: written(parse(dump(load("live", {"reports.quota_per_month": 2})))),
    "one_value": lambda _: changed(FILES, {"penalties.base.warning.lasts.days": 7}),
    "no_key_but": lambda _: changed(FILES, {"clauses.agency.poching": None}),
}


def _overlays() -> dict[str, bytes]:
    names = [f"R{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(301)]
    return {f"{name}.yaml": f"region: {name}\nparent: EU\n".encode() for name in names}


def _two_scores() -> bytes:
    """The base with the creators' score twice, under two keys."""
    before, scores, after = re.split(r"(?<=scores:\n)|(?=^penalties:)", SMALL, flags=re.MULTILINE)
    return (before + scores + scores.replace("key: health\n", "key: another\n") + after).encode()


def faults(make: Callable[[], object]) -> Sequence[Fault]:
    with pytest.raises(RulebookError) as caught:
        make()
    return caught.value.faults


def edited(old: str, new: str) -> bytes:
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new).encode()


def test_what_the_mistakes_are_made_in_has_none() -> None:
    assert assembled(FILES).regions == ["DE", "VN"]


@pytest.mark.parametrize("kind", EDITS)
def test_a_mistake_of_each_kind_is_made_and_told_at_its_line(kind: str) -> None:
    told = faults(lambda: assembled({"base.yaml": edited(*EDITS[kind])}))
    assert kind in [one.mistake.kind for one in told]
    assert None not in [one.line for one in told]


@pytest.mark.parametrize("kind", OF_SEVERAL)
def test_a_mistake_of_each_kind_is_made_with_more_than_a_file(kind: str, tmp_path: Path) -> None:
    assert [one.mistake.kind for one in faults(lambda: OF_SEVERAL[kind](tmp_path))] == [kind]


def test_what_nobody_has_thought_of_is_told_all_the_same() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(date).validate_python("soon")
    assert misfit(caught.value.errors()[0]).kind == "unfit"
    assert {*EDITS, *OF_SEVERAL, "unfit"} == SENTENCES.keys()


def shapes(value: Any, at: Place = ()) -> Iterator[Place]:
    """What leads to each value, by keys and indexes."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from shapes(one, (*at, name))


def put(value: Any, at: Place, other: object) -> Any:
    if not at:
        return other
    changed = copy(value)
    changed[at[0]] = put(value[at[0]], at[1:], other)
    return changed


def kinds(tree: Tree) -> list[str]:
    try:
        check(tree)
    except RulebookError as error:
        return [one.mistake.kind for one in error.faults]
    return []


def test_whatever_stands_in_place_of_a_value_is_told_by_its_kind() -> None:
    values = assembled(FILES).tree("VN").values
    others: list[Any] = [None, [], {}, [1], {"x": 1}, 1, -1, 2.5, "x", "", True, 10**14, "x" * 50, [[]], [{"key": "x"}]]
    for at in list(shapes(values))[1:]:
        for other in others:
            assert "unfit" not in kinds(Tree(put(values, at, other))), (at, other)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_has_its_words_with_the_same_values(language: str) -> None:
    words = spoken().words(language)
    for kind, sentence in SENTENCES.items():
        names = {name: spec or "" for _, name, spec, _ in Formatter().parse(sentence) if name}
        given = {name: ("x", "y") if spec == "listed" else 7 for name, spec in names.items()}
        told, english = words.say(f"mistake.{kind}", **given), Mistake(kind, **given).message
        assert (told == english) == (language == "en"), (kind, told)
        assert not {"{", "—"} & {*told} or "{en: Poaching" in told, told


def test_the_console_has_words_for_no_other_mistake() -> None:
    with (FOLDER / "en.po").open("rb") as file:
        said = {str(one.id).partition(".")[2] for one in read_po(file) if str(one.id).startswith("mistake.")}
    assert said - {"at"} == SENTENCES.keys()


def test_a_sentence_says_one_and_many_and_lists() -> None:
    assert Mistake("nested", most=1).message == "nested too deeply: more than 1 level"
    assert Mistake("many_values", most=20_000).message == "more than 20,000 values"
    assert Mistake("one_of", known=("a", "b")).message == "Input should be one of a, b"
