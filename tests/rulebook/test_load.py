"""Rulebooks are loaded, kept and refused: whatever is wrong is named by file, line, key and value."""

import json
import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from ops.rehearsal.stage.changes import changed
from rulebook.fault import RulebookError, UnknownRegion
from rulebook.files import assembled
from rulebook.load import BUNDLED, dump, files_at, load, parse


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED / "live", tmp_path / "mine"))


def refusal(path: Path | str, override: dict[str, object] | None = None) -> RulebookError:
    with pytest.raises(RulebookError) as caught:
        load(path, override)
    assert "pydantic" not in str(caught.value)
    return caught.value


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_version_survives_a_database_that_sorts_its_keys() -> None:
    live = load("live", {"reports.quota_per_month": 2})
    again = parse(json.loads(json.dumps(dump(live), sort_keys=True)))
    assert again == live
    assert again.digest == live.digest
    for region in live.regions:
        assert again.policy(region) == live.policy(region)
        assert [t.key for t in again.policy(region).schemes["agency_compliance"].tiers] == [
            t.key for t in live.policy(region).schemes["agency_compliance"].tiers
        ]


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(RulebookError, match="no rulebook's document"):
        parse({"key": "live"})


def test_a_copy_in_a_folder_is_the_same_rulebook(folder: Path) -> None:
    assert load(folder).digest == load("live").digest


def test_a_changed_number_is_another_digest(folder: Path) -> None:
    edit(folder / "base.yaml", "value: 72 hours", "value: 71 hours")
    assert load(folder) != load("live")


def test_one_file_can_hold_a_base_its_overlays_and_its_texts(folder: Path, tmp_path: Path) -> None:
    whole = yaml.safe_load((folder / "base.yaml").read_text(encoding="utf-8"))
    whole["texts"] = {name: yaml.safe_load((folder / f"texts.{name}.yaml").read_text("utf-8")) for name in ("vi", "zh")}
    for said in whole["texts"].values():  # Vietnam and India are left out
        said["statutes"] = {key: text for key, text in said["statutes"].items() if key.startswith("dsa.")}
    whole["overlays"] = [yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("EU", "DE")]
    file = tmp_path / "one.yaml"
    file.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    assert load(file).regions == ["DE"]
    assert load(str(file)).policy("DE") == load("live").policy("DE")


def test_an_override_holds_in_every_region_above_its_overlay() -> None:
    short = load("live", {"appeals.window": "2d"})
    assert {str(short.policy(region).procedure.appeals_window) for region in short.regions} == {"2 days"}
    assert short.digest != load("live").digest


def test_an_override_says_which_clauses_ask_for_evidence() -> None:
    strict = load("live", {"clauses.agency.poaching.evidence": "required", "appeals.window": "2d"})
    assert {key: one.evidence for key, one in strict.policy("VN").clauses.items() if one.evidence == "required"} == {
        "agency.poaching": "required"
    }
    again = parse(dump(strict))
    assert (again.digest, again.policy("DE")) == (strict.digest, strict.policy("DE"))
    assert "no such" in str(refusal("live", {"clauses.agency.poaching.price": 3}))
    assert "clauses.nowhere" in str(refusal("live", {"clauses.nowhere.evidence": "required"}))


def test_a_clause_has_a_window_of_its_own_where_it_states_one() -> None:
    short = load("live", {"clauses.agency.poaching.appeals_window": "1 week"})
    rules = short.policy("DE")
    windows = str(rules.appeals_window("agency.poaching")), str(rules.appeals_window("agency.other"))
    assert windows == ("1 week", "6 months")
    assert parse(dump(short)).digest == short.digest


def test_a_region_s_window_says_what_becomes_of_a_clause_s_below_it(folder: Path) -> None:
    edit(folder / "base.yaml", "    title: Poaching", "    appeals_window: 5 days\n    title: Poaching")
    told = (
        "base.yaml:17: clauses.agency.poaching.appeals_window = '5 days': EU.yaml states `appeals.window`: it must say"
    )
    assert told in str(refusal(folder))
    own = "\nclauses: [{key: agency.poaching, appeals_window: 6 months, source: P Digital Services Act}]\n"
    (folder / "EU.yaml").write_text((folder / "EU.yaml").read_text("utf-8") + own, "utf-8")
    assert str(load(folder).policy("DE").appeals_window("agency.poaching")) == "6 months"
    assert str(load(folder).policy("VN").appeals_window("agency.poaching")) == "5 days"


def test_of_ten_thousand_mistakes_some_are_told(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("key: x\nversion: 1\n" + "".join(f"k{n}{'k' * 200}: 1\n" for n in range(9_000)), "utf-8")
    told = str(refusal(file)).splitlines()
    assert len(told) <= 51
    assert all(len(line) < 250 for line in told)
    assert told[-1].startswith("and ")


def test_a_rulebook_has_at_most_300_overlays(tmp_path: Path) -> None:
    names = [f"R{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(301)]
    chain = [f"- {{region: {name}, parent: {above}}}\n" for name, above in pairwise(names)]
    file = tmp_path / "many.yaml"
    file.write_text("key: x\nversion: 1\noverlays:\n" + "".join(chain) + "- {region: RZZ}\n", "utf-8")
    assert "one of more than 300 overlays" in str(refusal(file))


def test_a_policy_is_built_once() -> None:
    live = load("live")
    assert live.policy("VN") is live.policy("VN")


@pytest.mark.parametrize("region", ["EU", "XX", "vn", ""])
def test_a_region_that_no_agency_can_have_is_unknown(region: str) -> None:
    with pytest.raises(UnknownRegion, match="CN, DE, FR, IN, US, VN"):
        load("live").policy(region)


@pytest.mark.parametrize(("key", "value", "message"), [
    ("reports.quota_per_month", "many",             "valid integer"),
    ("reports.quota_per_month", True,               "valid integer"),
    ("reports.quota_per_month", -1,                 "greater than or equal to 0"),
    ("reports.quota",           3,                  "no such key"),
    ("review.deadline",         "soon",             "length of time"),
    ("appeals.levels",          2,                  "only 1 level"),
    ("appeals.by_reporter",     "perhaps",          "valid boolean"),
    ("appeals.on_overturn",     "forget",           "one of reprice, freeze"),
])  # fmt: skip
def test_an_override_that_cannot_be_is_refused(key: str, value: object, message: str) -> None:
    error = refusal("live", {key: value})
    assert (error.file, error.key, error.value) == ("override", key, value)
    assert message in str(error)


# `@` stands for the line that is edited.
@pytest.mark.parametrize(("file", "old", "new", "line"), [
    ("base.yaml", "{value: 30, source: S 001}", "{value: thirty, source: S 001}",
     "base.yaml:@: reports.quota_per_month = 'thirty': Input should be a valid integer"),
    ("base.yaml", "{value: 30, source: S 001}", "{value: 30}",
     "base.yaml:@: reports.quota_per_month = {'value': 30}: states exactly one of `source` and `illustrative: true`"),
    ("base.yaml", "{value: 30, source: S 001}", "{value: 30, source: hearsay}",
     "base.yaml:@: reports.quota_per_month.source = 'hearsay': String should match pattern"),
    ("base.yaml", "severe: base.live_suspended", "severe: base.jail",
     "base.yaml:@: clauses.content.minor_safety.base_penalty.severe = 'base.jail': no such penalty"),
    ("base.yaml", "base_penalty: {severe: base.live", "attributed_via: [agent]\n    base_penalty: {severe: base.live",
     "base.yaml:@: clauses.content.minor_safety.attributed_via = ['agent']: a clause that is charged to `creator` is attributed"),
    ("base.yaml", "severe: base.live_suspended", "grave: base.live_suspended",
     "base.yaml:@: clauses.content.minor_safety.base_penalty.grave"),
    ("base.yaml", "penalty: additional.multi_account", "penalty: base.warning",
     "base.yaml:@: triggers.trigger.multi_account.penalty = 'base.warning': is a penalty of kind base, not additional"),
    ("base.yaml", "clause: agency.multi_account", "clause: agency.multi",
     "base.yaml:@: triggers.trigger.multi_account.clause = 'agency.multi': no such clause"),
    ("base.yaml", "at or below, threshold: 60", "at or below, threshold: 80",
     "base.yaml:@: scores.agency_compliance.tiers.agency_compliance.restricted.threshold = 80: tiers stand from"),
    ("base.yaml", "below, threshold: 70", "below, threshold: 700",
     "base.yaml:@: scores.creator_health.tiers.creator_health.limited.threshold = 700: no score between 0 and 120"),
    ("base.yaml", "start: 110, cap: 110", "start: 110, cap: 100",
     "base.yaml:@: scores.creator_health.bounds.quality.start = 110: lies outside floor and cap"),
    ("base.yaml", "mild:     [1, 1, 2]", "mild:     [1, 1]",
     "base.yaml:@-1: scores.creator_health.pricing.matrix = {'mild': 2, 'moderate': 3, 'severe': 3}: every row"),
    ("base.yaml", "restrictions: [recommend, pk_limited]", "restrictions: [recommend, fun]",
     "base.yaml:@: penalties.creator_health.limited.restrictions = 'fun': no such restriction: there are bonus"),
    ("base.yaml", "    lasts: 7 days\n    restrictions: [live]", "    restrictions: [live]",
     "base.yaml:@-2: penalties.base.live_suspended.lasts = None: what no score brings states how long"),
    ("base.yaml", "period: none", "period: calendar year",
     "base.yaml:@+21: scores.creator_health.recovery = 'calendar year': clean days count a whole life"),
    ("base.yaml", "points: [5, 5, 10]", "points: []",
     "base.yaml:@: scores.agency_compliance.pricing.points = []: is empty: at least one stands here"),
    ("base.yaml", "    subject: creator\n", "    subject: agency\n",
     "base.yaml:@-18: scores = ['agency_compliance', 'creator_health']: at most one score belongs to the subject `agency`"),
    ("base.yaml", "    clause: agency.multi_account", "    enforced: perhaps\n    clause: agency.multi_account",
     "base.yaml:@: triggers.trigger.multi_account.enforced = 'perhaps': Input should be a valid boolean"),
    ("base.yaml", "version: 3", "version: latest", "base.yaml:@: version = 'latest': Input should be a valid integer"),
    ("base.yaml", "key: agency.other", "key: agency.poaching",
     "base.yaml:@: clauses.agency.poaching: is stated twice"),
    ("base.yaml", "review.deadline: ", "review.claim_lease: ",
     "base.yaml:@: review.claim_lease: given twice"),
    ("base.yaml", "points: [5, 5, 10]", "points: [5, 5, 1_0]", "base.yaml:@: scores.0.pricing.points.2: `1_0`: a number is plain"),
    ("EU.yaml", "region: EU", "region: EU\nprocedure: {}", "EU.yaml:@+3: procedure: given twice"),
    ("EU.yaml", "value: 6 calendar months", "value: 0x1F", "EU.yaml:@: appeals.window: `0x1F`: a number is plain"),
    ("base.yaml", "clauses:", "clauses: [", "base.yaml:@+1: (file): not YAML: brackets don't match"),
    ("base.yaml", "any_extra: true", "any_extra: maybe",
     "base.yaml:@: review.second_vote.value.any_extra = 'maybe': Input should be a valid boolean"),
    ("base.yaml", "{value: 30, source: S 001}", "{value: yes, source: S 001}",
     "base.yaml:@: reports.quota_per_month = 'yes': Input should be a valid integer"),
    ("base.yaml", "key: live", "keys: live", "base.yaml:1: key: Field required"),
    ("VN.yaml", "Asia/Ho_Chi_Minh", "Asia/Saigon_City", "VN.yaml:@: zone = 'Asia/Saigon_City': "),
    ("VN.yaml", "Asia/Ho_Chi_Minh", "../../etc/passwd", "VN.yaml:@: zone = '../../etc/passwd': "),
    ("VN.yaml", "Asia/Ho_Chi_Minh", "localtime", "VN.yaml:@: zone = 'localtime': "),
    ("VN.yaml", "Asia/Ho_Chi_Minh", "posixrules", "VN.yaml:@: zone = 'posixrules': "),
    ("VN.yaml", "Asia/Ho_Chi_Minh", "right/Asia/Ho_Chi_Minh", "VN.yaml:@: zone = 'right/Asia/Ho_Chi_Minh': "),
    ("VN.yaml", "Asia/Ho_Chi_Minh", "Factory", "VN.yaml:@: zone = 'Factory': "),
    ("VN.yaml", "zone:", "zones:", "VN.yaml:1: zone: a region that is no parent states its time zone"),
    ("VN.yaml", "statutes:", "laws:", "VN.yaml:@: laws = "),
    ("VN.yaml", "region: VN", "region: CN", "VN.yaml:@: region = 'CN': has an overlay already, in CN.yaml"),
    ("DE.yaml", "parent: EU", "parent: EEA", "DE.yaml:@: parent = 'EEA': no such overlay"),
    ("EU.yaml", "region: EU", "region: EU\nparent: DE", "DE.yaml:2: parent = 'EU': is its own parent in the end"),
    ("texts.vi.yaml", "agency.poaching:", "agency.poching:", "texts.vi.yaml:@: clauses.agency.poching: no such clause"),
    ("texts.vi.yaml", "base.warning:", "base.warming:", "texts.vi.yaml:@: penalties.base.warming: no such penalty"),
    ("texts.vi.yaml", "dsa.misuse:", "dsa.missing:", "texts.vi.yaml:@: statutes.dsa.missing: no such statute"),
    ("texts.vi.yaml", "penalties:", "penalty:", "texts.vi.yaml:@: penalty = "),
    ("texts.vi.yaml", "title: Cờ bạc", "name: Cờ bạc",
     "texts.vi.yaml:@: clauses.content.gambling.name = 'Cờ bạc': there is no such key"),
    ("texts.vi.yaml", "title: Cờ bạc", "title: ''", "texts.vi.yaml:@: clauses.content.gambling.title.vi = '': says nothing"),
    ("texts.vi.yaml", "title: Cờ bạc", "title: 9", "texts.vi.yaml:@: clauses.content.gambling.title = 9: Input should be"),
    ("base.yaml", "title: Gambling", "title: {en: Gambling, vi: Đánh bạc}",
     "texts.vi.yaml:20: clauses.content.gambling.title.vi = 'Cờ bạc': is stated twice, also in base.yaml"),
    ("base.yaml", "title: Gambling", "title: {english: Gambling}",
     "base.yaml:@: clauses.content.gambling.title.english = 'english': String should match"),
    ("base.yaml", "title: Gambling", "title: 9", "base.yaml:@: clauses.content.gambling.title = 9: is a text, or texts by"),
    ("base.yaml", "key: live", "key: live\ntexts: {vi: {clauses: {}}}",
     "texts.vi.yaml:1: texts.vi: the language has texts already, in base.yaml"),
    ("base.yaml", "key: live", "key: live\ntexts: [vi]", "base.yaml:@+1: texts = ['vi']: is no mapping of languages"),
    ("base.yaml", "key: live", "key: live\ntexts: {viet: {}}", "base.yaml:@+1: (language) = 'viet': is no language's tag"),
    ("EU.yaml", "value: 6 calendar months", "value: half a year",
     "EU.yaml:@: appeals.window = 'half a year': a length of time is"),
])  # fmt: skip
def test_a_mistake_is_named_by_file_line_key_and_value(folder: Path, file: str, old: str, new: str, line: str) -> None:
    edited = (folder / file).read_text("utf-8").partition(old)[0].count("\n") + 1
    edit(folder / file, old, new)
    assert re.sub("@([+-][0-9]+)?", lambda found: f"{edited + int(found[1] or 0)}", line, count=1) in str(
        refusal(folder)
    )


@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), ("Yes", "NO"), ("on", "off"), ("TRUE", "False")])
def test_a_switch_may_be_said_in_words_and_stays_the_same_rulebook(folder: Path, yes: str, no: str) -> None:
    base, eu = folder / "base.yaml", folder / "EU.yaml"
    edit(base, "appeals.by_reporter:       {value: false", f"appeals.by_reporter:       {{value: {no}")
    edit(base, "any_extra: true", f"any_extra: {yes}")
    edit(base, "illustrative: true", f"illustrative: {yes}")
    edit(eu, "{value: true", f"{{value: {yes}")
    mine = load(folder)
    assert mine.digest == load("live").digest
    assert (mine.policy("DE").procedure.appeals_by_reporter, mine.policy("VN").procedure.appeals_by_reporter) == (
        True,
        False,
    )


def test_a_rule_can_be_on_trial_in_one_region(folder: Path) -> None:
    with (folder / "VN.yaml").open("a", encoding="utf-8") as file:
        file.write("\nclauses:\n  - {key: agency.poaching, enforced: no, illustrative: yes}\n")
    mine = load(folder)
    tried, others = mine.policy("VN").clauses["agency.poaching"], mine.policy("DE").clauses["agency.poaching"]
    assert (tried.enforced, others.enforced) == (False, True)
    assert tried.title == others.title


def test_no_is_norway_and_norwegian_where_there_is_no_switch(folder: Path) -> None:
    (folder / "VN.yaml").rename(folder / "NO.yaml")
    edit(folder / "NO.yaml", "region: VN", "region: NO\nlanguage: {value: no, illustrative: true}")
    edit(folder / "NO.yaml", "\nlanguage: {value: vi", "\n#")
    mine = load(folder)
    assert "NO" in mine.regions
    assert mine.policy("NO").language == "no"


def test_a_mistake_of_the_base_is_told_once_and_two_in_two_lines(folder: Path) -> None:
    edit(folder / "base.yaml", "value: 72 hours", "value: soon")
    edit(folder / "base.yaml", "value: 30 minutes", "value: later")
    lines = str(refusal(folder)).splitlines()
    assert [line.split(" = ")[0] for line in lines] == [
        "base.yaml:231: review.claim_lease",
        "base.yaml:232: review.deadline",
    ]


def test_an_overlay_that_changes_a_number_states_its_origin_anew(folder: Path) -> None:
    changed = "\nscores:\n  - key: agency_compliance\n    tiers: [{key: agency_compliance.watch, threshold: 85%s}]\n"
    vn = folder / "VN.yaml"
    whole = vn.read_text(encoding="utf-8")
    vn.write_text(whole + changed % "", encoding="utf-8")
    error = refusal(folder)
    assert (error.file, error.key) == ("VN.yaml", "scores.agency_compliance.tiers.agency_compliance.watch")
    vn.write_text(whole + changed % ", illustrative: true", encoding="utf-8")
    mine = load(folder)
    assert mine.policy("VN").schemes["agency_compliance"].tiers[0].threshold == 85
    assert mine.policy("DE").schemes["agency_compliance"].tiers[0].threshold == 80


@pytest.mark.parametrize("content", [b"- a list", b"", b"\xff\xfe\x00", b"2026: 1", b"when: 2026-01-01"])
def test_what_is_no_rulebook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "base.yaml").write_bytes(content)
    assert "base.yaml" in str(refusal(tmp_path))


@pytest.mark.parametrize("name", ["lives", "", "/nowhere/at/all"])
def test_an_unknown_rulebook_is_refused_with_the_known_ones(name: str, tmp_path: Path) -> None:
    error = refusal(name or tmp_path / "none")
    assert "neither a path nor one of live" in str(error)


def test_a_folder_without_a_base_is_refused(tmp_path: Path) -> None:
    assert "base.yaml" in str(refusal(tmp_path))


@pytest.mark.parametrize("path", ["a" * 300, "a/" * 100_000])
def test_what_is_too_long_for_a_path_is_no_rulebook(path: str) -> None:
    with pytest.raises(RulebookError, match="no such rulebook") as caught:
        load(path)
    assert len(str(caught.value)) < 500


def test_a_clause_that_a_trigger_counts_is_not_removed_alone() -> None:
    removed = changed(files_at(BUNDLED / "live"), {"clauses.agency.multi_account": None})
    with pytest.raises(RulebookError) as caught:
        assembled(removed)
    assert "triggers.trigger.multi_account.clause = 'agency.multi_account': no such clause" in str(caught.value)
