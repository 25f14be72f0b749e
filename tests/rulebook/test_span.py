"""Lengths of time: what is elapsed, what is counted on the calendar, and the nights on which clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError

from rulebook.span import Span

SAIGON, BERLIN, NEW_YORK = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SPAN = TypeAdapter(Span)


@pytest.mark.parametrize(("text", "canonical"), [
    ("30 minutes",        "30 minutes"),
    ("30m",               "30 minutes"),
    ("72 hours",          "72 hours"),
    ("2h",                "2 hours"),
    ("1 hours",           "1 hour"),
    ("7 days",            "7 days"),
    ("3d",                "3 days"),
    ("6 calendar months", "6 months"),
    ("6 months",          "6 months"),
    ("1 year",            "1 year"),
    ("45s",               "45 seconds"),
    ("2 weeks",           "2 weeks"),
    ("1w",                "1 week"),
])  # fmt: skip
def test_a_length_of_time_is_read_as_people_write_it(text: str, canonical: str) -> None:
    span = SPAN.validate_python(text)
    assert str(span) == canonical
    assert SPAN.dump_python(span, mode="json") == canonical
    assert SPAN.validate_json(SPAN.dump_json(span)) == span


@pytest.mark.parametrize(
    "text", ["", "soon", "0 days", "-1 days", "1.5 hours", "6", "200 years", "5229 weeks", 30, None, True]
)
def test_what_is_no_length_of_time_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        SPAN.validate_python(text)


@pytest.mark.parametrize(("at", "span", "end"), [
    ("2025-08-31T10:00", "6 months", "2026-02-28T10:00"),
    ("2027-08-31T10:00", "6 months", "2028-02-29T10:00"),
    ("2026-01-31T23:59", "1 month",  "2026-02-28T23:59"),
    ("2026-12-15T08:00", "1 month",  "2027-01-15T08:00"),
    ("2028-02-29T08:00", "1 year",   "2029-02-28T08:00"),
    ("2026-02-27T08:00", "3 days",   "2026-03-02T08:00"),
    ("2026-12-25T08:00", "2 weeks",  "2027-01-08T08:00"),
    ("2026-12-31T23:00", "2 hours",  "2027-01-01T01:00"),
])  # fmt: skip
def test_the_calendar_is_counted_in_the_zone(at: str, span: str, end: str) -> None:
    begins = datetime.fromisoformat(at).replace(tzinfo=SAIGON)
    assert Span.of(span).after(begins, SAIGON) == datetime.fromisoformat(end).replace(tzinfo=SAIGON)


@pytest.mark.parametrize(("zone", "at", "span", "end"), [
    # The clocks go forward at 02:00, so 02:30 doesn't exist: it is read with the offset before, and shows 03:30.
    (BERLIN,   "2026-03-28T02:30+01:00", "1 day",    "2026-03-29T03:30+02:00"),
    (BERLIN,   "2026-03-28T12:00+01:00", "1 day",    "2026-03-29T12:00+02:00"),
    (BERLIN,   "2026-03-28T12:00+01:00", "24 hours", "2026-03-29T13:00+02:00"),
    (BERLIN,   "2026-03-22T02:30+01:00", "1 week",   "2026-03-29T03:30+02:00"),
    (BERLIN,   "2026-02-28T02:30+01:00", "1 month",  "2026-03-28T02:30+01:00"),
    (NEW_YORK, "2026-02-08T02:30-05:00", "1 month",  "2026-03-08T03:30-04:00"),
    # The clocks go back at 03:00, so 02:30 occurs twice: the first one counts.
    (BERLIN,   "2026-10-24T02:30+02:00", "1 day",    "2026-10-25T02:30+02:00"),
    (BERLIN,   "2026-10-25T02:30+01:00", "1 day",    "2026-10-26T02:30+01:00"),
    (BERLIN,   "2026-10-24T12:00+02:00", "1 day",    "2026-10-25T12:00+01:00"),
    (BERLIN,   "2026-10-24T12:00+02:00", "24 hours", "2026-10-25T11:00+01:00"),
    (BERLIN,   "2026-08-31T12:00+02:00", "6 months", "2027-02-28T12:00+01:00"),
])  # fmt: skip
def test_days_keep_the_local_time_when_the_clocks_change(zone: ZoneInfo, at: str, span: str, end: str) -> None:
    assert Span.of(span).after(datetime.fromisoformat(at), zone) == datetime.fromisoformat(end)


def test_an_end_is_given_in_utc() -> None:
    begins = datetime(2026, 3, 1, tzinfo=BERLIN)
    assert {Span.of(text).after(begins, BERLIN).tzinfo for text in ("1 hour", "1 day", "1 month")} == {UTC}


def test_a_time_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Span.of("1 day").after(datetime(2026, 3, 1), BERLIN)  # noqa: DTZ001
