"""Which pages stand in the bar, for whom? The first of them is where a person begins."""

from typing import NamedTuple

from states.terms import AGENCY_ROLES, LEADS, OVERSEERS, PARTIES, POLICY, REVIEWERS, STAFF, Role


class Entry(NamedTuple):
    """A page of the bar: its word is `bar.` and its name."""

    name: str
    path: str
    roles: frozenset[Role]


# fmt: off
BAR = (
    Entry("queue",    "/queue",    REVIEWERS),
    Entry("mine",     "/mine",     REVIEWERS),
    Entry("appeals",  "/appeals",  REVIEWERS),
    Entry("votes",    "/votes",    frozenset({Role.SENIOR_MODERATOR})),
    Entry("score",    "/score",    PARTIES),
    Entry("creators", "/creators", AGENCY_ROLES),
    Entry("reports",  "/reports",  PARTIES),
    Entry("notices",  "/notices",  PARTIES),
    Entry("ops",      "/ops",      OVERSEERS),
    Entry("people",   "/people",   LEADS | OVERSEERS),
    Entry("figures",  "/figures",  OVERSEERS),
    Entry("records",  "/records",  OVERSEERS),
    Entry("versions", "/rules/versions", POLICY | OVERSEERS),
    Entry("notices",  "/notices",  POLICY),
    Entry("search",   "/search",   STAFF),
    Entry("rules",    "/rules",    PARTIES | STAFF),
)
# fmt: on


def navigation(role: Role | None) -> list[Entry]:
    """The entries for a role."""
    return [entry for entry in BAR if role in entry.roles]
