"""Which table moves which kind of case?"""

from states.appeal import APPEAL
from states.law import CaseTable
from states.report import REPORT
from states.terms import Kind

TABLES: dict[Kind, CaseTable] = {Kind.REPORT: REPORT, Kind.APPEAL: APPEAL}
# Every move that people make of a case that is there, in the order of the tables.
MOVES = tuple(dict.fromkeys(event for table in TABLES.values() for event in table.by_people))
