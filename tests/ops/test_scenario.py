"""Scenario files are read into a typed story; whatever is malformed is named by file, step and field."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ops.rehearsal.script.act import Decide, Report, Stream
from ops.rehearsal.script.malformed import MalformedScenario
from ops.rehearsal.script.reader import read
from ops.rehearsal.script.scenario import Scenario
from ops.rehearsal.script.step import Many
from ops.rehearsal.stage.books import book_of, editions_of
from ops.rehearsal.stage.changes import changed
from rulebook.fault import RulebookError
from rulebook.load import BUNDLED, files_at
from states.appealable import Appeal
from states.terms import Code, Outcome, Role, Stage, Status

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
HANOI = timezone(timedelta(hours=7))

CAST = """
  agencies:
    lotus: {region: VN, owner: ann, leads: [lee], agents: {bob: [kim], eve: [tom]}}
    jade: {region: VN, owner: jan}
  creators:
    kim: {agency: lotus}
    tom: {}
    una: {agency: jade, class: quality, level: 2, followers: 12000, average_viewers: 150}
  staff:
    mia: {role: moderator, regions: [VN]}
    sam: {role: senior_moderator, regions: [VN, NO]}
"""
REPORT = "{by: jan, do: report, id: r1, clause: agency.poaching, against: lotus, details: x}"
APPEAL = "{by: ann, do: appeal, id: a1, of: r1, grounds: x}"
MANY = "{do: many, count: 3, step: {by: jan, do: report, id: 'q{n}', details: 'no. {n}', about: ['c{n}']}"
HEAD = {"scenario": "a story", "rulebook": "live", "start": "2026-03-02T09:00:00+07:00", "cast": CAST}


def story(*steps: str, **head: str | None) -> str:
    """Write a file: the head, changed where `head` says so (None leaves a key out), and the steps."""
    lines = [f"{key}: {value}" for key, value in (HEAD | head).items() if value is not None]
    if "steps" not in head:
        lines += ["steps:", *(f"  - {step}" for step in steps)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.yaml"


def told(file: Path, text: str) -> Scenario:
    file.write_text(text, encoding="utf-8")
    return read(file)


def flaw(file: Path, text: str) -> MalformedScenario:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MalformedScenario) as caught:
        read(file)
    assert caught.value.__cause__ is None
    assert "pydantic" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("field", ["penalties.lotus", "forecast.v1.lotus"])
def test_a_penalty_that_no_rulebook_has_is_a_flaw(file: Path, field: str) -> None:
    first, *inner = field.split(".")
    expected = (
        "{" + f"{first}: " + "".join(f"{{{name}: " for name in inner) + "[base.warnning]" + "}" * (len(inner) + 1)
    )
    scenario = told(file, story(REPORT, f"{{expect: {expected}}}", cast=CAST.replace("VN, NO", "VN")))
    with pytest.raises(MalformedScenario) as caught:
        book_of(scenario)
    assert (caught.value.step, caught.value.field) == (2, f"expect.{field}")
    assert "base.warning" in caught.value.message


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_of_the_project_reads(path: Path) -> None:
    scenario = read(path)
    assert scenario.file == path
    assert [step.number for step in scenario.steps] == list(range(1, len(scenario.steps) + 1))


def test_there_are_scenarios_to_read() -> None:
    assert SCENARIOS


def test_a_file_becomes_a_typed_story(file: Path) -> None:
    expect = "{stage: {r1: under_review}, status: {r1: queued}, score: {lotus: 100, lotus@2025: 80}, quota: {jade: 29}}"
    override = "{reports.quota_per_month: 2}"
    scenario = told(file, story(f"{REPORT[:-1]}, after: 1d12h, expect: {expect}}}", override=override))
    assert scenario.title == "a story"
    assert scenario.rulebook == "live"
    assert scenario.override == {"reports.quota_per_month": 2}
    assert scenario.start == datetime(2026, 3, 2, 9, tzinfo=HANOI)
    assert scenario.start.utcoffset() == timedelta(hours=7)
    (step,) = scenario.steps
    assert (step.number, step.by, step.after, step.at) == (1, "jan", timedelta(days=1, hours=12), None)
    assert isinstance(step.act, Report)
    assert step.act.given() == {"id": "r1", "clause": "agency.poaching", "against": "lotus", "details": "x"}
    assert step.expect is not None
    assert step.expect.stage == {"r1": Stage.UNDER_REVIEW}
    assert step.expect.status == {"r1": Status.QUEUED}
    assert step.expect.score == {"lotus": 100, "lotus@2025": 80}
    assert step.expect.quota == {"jade": 29}


def test_every_expectation_is_read(file: Path) -> None:
    looks = "{outcome: {r1: window_over}, penalties: {lotus: []}, appeal: {r1: hidden}, visible: {r1: false}}"
    scenario = told(file, story(REPORT, f"{{by: ann, expect: {looks}}}", "{by: mia, do: claim, case: r1}"))
    expect = scenario.steps[1].expect
    assert expect is not None
    assert expect.outcome == {"r1": Outcome.WINDOW_OVER}
    assert expect.penalties == {"lotus": []}
    assert expect.appeal == {"r1": Appeal.HIDDEN}
    assert expect.visible == {"r1": False}
    assert scenario.steps[2].expect is None


def test_a_creator_has_defaults(file: Path) -> None:
    tom = told(file, story("{}")).cast.creators["tom"]
    assert (tom.class_, tom.level, tom.followers, tom.average_viewers) == ("standard", 1, 0, 0)


def test_a_creator_belongs_to_the_agency_of_the_agent(file: Path) -> None:
    cast = told(file, story("{}")).cast
    assert {name: creator.agency for name, creator in cast.creators.items()} == {
        "kim": "lotus",
        "tom": "lotus",
        "una": "jade",
    }
    assert (cast.agent_of("kim"), cast.agent_of("tom"), cast.agent_of("una")) == ("bob", "eve", None)


def test_the_people_are_all_who_can_act(file: Path) -> None:
    cast = told(file, story("{}")).cast
    assert cast.people == {"ann", "lee", "bob", "eve", "jan", "kim", "tom", "una", "mia", "sam", "platform"}
    assert cast.subjects == {"lotus", "jade", "kim", "tom", "una"}
    assert cast.staff["sam"].role is Role.SENIOR_MODERATOR


def test_norway_is_a_country(file: Path) -> None:
    assert told(file, story("{}")).cast.staff["sam"].regions == ["VN", "NO"]


@pytest.mark.parametrize(("written", "value"), [("yes", True), ("no", False), ("true", True), ("freeze", "freeze")])
def test_a_switch_of_an_override_may_be_said_in_words(file: Path, written: str, value: object) -> None:
    assert told(file, story("{}", override=f"{{a.key: {written}}}")).override == {"a.key": value}


def test_a_cast_may_have_no_creators(file: Path) -> None:
    cast = told(file, story("{}", cast="{agencies: {rhein: {region: DE, owner: rita}}}")).cast
    assert cast.creators == {}


@pytest.mark.parametrize(
    ("written", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("1d2h3m4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
    ],
)
def test_a_span_is_read(file: Path, written: str, span: timedelta) -> None:
    assert told(file, story(f"{{after: {written}}}")).steps[0].after == span


@pytest.mark.parametrize("quote", ["", "'"])
def test_a_time_keeps_its_offset(file: Path, quote: str) -> None:
    at = told(file, story(f"{{at: {quote}2027-01-01T00:00:30.25+05:30{quote}}}")).steps[0].at
    assert at is not None
    assert at.isoformat() == "2027-01-01T00:00:30.250000+05:30"


def test_a_time_may_be_in_utc(file: Path) -> None:
    assert told(file, story("{at: 2027-01-01T00:00:00Z}")).steps[0].at == datetime(2027, 1, 1, tzinfo=UTC)


def test_many_acts_are_numbered(file: Path) -> None:
    (step,) = told(file, story(f"{MANY}, expect: {{done: 2, refused: {{quota_exhausted: 1}}}}}}")).steps
    assert isinstance(step.act, Many)
    each = step.act.steps()
    assert [one.number for one in each] == [1, 2, 3]
    assert [one.by for one in each] == ["jan"] * 3
    second = each[1].act
    assert isinstance(second, Report)
    assert (second.id, second.details, second.about) == ("q2", "no. 2", ["c2"])
    assert step.expect is not None
    assert (step.expect.done, step.expect.refused) == (2, {Code.QUOTA_EXHAUSTED: 1})


def test_many_do_not_say_more_than_a_file_may(file: Path) -> None:
    much = "{n}x" * 1000
    many = f"{{do: many, count: 1000, step: {{by: jan, do: report, id: 'q{{n}}', details: '{much}'}}}}"
    found = flaw(file, story(many))
    assert (found.field, found.message) == ("many.count", "what they say together is larger than 2 MiB")


@pytest.mark.parametrize("name", ['"ja\\nn"', "' jan'", '"ja\\u200bn"', '"ja\\u202en"'])
def test_nobody_has_a_name_that_reads_like_another(file: Path, name: str) -> None:
    found = flaw(file, story(REPORT, cast=f"{{creators: {{{name}: {{}}}}}}"))
    assert "is no name" in found.message


def test_many_may_be_done_by_many_people(file: Path) -> None:
    creators = "{agencies: {jade: {region: VN, owner: jan}}, creators: {c1: {}, c2: {}}}"
    many = "{do: many, count: 2, step: {by: 'c{n}', do: appeal, id: same, of: r1}}"
    (_, step) = told(file, story(REPORT, many, cast=creators)).steps
    assert isinstance(step.act, Many)
    assert [one.by for one in step.act.steps()] == ["c1", "c2"]


def test_a_case_of_many_can_be_named_later(file: Path) -> None:
    told(file, story(f"{MANY}, expect: {{stage: {{q3: under_review}}}}}}", "{by: mia, do: claim, case: q1}"))


def test_the_id_of_a_refused_act_is_free_again(file: Path) -> None:
    told(file, story(REPORT, f"{APPEAL[:-1]}, expect: {{error: not_found}}}}", APPEAL))


@pytest.mark.parametrize(
    "wrong",
    [
        "reasons: ''",
        "reasons: null",
        "reasons: [a]",
        "clause: no.such",
        "severity: quite",
        "finding: maybe",
        "outcome: perhaps",
        "extra: -3",
        "extra: lots",
        "extra: 1.5",
        "of: 7",
        f"reasons: {'x' * 100_000}",
    ],
    ids=lambda wrong: wrong[:20],
)
def test_what_the_engine_must_refuse_is_passed_on(file: Path, wrong: str) -> None:
    decide = f"{{by: mia, do: decide, case: r1, {wrong}, expect: {{error: invalid}}}}"
    act = told(file, story(REPORT, decide)).steps[1].act
    assert isinstance(act, Decide)
    assert set(act.given()) == {"case", wrong.partition(":")[0]}


@pytest.mark.parametrize(
    "occurred",
    [
        "2099-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-02-01",
        "12:30:45",
        "yesterday",
    ],
)
def test_a_wrong_time_of_a_violation_is_the_engines_to_refuse(file: Path, occurred: str) -> None:
    act = told(file, story(f"{REPORT[:-1]}, occurred: {occurred}, expect: {{error: invalid}}}}")).steps[0].act
    assert isinstance(act, Report)
    assert act.occurred == occurred


@pytest.mark.parametrize(
    "do",
    ["report", "claim", "release", "ask", "answer", "escalate", "decide", "approve", "reject", "withdraw", "appeal"],
)
def test_a_field_that_is_missing_is_passed_on_as_missing(file: Path, do: str) -> None:
    act = told(file, story(f"{{by: mia, do: {do}, expect: {{error: invalid}}}}")).steps[0].act
    assert act is not None
    assert act.given() == {}


def test_the_hours_of_a_stream_are_passed_on(file: Path) -> None:
    act = told(file, story("{by: platform, do: stream, creator: kim, days: 1, hours: 1.98}")).steps[0].act
    assert isinstance(act, Stream)
    assert act.given() == {"creator": "kim", "days": 1, "hours": 1.98}


# fmt: off
STEPS = [
    # the step itself
    ("{aftr: 1d}",                                   "aftr",                   "unknown field (did you mean after?)"),
    ("{number: 1}",                                  "number",                 "unknown field"),
    ("{act: {do: claim}}",                           "act",                    "unknown field"),
    ("{7: x}",                                       "7",                      "the key `7` must be text"),
    ("just words",                                   "step",                   "must be a mapping"),
    ("",                                             "step",                   "must be a mapping"),
    ("{by: }",                                       "by",                     "is empty"),
    ("{expect: }",                                   "expect",                 "is empty"),
    ("{by: 5}",                                      "by",                     "must be text"),
    ("{by: mai}",                                    "by",                     "(did you mean mia?)"),
    ("{by: lotus}",                                  "by",                     "no person 'lotus' in the cast"),
    # its time
    ("{after: 1d, at: 2026-04-01T00:00:00Z}",        "after",                  "not both"),
    ("{after: soon}",                                "after",                  "must be a time such as"),
    ("{after: 30}",                                  "after",                  "must be a time such as"),
    ("{after: ''}",                                  "after",                  "must be a time such as"),
    ("{after: -1d}",                                 "after",                  "must be a time such as"),
    ("{after: 9999999999d}",                         "after",                  "is too long"),
    ("{after: 9999999d}",                            "after",                  "past the end of the calendar"),
    ("{at: 2026-04-01T00:00:00}",                    "at",                     "must have an offset"),
    ("{at: '2026-04-01T00:00:00'}",                  "at",                     "must have an offset"),
    ("{at: 2026-04-01}",                             "at",                     "must have an offset"),
    ("{at: 2026-02-30T00:00:00Z}",                   "at",                     "must be a time such as"),
    ("{at: 1775000000}",                             "at",                     "must be a time such as"),
    ("{at: 2026-03-02T08:59:59+07:00}",              "at",                     "is over"),
    # its act
    ("{by: mia, do: decied, case: r1}",              "do",                     "(did you mean decide?)"),
    ("{by: mia, do: [claim]}",                       "do",                     "unknown act"),
    ("{by: mia, do: }",                              "do",                     "is empty"),
    ("{do: claim, case: r1}",                        "by",                     "missing: somebody must claim"),
    ("{by: mia, case: r1}",                          "case",                   "the step has no `do`"),
    ("{by: mia, do: decide, case: r1, findng: x}",   "decide.findng",          "unknown field (did you mean finding?)"),
    ("{by: mia, do: claim, case: r1, reasons: x}",   "claim.reasons",          "unknown field"),
    ("{by: mia, do: claim, case: r1, expct: {}}",    "claim.expct",            "unknown field (did you mean expect?)"),
    ("{by: jan, do: report, id: r1}",                "report.id",              "the id 'r1' is already taken"),
    ("{by: ann, do: appeal, id: r1, of: r1}",        "appeal.id",              "the id 'r1' is already taken"),
    ("{by: mia, do: claim, case: r2}",               "claim.case",             "no case 'r2' up to here"),
    ("{by: ann, do: appeal, id: a1, of: r9}",        "appeal.of",              "no case 'r9'"),
    ("{by: mia, do: decide, case: r1, of: zz}",      "decide.of",              "no case 'zz' up to here"),
    ("{by: platform, do: stream, creator: kin}",     "stream.creator",         "(did you mean kim?)"),
    ("{by: platform, do: stream, creator: [kim]}",   "stream.creator",         "no creator"),
    # what is expected
    ("{expect: {stages: {r1: closed}}}",             "expect.stages",          "unknown field (did you mean stage?)"),
    ("{expect: all well}",                           "expect",                 "must be a mapping"),
    ("{expect: {stage: closed}}",                    "expect.stage",           "must be a mapping"),
    ("{expect: {stage: {r1: clsed}}}",               "expect.stage.r1",        "(did you mean closed?)"),
    ("{expect: {stage: {7: closed}}}",               "expect.stage.7",         "must be text: write it in quotes"),
    ("{expect: {stage: {r2: closed}}}",              "expect.stage.r2",        "no case 'r2' up to here"),
    ("{expect: {status: {r1: waiting}}}",            "expect.status.r1",       "unknown value 'waiting'"),
    ("{expect: {status: {r1: new}}}",                "expect.status.r1",       "unknown value 'new'"),
    ("{expect: {status: {r2: open}}}",               "expect.status.r2",       "no case 'r2' up to here"),
    ("{expect: {outcome: {r1: won}}}",               "expect.outcome.r1",      "unknown value 'won'"),
    ("{expect: {outcome: {r2: moot}}}",              "expect.outcome.r2",      "no case 'r2' up to here"),
    ("{expect: {score: {lotos: 1}}}",                "expect.score.lotos",     "(did you mean lotus?)"),
    ("{expect: {score: {ann: 1}}}",                  "expect.score.ann",       "no subject 'ann' in the cast"),
    ("{expect: {score: {lotos@2026: 1}}}",           "expect.score.lotos@2026", "no subject 'lotos' in the cast"),
    ("{expect: {score: {lotus@now: 1}}}",            "expect.score.lotus@now", "as in lotus@2026"),
    ("{expect: {score: {lotus: 9.5}}}",              "expect.score.lotus",     "must be a whole number"),
    ("{expect: {score: {lotus: '95'}}}",             "expect.score.lotus",     "must be a whole number"),
    ("{expect: {penalties: {lotos: []}}}",           "expect.penalties.lotos", "no subject 'lotos' in the cast"),
    ("{expect: {penalties: {lotus: watch}}}",        "expect.penalties.lotus", "must be a list"),
    ("{expect: {quota: {lotos: 1}}}",                "expect.quota.lotos",     "no agency 'lotos' in the cast"),
    ("{expect: {quota: {kim: 1}}}",                  "expect.quota.kim",       "no agency 'kim' in the cast"),
    ("{by: ann, expect: {appeal: {r1: maybe}}}",     "expect.appeal.r1",       "unknown value 'maybe'"),
    ("{by: ann, expect: {appeal: {r2: hidden}}}",    "expect.appeal.r2",       "no case 'r2' up to here"),
    ("{expect: {appeal: {r1: hidden}}}",             "expect.appeal",          "needs `by`"),
    ("{by: ann, expect: {visible: {r1: 7}}}",        "expect.visible.r1",      "must be true or false"),
    ("{by: ann, expect: {visible: {r2: true}}}",     "expect.visible.r2",      "no case 'r2' up to here"),
    ("{expect: {visible: {r1: true}}}",              "expect.visible",         "needs `by`"),
    ("{by: ann, expect: {error: invalid}}",          "expect.error",           "only an act can be refused"),
    ("{by: mia, do: claim, expect: {error: no}}",    "expect.error",           "unknown value 'no'"),
    ("{by: mia, do: claim, expect: {error: unavailable}}", "expect.error",           "unknown value 'unavailable'"),
    ("{by: mia, do: claim, expect: {done: 1}}",      "expect.done",            "only of `many`"),
    ("{by: mia, do: claim, expect: {refused: {}}}",  "expect.refused",         "only of `many`"),
    ("{expect: {done: 1}}",                          "expect.done",            "only of `many`"),
    # many at once
    ("{do: many, step: {by: mia, do: claim}}",       "many.count",             "missing"),
    ("{do: many, count: 3}",                         "many.step",              "missing"),
    ("{do: many, count: 0, step: {}}",               "many.count",             "greater than or equal to 1"),
    ("{do: many, count: 1001, step: {}}",            "many.count",             "less than or equal to 1000"),
    ("{do: many, count: '3', step: {}}",             "many.count",             "must be a whole number"),
    ("{do: many, count: true, step: {}}",            "many.count",             "must be a whole number"),
    ("{do: many, count: 3, step: claim}",            "many.step",              "must be a mapping"),
    ("{do: many, count: 3, stp: {}}",                "many.stp",               "unknown field (did you mean step?)"),
    ("{do: many, count: 3, step: {by: mia, do: claim}, expect: {error: invalid}}", "expect.error", "count the refused"),
    ("{do: many, count: 3, step: {by: mia, do: claim}, expect: {done: -1}}", "expect.done", "equal to 0"),
    ("{do: many, count: 3, step: {by: mia, do: claim}, expect: {refused: {no: 1}}}", "expect.refused.no", "'no'"),
    # the notation
    ("{by: mia, by: sam}",                           "by",                     "given twice"),
    ("{expect: {score: {kim: 1, kim: 2}}}",          "expect.score.kim",       "given twice"),
    ("{expect: {score: {kim: 0x5F}}}",               "expect.score.kim",       "`0x5F`: a number is plain digits"),
    ("{expect: &x {}}",                              "expect",                 "`&x` gives a name to what follows"),
]
# fmt: on


@pytest.mark.parametrize(("step", "field", "message"), STEPS)
def test_a_malformed_step_is_named(file: Path, step: str, field: str, message: str) -> None:
    found = flaw(file, story(REPORT, step))
    assert (found.file, found.step, found.field) == (file, 2, field)
    assert message in found.message
    assert str(found) == f"{file}: step 2: {field}: {found.message}"


# Read one by one before they are refused, they would take hours.
THOUSANDS = "{do: many, count: 1000, step: {do: many, count: 1000, step: {by: mia, do: claim}}}"
# fmt: off
INNER = [
    ("{by: mia}",                                        "do",         "missing"),
    ("{do: claim}",                                      "by",         "missing: somebody must claim"),
    ("{by: mia, do: claim, cas: r1}",                    "claim.cas",  "unknown field (did you mean case?)"),
    ("{by: mia, do: claim, case: 'r{n}'}",               "claim.case", "no case 'r2' up to here"),
    ("{by: 'm{n}', do: claim, case: r1}",                "by",         "no person 'm1' in the cast"),
    ("{after: 1d, by: mia, do: claim}",                  "after",      "belongs to the step around `many`"),
    ("{by: mia, do: claim, expect: {}}",                 "expect",     "belongs to the step around `many`"),
    ("{do: many, count: 2, step: {by: mia, do: claim}}", "do",         "can't stand inside `many`"),
    (THOUSANDS,                                          "do",         "can't stand inside `many`"),
]
# fmt: on


@pytest.mark.parametrize(("inner", "field", "message"), INNER)
def test_a_malformed_step_of_many_is_named(file: Path, inner: str, field: str, message: str) -> None:
    found = flaw(file, story(REPORT, f"{{do: many, count: 3, step: {inner}}}"))
    assert (found.step, found.field) == (2, f"many.step.{field}")
    assert message in found.message


# fmt: off
HEADS = [
    ({"scenario": None},                             "scenario",   "missing"),
    ({"scenario": "''"},                             "scenario",   "at least 1 character"),
    ({"scenario": "7"},                              "scenario",   "must be text"),
    ({"start": None},                                "start",      "missing"),
    ({"start": "2026-03-02T09:00:00"},               "start",      "must have an offset"),
    ({"start": "soon"},                              "start",      "must be a time such as"),
    ({"cast": None},                                 "cast",       "missing"),
    ({"cast": "[]"},                                 "cast",       "must be a mapping"),
    ({"steps": None},                                "steps",      "missing"),
    ({"steps": "[]"},                                "steps",      "at least 1 item"),
    ({"steps": "{}"},                                "steps",      "must be a list"),
    ({"rulebook": "[live]"},                         "rulebook",   "must be text"),
    ({"override": "{7: 2}"},                         "override.7", "must be text: write it in quotes (line 16)"),
    ({"override": "{a: 1_000}"},                     "override.a", "a number is plain digits"),
    ({"override": "[a]"},                            "override",   "must be a mapping"),
    ({"overide": "{a: 2}"},                          "overide",    "unknown field (did you mean override?)"),
    ({"title": "x"},                                 "title",      "unknown field"),
    ({"file": "y.yaml"},                             "file",       "unknown field"),
]
# fmt: on


@pytest.mark.parametrize(("head", "field", "message"), HEADS)
def test_a_malformed_head_is_named(file: Path, head: dict[str, str | None], field: str, message: str) -> None:
    found = flaw(file, story("{}", **head))
    assert (found.step, found.field) == (None, field)
    assert message in found.message
    assert str(found) == f"{file}: {field}: {found.message}"


# fmt: off
CASTS = [
    ("region: VN, owner: ann", "owner: ann",            "agencies.lotus.region",     "missing"),
    ("region: VN, owner: jan", "region: VN",            "agencies.jade.owner",       "missing"),
    ("leads:",                "leeds:",                "agencies.lotus.leeds",      "(did you mean leads?)"),
    ("leads: [lee]",          "leads: lee",            "agencies.lotus.leads",      "must be a list"),
    ("bob: [kim]",            "bob: kim",              "agencies.lotus.agents.bob", "must be a list"),
    ("bob: [kim]",            "bob: [kin]",            "agencies.lotus.agents.bob", "(did you mean kim?)"),
    ("bob: [kim]",            "bob: [una]",            "agencies.lotus.agents.bob", "una belongs to jade"),
    ("bob: [kim]",            "bob: [kim, tom]",       "agencies.lotus.agents.eve", "tom is already managed by bob"),
    ("kim: {agency: lotus}",  "kim: {agency: lotos}",  "creators.kim.agency",       "(did you mean lotus?)"),
    ("level: 2",              "level: 4",              "creators.una.level",        "less than or equal to 3"),
    ("level: 2",              "level: 0",              "creators.una.level",        "greater than or equal to 1"),
    ("level: 2",              "level: high",           "creators.una.level",        "must be a whole number"),
    ("level: 2",              "lvel: 2",               "creators.una.lvel",         "(did you mean level?)"),
    ("class: quality",        "class_: quality",       "creators.una.class_",       "(did you mean class?)"),
    ("followers: 12000",      "followers: -1",         "creators.una.followers",    "greater than or equal to 0"),
    ("tom: {}",               "tom:",                  "creators.tom",              "must be a mapping"),
    ("role: moderator",       "role: modderator",      "staff.mia.role",            "(did you mean moderator?)"),
    ("role: moderator",       "role: owner",           "staff.mia.role",            "unknown value 'owner'"),
    ("staff:",                "staf:",                 "staf",                      "(did you mean staff?)"),
    ("mia: {role",            "ann: {role",            "staff.ann",                 "by cast.agencies.lotus.owner"),
    ("[lee]",                 "[mia]",                 "staff.mia",                 "by cast.agencies.lotus.leads"),
    ("owner: jan",            "owner: bob",            "agencies.jade.owner",       "cast.agencies.lotus.agents.bob"),
    ("mia: {role",            "kim: {role",            "staff.kim",                 "by cast.creators.kim"),
    ("mia: {role",            "lotus: {role",          "staff.lotus",               "by cast.agencies.lotus"),
    ("mia: {role",            "platform: {role",       "staff.platform",            "the name platform is reserved"),
    ("jade: {",               "platform: {",           "agencies.platform",         "the name platform is reserved"),
    ("sam: {role",            "mia: {role",            "staff.mia",                 "given twice"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "field", "message"), CASTS)
def test_a_malformed_cast_is_named(file: Path, old: str, new: str, field: str, message: str) -> None:
    assert old in CAST
    found = flaw(file, story("{}", cast=CAST.replace(old, new)))
    assert (found.step, found.field) == (None, f"cast.{field}")
    assert message in found.message


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("", "file", "must be a mapping"),
        ("- a list", "file", "must be a mapping"),
        ("a: b\n c: d\n", "line 2", "not YAML"),
        ("a: [1\n", "line 2", "not YAML"),
        ("a: 1\n---\nb: 2\n", "line 2", "a second document begins"),
        ("a: !!python/object:os.system {}\n", "a", "gives a type to what follows"),
        ("a: &a [*a]\n", "a", "gives a name to what follows"),
        ("{[a]: 1}\n", "line 1", "a key is text"),
        ("a: \x01\n", "line 1", "not YAML"),
        ("a:\n\tb: 1\n", "line 2", "indented by spaces"),
        ("[" * 5000, "line 1", "nested too deeply"),
        (f"# {'x' * 3 * 2**20}", "line 1", "is larger than 2 MiB"),
        ("start: 1\nstart: 2\n", "start", "given twice (line 2)"),
    ],
    ids=lambda text: text[:12],
)
def test_what_is_no_yaml_is_refused_with_its_place(file: Path, text: str, field: str, message: str) -> None:
    found = flaw(file, text)
    assert (found.step, found.field) == (None, field)
    assert message in found.message


def test_the_clock_of_a_story_never_goes_back(file: Path) -> None:
    found = flaw(file, story("{at: 2026-04-01T00:00:00Z}", "{after: 2h}", "{at: 2026-04-01T01:00:00Z}"))
    assert (found.step, found.field) == (3, "at")


def test_a_case_is_named_only_after_its_report(file: Path) -> None:
    found = flaw(file, story("{by: mia, do: claim, case: r1}", REPORT))
    assert (found.step, found.field) == (1, "claim.case")


def test_an_id_that_many_took_is_taken(file: Path) -> None:
    found = flaw(file, story(f"{MANY}}}", "{by: jan, do: report, id: q2}"))
    assert (found.step, found.field) == (2, "report.id")


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(MalformedScenario, match=r"x\.yaml: file: can't be read"):
        read(file)


def test_a_file_that_is_no_text_is_named(file: Path) -> None:
    file.write_bytes(b"scenario: \xff\xfe")
    with pytest.raises(MalformedScenario, match="is not UTF-8 text"):
        read(file)


def test_a_flaw_reads_as_a_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(story(REPORT, "{}", "{by: mia, do: decide, findng: x}"), encoding="utf-8")
    monkeypatch.chdir(file.parent)
    with pytest.raises(MalformedScenario) as caught:
        read(Path("x.yaml"))
    assert str(caught.value) == "x.yaml: step 3: decide.findng: unknown field (did you mean finding?)"


OF_TWO = "{v2: {changes: {reports.quota_per_month: 2}}}"
# fmt: off
VERSIONS = [
    (OF_TWO, "{by: mia, do: halt}",                              1,    "halt.version",       "missing"),
    (OF_TWO, "{by: mia, do: halt, version: v9}",                 1,    "halt.version",       "no version 'v9'"),
    (OF_TWO, "{by: mia, do: halt, version: v2, reasons: x}",     1,    "halt.reasons",       "unknown field"),
    (OF_TWO, "{by: mia, do: approve, case: r1, version: v2}",    1,    "approve.version",    "not of both"),
    (OF_TWO, "{expect: {version: {v3: in_force}}}",              1,    "expect.version.v3",  "no version 'v3'"),
    (OF_TWO, "{expect: {version: {v2: inforce}}}",               1,    "expect.version.v2",  "did you mean in_force?"),
    (OF_TWO, "{expect: {version: {v2: new}}}",                   1,    "expect.version.v2",  "never seen"),
    (OF_TWO, "{expect: {reached: {v2: -1}}}",                    1,    "expect.reached.v2",  "greater"),
    (OF_TWO, "{expect: {forecast: {v2: {lotos: []}}}}",          1,    "expect.forecast.v2.lotos", "no subject"),
    (OF_TWO, "{expect: {forecast: {v2: 3}}}",                    1,    "expect.forecast.v2", "must be a mapping"),
    ("{v1: {rulebook: live}}", "{}",                             None, "rulebooks.v1",       "the scenario's own"),
    ("{v2: {}}", "{}",                                           None, "rulebooks.v2",       "either"),
    ("{v2: {rulebook: live, changes: {a: 1}}}", "{}",            None, "rulebooks.v2",       "either"),
    ("{v2: {change: {a: 1}}}", "{}",                             None, "rulebooks.v2.change", "did you mean changes?"),
]
# fmt: on


@pytest.mark.parametrize(("rulebooks", "step", "number", "field", "message"), VERSIONS)
def test_a_malformed_story_of_versions_is_named(
    file: Path, rulebooks: str, step: str, number: int | None, field: str, message: str
) -> None:
    found = flaw(file, story(step, rulebooks=rulebooks))
    assert (found.step, found.field) == (number, field)
    assert message in found.message


def test_a_story_of_versions_has_no_override(file: Path) -> None:
    found = flaw(file, story("{}", rulebooks=OF_TWO, override="{reports.quota_per_month: 3}"))
    assert (found.field, "`changes`" in found.message) == ("override", True)


def test_a_version_is_the_first_with_changes_or_another_rulebook(file: Path) -> None:
    changes = "{reports.quota_per_month: 2, clauses.agency.poaching: null, penalties.base.warning.lasts: 7 days}"
    rulebooks = f"{{v2: {{changes: {changes}}}, v3: {{rulebook: mastodon-appeals}}}}"
    cast = "{agencies: {jade: {region: VN, owner: jan}}}"
    scenario = told(file, story("{}", rulebooks=rulebooks, cast=cast))
    editions = editions_of(scenario)
    first, second = (editions[name].book.policy("VN") for name in ("v1", "v2"))
    assert (first.procedure.reports_quota_per_month, second.procedure.reports_quota_per_month) == (30, 2)
    assert first.clauses.keys() - second.clauses.keys() == {"agency.poaching"}
    assert str(second.penalties["base.warning"].lasts) == "7 days"
    assert editions["v3"].book.key == "mastodon_appeals"
    with pytest.raises(MalformedScenario) as caught:
        editions_of(told(file, story("{}", rulebooks="{v2: {changes: {reports.quota_per_month: many}}}", cast=cast)))
    assert (caught.value.step, caught.value.field) == (None, "rulebooks.v2")
    assert "reports.quota_per_month" in caught.value.message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clauses.agency.poching": None}, "did you mean agency.poaching?"),
        ({"clauses.agency.poching": {}}, "did you mean agency.poaching?"),
        ({"penalties.base.warning.lasts.days": 7}, "`lasts` is one value"),
        ({"reports.quota": None}, "no such key"),
    ],
)
def test_a_change_of_what_is_not_there_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(RulebookError) as caught:
        changed(files_at(BUNDLED / "live"), change)
    assert message in str(caught.value)
    assert next(iter(change)) in str(caught.value)
