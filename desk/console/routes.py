"""Which page is where, and who may ask for it? One line a page; what they see on it is decided where all else is.

A page without a line is none. Which rows somebody sees is decided in `states/sight.py`, which moves they may make in
the tables of `states/`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desk.console.bringing import bringing
from desk.console.desks import (
    acting,
    arriving,
    case,
    content,
    creators,
    drafting,
    evidence,
    explaining,
    figures,
    filing,
    home,
    keys,
    ledger,
    life,
    login,
    logout,
    news,
    notices,
    ops,
    people,
    preview,
    prove,
    queue,
    receipt,
    records,
    reports,
    resume,
    rules,
    search,
    settings,
    subject,
    verdicts,
    version,
    versions,
)
from desk.console.parts import Bring
from desk.console.uploading import uploading
from desk.console.visit import Visit
from rulebook.files import MOST_BYTES
from states.terms import AGENCY_ROLES, LEADS, OVERSEERS, PARTIES, REVIEWERS, STAFF, TOLD, Role

PEOPLE = PARTIES | STAFF
READERS = PARTIES | REVIEWERS | OVERSEERS
EDITORS = frozenset({Role.POLICY_EDITOR})
MOVERS = EDITORS | {Role.POLICY_APPROVER, Role.OPS}
# Bytes of a form without free texts; and with two of them, each letter written in the longest way.
SMALL, TEXTS = 64 * 1024, 512 * 1024
# And of one with the files of a rulebook.
RULEBOOK = MOST_BYTES + SMALL


@dataclass(frozen=True)
class Rule:
    """Who may ask for a page; `roles` None is everybody, also who is not logged in.

    `body` is how many bytes a form's fields may have; `files`, where it may have some, brings them. `unproven`: also
    before the second factor is shown. A page that is asked for by itself (`pulse`) keeps no session alive and is
    counted apart.
    """

    method: str
    path: str
    answer: Callable[..., Any]
    roles: frozenset[Role] | None = PEOPLE
    body: int = SMALL
    unproven: bool = False
    files: Callable[[Visit], Bring] | None = None
    pulse: bool = False


# fmt: off
RULES = (
    Rule("GET",  "/",       home.lead),
    Rule("GET",  "/login",  login.show,   None),
    Rule("POST", "/login",  login.log_in, None,   body=TEXTS),
    Rule("GET",  "/login/provider", arriving.send, None),
    Rule("GET",  "/login/back",     arriving.take, None),
    Rule("GET",  "/resume", resume.back),
    Rule("POST", "/resume", resume.go_on, None,   body=TEXTS),
    Rule("POST", "/logout", logout.log_out, unproven=True),
    Rule("GET",  "/logout/provider", arriving.leave, None),
    Rule("GET",  "/prove",  prove.show,   unproven=True),
    Rule("POST", "/prove",  prove.prove,  body=TEXTS, unproven=True),

    Rule("GET",  "/reports",     reports.show,      PARTIES),
    Rule("GET",  "/reports/pulse", news.of_reports, PARTIES, pulse=True),
    Rule("GET",  "/reports/new", filing.new_report, AGENCY_ROLES),
    Rule("POST", "/reports/new", filing.report,     AGENCY_ROLES, body=TEXTS, files=bringing),
    Rule("GET",  "/appeals/new", filing.new_appeal, PARTIES),
    Rule("POST", "/appeals/new", filing.appeal,     PARTIES, body=TEXTS, files=bringing),
    Rule("GET",  "/notices",     notices.show,      TOLD),
    Rule("GET",  "/notices/pulse", notices.pulse,   TOLD, pulse=True),

    Rule("GET",  "/ops",               ops.show,      OVERSEERS),
    Rule("POST", "/ops",               ops.act,       OVERSEERS),
    Rule("GET",  "/ops/pulse",         ops.pulse,     OVERSEERS, pulse=True),
    Rule("GET",  "/ops/cases/{case}",  life.show,     OVERSEERS),
    Rule("POST", "/ops/cases/{case}",  life.act,      OVERSEERS, body=TEXTS),
    Rule("GET",  "/people",            people.listed, LEADS | OVERSEERS),
    Rule("GET",  "/people/{person}",   people.acts,   LEADS | OVERSEERS),
    Rule("GET",  "/figures",           figures.lead,  OVERSEERS),
    Rule("GET",  "/figures/{month}",   figures.show,  OVERSEERS),
    Rule("GET",  "/figures/{month}/csv", figures.sheet, OVERSEERS),
    Rule("GET",  "/records",           records.listed, OVERSEERS),
    Rule("GET",  "/search",            search.find,   STAFF),
    Rule("GET",  "/rules",             rules.show),
    Rule("GET",  "/rules/versions",    versions.history, STAFF),
    Rule("GET",  "/rules/versions/new", drafting.new,    EDITORS),
    Rule("POST", "/rules/versions/new", drafting.act,    EDITORS, body=RULEBOOK, files=uploading),
    Rule("GET",  "/rules/versions/{version}", version.show, STAFF),
    Rule("POST", "/rules/versions/{version}", version.act,  MOVERS, body=TEXTS),
    Rule("GET",  "/rules/versions/{version}/pulse", news.of_version, STAFF, pulse=True),
    Rule("GET",  "/rules/diff",        versions.diff,    STAFF),
    Rule("GET",  "/rules/explained",   explaining.show,  STAFF),
    Rule("GET",  "/keys",              keys.show),
    Rule("GET",  "/settings",          settings.show),
    Rule("POST", "/settings",          settings.save),

    Rule("GET",  "/score",  subject.lead, PARTIES),
    Rule("GET",  "/subjects/{subject}", subject.show, READERS),
    Rule("GET",  "/subjects/{subject}/pulse", news.of_subject, READERS, pulse=True),
    Rule("GET",  "/subjects/{subject}/ledger", ledger.show, READERS),
    Rule("GET",  "/subjects/{subject}/verdicts", verdicts.show, READERS),
    Rule("GET",  "/subjects/{subject}/content/{month}", content.show, READERS - {Role.CREATOR}),
    Rule("GET",  "/creators", creators.show, AGENCY_ROLES),

    Rule("GET",  "/queue",   queue.show,         REVIEWERS),
    Rule("POST", "/queue",   queue.claim_next,   REVIEWERS),
    Rule("GET",  "/mine",    queue.mine,         REVIEWERS),
    Rule("GET",  "/appeals", queue.appeals,      REVIEWERS),
    Rule("POST", "/appeals", queue.claim_appeal, REVIEWERS),
    Rule("GET",  "/votes",   queue.votes,        REVIEWERS),
    *(Rule("GET", f"/{name}/pulse", news.of_list, REVIEWERS, pulse=True) for name in queue.LISTS),

    Rule("GET",  "/cases/{case}",                 case.show,       PARTIES | REVIEWERS | OVERSEERS),
    Rule("POST", "/cases/{case}",                 acting.act,      PARTIES | REVIEWERS, body=TEXTS, files=bringing),
    Rule("POST", "/cases/{case}/preview",         preview.preview, REVIEWERS, body=TEXTS),
    Rule("GET",  "/cases/{case}/pulse",           news.of_case,    READERS, pulse=True),
    Rule("GET",  "/cases/{case}/receipt",         receipt.give,    READERS),
    Rule("GET",  "/cases/{case}/evidence/{file}", evidence.give,   PARTIES | REVIEWERS | {Role.AUDITOR}),
)
# fmt: on
