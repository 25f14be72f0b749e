"""What the versions of `live` change; databases that hold the earlier ones still read them."""

import json
from pathlib import Path
from typing import Any

import pytest

from rulebook.explain import explain
from rulebook.load import load, parse
from rulebook.model import Rulebook


def held(version: int) -> Rulebook:
    """The version as databases hold it."""
    return parse(json.loads((Path(__file__).parent / f"live_{version}.json").read_text("utf-8")))


FIRST, SECOND = held(1), held(2)
LIVE = load("live")
TEXTS = {"title", "text"}
# What version 3 says anew: it tells apart PK to a limit from none, and suspended operations from an ended contract; the
# safety of minors is reviewed before all others.
THIRD = {
    "penalties.creator_health.limited.restrictions",
    "penalties.agency_compliance.terminated.restrictions",
    "clauses.content.minor_safety.priority",
}


def without_texts(rulebook: Rulebook, region: str) -> dict[str, Any]:
    policy = rulebook.policy(region)
    rules = {section: vars(policy)[section] for section in ("clauses", "schemes", "penalties")}
    return {
        **vars(policy),
        **{
            section: {key: one.model_dump(exclude=TEXTS) for key, one in all_.items()}
            for section, all_ in rules.items()
        },
    }


def test_the_versions_that_databases_hold_keep_their_digests() -> None:
    assert FIRST.digest == "256081a84397a5ae0bf59424fcd5d5a28e212ff79cf9506a31445ad4230e46ca"
    assert SECOND.digest == "f1716deeda81a9cd1cf6acdcdfba47af9d73b5204d7e03efd38dcace7c4ec55b"
    assert (FIRST.version, SECOND.version, LIVE.version) == (1, 2, 3)
    assert "texts" not in FIRST.document


@pytest.mark.parametrize("region", SECOND.regions)
def test_version_2_differs_in_nothing_but_its_texts(region: str) -> None:
    assert without_texts(SECOND, region) == without_texts(FIRST, region)


@pytest.mark.parametrize("region", [None, *SECOND.overlays])
def test_version_2_says_in_english_what_version_1_says_and_states_it_where_it_did(region: str | None) -> None:
    said = {one.key.removesuffix(".en"): one for one in explain(SECOND, region)}
    known = {one.key: one for one in explain(FIRST, region)}
    assert {key: (said[key].value, said[key].origin, said[key].source, said[key].file) for key in known} == {
        key: (one.value, one.origin, one.source, one.file) for key, one in known.items()
    }
    assert {key.rpartition(".")[2] for key in set(said) - set(known)} == {"vi", "zh"}


def test_a_text_of_version_1_is_shown_in_english_to_whoever_reads_it() -> None:
    assert FIRST.policy("VN").clauses["agency.poaching"].title.in_language("vi") == "Poaching"
    assert SECOND.policy("VN").clauses["agency.poaching"].title.in_language("vi") == "Lôi kéo trái phép"


@pytest.mark.parametrize("region", [None, *LIVE.overlays])
def test_version_3_differs_from_version_2_in_what_is_named_here(region: str | None) -> None:
    now = {one.key: one.value for one in explain(LIVE, region)}
    before = {one.key: one.value for one in explain(SECOND, region)}
    assert {key for key in now.keys() | before.keys() if now.get(key) != before.get(key)} == THIRD


def test_a_key_that_came_later_goes_by_its_default_in_versions_that_do_not_state_it() -> None:
    for version in (FIRST, SECOND):
        assert str(version.policy("VN").procedure.reports_oldest_act) == "2 years"
