"""Who is told what? Notices keep a template's key and values; they are worded when they are read."""

from datetime import datetime

from activities.move import recipients
from activities.move.work import Work
from states.terms import Side
from store.case import Case


def notify(work: Work, case: Case, side: Side, template: str, at: datetime, **values: object) -> None:
    """Tell a side of the case. A score is told only to those who may read it now."""
    readers = recipients.of_score(work.connection, case, work.at) if "score" in values else []
    for recipient in recipients.of_side(case, side):
        hidden = {"score": None} if "score" in values and recipient not in readers else {}
        tell(work, recipient, case, template, at, **values | hidden)


def tell(work: Work, recipient: str, case: Case, template: str, at: datetime, **values: object) -> None:
    """Tell one of those whom the case concerns."""
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    notice = {"recipient": recipient, "case": case.id, "template": template, "values": plain, "at": at}
    work.notices.append(notice)
