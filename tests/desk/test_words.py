"""Every word of the engine's own is in the catalogues, in every language, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from activities import wording
from activities.move.input import Input
from activities.move.scene import Scene
from activities.rollout.changed import TEMPLATES
from activities.rollout.telling import ANNOUNCED, ENDS
from desk.cli.paper import FAMILIES
from desk.console.words import FOLDER as CONSOLES
from desk.words import LANGUAGES, Languages, Words, letter
from desk.words.catalogue import FOLDER, read
from desk.words.plural import counted
from rulebook.terms import RESTRICTIONS, PenaltyKind, Severity, SubjectKind
from states.appealable import Appeal
from states.law import Who
from states.tables import EVERY
from states.terms import AppealReason, Code, Finding, Kind, Outcome, RefusedError, Role, Side, Stage, Status
from states.version import VERSION, Maker
from states.version_terms import VersionStatus

ROOT = Path(__file__).parents[2]
ROOMS = ("rulebook", "states", "store", "activities", "workflows", "workers", "ops", "desk")
# Closed sets of values, by the family of words that says them.
TERMS: dict[str, set[str]] = {
    "kind": {*Kind, *SubjectKind, "version"},
    "stage": set(Stage),
    "status": {*Status, *VersionStatus},
    "outcome": set(Outcome),
    "finding": set(Finding),
    "severity": set(Severity),
    "side": set(Side),
    "role": set(Role),
    "charged": set(SubjectKind),
    "penalty_kind": set(PenaltyKind),
    "restriction": set(RESTRICTIONS),
    "appeal_answer": set(Appeal),
    "appeal_reason": set(AppealReason),
    "maker": {*Who, *Maker},
    "condition": {one.__name__ for table in EVERY.values() for row in table.rows for one in row.only_if},
    "move": {row.event for table in EVERY.values() for row in table.rows},
}
RAISING = {"RefusedError", "ProblemError", "Requirement", "_role", "Refusal"}


@cache
def catalogue(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, language)


@cache
def messages(language: str) -> dict[str, str]:
    return {str(one.id): str(one.string) for one in catalogue(language) if one.id}


@cache
def trees() -> list[ast.AST]:
    return [ast.parse(file.read_text("utf-8")) for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]


def constants() -> set[str]:
    return {node.value for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip


def refusals() -> Iterator[str]:
    """The keys that code refuses with, where they are written out."""
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISING:
                given = [one.value for one in node.keywords if one.arg == "key"] or node.args[1:2]
                yield from (one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))


def calls() -> Iterator[tuple[str, set[str], bool]]:
    """Each refusal that is written out: its key, the values that it is given, and whether these are all."""
    for tree in trees():
        for node in ast.walk(tree):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in {"RefusedError", "ProblemError"} and len(node.args) > 1:
                key, given = node.args[1], {word.arg for word in node.keywords}
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    field = {"field"} if len(node.args) > 2 else set()
                    yield key.value, {word for word in given if word} | field, None not in given


def fields() -> set[str]:
    """The fields that code refuses, where they are written out; `evidence.2` is one of `evidence`."""
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISING and len(node.args) > 2:
                named = node.args[2].values[0] if isinstance(node.args[2], ast.JoinedStr) else node.args[2]
                if isinstance(named, ast.Constant) and isinstance(named.value, str):
                    found.add(named.value.partition(".")[0])
    return found | {name for shape in shapes(Input) for name in shape.model_fields}


def shapes(kind: type[Input]) -> set[type[Input]]:
    return {kind}.union(*(shapes(one) for one in kind.__subclasses__()))


def holes(message: str) -> set[str]:
    """The values of a message, and how each is written; the forms of a word that is counted are each language's own."""
    parts = [(name, spec or "") for _, name, spec, _ in Formatter().parse(message) if name is not None]
    return {f"{name}:{'number' if spec.startswith('count ') else spec}" for name, spec in parts}


def test_whatever_is_refused_has_its_sentence() -> None:
    assert {f"refusal.{key}" for key in refusals()} - messages("en").keys() == set()
    said = {f"refusal.input.{name}" for name in wording._SENTENCES.values()}  # noqa: SLF001
    assert said - messages("en").keys() == set()


# What a refusal names that people have a word for: how it is written, and one that it may name.
NAMED = {
    "field": ("field", "details"), "move": ("move", "decide"), "status": ("status", "awaiting_approval"),
    "role": ("role", "senior_moderator"), "outcome": ("outcome", "upheld"), "charged": ("charged", "agency"),
    "kind": ("kind", "report"), "form": ("form", "month"),
}  # fmt: skip
# The kind of a file; sentences that only pass on what was said; what is written out because it must be typed so.
AS_IT_IS = {"refusal.file_broken": {"kind"}}
SOME: dict[str, object] = {"time": datetime(2026, 3, 2, tzinfo=UTC)}
TYPED = re.compile(r"`[^`]*`")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_names_moves_fields_and_statuses_by_the_reader_s_words(language: str) -> None:
    words = Languages().words(language)
    for key, message in messages(language).items():
        if not key.startswith("refusal."):
            continue
        given = dict(hole.split(":") for hole in holes(message) if hole.partition(":")[0] not in AS_IT_IS.get(key, ()))
        plain = {name for name, how in given.items() if name in NAMED and how != NAMED[name][0]}
        assert (plain, [one for one in TYPED.findall(message) if "{" in one and "{header}" not in one and "{scope}" not in one]) == (set(), []), key  # fmt: skip
        others = {name: SOME.get(how, 7) for name, how in given.items()}
        said = words.say(key, **others | {name: NAMED[name][1] for name in given if name in NAMED})
        codes = [NAMED[name][1] for name in given if name in NAMED and language != "en"]
        assert [code for code in codes if code in said] == [], (key, said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_that_is_refused_has_its_word(language: str) -> None:
    words = Languages().words(language)
    assert {name for name in fields() if not words.field(name).startswith("“")} == {"Host", "Idempotency-Key"}
    assert words.field("evidence.2") == f"“{words.say('column.evidence')} 2”"
    assert words.field("X-Some-Header") == "`X-Some-Header`"


def test_whatever_is_refused_brings_the_values_of_its_sentence() -> None:
    lacking = {
        key: wanted - given
        for key, given, all_of_them in calls()
        if (wanted := {hole.partition(":")[0] for hole in holes(messages("en")[f"refusal.{key}"])}) - given
        and all_of_them
    }
    assert lacking == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("value", [None, True, False, ["kim", "tom"], Severity.MILD], ids=repr)
def test_no_sentence_shows_how_python_writes_a_value(language: str, value: object) -> None:
    words = Languages().words(language)
    for key, message in messages(language).items():
        plain = {name for name, spec in (hole.split(":", 1) for hole in holes(message)) if not spec}
        said = words.say(key, **dict.fromkeys(plain, value))
        assert not re.search(r"\bNone\b|True|False|\['|Severity\.|<", said) or "<" in message, (key, said)


@pytest.mark.parametrize("family", TERMS)
def test_every_value_of_a_closed_set_has_its_word(family: str) -> None:
    known = {key.partition(".")[2] for key in messages("en") if key.startswith(f"{family}.")}
    assert known == {str(value) for value in TERMS[family]}


def test_every_family_that_a_message_or_a_table_names_is_there() -> None:
    families = {key.partition(".")[0] for key in messages("en")}
    named = {hole.rpartition(":")[2] for message in messages("en").values() for hole in holes(message)}
    assert named - {"", "listed", "named", "time", "number", "field"} - families == set()
    assert set(FAMILIES.values()) - families == set()


def test_no_message_is_there_that_nobody_says() -> None:
    said = constants()
    dead = [
        key
        for key in messages("en")
        if (family := key.partition(".")[0]) not in {*TERMS, "letter", "family", "column", "field", "who", "form"}
        and not {key, key.removeprefix("refusal."), key.rpartition(".")[2]} & said
        and family != "refusal.input"
    ]
    assert dead == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything_with_the_same_values(language: str) -> None:
    english, said = messages("en"), messages(language)
    assert said.keys() == english.keys()
    assert [key for key, message in said.items() if not message or holes(message) != holes(english[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    assert (FOLDER / f"{language}.mo").read_bytes() == compiled.getvalue(), "run `make words`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_is_said_without_its_key(language: str) -> None:
    words = Languages().words(language)
    for key in refusals():
        sentence = words.refusal(RefusedError(Code.INVALID, key, "field"))
        assert sentence != f"refusal.{key}"
        assert not set("{}") & set(sentence)


@pytest.mark.parametrize(
    ("accepted", "choice", "language"),
    [
        (None, None, "en"),
        ("vi", None, "vi"),
        ("vi-VN,vi;q=0.9,en;q=0.8", None, "vi"),
        ("fr, zh-CN;q=0.5, en;q=0.1", None, "zh"),
        ("en;q=0.2, zh-Hans;q=0.7", None, "zh"),
        ("zh-TW", None, "en"),
        ("zh-Hant-HK, vi;q=0.1", None, "vi"),
        ("vi;q=0", None, "en"),
        ("vi;q=x, ;;, =,", None, "en"),
        ("*", None, "en"),
        ("en", "vi", "vi"),
        ("vi", "xx", "vi"),
        (", ".join(["xx"] * 5000), None, "en"),
        ("-".join(["vi"] * 30_000), None, "en"),
        (f"vi-{'x' * 33}, zh;q=0.1", None, "zh"),
    ],
)
def test_a_reader_is_spoken_to_in_their_language(accepted: str | None, choice: str | None, language: str) -> None:
    assert Languages().negotiate(accepted, choice) == language


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "3 May 2026 09:00 GMT+07:00 (2026-05-03 02:00 UTC)"),
        ("vi", "3 thg 5, 2026 9:00 GMT+07:00 (2026-05-03 02:00 UTC)"),
        ("zh", "2026年5月3日 09:00 GMT+07:00 (2026-05-03 02:00 UTC)"),
    ],
)
def test_a_time_is_told_in_the_reader_s_zone_beside_the_instant(language: str, told: str) -> None:
    at = datetime(2026, 5, 3, 2, 0, 30, tzinfo=UTC)
    assert Languages().words(language, ZoneInfo("Asia/Ho_Chi_Minh")).time(at) == told
    assert Languages().words(language).time(at) == "2026-05-03 02:00 UTC"


@pytest.mark.parametrize(
    ("language", "forms", "said"),
    [
        ("en", "day|days", ["0 days", "1 day", "2 days", "1,000 days", "50+ days"]),
        ("vi", "ngày", ["0 ngày", "1 ngày", "2 ngày", "1.000 ngày", "50+ ngày"]),
        ("zh", "天", ["0 天", "1 天", "2 天", "1,000 天", "50+ 天"]),
    ],
)
def test_what_is_counted_has_the_form_that_its_number_asks_for(language: str, forms: str, said: list[str]) -> None:
    assert [counted(n, forms.split("|"), language) for n in (0, 1, 2, 1000, "50+")] == said


# Values that are numbers, beside those that are written as one.
NUMBERS = {"n", "most", "points", "cap", "count", "limit", "left", "size", "extra", "decimal_places"}


@pytest.mark.parametrize("folder", [FOLDER, CONSOLES], ids=["engine", "console"])
def test_no_sentence_says_one_of_something_in_the_plural(folder: Path) -> None:
    words = Words("en", read(folder, "en", None))
    with (folder / "en.po").open("rb") as file:
        for message in read_po(file):
            given = {
                name: 1 if name in NUMBERS or how == "number" else VALUES.get(how, "it")
                for name, how in map(split, holes(str(message.string)))
            }
            told = words.say(str(message.id), **given) if message.id else ""
            assert re.findall(r"\b1 (?:more |other )?(?!is\b)\w+s\b|\b1 (?:are|have|tasks|people)\b", told) == [], (
                message.id
            )


def test_a_value_can_t_be_a_message() -> None:
    words = Languages().words("en")
    told = words.refusal(RefusedError(Code.NOT_FOUND, "no_case", "case", case="{field} {0} {case!r}"))
    assert told == "There is no case {field} {0} {case!r}."


def templates() -> list[str]:
    return sorted({key[len("letter.") :].rpartition(".")[0] for key in messages("en") if key.startswith("letter.")})


# A value of a notice as it is stored, by its name and how it is written.
VALUES: dict[str, Any] = {
    "time": "2026-05-03T02:00:00+00:00", "listed": ["base.warning"], "named": "agency.poaching", "severity": "mild",
    "score": 90,
}  # fmt: skip
ALWAYS = {"case": "report-1", "at": datetime(2026, 5, 3, tzinfo=UTC)}


@pytest.mark.parametrize("template", templates())
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_offers_nothing_that_is_not_there(language: str, template: str) -> None:
    """With every combination of its values: no placeholder, no dash, no sentence without its end."""
    words = Languages().words(language)
    message = messages(language)[f"letter.{template}.body"]
    given = {name: VALUES.get(spec or name, "x1") for name, spec in map(split, holes(message)) if name not in ALWAYS}
    for there in product((False, True), repeat=len(given)):
        values = {name: value for (name, value), has in zip(given.items(), there, strict=True) if has}
        empty: dict[str, Any] = {name: None if place % 2 else [] for place, name in enumerate(given)}
        written = letter(words, template, ALWAYS | empty | values, {})
        lines = [
            line for line in message.splitlines() if {name for name, _ in map(split, holes(line))} <= {*ALWAYS, *values}
        ]
        assert len(written.body.splitlines()) == len(lines)
        assert written.subject
        assert not re.search(r"[{}—]|letter\.|None|\[\]|[:\uff1a] *[.\u3002;]|\(\)", written.subject + written.body), (
            written.body
        )
        assert written.body == letter(words, template, ALWAYS | values, {}).body


@pytest.mark.parametrize(("language", "ends"), [("en", "A, B."), ("vi", "A, B."), ("zh", "A、B。")])
def test_a_letter_lists_in_the_manner_of_its_language(language: str, ends: str) -> None:
    words = Languages().words(language).naming({"a": "A", "b": "B"})
    assert letter(words, "penalty.lifted", ALWAYS | {"penalties": ["a", "b"]}, {}).body.endswith(ends)


def split(hole: str) -> tuple[str, str]:
    name, _, spec = hole.partition(":")
    return name, spec


_TELLING = {"_tell_if_known", "_tell_reporters"}


def test_every_template_that_is_told_has_its_letter() -> None:
    """Templates are written out, or made of a finding, an outcome or what was done."""
    told = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"notify", "tell", *_TELLING}:
                template = node.args[3] if len(node.args) > 3 else None
                if isinstance(template, ast.Constant) and isinstance(template.value, str):
                    told.add(template.value)
    decided = {Outcome.UPHELD, Outcome.MODIFIED, Outcome.OVERTURNED}
    told |= {f"appeal.{outcome}" for outcome in (*decided, Outcome.MOOT, Outcome.WITHDRAWN)}
    told |= {"appeal.received", "appeal.held"} | {f"report.{outcome}" for outcome in decided}
    told |= {f"original.{what}" for what in (*decided, Finding.VIOLATION, Finding.NONE, "again")}
    loud = {row.event for row in VERSION.rows if {"tell_part", "tell_approvers"} & {*row.does}}
    told |= {ANNOUNCED, *ENDS.values(), *TEMPLATES.values()} | {f"version.{event}" for event in loud}
    told |= {f"attribution.{what}" for what in ("overturned", "modified", "set_aside")} | {
        "repetition.imposed",
        "repetition.lifted",
    }
    assert set(templates()) == told
    assert not hasattr(Scene, "notify")
