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
from rulebook.tag import covers
from rulebook.terms import Severity
from states.situation import Actor
from states.terms import REVIEWERS, Code, Kind, RefusedError, Role, Stage, Status
from store import feed, listing, queue
from store import row_security as belt
from store.cursor import Cursor
from store.engine import connect
from store.in_thread import close
from store.order import Sort
from store.schema.cases import cases
from store.search import search
from store.wanted import Filter
from workers.settings import Settings

COUNT = 3000
MOD = Actor("mod", Role.MODERATOR, regions=frozenset({"VN", "ID"}))
SAM = Actor("mod", Role.SENIOR_MODERATOR, regions=frozenset({"VN", "ID"}))
OWNER = Actor("owner7", Role.OWNER, "agency7")
LATE = AT + timedelta(hours=1)
# Who reads what there: in VN nobody reads Indonesian, no senior reads English, and in ID somebody reads everything.
STAFF = [
    Actor("nga", Role.MODERATOR, None, frozenset({"VN"}), frozenset({"vn", "en"})),
    Actor("nam", Role.SENIOR_MODERATOR, None, frozenset({"VN"}), frozenset({"vn"})),
    Actor("ida", Role.MODERATOR, None, frozenset({"ID"}), frozenset()),
    Actor("ito", Role.SENIOR_MODERATOR, None, frozenset({"ID"}), frozenset({"en"})),
]
# A seventh bars some of them, alone or all who read a language.
BARRED = """
UPDATE cases SET barred = CASE hashtext(id) & 31 WHEN 0 THEN '{nam}' WHEN 1 THEN '{nga}' WHEN 2 THEN '{nam,nga,x}'
    WHEN 3 THEN '{eve,ida}' WHEN 4 THEN '{mod,eve,ida,ito}' END::text[]
WHERE hashtext(id) & 31 < 5 AND status <> 'claimed'
"""
# A clause had another priority in another version of the rulebook.
RANKED = "UPDATE cases SET priority = 7 WHERE clause = 'agency.poaching' AND hashtext(id) & 1 = 0"
REST = [region for region in REGIONS if region not in {"VN", "ID"}]
EVERY = Actor("eve", Role.SENIOR_MODERATOR, None, frozenset(REST), frozenset({"en", *map(str.lower, REST)}))


@pytest.fixture(scope="module")
async def crowd() -> AsyncIterator[Engine]:
    async with servers(Settings()) as running, running.database() as url:
        engine = connect(url, pool=1)
        with engine.begin() as connection:
            fill(connection, COUNT)
            connection.execute(sa.text("DELETE FROM people WHERE id = 'all'"))
            connection.execute(sa.text(BARRED))
            connection.execute(sa.text(RANKED))
            for one in (*STAFF, EVERY):
                feed.person(connection, one.id, one.role, regions=sorted(one.regions), languages=sorted(one.languages))
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
            page = queue.page(connection, search(connection, actor, LATE, wanted), sort, after, limit)
        found += [row["id"] for row in page.rows]
        assert len(page.rows) == limit or page.next is None
        if page.next is None:
            return found
        after = page.next


def counted(engine: Engine, actor: Actor, wanted: Filter) -> int:
    with belt.reading(engine, actor, LATE) as connection:
        return queue.count(connection, search(connection, actor, LATE, wanted))


def expected(engine: Engine, actor: Actor, wanted: Filter, sort: Sort) -> list[str]:
    """What a reader of the docstrings would expect, by sorting everything."""
    found = [row for row in rows(engine) if fits(row, actor, wanted)]
    time, rank = sort.time.name, ["priority"] if sort is Sort.URGENT else []
    timed, rest = ([r for r in found if (r[time] is None) is none] for none in (False, True))
    timed.sort(key=lambda r: ([r[name] for name in rank], r[time], r["id"]), reverse=sort.descending)
    rest.sort(key=lambda r: ([r[name] for name in rank], r["id"]), reverse=sort.descending)
    return [row["id"] for row in [*timed, *rest]]


def fits(row: dict[str, Any], actor: Actor, wanted: Filter) -> bool:
    if row["status"] == "closed" or (actor.regions and row["region"] not in actor.regions):
        return False
    if (wanted.languages and not any(reads(row, language) for language in wanted.languages)) or (
        not wanted.languages and not reads_or_nobody(row, actor)
    ):
        return False
    for name in ("region", "kind", "severity", "stage", "respondent"):
        values = getattr(wanted, f"{name[:-1]}ies" if name.endswith("y") else f"{name}s")
        if values and row[name] not in values:
            return False
    if wanted.clauses and row["clause"] not in wanted.clauses:
        return False
    if wanted.statuses and row["status"] not in wanted.statuses:
        return False
    if wanted.creators and not wanted.creators & {row["respondent"], *row["about"]}:
        return False
    by = {row["filed_by"], row["filed_agency"]} if row["filed_side"] == "reporter" else set()
    if (wanted.reporters and not wanted.reporters & by) or (
        wanted.claimed_by and row["claimed_by"] not in wanted.claimed_by
    ):
        return False
    if takes(actor, wanted) and not could_claim(row, actor):
        return False
    late = bool(row["deadline_at"] and row["deadline_at"] <= LATE)
    return wanted.overdue is None or wanted.overdue is late


def takes(actor: Actor, wanted: Filter) -> bool:
    if wanted.claimable is not None:
        return wanted.claimable
    return actor.role in REVIEWERS and not (wanted.statuses or wanted.stages or wanted.claimed_by)


def could_claim(row: dict[str, Any], actor: Actor) -> bool:
    """Rulings 1 and 3: appeals and what was escalated are for seniors; nobody decides what they had a part in."""
    if actor.role not in REVIEWERS or row["status"] not in {"queued", "escalated"} or actor.id in row["barred"]:
        return False
    return not for_seniors(row) or actor.role is Role.SENIOR_MODERATOR


def for_seniors(row: dict[str, Any]) -> bool:
    return (row["status"], row["kind"]) in {("escalated", "report"), ("escalated", "appeal"), ("queued", "appeal")}


def reads(row: dict[str, Any], language: str) -> bool:
    return row["language"] is not None and covers(language, row["language"])


def reads_or_nobody(row: dict[str, Any], actor: Actor) -> bool:
    """In the actor's languages, or such as nobody of the region reads who could take it, as far as the actor could."""
    if actor.role not in REVIEWERS or not actor.languages or row["language"] is None:
        return True
    if any(reads(row, language) for language in actor.languages):
        return True
    there = [one for one in (*STAFF, EVERY) if row["region"] in one.regions and one.id not in row["barred"]]
    if for_seniors(row) and actor.role is Role.SENIOR_MODERATOR:
        there = [one for one in there if one.role is Role.SENIOR_MODERATOR]
    return not any(not one.languages or any(reads(row, language) for language in one.languages) for one in there)


def some(**values: Any) -> Filter:
    made: dict[str, Any] = {n: frozenset(value) if isinstance(value, set) else value for n, value in values.items()}
    return Filter(**made)


FILTERS = {
    "nothing": some(),
    "all": some(claimable=False),
    "a region": some(regions={"ID"}, claimable=False),
    "another's region": some(regions={"FR"}),
    "two regions, of which one is mine": some(regions={"FR", "ID"}),
    "a language": some(languages={"en"}, claimable=False),
    "a language of a region": some(languages={"en-US"}, claimable=False),
    "what only begins alike": some(languages={"e"}, claimable=False),
    "two languages": some(languages={"en-US", "vn"}),
    "both": some(regions={"VN"}, languages={"en"}, claimable=False),
    "a clause": some(clauses={"agency.poaching"}, claimable=False),
    "two clauses": some(clauses={"agency.poaching", "content.minor_safety", "agency.other"}),
    "clauses of three priorities": some(clauses={"content.gambling", "agency.poaching"}, claimable=False),
    "a severity": some(severities={Severity.MILD}, claimable=False),
    "two severities": some(severities={Severity.MILD, Severity.SEVERE}),
    "appeals": some(kinds={Kind.APPEAL}, claimable=False),
    "appeals that could be claimed": some(kinds={Kind.APPEAL}),
    "a stage": some(stages={Stage.APPEALABLE}),
    "stages": some(stages={Stage.VERDICT, Stage.UNDER_REVIEW}),
    "what is held": some(stages={Stage.SUBMITTED}),
    "statuses": some(statuses={Status.QUEUED, Status.UNDER_APPEAL, Status.HELD}),
    "claimable statuses": some(statuses={Status.QUEUED, Status.ESCALATED}, claimable=True),
    "no status": some(stages={Stage.VERDICT}, statuses={Status.QUEUED}),
    "what is closed": some(stages={Stage.CLOSED}),
    "what many and few places have": some(clauses={"content.vulgar"}, kinds={Kind.REPORT}, claimable=False),
    "what is nowhere": some(languages={"xx"}, claimable=False),
    "somebody's": some(claimed_by={"mod"}, severities={Severity.MILD}),
    "nobody's": some(claimed_by={None}, kinds={Kind.REPORT}),
    "mine and nobody's": some(claimed_by={None, "mod"}, clauses={"agency.poaching"}),
    "a respondent": some(respondents={"agency7", "agency8"}, claimable=False),
    "a creator": some(creators={"creator7", "agency9"}, claimable=False),
    "a reporter": some(reporters={"agency7", "owner9"}, claimable=False),
    "what the platform reported": some(reporters={"platform"}, creators={"creator7"}, claimable=False),
    "overdue": some(overdue=True, claimable=False),
    "overdue and severe": some(overdue=True, severities={Severity.SEVERE}, claimable=False),
    "not overdue": some(overdue=False, claimable=False),
}
READERS = {
    "two regions": MOD,
    "a senior": SAM,
    "a language": Actor("mod", Role.SENIOR_MODERATOR, None, frozenset(REGIONS), frozenset({"en", "ay"})),
    "a language and no rank": Actor("mod", Role.MODERATOR, None, frozenset(REGIONS), frozenset({"en-US"})),
    "all": Actor("mod", Role.AUDITOR),
}


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_the_pages_are_the_sorted_list(crowd: Engine, wanted: Filter, sort: Sort) -> None:
    assert paged(crowd, MOD, wanted, sort, 100) == expected(crowd, MOD, wanted, sort)


@pytest.mark.parametrize("wanted", [some(), some(claimable=False), some(claimed_by={None})], ids=str)
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_everybody_has_their_own_queue(crowd: Engine, reader: Actor, wanted: Filter) -> None:
    assert paged(crowd, reader, wanted, Sort.URGENT, 100) == expected(crowd, reader, wanted, Sort.URGENT)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("reader", [one for one in READERS.values() if one.languages], ids=lambda one: one.role)
def test_what_bars_all_who_read_it_is_everybodys(crowd: Engine, reader: Actor, sort: Sort) -> None:
    """It comes in its place between the others, whatever the page's size."""
    for wanted in (some(), some(clauses={"content.vulgar"}, claimable=False), some(respondents={"agency7", "agency8"})):
        found = paged(crowd, reader, wanted, sort, 23)
        assert found == expected(crowd, reader, wanted, sort)
    barred = {row["id"] for row in rows(crowd) if row["barred"]}
    theirs = {
        row["id"] for row in rows(crowd) if row["language"] and not any(map(row["language"].startswith, ("en", "ay")))
    }
    assert set(paged(crowd, reader, some(), sort, 100)) & barred & theirs


def test_what_nobody_of_a_region_reads_is_everybodys(crowd: Engine) -> None:
    """Indonesian is read by nobody in VN; English there by a moderator, so that only what seniors take is left over."""
    here = frozenset({"VN"})
    with crowd.begin() as connection:
        connection.execute(sa.text("UPDATE cases SET language = 'id' WHERE region = 'VN' AND language = 'ay'"))
        connection.execute(
            sa.text("UPDATE cases SET language = 'id-ID' WHERE region = 'VN' AND clause = 'agency.other'")
        )
    rows.cache_clear()
    languages = {row["id"]: row["language"] for row in rows(crowd) if not row["barred"]}
    moderator = Actor("max", Role.MODERATOR, None, here, frozenset({"vn"}))
    senior = Actor("sue", Role.SENIOR_MODERATOR, None, here, frozenset({"vn"}))
    seen = {
        who.role: {languages[case] for case in paged(crowd, who, some(), Sort.URGENT, 100) if case in languages}
        for who in (moderator, senior)
    }
    assert seen[Role.MODERATOR] == {"vn", "id-ID", "und"}
    assert seen[Role.SENIOR_MODERATOR] == {"vn", "id-ID", "en", "en-US", "und"}
    for who in (moderator, senior):
        assert paged(crowd, who, some(), Sort.URGENT, 100) == expected(crowd, who, some(), Sort.URGENT)


def test_what_somebody_read_is_everybodys_once_they_are_gone(crowd: Engine) -> None:
    """The next page knows: English is read in VN by one moderator, so far."""
    reader, wanted = Actor("max", Role.MODERATOR, None, frozenset({"VN"}), frozenset({"vn"})), some(claimable=False)

    def seen(connection: sa.Connection) -> set[str]:
        page = queue.page(connection, search(connection, reader, LATE, wanted), Sort.FILED, limit=100)
        return {row["language"] for row in page.rows}

    with crowd.connect() as connection:
        assert "en" not in seen(connection)
        connection.execute(sa.text("UPDATE people SET ended_at = now() WHERE id = 'nga'"))
        assert "en" in seen(connection)
        connection.execute(sa.text("UPDATE people SET languages = '{en}' WHERE id = 'nam'"))
        assert "en" not in seen(connection)
        connection.rollback()


def test_what_is_older_than_its_language_is_everybodys(crowd: Engine) -> None:
    with crowd.begin() as connection:
        connection.execute(sa.text("UPDATE cases SET language = NULL WHERE language = 'und' AND hashtext(id) & 1 = 0"))
    rows.cache_clear()
    older = {row["id"] for row in rows(crowd) if row["language"] is None}
    for reader in (one for one in READERS.values() if one.languages):
        found = paged(crowd, reader, some(claimable=False), Sort.DUE, 100)
        assert found == expected(crowd, reader, some(claimable=False), Sort.DUE)
        assert older <= set(found)


def test_the_most_urgent_come_first(crowd: Engine) -> None:
    with belt.reading(crowd, SAM, LATE) as connection:
        found = queue.page(connection, search(connection, SAM, LATE), limit=100).rows
    assert len({row["priority"] for row in rows(crowd)}) > 1
    urgency = [(row["priority"], row["review_due_at"], row["id"]) for row in found]
    assert urgency == sorted(urgency)
    mine = [(row["priority"], row["review_due_at"], row["id"]) for row in rows(crowd) if fits(row, SAM, Filter())]
    assert urgency == sorted(mine)[:100]


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
def test_a_count_ends_one_above_two_hundred(crowd: Engine, wanted: Filter, reader: Actor) -> None:
    assert counted(crowd, reader, wanted) == min(len(expected(crowd, reader, wanted, Sort.FILED)), 201)


def test_what_is_rare_and_what_is_not_come_in_one_order(crowd: Engine) -> None:
    """By their number the places are read in two ways; here both happen, and some places have none."""
    wanted = FILTERS["what many and few places have"]
    places = Counter((row["region"], row["status"]) for row in rows(crowd) if fits(row, READERS["all"], wanted))
    assert min(places.values()) < 10
    assert max(places.values()) >= 50
    assert len(places) < len(REGIONS) * 8
    for sort in (Sort.FILED, Sort.URGENT):
        assert paged(crowd, READERS["all"], wanted, sort, 7) == expected(crowd, READERS["all"], wanted, sort)


def test_clauses_of_several_priorities_come_in_one_order(crowd: Engine) -> None:
    """Each priority is a stretch of its own, and a page may end within one or at its end."""
    wanted = FILTERS["clauses of three priorities"]
    found = paged(crowd, MOD, wanted, Sort.URGENT, 41)
    its = {row["id"]: row for row in rows(crowd)}
    urgencies = [its[case]["priority"] for case in found]
    assert set(urgencies) == {3, 5, 7}
    for end in (urgencies.index(5), urgencies.index(7), len(found)):
        last = its[found[end - 1]]
        after = Cursor("urgent", last["review_due_at"], last["id"], last["priority"]).opaque()
        with belt.reading(crowd, MOD, LATE) as connection:
            page = queue.page(connection, search(connection, MOD, LATE, wanted), Sort.URGENT, after, 10)
        assert [row["id"] for row in page.rows] == found[end : end + 10]


def test_a_page_may_end_among_cases_of_one_time(crowd: Engine) -> None:
    with crowd.connect() as connection:
        for column in ("filed_at", "deadline_at", "review_due_at"):
            connection.execute(sa.text(f"UPDATE cases SET {column} = date_trunc('month', {column})"))
        its = [dict(row) for row in connection.execute(sa.select(cases)).mappings()]
        for sort in Sort:
            looked = search(connection, MOD, LATE, some(claimable=False))
            page = queue.page(connection, looked, sort, limit=100)
            timed = [row for row in its if fits(row, MOD, some(claimable=False)) and row[sort.time.name]]
            keys = [(*(row[key.name] for key in sort.keys), row["id"]) for row in timed]
            assert [row["id"] for row in page.rows] == [key[-1] for key in sorted(keys, reverse=sort.descending)[:100]]
        connection.rollback()


@pytest.mark.parametrize("limit", [1, 7])
@pytest.mark.parametrize("sort", Sort)
def test_a_page_may_have_any_size(crowd: Engine, sort: Sort, limit: int) -> None:
    wanted = some(regions={"ID"}, clauses={"agency.creator_management"}, claimable=False)
    found = paged(crowd, MOD, wanted, sort, limit)
    assert len(found) > limit
    assert found == expected(crowd, MOD, wanted, sort)


@pytest.mark.parametrize("role", [Role.POLICY_EDITOR, Role.POLICY_APPROVER, Role.PLATFORM, Role.CLOCK])
def test_others_have_no_queue(crowd: Engine, role: Role) -> None:
    with crowd.connect() as connection:
        assert queue.page(connection, search(connection, Actor("somebody", role), AT), Sort.DUE).rows == []


def encoded(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "bad",
    [
        "", "!", "e30", "ü", "\0", encoded(["urgent"]), encoded(["urgent", 5, "a", 5]), encoded(["urgent", None, 5, 5]),
        encoded([["urgent"], None, "a", 5]), encoded(["urgent", "2026-01-01", "a", 5]),
        encoded(["urgent", "soon", "a", 5]), encoded(["urgent", None, "a\0b", 5]),
        encoded(["urgent", None, "\ud800", 5]), Cursor("filed", AT, "a").opaque(), Cursor("urgent", AT, "a").opaque(),
        Cursor("urgent", AT, "a", 0).opaque(), Cursor("urgent", AT, "a", 10**30).opaque(), encoded(5),
        encoded(["urgent", AT.isoformat(), "a", True]), encoded(["urgent", AT.isoformat(), "a", 5, 5]),
        encoded(["urgent", AT.isoformat(), "a", "5"]), encoded(["urgent", AT.isoformat(), "a", [5]]),
    ],
)  # fmt: skip
def test_a_cursor_of_somebody_s_own_making_is_refused(crowd: Engine, bad: str) -> None:
    with crowd.connect() as connection, pytest.raises(RefusedError) as refused:
        queue.page(connection, search(connection, MOD, AT), after=bad)
    assert (refused.value.code, refused.value.field) == (Code.INVALID, "cursor")


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_its_bounds(crowd: Engine, limit: int) -> None:
    with crowd.connect() as connection, pytest.raises(RefusedError) as refused:
        queue.page(connection, search(connection, MOD, AT), limit=limit)
    assert refused.value.field == "limit"


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
