"""A trigger says whom it counts and charges, and is refused where it can't mean what it says."""

from pathlib import Path

import pytest

from rulebook.clause import ViolationTrigger
from rulebook.explain import explain
from rulebook.fault import RulebookError
from rulebook.load import BUNDLED, bundled, load

TRIGGERS = """
triggers:
  - key: trigger.own
    counts: violations
    family: content violation
    whose: subject
    charges: subject
    count: 2
    within: 2 weeks
    penalty: additional.creator_content
    instead_of: [base.live_suspended]
    illustrative: true
"""


def told(folder: Path, old: str = "", new: str = "") -> str:
    """What is wrong with `live` where Vietnam has the trigger, with something changed in it."""
    for file in (BUNDLED / "live").iterdir():
        text = file.read_text("utf-8") + (TRIGGERS if file.stem == "VN" else "")
        assert file.stem != "VN" or old in text
        (folder / file.name).write_text(text.replace(old, new, 1) if old and file.stem == "VN" else text, "utf-8")
    with pytest.raises(RulebookError) as caught:
        load(folder)
    return str(caught.value)


def test_what_a_trigger_leaves_unsaid_is_the_agency_s() -> None:
    rules = load("live").policy("VN")
    multi, content = rules.triggers
    assert isinstance(multi, ViolationTrigger)
    assert (multi.whose, multi.charges, multi.spares, multi.instead_of) == ("agency", "agency", 0, frozenset())
    assert rules.counted(multi) == {"agency.multi_account"}
    assert rules.counted(content) == {key for key in rules.clauses if key.startswith("content.")}


@pytest.mark.parametrize(("old", "new", "line"), [
    ("    family: content violation\n", "",
     "trigger.own.clause = None: counts exactly one of: a `clause`, a `family`, `every_clause: true`"),
    ("    count: 2", "    every_clause: yes\n    count: 2", "counts exactly one of"),
    ("family: content violation", "clause: content.lies", "trigger.own.clause = 'content.lies': no such clause"),
    ("whose: subject", "whose: agency",
     "trigger.own.charges = 'subject': what is counted of the whole agency is not charged to one of its creators"),
    (("counts: violations\n    family: content violation\n    whose: subject\n    charges: subject\n    count: 2\n"
     "    within: 2 weeks"),
     "counts: creators\n    family: content violation\n    whose: subject\n    count: 2\n    within: calendar month",
     "trigger.own.whose = 'subject': different creators are counted of an agency, and charged to it"),
    ("[base.live_suspended]", "[base.warning]",
     "trigger.own.instead_of = 'base.warning': no violation that it counts brings this penalty to the same `subject`"),
    ("charges: subject", "charges: agency",
     "trigger.own.instead_of = 'base.live_suspended': no violation that it counts brings this penalty to the same `agency`"),
    ("[base.live_suspended]", "[additional.creator_content]", "stands in the end instead of itself"),
    ("family: content violation", "family: illicit gain",
     "trigger.own.instead_of = 'base.live_suspended': no violation that it counts"),
    ("family: content violation\n    whose: subject\n    charges: subject", "clause: agency.poaching",
     "trigger.own.instead_of = 'base.live_suspended'"),
    (("    family: content violation\n    whose: subject\n    charges: subject\n    count: 2\n    within: 2 weeks\n"
     "    penalty: additional.creator_content\n    instead_of: [base.live_suspended]"),
     ("    clause: agency.poaching\n    count: 2\n    within: 2 weeks\n"
     "    penalty: additional.creator_content\n    instead_of: [base.recruiting_paused]"),
     "= ['base.recruiting_paused']: a less severe violation of agency.poaching would have another penalty beside it"),
])  # fmt: skip
def test_a_trigger_that_can_not_mean_what_it_says_is_refused(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert line in told(tmp_path, old, new)


@pytest.mark.parametrize("name", [name for name in bundled() if name != "live"])
def test_a_published_policy_says_of_each_value_where_it_is_from(name: str) -> None:
    book = load(name)
    for region in (None, *book.regions):
        found = explain(book, region)
        assert all(each.source == "illustrative" or each.source.startswith("P ") for each in found)
        assert any(each.source.startswith("P ") for each in found)


def test_a_rulebook_withholds_what_it_declares_and_nothing_else(tmp_path: Path) -> None:
    assert set(load("shop-milestones").policy("VN").restrictions) == {"campaigns", "listings", "orders", "shop"}
    text = (BUNDLED / "shop-milestones" / "base.yaml").read_text("utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace("restrictions: [shop]", "restrictions: [gifts]"), "utf-8")
    with pytest.raises(RulebookError, match="no such restriction: there are campaigns, listings, orders, shop"):
        load(file)
