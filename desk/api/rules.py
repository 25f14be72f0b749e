"""Who may ask for which route? One line a route; a route without a line is refused to everybody, and fails a test.

Which rows somebody sees is decided in `states/sight.py`, and which moves they may make in the tables of `states/`.
"""

from dataclasses import dataclass

from desk.evidence.keep import COMES_WITHIN, MOST
from desk.identity.caller import Scope
from desk.identity.sessions import DECODE
from states.terms import AGENCY_ROLES, LEADS, OVERSEERS, PARTIES, REVIEWERS, STAFF, TOLD, Role

FEEDER = frozenset({Role.PLATFORM})
READERS = PARTIES | STAFF | FEEDER
AGENCY_READERS = AGENCY_ROLES | FEEDER | REVIEWERS | OVERSEERS
CASE_READERS = PARTIES | FEEDER | REVIEWERS | OVERSEERS
EVIDENCE_READERS = CASE_READERS - {Role.OPS}
BRINGERS = PARTIES | FEEDER | REVIEWERS
NOTICE_READERS = TOLD | FEEDER | {Role.AUDITOR}
EDITORS = frozenset({Role.POLICY_EDITOR})
MOVERS = EDITORS | {Role.POLICY_APPROVER, Role.OPS}

# Bytes of a body without free texts; with two of them, each letter written in the longest way; of a thousand lines.
SMALL, TEXTS, LINES = 64 * 1024, 512 * 1024, 2 * 1024 * 1024
# Seconds in which a file may be read.
DOWNLOAD = 300


@dataclass(frozen=True)
class Rule:
    """`roles` may ask, with a key that has `scope`; `grave` asks a browser's session for its second factor anew.

    `body` is how many bytes a body may have; `within` how many seconds the answer may take, where that is longer than
    usual (`desk/serving/deadline.py`).
    """

    roles: frozenset[Role]
    scope: Scope
    grave: bool = False
    body: int = SMALL
    within: float | None = None


# A proposal reads every act of everybody where it counts scores otherwise: ten thousand subjects take 13 s.
FORECAST = 60.0
_READ, _WRITE, _FEED, _HOOKS = Scope.READ, Scope.WRITE, Scope.FEED, Scope.WEBHOOKS
V1 = "/api/v1"

# fmt: off
RULES: dict[tuple[str, str], Rule] = {
    ("POST",   f"{V1}/reports"):                          Rule(AGENCY_ROLES | FEEDER | REVIEWERS, _WRITE, body=TEXTS),
    ("POST",   f"{V1}/appeals"):                          Rule(PARTIES, _WRITE, body=TEXTS),
    ("POST",   f"{V1}/evidence"):                         Rule(BRINGERS, _WRITE, body=MOST, within=COMES_WITHIN),
    ("GET",    f"{V1}/cases"):                            Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/cases/{{case}}"):                   Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/cases/{{case}}/overview"):          Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/cases/{{case}}/timeline"):          Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/cases/{{case}}/receipt"):           Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/cases/{{case}}/history"):           Rule(OVERSEERS, _READ),
    ("GET",    f"{V1}/cases/{{case}}/past"):              Rule(OVERSEERS, _READ),
    ("GET",    f"{V1}/figures/{{month}}"):                Rule(OVERSEERS, _READ),
    ("GET",    f"{V1}/cases/{{case}}/evidence"):          Rule(EVIDENCE_READERS, _READ),
    ("GET",    f"{V1}/cases/{{case}}/evidence/{{file}}"): Rule(EVIDENCE_READERS, _READ, within=DOWNLOAD),
    ("GET",    f"{V1}/cases/{{case}}/appeal"):            Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/cases/{{case}}/moves"):             Rule(CASE_READERS, _READ),
    ("POST",   f"{V1}/cases/{{case}}/moves"):             Rule(CASE_READERS, _WRITE, body=TEXTS),
    ("POST",   f"{V1}/cases/{{case}}/preview"):           Rule(REVIEWERS, _WRITE, body=TEXTS),
    ("GET",    f"{V1}/queue"):                            Rule(REVIEWERS | OVERSEERS, _READ),
    ("POST",   f"{V1}/queue/next"):                       Rule(REVIEWERS, _WRITE),

    ("GET",    f"{V1}/subjects/{{subject}}"):             Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/subjects/{{subject}}/overview"):    Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/subjects/{{subject}}/ledger"):      Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/subjects/{{subject}}/penalties"):   Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/subjects/{{subject}}/quota"):       Rule(AGENCY_READERS, _READ),
    ("GET",    f"{V1}/subjects/{{subject}}/content-verdicts/{{month}}"): Rule(AGENCY_READERS, _READ),
    ("GET",    f"{V1}/subjects/{{subject}}/verdicts"):    Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/notices"):                          Rule(NOTICE_READERS, _READ),
    ("GET",    f"{V1}/incidents"):                        Rule(OVERSEERS, _READ),
    ("GET",    f"{V1}/stuck"):                            Rule(OVERSEERS, _READ),
    ("POST",   f"{V1}/repairs"):                          Rule(frozenset({Role.OPS}), _WRITE),
    ("GET",    f"{V1}/records"):                          Rule(OVERSEERS, _READ),
    ("POST",   DECODE):                                   Rule(frozenset({Role.OPS}), _READ, body=LINES),

    ("GET",    f"{V1}/rulebook"):                         Rule(READERS, _READ),
    ("GET",    f"{V1}/rulebook/clauses"):                 Rule(READERS, _READ),
    ("GET",    f"{V1}/rulebook/penalties"):               Rule(READERS, _READ),
    ("GET",    f"{V1}/rulebook/explained"):               Rule(STAFF, _READ),
    ("GET",    f"{V1}/rulebooks"):                        Rule(STAFF, _READ),
    ("GET",    f"{V1}/rulebooks/{{before}}/diff/{{after}}"): Rule(STAFF, _READ),

    ("GET",    f"{V1}/rulebooks/versions/{{version}}"):   Rule(STAFF, _READ),
    ("GET",    f"{V1}/rulebooks/versions/{{version}}/forecast"): Rule(STAFF, _READ),
    ("GET",    f"{V1}/rulebooks/versions/{{version}}/hits"): Rule(STAFF, _READ),
    ("POST",   f"{V1}/rulebooks/versions"):               Rule(EDITORS, _WRITE, body=LINES),
    ("POST",   f"{V1}/rulebooks/versions/{{version}}/moves"): Rule(MOVERS, _WRITE, body=TEXTS, within=FORECAST),

    ("GET",    f"{V1}/agencies"):                         Rule(AGENCY_READERS, _READ),
    ("GET",    f"{V1}/agencies/{{agency}}"):              Rule(AGENCY_READERS, _READ),
    ("GET",    f"{V1}/agencies/{{agency}}/standings"):    Rule(AGENCY_READERS, _READ),
    ("GET",    f"{V1}/people"):                           Rule(LEADS | FEEDER | OVERSEERS, _READ),
    ("GET",    f"{V1}/people/{{person}}"):                Rule(LEADS | FEEDER | OVERSEERS, _READ),
    ("GET",    f"{V1}/people/{{person}}/acts"):           Rule(LEADS | OVERSEERS, _READ),
    ("GET",    f"{V1}/creators"):                         Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/creators/{{creator}}"):             Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/creators/{{creator}}/streaming-days"): Rule(CASE_READERS, _READ),
    ("GET",    f"{V1}/creators/{{creator}}/facts"):       Rule(FEEDER | OVERSEERS, _READ),
    ("GET",    f"{V1}/creators/{{creator}}/management"):  Rule(FEEDER | OVERSEERS, _READ),

    ("PUT",    f"{V1}/agencies/{{agency}}"):              Rule(FEEDER, _FEED),
    ("PUT",    f"{V1}/people/{{person}}"):                Rule(FEEDER, _FEED),
    ("DELETE", f"{V1}/people/{{person}}"):                Rule(FEEDER, _FEED),
    ("PUT",    f"{V1}/creators/{{creator}}"):             Rule(FEEDER, _FEED),
    ("PUT",    f"{V1}/creators/{{creator}}/management"):  Rule(FEEDER, _FEED),
    ("POST",   f"{V1}/creators/{{creator}}/streaming-days"): Rule(FEEDER, _FEED),
    ("POST",   f"{V1}/violations"):                       Rule(FEEDER, _FEED, body=TEXTS),
    ("POST",   f"{V1}/violations/batch"):                 Rule(FEEDER, _FEED, body=LINES),

    ("GET",    f"{V1}/webhooks"):                         Rule(LEADS | FEEDER | OVERSEERS, _HOOKS),
    ("POST",   f"{V1}/webhooks"):                         Rule(LEADS | FEEDER, _HOOKS, grave=True),
    ("DELETE", f"{V1}/webhooks/{{webhook}}"):             Rule(LEADS | FEEDER, _HOOKS),
    ("GET",    f"{V1}/webhooks/{{webhook}}/deliveries"):  Rule(LEADS | FEEDER | OVERSEERS, _HOOKS),
    ("POST",   f"{V1}/webhooks/{{webhook}}/deliveries/{{delivery}}/replay"): Rule(LEADS | FEEDER | {Role.OPS}, _HOOKS),

    ("GET",    f"{V1}/session"):                          Rule(READERS, _READ),
    ("DELETE", f"{V1}/session"):                          Rule(READERS, _READ),
    ("POST",   f"{V1}/session/second-factor"):            Rule(READERS, _READ),
    ("GET",    f"{V1}/session/preferences"):              Rule(READERS, _READ),
    ("PUT",    f"{V1}/session/preferences"):              Rule(READERS, _WRITE),
    ("GET",    f"{V1}/api-keys"):                         Rule(AGENCY_ROLES | FEEDER | OVERSEERS, _READ),
    ("POST",   f"{V1}/api-keys"):                         Rule(LEADS | FEEDER, _WRITE, grave=True),
    ("DELETE", f"{V1}/api-keys/{{key}}"):                 Rule(LEADS | FEEDER, _WRITE),
}
# fmt: on

# Routes without authentication.
OPEN = frozenset({("POST", f"{V1}/session"), ("GET", "/health/live"), ("GET", "/health/ready")})
