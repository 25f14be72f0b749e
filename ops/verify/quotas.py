"""Was every month's quota kept?"""

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping

from activities.rulebooks import Rulebooks
from ops.verify.difference import Difference
from rulebook import calendar
from rulebook.policy import Policy
from states.terms import Outcome
from store import audit, party


def quotas(connection: Connection, rulebooks: Rulebooks) -> Iterator[Difference]:
    """Recompute which report used which slot, and what is left of each month."""
    limits: dict[tuple[str, str], int] = {}
    timeline = rulebooks.timeline(connection)
    with audit.rows(connection, audit.agency_reports()) as reports:
        for report in reports:
            agency = party.subject(connection, report["filed_agency"])
            where = f"quota_slots/{report['id']}"
            if agency is None or report["slot_of"] != agency.id:
                yield Difference(where, "its agency", report["filed_agency"], report["slot_of"])
                continue
            rules = timeline.now(agency.region, report["filed_at"])
            month = calendar.month(report["filed_at"], rules.zone)
            most = limits.get((agency.id, month), 0)
            limits[agency.id, month] = max(most, rules.procedure.reports_quota_per_month)
            if (month, report["filed_at"]) != (report["month"], report["taken_at"]):
                yield Difference(
                    where, "month and time", (month, report["filed_at"]), (report["month"], report["taken_at"])
                )
            refunded = _refunded(report, rulebooks.policy(connection, report["rulebook"], report["region"]))
            if refunded != (report["given_back_at"] is not None):
                yield Difference(where, "given back", refunded, report["given_back_at"] is not None)
    with audit.rows(connection, audit.used()) as months:
        for month_of in months:
            most = limits.get((month_of["agency"], month_of["month"]), 0)
            if month_of["used"] > most:
                where = f"quota/{month_of['agency']}/{month_of['month']}"
                yield Difference(where, "used, at most", most, month_of["used"])


def _refunded(report: RowMapping, rules: Policy) -> bool:
    refunds = rules.procedure.reports_refund_on
    if report["outcome"] == Outcome.DUPLICATE:
        return "duplicate" in refunds
    unclaimed = not report["ever_claimed"] and "withdrawn_before_claim" in refunds
    return bool(report["outcome"] == Outcome.WITHDRAWN and unclaimed)
