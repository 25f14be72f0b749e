"""Which notices does a move send? Each keeps a template's key and values; it is worded when it is read."""

from datetime import datetime

from activities.move import recipients
from activities.move.work import Work
from states.terms import Side
from store.case import Case


def notify(work: Work, case: Case, side: Side, template: str, at: datetime, **values: object) -> None:
    """Send a notice to a side of the case. The value `score` goes only to those who may read it now."""
    readers = recipients.of_score(work.connection, case, work.at) if "score" in values else []
    for recipient in recipients.of_side(case, side):
        hidden = {"score": None} if "score" in values and recipient not in readers else {}
        tell(work, recipient, case, template, at, **values | hidden)


def tell(work: Work, recipient: str, case: Case, template: str, at: datetime, **values: object) -> None:
    """Send a notice to one recipient, with the commit."""
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    notice = {"recipient": recipient, "case": case.id, "template": template, "values": plain, "at": at}
    work.notices.append(notice)
