"""When may a version take force, and where? What a proposal and its approval must hold, region by region.

No date is before the approval, nor before that of the version which it follows; nor within the notice that the rules
in force give the region, unless the approver says why. No region goes, or changes its time zone, while somebody lives
there; and a score goes on under its key, over its periods.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from activities.rollout.input import Planned
from rulebook.model import Rulebook
from states.terms import Code, RefusedError
from store import party
from store import version as versions

Dates = Mapping[str, datetime]


def planned(book: Rulebook, said: Planned) -> dict[str, datetime]:
    """The date of each region of the version.

    Raises:
        RefusedError: `invalid`: a date is of a region that it doesn't have.
    """
    if strange := sorted(set(said.regions) - set(book.regions)):
        raise RefusedError(Code.INVALID, "unknown_region", "regions", region=strange[0])
    return {region: said.regions.get(region, said.in_force_from) for region in book.regions}


def must_fit(connection: Connection, book: Rulebook, before: Rulebook, dates: Dates, at: datetime) -> None:
    """Refuse a version that can't follow the one before it, from these dates on.

    Raises:
        RefusedError: `invalid`.
    """
    must_keep_places(connection, book, before)
    must_keep_scores(book, before)
    must_rise(dates, versions.dates(connection, before.digest), at)


def within_notice(dates: Dates, rules: Rulebook, at: datetime) -> dict[str, datetime]:
    """The regions of which a date is within the notice that the `rules` give; from when on it would not be."""
    policies = map(rules.policy, sorted(set(dates) & set(rules.regions)))
    earliest = {one.region: one.procedure.versions_notice.after(at, one.zone) for one in policies}
    return {region: since for region, since in earliest.items() if dates[region] < since}


def must_rise(dates: Dates, before: Dates, at: datetime) -> None:
    """Refuse dates that have passed, or are not after those of the version before.

    Raises:
        RefusedError: `invalid`.
    """
    for region, date in dates.items():
        if date < at:
            raise RefusedError(Code.INVALID, "date_passed", "in_force_from", region=region)
        if region in before and date <= before[region]:
            earlier = before[region].isoformat()
            raise RefusedError(Code.INVALID, "date_not_later", "in_force_from", region=region, before=earlier)


def must_give_notice(dates: Dates, rules: Rulebook, at: datetime) -> None:
    """Refuse dates within the notice that the `rules` in force give a region, from the approval on.

    Raises:
        RefusedError: `invalid`.
    """
    for region, earliest in within_notice(dates, rules, at).items():
        raise RefusedError(Code.INVALID, "within_notice", "override", region=region, earliest=earliest.isoformat())


def must_keep_places(connection: Connection, book: Rulebook, before: Rulebook) -> None:
    """Refuse a version without a region in which somebody lives, or with another time zone for it.

    Raises:
        RefusedError: `invalid`.
    """
    gone = set(before.regions) - set(book.regions)
    both = set(before.regions) & set(book.regions)
    moved = {region for region in both if book.policy(region).zone != before.policy(region).zone}
    for region in party.lived_in(connection, gone | moved):
        key = "region_lived_in" if region in gone else "zone_lived_in"
        raise RefusedError(Code.INVALID, key, "version", region=region)


def must_keep_scores(book: Rulebook, before: Rulebook) -> None:
    """Refuse a version by which a region's score has another key or other periods: it would begin anew.

    Raises:
        RefusedError: `invalid`.
    """
    for region in sorted(set(before.regions) & set(book.regions)):
        known = {scheme.subject: scheme for scheme in before.policy(region).schemes.values()}
        for scheme in book.policy(region).schemes.values():
            was = known.get(scheme.subject, scheme)
            if (was.key, was.period) != (scheme.key, scheme.period):
                raise RefusedError(Code.INVALID, "score_begins_anew", "version", region=region, score=was.key)
