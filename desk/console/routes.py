"""Which page is where, and who may ask for it? One line a page; what they see on it is decided where all else is.

A page without a line is none. Which rows somebody sees is decided in `states/sight.py`, which moves they may make in
the tables of `states/`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desk.console.desks import home, login, logout, prove
from states.terms import PARTIES, STAFF, Role

PEOPLE = PARTIES | STAFF
# Bytes of a form without free texts; and with two of them, each letter written in the longest way.
SMALL, TEXTS = 64 * 1024, 512 * 1024


@dataclass(frozen=True)
class Rule:
    """Who may ask for a page; `roles` None is everybody, also who is not logged in.

    `body` is how many bytes a form may have. `unproven`: also before the second factor is shown. A page that is asked
    for by itself (`pulse`) keeps no session alive and is not counted.
    """

    method: str
    path: str
    answer: Callable[..., Any]
    roles: frozenset[Role] | None = PEOPLE
    body: int = SMALL
    unproven: bool = False
    pulse: bool = False


# fmt: off
RULES = (
    Rule("GET",  "/",       home.lead),
    Rule("GET",  "/login",  login.show,   None),
    Rule("POST", "/login",  login.log_in, None,   body=TEXTS),
    Rule("POST", "/logout", logout.log_out, unproven=True),
    Rule("GET",  "/prove",  prove.show,   unproven=True),
    Rule("POST", "/prove",  prove.prove,  body=TEXTS, unproven=True),
)
# fmt: on
