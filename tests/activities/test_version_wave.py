"""A version's wave reaches each subject once, stops at once, and walks back over exactly those whom it had reached."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, product
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa
from parliament import SOON, Parliament, begun, changed, parliament, refused
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError

from activities.clock import Own
from activities.rollout.advance import Advance
from activities.rollout.effects import EFFECTS
from activities.rollout.reach import LONGEST, MOST, batch
from activities.rulebooks import Rulebooks
from bench.verdict import Deaf
from desk.reading.subject import Sheet, Sheets
from ops.stuck import Trouble, by_rows
from ops.verify.chains import seals
from ops.verify.versions import lives
from ops.verify.waves import waves
from rulebook.load import BUNDLED, load
from rulebook.model import Rulebook
from rulebook.terms import SubjectKind
from states.terms import Code
from states.version import VERSION
from states.version_terms import VersionStatus
from store import party, ring, seal, timeline, wake
from store import version as stored
from store.party import Subject
from store.ring import Way
from store.schema.journal import incidents as raised
from store.schema.rulebooks import forecasts, rollouts, rulebooks, version_moves, versions
from store.seal import PASSING
from store.timeline import EVERYBODY, NOBODY
from workers.reach import House

AGENCIES = [f"agency.{number}" for number in range(24)]
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def built(house: House) -> Iterator[Engine]:
    with begun(house) as engine:
        yield engine


@pytest.fixture
def place(house: House, built: Engine) -> Iterator[Parliament]:
    """With 25 agencies in Vietnam."""
    with parliament(house, built) as made:
        made.live(AGENCIES)
        yield made


def governed(place: Parliament) -> dict[str, int]:
    """How many subjects each version governs."""
    with place.engine.begin() as connection:
        found = [one for one in timeline.read(connection) if one.region == "VN" and not one.taken_back]
        subjects = party.read(connection, [*AGENCIES, "lotus"])
    newest = [[one.digest for one in found if one.has_reached(subject)][-1] for subject in subjects]
    return {digest: newest.count(digest) for digest in set(newest)}


def test_a_wave_goes_at_its_pace_and_is_halted_in_its_row(place: Parliament) -> None:
    version = place.approved(changed(), SOON, pace=10)
    assert place.pass_time(version) == place.at + SOON
    assert place.pass_time(version, SOON) == place.at + SECOND
    assert place.read(version).status is VersionStatus.ROLLING_OUT
    assert governed(place) == {version: 10, place.first: 15}
    place.do(version, "halt", "oli")
    assert place.pass_time(version, 5 * SECOND) is None
    assert governed(place) == {version: 10, place.first: 15}
    assert refused(place.do, version, "resume", "oli").code is Code.FORBIDDEN
    place.do(version, "resume", "ada")
    place.pass_time(version)
    assert governed(place) == {version: 20, place.first: 5}
    place.pass_time(version, SECOND)
    place.pass_time(version, SECOND)
    assert governed(place) == {version: 25}
    assert (place.read(version).status, place.read(place.first).status) == (
        VersionStatus.IN_FORCE,
        VersionStatus.RETIRED,
    )
    wave = place.wave(version)
    assert (wave.seen, wave.reached) == (25, (EVERYBODY, ""))
    assert place.proved() == []


SLOW, EACH = AGENCIES[:9], 0.15
SLEEPS = f"""
    CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep({EACH}); RETURN NEW; END $$;
    CREATE TRIGGER sleep BEFORE INSERT ON penalties FOR EACH ROW WHEN (NEW.subject IN ({", ".join(map(repr, SLOW))}))
    EXECUTE FUNCTION sleep()
"""


def test_a_batch_ends_before_half_a_second_where_subjects_take_long(place: Parliament, tmp_path: Path) -> None:
    with place.engine.begin() as connection:
        connection.execute(sa.text(SLEEPS))
    version = place.approved(strictest(tmp_path / "second"), SOON)
    place.pass_time(version, SOON)
    with place.engine.begin() as connection:
        moves = [one["facts"] for one in stored.moves(connection, version) if one["facts"].get("region") == "VN"]
        everybody = party.read(connection, [*AGENCIES, "lotus"])
    wave, slow = place.wave(version), list[int]()
    coming = iter(sorted(everybody, key=wave.distance))
    for seen in (facts["seen"] for facts in moves):
        slow.append(sum(one.id in SLOW for one in islice(coming, seen)))
    assert (wave.seen, wave.hit, sum(slow)) == (25, 25, len(SLOW))
    assert max(slow) * EACH < LONGEST - EACH
    assert place.proved() == []


def test_a_batch_whose_time_is_up_when_it_begins_still_comes_to_one_subject(place: Parliament) -> None:
    version = place.approved(changed(), SOON)
    with place.engine.connect() as connection:
        done = batch(connection, Rulebooks(), place.wave(version), Way.REACHED, place.at, MOST, monotonic() - LONGEST)
    assert (done.seen, done.left) == (1, True)


def test_a_version_taken_back_in_the_middle_releases_exactly_those_whom_it_had_reached(place: Parliament) -> None:
    version = place.approved(changed(), SOON, pace=10)
    place.pass_time(version)
    place.pass_time(version, SOON)
    place.do(version, "take_back", "ada", reasons="It hits too many.")
    assert place.read(version).status is VersionStatus.TAKING_BACK
    place.pass_time(version)
    assert place.wave(version).released != (NOBODY, "")
    for _ in range(2):
        place.pass_time(version, SECOND)
    ended = place.read(version)
    assert (ended.status, ended.deadline_at, ended.batch_due_at) == (VersionStatus.TAKEN_BACK, None, None)
    assert governed(place) == {place.first: 25}
    assert place.read(place.first).status is VersionStatus.IN_FORCE
    again = place.approved(changed(3), SOON)  # follows the first again
    assert place.read(again).follows == place.first
    assert place.proved() == []


def test_a_version_in_force_is_taken_back_and_the_one_before_is_reinstated(place: Parliament) -> None:
    version = place.approved(changed(), SOON)
    place.pass_time(version, SOON)
    assert place.read(place.first).status is VersionStatus.RETIRED
    place.do(version, "take_back", "alan", reasons="It was a mistake.")
    place.pass_time(version)
    assert place.read(version).status is VersionStatus.TAKEN_BACK
    assert place.read(place.first).status is VersionStatus.IN_FORCE
    assert governed(place) == {place.first: 25}
    assert place.proved() == []


def test_the_next_version_waits_for_the_wave_before_it(place: Parliament) -> None:
    second = place.approved(changed(), SOON, pace=10)
    third = place.approved(changed(3), 2 * SOON)
    place.pass_time(second, SOON)
    place.do(second, "halt", "ada")
    assert place.pass_time(third, 2 * SOON) is None
    assert place.read(third).status is VersionStatus.APPROVED
    assert refused(place.do, second, "take_back", "ada", reasons="x").key == "is_followed"
    place.do(second, "resume", "ada")
    for _ in range(3):
        place.pass_time(second, SECOND)
    with place.engine.begin() as connection:  # its courier is woken, also where the signal was lost
        assert wake.versions_late(connection, place.at + timedelta(minutes=1)) == [third]
    place.pass_time(third)
    statuses = [place.read(one).status for one in (place.first, second, third)]
    assert statuses == [VersionStatus.RETIRED, VersionStatus.RETIRED, VersionStatus.IN_FORCE]
    assert place.proved() == []


def test_a_region_with_a_later_date_is_reached_later(place: Parliament) -> None:
    later = place.at + 3 * SOON
    version = place.approved(changed(), SOON, regions={"DE": later})
    assert place.pass_time(version, SOON) == later
    assert place.read(version).status is VersionStatus.ROLLING_OUT
    assert (place.wave(version).through, place.wave(version, "DE").through) == (True, False)
    place.pass_time(version, 2 * SOON)
    assert place.read(version).status is VersionStatus.IN_FORCE


def test_a_version_that_waits_for_a_halted_wave_is_taken_back_first(place: Parliament) -> None:
    second = place.approved(changed(), SOON, pace=10)
    third = place.approved(changed(3), 2 * SOON)
    place.pass_time(second)
    place.pass_time(second, SOON)
    place.do(second, "halt", "ada")
    assert refused(place.do, third, "take_back", "ada", reasons="Both are wrong.").key == "not_now"
    place.at += SOON
    assert refused(place.do, third, "withdraw", "edith").key == "not_now"
    place.do(third, "take_back", "ada", reasons="Both are wrong.")
    place.pass_time(third)
    assert (place.read(third).status, place.read(second).status) == (VersionStatus.TAKEN_BACK, VersionStatus.HALTED)
    assert governed(place) == {second: 10, place.first: 15}
    place.do(second, "take_back", "ada", reasons="Both are wrong.")
    for _ in range(4):
        place.pass_time(second, SECOND)
    assert (place.read(second).status, governed(place)) == (VersionStatus.TAKEN_BACK, {place.first: 25})
    assert place.proved() == []


def test_nothing_is_approved_to_follow_a_version_that_is_being_taken_back(place: Parliament) -> None:
    second = place.approved(changed(), SOON, pace=10)
    place.pass_time(second, SOON)
    place.do(second, "take_back", "ada", reasons="It was a mistake.")
    third = place.draft(changed(3)).digest
    place.propose(third)
    assert refused(place.do, third, "approve", "ada").key == "not_now"
    for _ in range(4):
        place.pass_time(second, SECOND)
    assert refused(place.do, third, "approve", "ada").key == "follows_older"


def test_the_first_version_is_never_taken_back(place: Parliament) -> None:
    assert refused(place.do, place.first, "take_back", "ada", reasons="Away with it.").key == "not_now"


def test_a_region_that_only_a_version_knew_which_was_taken_back_keeps_its_rules(
    place: Parliament, tmp_path: Path
) -> None:
    shutil.copytree(BUNDLED / "live", tmp_path / "second")
    stated = "{value: Asia/Tokyo, illustrative: true}\nlanguage: {value: en, illustrative: true}\n"
    (tmp_path / "second" / "JP.yaml").write_text(f"region: JP\nzone: {stated}", encoding="utf-8")
    version = place.approved(load(tmp_path / "second"), SOON)
    place.pass_time(version, SOON)
    place.live(["sakura"], "JP")
    place.do(version, "take_back", "ada", reasons="It was a mistake.")
    place.pass_time(version)
    assert place.read(version).status is VersionStatus.TAKEN_BACK
    sakura = Subject("sakura", SubjectKind.AGENCY, "JP")
    with place.engine.begin() as connection:
        versions = Rulebooks().timeline(connection)
        assert versions.governing(sakura, place.at)[0] == versions.at_the_act("JP", place.at) == version
        assert "JP" not in versions.regions(place.at)


@pytest.mark.parametrize(
    ("was", "is_"),
    [("key: agency_compliance\n", "key: agency_points\n"), ("period: calendar year", "period: none")],
    ids=["key", "period"],
)
def test_no_version_lets_a_score_begin_anew(place: Parliament, tmp_path: Path, was: str, is_: str) -> None:
    shutil.copytree(BUNDLED / "live", tmp_path / "second")
    base = tmp_path / "second" / "base.yaml"
    base.write_text(base.read_text(encoding="utf-8").replace(was, is_, 1), encoding="utf-8")
    second = place.draft(load(tmp_path / "second")).digest
    found = refused(place.propose, second)
    assert (found.key, found.values["score"]) == ("score_begins_anew", "agency_compliance")


def test_each_subject_is_next_once_wherever_the_wave_begins(place: Parliament) -> None:
    version = place.approved(changed())
    wave = place.wave(version)
    everybody = sorted([*AGENCIES, "lotus"])
    places = [Subject(name, SubjectKind.AGENCY, "VN").place for name in everybody]
    orders = set()
    for turn, most in product((0, 2**32 - 1, max(places), min(places), wave.turn), (1, 7, 25, 100)):
        there, seen = replace(wave, turn=turn), list[str]()
        with place.engine.begin() as connection:
            while found := ring.after(connection, there, Way.REACHED, most):
                distances = [there.distance(one) for one in found]
                assert distances == sorted(distances)
                assert distances[0] > there.reached
                seen += [one.id for one in found]
                there = replace(there, reached=distances[-1])
        assert sorted(seen) == everybody
        orders.add(tuple(seen))
    assert len(orders) > 1


STRICTEST = ("key: agency_compliance.watch, at: at or below, threshold: 80", "key: agency_compliance.watch, at: at or below, threshold: 100")  # fmt: skip


def strictest(folder: Path, start: int = 100) -> Rulebook:
    """Every agency that begins at 100 gets a penalty."""
    shutil.copytree(BUNDLED / "live", folder)
    text = (folder / "base.yaml").read_text(encoding="utf-8")
    assert STRICTEST[0] in text
    text = text.replace("{key: agency, start: 100, cap: 100", f"{{key: agency, start: {start}, cap: {start}")
    (folder / "base.yaml").write_text(text.replace(*STRICTEST), encoding="utf-8")
    return load(folder)


def test_a_batch_that_fails_stops_its_wave_and_says_at_whom_and_the_wave_goes_on_when_it_is_mended(
    place: Parliament, tmp_path: Path
) -> None:
    version = place.approved(strictest(tmp_path / "second"), SOON)
    place.pass_time(version, SOON - SECOND)
    place.at += SECOND
    assert place.time(version) == place.at  # it has set out
    advance = Advance(place.engine, Deaf(), Rulebooks(), Own(lambda: place.at))

    def go() -> datetime | None:
        while (due := advance._advance(version, place.at)[0]) is not None:  # noqa: SLF001 - the activity, without its wakes
            pass
        return due

    def breaks(*, broken: bool) -> None:
        held = "ADD CONSTRAINT broken CHECK (subject <> 'agency.5') NOT VALID" if broken else "DROP CONSTRAINT broken"
        with place.engine.begin() as connection:
            connection.execute(sa.text(f"ALTER TABLE penalties {held}"))

    def incidents() -> list[tuple[str, str | None, str]]:
        with place.engine.begin() as connection:
            rows = connection.execute(sa.select(raised).order_by(raised.c.id)).mappings()
            return [(row["kind"], row["subject"], row["facts"]["error"]) for row in rows]

    breaks(broken=True)
    assert go() is None
    at_fault = Subject("agency.5", SubjectKind.AGENCY, "VN")
    assert (place.read(version).status, place.wave(version).has_reached(at_fault)) == (VersionStatus.HALTED, False)
    assert incidents() == [("rollout_broken", "agency.5", "IntegrityError")]
    place.do(version, "resume", "ada")
    assert go() is None
    assert len(incidents()) == 2
    breaks(broken=False)
    place.do(version, "resume", "ada")
    place.pass_time(version)
    assert (place.read(version).status, place.wave(version).hit) == (VersionStatus.IN_FORCE, 25)

    place.do(version, "take_back", "ada", reasons="It hits everybody.")
    breaks(broken=True)
    assert go() is None
    assert (place.read(version).status, place.read(version).batch_due_at) == (VersionStatus.TAKING_BACK, None)
    assert len(incidents()) == 3
    breaks(broken=False)
    assert refused(place.do, version, "resume", "oli").code is Code.FORBIDDEN
    place.do(version, "resume", "ada")
    assert refused(place.do, version, "resume", "ada").code is Code.ILLEGAL_MOVE  # it goes
    place.pass_time(version)
    assert place.read(version).status is VersionStatus.TAKEN_BACK
    assert governed(place) == {place.first: 25}
    assert place.proved() == []


def test_a_move_that_fails_at_no_subject_is_put_before_ops_once_and_is_stuck_until_it_is_made(
    place: Parliament,
) -> None:
    version = place.approved(changed(), SOON)
    place.at += SOON
    advance = Advance(place.engine, Deaf(), Rulebooks(), Own(lambda: place.at))

    def breaks(name: str, *, broken: bool) -> None:
        held = f"ADD CONSTRAINT {name} CHECK (event <> '{name}') NOT VALID" if broken else f"DROP CONSTRAINT {name}"
        with place.engine.begin() as connection:
            connection.execute(sa.text(f"ALTER TABLE version_moves {held}"))

    def go() -> None:
        while (due := advance._advance(version, place.at)[0]) is not None and due <= place.at:  # noqa: SLF001
            pass

    def stuck() -> list[tuple[Trouble, str, object]]:
        with place.engine.begin() as connection:
            assert {row["kind"] for row in connection.execute(sa.select(raised)).mappings()} <= {"rollout_failing"}
            return [(one.trouble, one.thing.name, one.repair) for one in by_rows(connection, place.at)]

    for number, event in enumerate(("take_force", "complete"), 1):
        breaks(event, broken=True)
        for _ in range(3):
            with pytest.raises(IntegrityError):
                go()
        with place.engine.begin() as connection:
            told = connection.execute(sa.select(raised.c.facts).order_by(raised.c.id)).scalars().all()
        assert (len(told), told[-1]["version"], told[-1]["error"]) == (number, version, "IntegrityError")
        assert stuck() == [(Trouble.FAILING, version, None)]
        breaks(event, broken=False)
        advance._advance(version, place.at)  # noqa: SLF001 - the activity, without its wakes
        assert stuck() == []
    assert place.read(version).status is VersionStatus.IN_FORCE
    assert place.proved() == []


def test_a_score_of_a_past_time_is_told_by_how_far_a_wave_had_come(place: Parliament, tmp_path: Path) -> None:
    sheets, kept = Sheets(place.engine, lambda: place.at), dict[datetime, list[Sheet]]()

    def read(at: datetime | None = None) -> list[Sheet]:
        return [sheets.show(None, name, at=at) for name in AGENCIES[::3]]

    version = place.approved(strictest(tmp_path / "second", start=110), SOON, pace=10)
    place.at += SOON - SECOND
    for _ in range(5):
        kept[place.at] = read()
        place.pass_time(version, SECOND)
    place.do(version, "take_back", "ada", reasons="It hits everybody.")
    for _ in range(5):
        place.pass_time(version)
        kept[place.at] = read()
        place.at += SECOND
    assert {at: read(at) for at in kept} == kept
    assert [len({one.score.cap for one in then}) for then in kept.values()].count(2) > 1


def test_a_year_that_is_over_is_told_as_it_was_counted_whenever_it_is_looked_at(
    place: Parliament, tmp_path: Path
) -> None:
    year, sheets = f"{place.at.year}", Sheets(place.engine, lambda: place.at)

    def points(period: str | None, at: datetime | None = None) -> tuple[int, int]:
        score = sheets.show(None, "lotus", period, at=at).score
        return score.points, score.cap

    early, version = place.at, place.approved(strictest(tmp_path / "second", start=110), timedelta(days=500))
    place.pass_time(version, timedelta(days=501))
    assert [points(None), points(None, early), points(year, early)] == [(110, 110), (100, 100), (100, 100)]
    assert points(year) == points(year, place.at) == (100, 100)
    assert sheets.ledger(None, "lotus", year, at=place.at).score == sheets.show(None, "lotus", year).score
    for never in ("1969", "0000"):
        assert refused(points, never).field == "period"


def test_every_effect_that_the_table_names_exists() -> None:
    assert {name for row in VERSION.rows for name in row.does} == set(EFFECTS)


# What people and programs could try past the engine. `:new` is approved, `:other` is another draft, `:first` in force.
FORBIDDEN = {
    "approve what one wrote": "UPDATE versions SET approved_by = author WHERE digest = :new",
    "approve what one proposed": "UPDATE versions SET approved_by = proposed_by, author = NULL WHERE digest = :new",
    "be in the chain without an approval": "UPDATE versions SET status = 'approved' WHERE digest = :other",
    "be in force before the approval": "UPDATE rollouts SET in_force_from = :past WHERE version = :new",
    "approve it after its date": "UPDATE versions SET approved_at = :future WHERE digest = :new",
    "fork the chain": "UPDATE versions SET status = 'approved', approved_at = :past, approved_by = 'ada',"
    " follows = :first WHERE digest = :other",
    "begin a second chain": "UPDATE versions SET status = 'approved', approved_at = :past, approved_by = 'ada',"
    " follows = NULL WHERE digest = :other",
    "run two waves": "UPDATE versions SET status = 'halted' WHERE digest IN (:new, :first)",
    "change what a version says": "UPDATE rulebooks SET body = '{}' WHERE digest = :new",
    "remove a version": "DELETE FROM rulebooks WHERE digest = :other",
    "change a move": "UPDATE version_moves SET actor = 'alan' WHERE version = :new",
    "remove a move": "DELETE FROM version_moves WHERE version = :new",
    "change a forecast": "UPDATE forecasts SET hit = 0, seen = 1 WHERE version = :new",
    "remove a forecast": "DELETE FROM forecasts WHERE version = :new",
    "be where no version can be": "UPDATE versions SET status = 'paused' WHERE digest = :new",
}


def test_the_database_itself_refuses_what_must_never_be(place: Parliament) -> None:
    new, other = place.approved(changed()), place.draft(changed(3)).digest
    known = {"new": new, "other": other, "first": place.first}
    known |= {"past": place.at - SOON, "future": place.at + timedelta(days=365)}  # type: ignore[dict-item]
    for wish, sql in FORBIDDEN.items():
        asked = sa.text(sql)
        with pytest.raises(DBAPIError) as found, place.engine.begin() as connection:
            connection.execute(asked, {name: known[name] for name in asked.compile().params})
        assert "23" in str(getattr(found.value.orig, "sqlstate", "")), wish
    assert place.proved() == []


@pytest.mark.parametrize("body", ["'{}'", "jsonb_set(body, '{key}', '\"other\"')"], ids=["empty", "another"])
def test_a_version_that_says_something_else_is_named_though_no_trigger_held_it(place: Parliament, body: str) -> None:
    other = place.draft(changed(3)).digest
    with place.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE rulebooks DISABLE TRIGGER USER"))
        connection.execute(sa.text(f"UPDATE rulebooks SET body = {body} WHERE digest = :other"), {"other": other})
        found = [one.where for one in lives(connection, Rulebooks())]
    assert found == [f"rulebooks/{other}"]


def falsified(column: sa.Column[Any]) -> str:
    """SQL that gives another value than the column has."""
    name = f'"{column.name}"'
    if isinstance(column.type, JSONB):
        return "'{\"forged\": true}'"
    if isinstance(column.type, sa.DateTime):
        return f"coalesce({name}, now()) + interval '1 microsecond'"
    if isinstance(column.type, sa.Integer):
        return f"coalesce({name}, 0) + 1"
    return f"coalesce({name}, '') || 'x'"


def test_each_changed_value_of_a_version_its_wave_and_its_forecast_is_named(place: Parliament) -> None:
    place.pass_time(place.approved(changed(), SOON), SOON)
    missed = []
    with place.engine.connect() as connection:
        for table in (versions, rollouts, version_moves, forecasts, rulebooks):
            connection.execute(sa.text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
            for held in table.constraints:
                if isinstance(held, sa.CheckConstraint | sa.ForeignKeyConstraint):
                    connection.execute(sa.text(f"ALTER TABLE {table.name} DROP CONSTRAINT IF EXISTS {held.name!s}"))
        for table in (versions, rollouts, version_moves, forecasts, rulebooks):
            for column in (one for one in table.columns if one.name not in PASSING and not one.primary_key):
                with connection.begin_nested() as tried:
                    row = f"(SELECT ctid FROM {table.name} ORDER BY 1 DESC LIMIT 1)"
                    change = (
                        f'UPDATE {table.name} SET "{column.name}" = {falsified(column)} WHERE ctid = {row} RETURNING *'
                    )
                    found = connection.execute(sa.text(change)).mappings().one()
                    named = seal.name(table, found)
                    if not any(difference.where == named for difference in seals(connection)):
                        missed.append(f"{table.name}.{column.name}")
                    tried.rollback()
        connection.rollback()
    assert missed == []


def test_what_a_wave_did_and_was_forecast_is_computed_again(place: Parliament, tmp_path: Path) -> None:
    version = place.approved(strictest(tmp_path / "second"), SOON, pace=10)
    place.pass_time(version, SOON)
    place.pass_time(version, SECOND)
    place.do(version, "halt", "ada")
    of_wave, of_forecast = "rollouts", "forecasts"
    changes = [
        (of_wave, "seen, by its batches", "seen = seen + 1"),
        (of_wave, "hit, by its batches", "hit = hit - 1"),
        (of_wave, "reached, by its batches", "reached = reached - 1"),
        (of_wave, "released, by its batches", "released = 7"),
        (of_wave, "turn, by its batches", "turn = turn + 1"),
        (of_wave, "in_force_from, by its batches", "in_force_from = in_force_from + interval '1 minute'"),
        (of_wave, "where it stood", """stood = '{"2025": [5, "x"]}'"""),
        (of_forecast, "seen, by what was forecast", "seen = seen + 1"),
        (of_forecast, "hit, by what was forecast", "hit = hit - 1"),
        (of_forecast, "most_hit, by what was forecast", "most_hit = most_hit + 1"),
        (of_forecast, "at, by what was forecast", "at = at - interval '1 minute'"),
        (of_forecast, "hit by place", "figures = jsonb_set(figures, '{0,hit}', '0')"),
        (of_forecast, "hit by penalty", "figures = jsonb_set(figures, '{0,tiers,0,hit}', '0')"),
        (of_forecast, "the proposal", "number = number + 1"),
    ]
    with place.engine.connect() as connection:
        assert list(waves(connection, Rulebooks())) == []
        for table in (of_wave, of_forecast, "penalties"):
            connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(sa.text("ALTER TABLE forecasts DROP CONSTRAINT ck_forecasts_hit_counts"))

        def found(change: str) -> list[tuple[str, str]]:
            with connection.begin_nested() as tried:
                connection.execute(sa.text(change), {"new": version})
                differences = [(one.where.split("/")[0], one.what) for one in waves(connection, Rulebooks())]
                tried.rollback()
            return differences

        for table, what, change in changes:
            where = "version = :new" + (" AND region = 'VN'" if table == of_wave else "")
            named = found(f"UPDATE {table} SET {change} WHERE {where}")
            assert any(one == table and said.startswith(what) for one, said in named), (what, named)
        gone = found("DELETE FROM penalties WHERE id = (SELECT min(id) FROM penalties WHERE rulebook = :new)")
        assert [said.startswith("hit, by the penalties") for _, said in gone] == [True]
        connection.rollback()
