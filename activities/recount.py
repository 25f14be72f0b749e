"""What does it do to a creator's score that the platform feeds something? It is counted again, by the rules of now."""

from datetime import datetime

from sqlalchemy import Connection

from activities import outbox
from activities.books import Books
from activities.look import Woken
from activities.rescore import rescore
from activities.score import Change
from rulebook import calendar
from store import standing
from store.party import Subject


def recount(connection: Connection, books: Books, creator: Subject, reason: str, at: datetime) -> Woken:
    """Book what differs, let score penalties follow, and give who must be woken. The creator must be locked."""
    digest, rules = books.in_force(connection, creator.region, at)
    of_period = calendar.period(rules.scheme_of(creator.kind).period, at, rules.zone)
    rescore(connection, books, creator, of_period, rules, digest, Change(at, reason))
    receivers = outbox.tell_penalties(connection, books, [creator.id], at)
    return Woken(subjects=standing.stirred(connection, [creator.id]), receivers=receivers)
