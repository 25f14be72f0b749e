"""Which table moves which kind of case, and which one a version of the rulebook?"""

from typing import Any

from states.appeal import APPEAL
from states.law import CaseTable
from states.report import REPORT
from states.table import Table
from states.terms import Kind
from states.version import VERSION

TABLES: dict[Kind, CaseTable] = {Kind.REPORT: REPORT, Kind.APPEAL: APPEAL}
# Every move that people make of a case that is there, in the order of the tables.
MOVES = tuple(dict.fromkeys(event for table in TABLES.values() for event in table.by_people))
# The tables of all that moves, by name.
EVERY: dict[str, Table[Any, Any, Any]] = {str(kind): table for kind, table in TABLES.items()} | {VERSION.kind: VERSION}
