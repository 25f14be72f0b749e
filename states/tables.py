"""Which table moves which kind of case?"""

from states.appeal import APPEAL
from states.report import REPORT
from states.table import Table
from states.terms import Kind

TABLES: dict[Kind, Table] = {Kind.REPORT: REPORT, Kind.APPEAL: APPEAL}
