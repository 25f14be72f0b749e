"""Years, months and days begin where the agency is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rulebook import calendar

SAIGON, BERLIN, HAVANA = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/Havana")
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from([SAIGON, BERLIN, HAVANA, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")])


def test_new_year_parts_two_periods_in_the_agency_s_zone() -> None:
    last, first = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), datetime(2026, 12, 31, 17, tzinfo=UTC)
    assert calendar.period("calendar year", last, SAIGON) == "2026"
    assert calendar.period("calendar year", first, SAIGON) == "2027"
    assert calendar.period_end("2026", SAIGON) == first


def test_a_score_without_period_lasts_for_life() -> None:
    assert calendar.period("none", datetime(2026, 1, 1, tzinfo=UTC), SAIGON) == "life"
    assert calendar.period_end("life", SAIGON) is None


def test_a_quota_opens_again_with_the_next_local_month() -> None:
    at = datetime(2026, 12, 31, 20, tzinfo=SAIGON)
    assert calendar.month(at, SAIGON) == "2026-12"
    assert calendar.next_month(at, SAIGON) == datetime(2027, 1, 1, tzinfo=SAIGON)


def test_a_month_with_a_changed_clock_is_an_hour_shorter() -> None:
    begins, ends = calendar.month_bounds("2026-03", BERLIN)
    assert (ends - begins).total_seconds() == (31 * 24 - 1) * 3600


def test_a_day_whose_midnight_is_skipped_begins_at_one() -> None:
    assert calendar.day_bounds(date(2026, 3, 8), HAVANA)[0] == datetime(2026, 3, 8, 1, tzinfo=HAVANA)


@given(INSTANTS, ZONES)
def test_every_instant_lies_in_its_own_day_month_and_period(at: datetime, zone: ZoneInfo) -> None:
    day = calendar.day_bounds(calendar.local_day(at, zone), zone)
    month = calendar.month_bounds(calendar.month(at, zone), zone)
    end = calendar.period_end(calendar.period("calendar year", at, zone), zone)
    assert day[0] <= at < day[1]
    assert month[0] <= at < month[1] == calendar.next_month(at, zone)
    assert end is not None
    assert at < end
