"""The pages of queues and lists: each case comes once, in order, whatever the sort, the filter and the page's size."""

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from bench.crowd import AT, REGIONS, fill
from ops.rehearsal.stage.servers import servers
from rulebook.terms import Severity
from states.situation import Actor
from states.terms import Code, Kind, RefusedError, Role, Stage, Status
from store import listing, queue
from store import row_security as belt
from store.cursor import Cursor
from store.engine import connect
from store.in_thread import close
from store.queue import Filter, Sort
from store.schema.cases import cases
from workers.settings import Settings

COUNT = 3000
MOD = Actor("mod", Role.MODERATOR, regions=frozenset({"VN", "ID"}))
OWNER = Actor("owner7", Role.OWNER, "agency7")
LATE = AT + timedelta(hours=1)


@pytest.fixture(scope="module")
async def crowd() -> AsyncIterator[Engine]:
    async with servers(Settings()) as running, running.database() as url:
        engine = connect(url, pool=1)
        with engine.begin() as connection:
            fill(connection, COUNT)
        yield engine
        close(engine)


@cache
def rows(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(cases)).mappings()]


def paged(engine: Engine, actor: Actor, wanted: Filter, sort: Sort, limit: int) -> list[str]:
    found, after = list[str](), None
    while True:
        with belt.reading(engine, actor, LATE) as connection:
            page = queue.page(connection, actor, LATE, wanted, sort, after, limit)
        found += [row["id"] for row in page.rows]
        assert len(page.rows) == limit or page.next is None
        if page.next is None:
            return found
        after = page.next


def expected(engine: Engine, actor: Actor, wanted: Filter, sort: Sort) -> list[str]:
    """What a reader of the docstrings would expect, by sorting everything."""
    found = [row for row in rows(engine) if fits(row, actor, wanted)]
    time = sort.column.name
    timed = sorted((r for r in found if r[time] is not None), key=lambda r: (r[time], r["id"]), reverse=sort.descending)
    rest = sorted((row for row in found if row[time] is None), key=lambda r: r["id"], reverse=sort.descending)
    return [row["id"] for row in [*timed, *rest]]


def fits(row: dict[str, Any], actor: Actor, wanted: Filter) -> bool:
    if row["status"] == "closed" or (actor.regions and row["region"] not in actor.regions):
        return False
    spoken = wanted.language is None and actor.languages
    if spoken and row["language"] is not None and row["language"] not in actor.languages:
        return False
    for name in ("region", "language", "kind", "clause", "severity", "stage", "claimed_by"):
        if getattr(wanted, name) not in {None, row[name]}:
            return False
    late = row["deadline_at"] is not None and row["deadline_at"] <= LATE
    return wanted.overdue in {None, late} and (not wanted.statuses or row["status"] in wanted.statuses)


FILTERS = {
    "nothing": Filter(),
    "a region": Filter(region="ID"),
    "another's region": Filter(region="FR"),
    "a language": Filter(language="en"),
    "both": Filter(region="VN", language="en"),
    "a clause": Filter(clause="agency.poaching"),
    "a severity": Filter(severity=Severity.MILD),
    "appeals": Filter(kind=Kind.APPEAL),
    "a stage": Filter(stage=Stage.APPEALABLE),
    "what is held": Filter(stage=Stage.SUBMITTED),
    "statuses": Filter(statuses=frozenset({Status.QUEUED, Status.UNDER_APPEAL})),
    "no status": Filter(stage=Stage.VERDICT, statuses=frozenset({Status.QUEUED})),
    "what is closed": Filter(stage=Stage.CLOSED),
    "what many and few places have": Filter(clause="content.vulgar", kind=Kind.REPORT),
    "what is nowhere": Filter(language="xx"),
    "somebody's": Filter(claimed_by="mod", severity=Severity.MILD),
    "overdue": Filter(overdue=True),
    "overdue and severe": Filter(overdue=True, severity=Severity.SEVERE),
    "not overdue": Filter(overdue=False),
}
READERS = {
    "two regions": MOD,
    "a language": Actor("mod", Role.SENIOR_MODERATOR, None, frozenset(REGIONS), frozenset({"en", "ay"})),
    "all": Actor("mod", Role.AUDITOR),
}


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_the_pages_are_the_sorted_list(crowd: Engine, wanted: Filter, sort: Sort) -> None:
    assert paged(crowd, MOD, wanted, sort, 100) == expected(crowd, MOD, wanted, sort)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_everybody_has_their_own_queue(crowd: Engine, reader: Actor) -> None:
    assert paged(crowd, reader, Filter(), Sort.DUE, 100) == expected(crowd, reader, Filter(), Sort.DUE)


def test_what_is_rare_and_what_is_not_come_in_one_order(crowd: Engine) -> None:
    """By their number the places are read in two ways; here both happen, and some places have none."""
    wanted = FILTERS["what many and few places have"]
    places = Counter((row["region"], row["status"]) for row in rows(crowd) if fits(row, READERS["all"], wanted))
    assert min(places.values()) < 10
    assert max(places.values()) >= 50
    assert len(places) < len(REGIONS) * 8
    assert paged(crowd, READERS["all"], wanted, Sort.FILED, 7) == expected(crowd, READERS["all"], wanted, Sort.FILED)


@pytest.mark.parametrize("limit", [1, 7])
@pytest.mark.parametrize("sort", Sort)
def test_a_page_may_have_any_size(crowd: Engine, sort: Sort, limit: int) -> None:
    wanted = Filter(region="ID", clause="agency.creator_management")
    found = paged(crowd, MOD, wanted, sort, limit)
    assert len(found) > limit
    assert found == expected(crowd, MOD, wanted, sort)


@pytest.mark.parametrize("role", [Role.POLICY_EDITOR, Role.POLICY_APPROVER, Role.PLATFORM, Role.CLOCK])
def test_others_have_no_queue(crowd: Engine, role: Role) -> None:
    with crowd.connect() as connection:
        assert queue.page(connection, Actor("somebody", role), AT, sort=Sort.DUE).rows == []


def encoded(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "bad",
    [
        "", "!", "e30", "ü", "\0", encoded(["due"]), encoded(["due", 5, "a"]), encoded(["due", None, 5]), encoded(5),
        encoded([["due"], None, "a"]), encoded(["due", "2026-01-01", "a"]), encoded(["due", "soon", "a"]),
        encoded(["due", None, "a\0b"]), encoded(["due", None, "\ud800"]), Cursor("filed", AT, "a").opaque(),
    ],
)  # fmt: skip
def test_a_cursor_of_somebody_s_own_making_is_refused(crowd: Engine, bad: str) -> None:
    with crowd.connect() as connection, pytest.raises(RefusedError) as refused:
        queue.page(connection, MOD, AT, after=bad)
    assert (refused.value.code, refused.value.field) == (Code.INVALID, "cursor")


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_its_bounds(crowd: Engine, limit: int) -> None:
    with crowd.connect() as connection, pytest.raises(RefusedError) as refused:
        queue.page(connection, MOD, AT, limit=limit)
    assert refused.value.field == "limit"


def test_what_waits_for_a_claim_comes_by_urgency(crowd: Engine) -> None:
    waiting = Filter(statuses=frozenset({Status.QUEUED, Status.ESCALATED}))
    with crowd.connect() as connection:
        found = queue.page(connection, MOD, AT, waiting, limit=40).rows
    assert {row["status"] for row in found} <= {"queued", "escalated"}
    assert [row["deadline_at"] for row in found] == sorted(row["deadline_at"] for row in found)
    assert len(found) == 40


def own(row: dict[str, Any]) -> str | None:
    """The side from which agency 7's owner sees a row."""
    if row["agency"] == "agency7" and (row["kind"] == "report" or row["filed_side"] == "respondent"):
        return "respondent"
    mine = row["filed_agency"] == "agency7" or row["filed_by"] == "owner7"
    return "reporter" if mine and (row["kind"] == "report" or row["filed_side"] == "reporter") else None


@pytest.mark.parametrize(
    ("wanted", "fits_"),
    [
        (listing.Filter(), lambda _: True),
        (listing.Filter(filed=True), lambda row: own(row) == row["filed_side"]),
        (listing.Filter(filed=False), lambda row: own(row) != row["filed_side"]),
        (listing.Filter(kind=Kind.APPEAL), lambda row: row["kind"] == "appeal"),
        (listing.Filter(against="agency7"), lambda row: row["respondent"] == "agency7"),
        (listing.Filter(stage=Stage.UNDER_REVIEW), lambda row: row["stage"] == "under_review"),
        (listing.Filter(clause="content.vulgar"), lambda row: row["clause"] == "content.vulgar"),
        (listing.Filter(agent="owner7"), lambda row: row["filed_by"] == "owner7" and own(row) == "reporter"),
        (listing.Filter(agent="platform"), lambda _: False),
        (listing.Filter(creator="nobody"), lambda _: False),
    ],
)
def test_a_party_lists_what_it_sees(crowd: Engine, wanted: listing.Filter, fits_: Any) -> None:
    found, after = list[str](), None
    while True:
        with belt.reading(crowd, OWNER, AT) as connection:
            page = listing.page(connection, OWNER, AT, wanted, after=after, limit=1)
        assert all(row["side"] == own(row) for row in page.rows)
        found += [row["id"] for row in page.rows]
        after = page.next
        if after is None:
            break
    mine = sorted((r for r in rows(crowd) if own(r) and fits_(r)), key=lambda r: (r["filed_at"], r["id"]), reverse=True)
    assert found == [row["id"] for row in mine]
