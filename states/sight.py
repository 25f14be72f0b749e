"""Who may see what? One table of rules, `docs/domain.md` §7 and ruling 12; `store/sight.py` compiles it to filters.

A row of data is seen by an actor if any rule of its resource and the actor's role holds. Which fields of a case are
then shown is decided in `desk/reading/columns.py`; which words and names, in `desk/reading/redaction.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from states.condition import ALWAYS, Condition, Facts, Is, me, mine, my_regions, since_i_came
from states.situation import Actor
from states.terms import AGENCY_ROLES, LEADS, OVERSEERS, PARTIES, POLICY, REVIEWERS, Kind, Role, Side


class Resource(StrEnum):
    """What is seen or not. A `subject` is its score: ledger and penalties.

    An `agency` is its quota, content verdicts and verdict history; an agent reads of these the rows of the cases that
    this agent sees as respondent (`store/history.py`). `evidence` is a file that a side has brought to a case.
    `governed` is what versions of the rulebook are to a subject: which of them governs it, and whether one would hit it,
    has hit it, or failed at it; of its score nothing.
    A `record` is what was written outside of cases at once: feeds, tellings, rulebooks.
    """

    CASE = "case"
    EVIDENCE = "evidence"
    SUBJECT = "subject"
    GOVERNED = "governed"
    AGENCY = "agency"
    PERSON = "person"
    NOTICE = "notice"
    INCIDENT = "incident"
    RECORD = "record"
    WEBHOOK = "webhook"
    API_KEY = "api_key"


# The facts of each resource that rules may look at. Of a case, `agency` and `agent` are those charged, as of when it
# happened; `manager` is the agent who manages the respondent now; `reporter` filed the report (of an appeal: the report
# that it is about). Evidence has the facts of its case, and the side that brought it. Of a subject, `agency` and `agent`
# manage it now.
_OF_CASE = (
    "kind",
    "region",
    "filed_by",
    "filed_agency",
    "filed_side",
    "reporter",
    "respondent",
    "agency",
    "agent",
    "manager",
)
FACTS = {
    Resource.CASE: _OF_CASE,
    Resource.EVIDENCE: (*_OF_CASE, "side"),
    Resource.SUBJECT: ("id", "region", "agency", "agent"),
    Resource.GOVERNED: ("region",),
    Resource.AGENCY: ("id", "region"),
    Resource.PERSON: ("agency",),
    Resource.NOTICE: ("recipient", "at"),
    Resource.INCIDENT: (),
    Resource.RECORD: (),
    Resource.WEBHOOK: ("agency",),
    Resource.API_KEY: ("person", "agency"),
}


@dataclass(frozen=True)
class Rule:
    """People in one of `roles` see a row of `resource` where the condition holds; a party sees it from its `side`."""

    resource: Resource
    roles: frozenset[Role]
    where: Condition
    side: Side | None = None


CASE, SUBJECT, AGENCY, PERSON = Resource.CASE, Resource.SUBJECT, Resource.AGENCY, Resource.PERSON
GOVERNED = Resource.GOVERNED
EVIDENCE, NOTICE = Resource.EVIDENCE, Resource.NOTICE
INCIDENT, RECORD = Resource.INCIDENT, Resource.RECORD
WEBHOOK, API_KEY = Resource.WEBHOOK, Resource.API_KEY

AGENT, CREATOR, PLATFORM = frozenset({Role.AGENT}), frozenset({Role.CREATOR}), frozenset({Role.PLATFORM})
AUDITOR = frozenset({Role.AUDITOR})

# A report has two sides; an appeal is seen by the side that filed it.
REPORT = Is("kind", Kind.REPORT)
FOR_RESPONDENT = REPORT | Is("filed_side", Side.RESPONDENT)
FOR_REPORTER = REPORT | Is("filed_side", Side.REPORTER)

# fmt: off
_CASES = (
    #    a row of   is seen by                      where                                                                   as
    Rule(CASE,      LEADS,                          FOR_RESPONDENT & mine("agency"),                                        Side.RESPONDENT),
    Rule(CASE,      AGENT,                          FOR_RESPONDENT & mine("agency")
                                                    & (me("respondent") | me("agent") | me("manager")),                     Side.RESPONDENT),
    Rule(CASE,      CREATOR,                        FOR_RESPONDENT & me("respondent"),                                      Side.RESPONDENT),
    Rule(CASE,      LEADS,                          FOR_REPORTER & mine("filed_agency"),                                    Side.REPORTER),
    Rule(CASE,      AGENT,                          FOR_REPORTER & mine("filed_agency") & (me("filed_by") | me("reporter")), Side.REPORTER),
    Rule(CASE,      CREATOR | PLATFORM,             FOR_REPORTER & me("filed_by"),                                          Side.REPORTER),
    Rule(CASE,      REVIEWERS,                      my_regions("region")),
    Rule(CASE,      OVERSEERS,                      ALWAYS),
)

RULES = (
    *_CASES,

    # Whoever sees a case from a side sees what that side brought; ops see no evidence (`docs/domain.md` §7).
    *(Rule(EVIDENCE, rule.roles, Is("side", rule.side) & rule.where, rule.side) for rule in _CASES if rule.side),
    Rule(EVIDENCE,  REVIEWERS,                      my_regions("region")),
    Rule(EVIDENCE,  AUDITOR,                        ALWAYS),

    Rule(SUBJECT,   LEADS,                          mine("id") | mine("agency")),
    Rule(SUBJECT,   AGENT,                          mine("agency") & me("agent")),
    Rule(SUBJECT,   CREATOR,                        me("id")),
    Rule(SUBJECT,   REVIEWERS,                      my_regions("region")),
    Rule(SUBJECT,   OVERSEERS | PLATFORM,           ALWAYS),

    # Who writes and approves versions judges by it whom one hits.
    Rule(GOVERNED,  REVIEWERS,                      my_regions("region")),
    Rule(GOVERNED,  OVERSEERS | POLICY,             ALWAYS),

    Rule(AGENCY,    AGENCY_ROLES,                   mine("id")),
    Rule(AGENCY,    REVIEWERS,                      my_regions("region")),
    Rule(AGENCY,    OVERSEERS | PLATFORM,           ALWAYS),

    Rule(PERSON,    LEADS,                          mine("agency")),
    Rule(PERSON,    OVERSEERS | PLATFORM,           ALWAYS),

    Rule(NOTICE,    LEADS,                          (me("recipient") & since_i_came("at")) | mine("recipient")),
    Rule(NOTICE,    AGENT | CREATOR | PLATFORM | POLICY, me("recipient") & since_i_came("at")),
    # What is told to everybody of a region: each reads that of their own (`store/notice.py`).
    Rule(NOTICE,    PARTIES,                        Is("recipient", None)),
    Rule(NOTICE,    AUDITOR,                        ALWAYS),

    Rule(INCIDENT,  OVERSEERS,                      ALWAYS),
    Rule(RECORD,    OVERSEERS,                      ALWAYS),

    Rule(WEBHOOK,   LEADS,                          mine("agency")),
    Rule(WEBHOOK,   PLATFORM,                       Is("agency", None)),
    Rule(WEBHOOK,   OVERSEERS,                      ALWAYS),

    Rule(API_KEY,   LEADS,                          me("person") | mine("agency")),
    Rule(API_KEY,   AGENT | PLATFORM,               me("person")),
    Rule(API_KEY,   OVERSEERS,                      ALWAYS),
)
# fmt: on


def rules(actor: Actor, resource: Resource) -> Iterable[Rule]:
    """The rules that are about the actor's role, in the table's order; the first that holds gives the side."""
    return (rule for rule in RULES if rule.resource is resource and actor.role in rule.roles)


def sees(actor: Actor, resource: Resource, facts: Facts) -> bool:
    """Whether the actor sees a row of which these facts are true."""
    return any(rule.where.holds(actor, facts) for rule in rules(actor, resource))


def stands(actor: Actor, facts: Facts) -> Side | None:
    """The side from which the actor sees a case of which these facts are true; None for staff, and who sees it not."""
    return next((rule.side for rule in rules(actor, Resource.CASE) if rule.where.holds(actor, facts)), None)


@dataclass(frozen=True)
class Reason:
    """A rule for the actor's role: whether it holds of a row, and which of its conditions do."""

    rule: Rule
    holds: bool
    parts: tuple[tuple[Condition, bool], ...]


def why(actor: Actor, resource: Resource, facts: Facts) -> list[Reason]:
    """Why the actor sees a row of which these facts (`FACTS`) are true, or doesn't: each rule about their role.

    One that holds is enough; where there is none, nobody of that role sees such rows.
    """
    return [
        Reason(
            rule, rule.where.holds(actor, facts), tuple((one, one.holds(actor, facts)) for one in rule.where.leaves())
        )
        for rule in rules(actor, resource)
    ]
