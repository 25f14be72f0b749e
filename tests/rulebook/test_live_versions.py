"""Version 2 of `live` is version 1 in three languages; databases that hold version 1 still read it."""

import json
from pathlib import Path
from typing import Any

import pytest

from rulebook.explain import explain
from rulebook.load import load, parse
from rulebook.model import Rulebook

FIRST = parse(json.loads((Path(__file__).parent / "live_1.json").read_text("utf-8")))  # as databases hold it
LIVE = load("live")
TEXTS = {"title", "text"}


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


def test_version_1_as_databases_hold_it_keeps_its_digest() -> None:
    assert FIRST.digest == "256081a84397a5ae0bf59424fcd5d5a28e212ff79cf9506a31445ad4230e46ca"
    assert (FIRST.version, LIVE.version) == (1, 2)
    assert "texts" not in FIRST.document


@pytest.mark.parametrize("region", LIVE.regions)
def test_version_2_differs_in_nothing_but_its_texts(region: str) -> None:
    assert without_texts(LIVE, region) == without_texts(FIRST, region)


@pytest.mark.parametrize("region", [None, *LIVE.overlays])
def test_version_2_says_in_english_what_version_1_says_and_states_it_where_it_did(region: str | None) -> None:
    said = {one.key.removesuffix(".en"): one for one in explain(LIVE, region)}
    known = {one.key: one for one in explain(FIRST, region)}
    assert {key: (said[key].value, said[key].origin, said[key].source, said[key].file) for key in known} == {
        key: (one.value, one.origin, one.source, one.file) for key, one in known.items()
    }
    assert {key.rpartition(".")[2] for key in set(said) - set(known)} == {"vi", "zh"}


def test_a_text_of_version_1_is_shown_in_english_to_whoever_reads_it() -> None:
    assert FIRST.policy("VN").clauses["agency.poaching"].title.in_language("vi") == "Poaching"
    assert LIVE.policy("VN").clauses["agency.poaching"].title.in_language("vi") == "Lôi kéo trái phép"
