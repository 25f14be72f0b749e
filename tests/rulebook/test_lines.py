"""Of many mistakes in one text, each is told at its line: in a base, its overlays and its texts."""

import re

import pytest

from rulebook.fault import MISSING, RulebookError
from rulebook.files import MOST_BYTES, MOST_FILES, assembled

# Behind `#!` stand the keys whose mistakes are told at this line.
WRONG = """\
key: mine
version: 1
clauses:
  - key: content.vulgar
    family: vulgarity #! clauses.content.vulgar.family
    charged_to: creator
    reported_by: platform
    priority: 10 #! clauses.content.vulgar.priority
    title: Vulgar content
    text: No vulgar content.
    illustrative: true
  - key: content.other #! clauses.content.other.text
    family: content violation
    charged_to: creator
    reported_by: platform
    title: Other
    illustrative: true
scores:
  - key: health
    subject: creator
    floor: -1 #! scores.health.floor
    period: none
    illustrative: true
    bounds:
      - {key: standard, start: 100, cap: many, illustrative: true} #! scores.health.bounds.standard.cap
    pricing:
      by: severity and level
      matrix: {mild: [1], moderate: [2], severe: [4]}
      surcharge:
        - {key: plus_1, points: 1, followers_over: 10,
           average_viewers_over: ten, illustrative: true} #! scores.health.pricing.surcharge.plus_1.average_viewers_over
      illustrative: perhaps #! scores.health.pricing.illustrative
    tiers:
      - key: health.low
        at: underneath #! scores.health.tiers.health.low.at
        threshold: 70
        penalty: health.low
        colour: red #! scores.health.tiers.health.low.colour
        illustrative: true
penalties:
  - key: health.low
    kind: score
    restrictions:
      - recommend
      - Fun! #! penalties.health.low.restrictions.1
    text: Less.
    source: hearsay #! penalties.health.low.source
procedure:
  reports.quota_per_month:
    value: many #! reports.quota_per_month
    source: S 001
  reports.refund_on: {value: [duplicate], illustrative: true}
  review.claim_lease: {value: soon, illustrative: true} #! review.claim_lease
  review.deadline: {value: 72 hours, illustrative: true}
  review.answer_deadline: {value: 7 days} #! review.answer_deadline
  review.approval_deadline: {value: 72 hours, illustrative: true}
  review.escalated_deadline: {value: 72 hours, illustrative: true}
  review.second_vote:
    value:
      severities: [severe, grave] #! review.second_vote.value.severities.1
      any_extra: true
    illustrative: true
  appeals.window: {value: 30 days, illustrative: true}
  appeals.by_reporter: {value: false, illustrative: true}
  appeals.review_deadline: {value: 7 days, illustrative: true}
  appeals.levels: {value: 2, illustrative: true} #! appeals.levels
  appeals.on_overturn: {value: reprice, illustrative: true}
overlays:
  - region: VN
    zone: {value: Asia/Hanoi_City, illustrative: true} #! zone
    procedure:
      appeals.window: {value: 5, illustrative: true} #! appeals.window
  - region: DE
    zone: {value: Europe/Berlin, illustrative: true}
    laws: {} #! laws
    procedure:
      appeals.window: {value: 5, illustrative: true} #! appeals.window
    penalties:
      - {key: health.low, text: {de: 7}, illustrative: true} #! penalties.health.low.text.de
texts:
  vi:
    clauses:
      content.vulgar: {title: Nội dung dung tục, text: Không dung tục.}
      content.gone: {title: Không có} #! clauses.content.gone
    penalties:
      health.low: Giảm.
      health.gone: Không có. #! penalties.health.gone
"""


def marked() -> set[tuple[int, str]]:
    found = ((number, re.search("#! (.+)", line)) for number, line in enumerate(WRONG.splitlines(), 1))
    return {(number, key) for number, told in found if told for key in told[1].split()}


def test_each_of_many_mistakes_is_told_at_its_own_line() -> None:
    with pytest.raises(RulebookError) as caught:
        assembled({"one.yaml": WRONG.encode()})
    assert {(fault.line, fault.key) for fault in caught.value.faults} == marked()
    assert len(caught.value.faults) == len(marked()) == 23
    assert "one.yaml:53: review.claim_lease = 'soon': a length of time is" in str(caught.value)


def test_what_several_files_say_that_is_no_yaml_is_told_together() -> None:
    files = {"base.yaml": b"key: x\nversion: [1\n", "VN.yaml": b"region: VN\nzone: &z {value: 1}\n", "DE.yaml": b"[]"}
    with pytest.raises(RulebookError) as caught:
        assembled(files)
    assert [(fault.file, fault.line, fault.key) for fault in caught.value.faults] == [
        ("base.yaml", 3, "(file)"),
        ("VN.yaml", 2, "zone"),
        ("DE.yaml", 1, "(file)"),
    ]


def test_a_bomb_of_aliases_is_refused_at_its_first_name() -> None:
    bomb = "key: x\nversion: 1\na: &a [lol, lol]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]\n"
        for below, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(RulebookError, match=r"^bomb.yaml:3: a: `&a` gives a name to what follows: write out"):
        assembled({"bomb.yaml": bomb.encode()})


@pytest.mark.parametrize("files", [
    {f"f{number}.yaml": b"" for number in range(MOST_FILES + 1)},
    {"base.yaml": b"#" * MOST_BYTES, "VN.yaml": b"#"},
])  # fmt: skip
def test_a_rulebook_that_is_too_large_is_refused_before_it_is_read(files: dict[str, bytes]) -> None:
    with pytest.raises(
        RulebookError, match="is too large: a rulebook has at most 401 files, of 2 MiB together"
    ) as caught:
        assembled(files)
    assert caught.value.value is MISSING
