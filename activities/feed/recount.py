"""How does a creator's score follow what the platform feeds? It is priced again by the rules in force now."""

from datetime import datetime

from sqlalchemy import Connection

from activities.look import Woken
from activities.move import outbox
from activities.rulebooks import Rulebooks
from activities.score.pricing import Change
from activities.score.rescore import rescore
from rulebook import calendar
from store.party import Subject
from store.penalty import Changes


def recount(connection: Connection, rulebooks: Rulebooks, creator: Subject, reason: str, at: datetime) -> Woken:
    """Book what differs, let score penalties follow, and give who must be woken. The creator must be locked."""
    digest, rules = rulebooks.in_force(connection, creator.region, at)
    of_period = calendar.period(rules.scheme_of(creator.kind).period, at, rules.zone)
    changes = Changes()
    rescore(connection, rulebooks, creator, of_period, rules, digest, Change(at, reason), changes)
    receivers = outbox.tell_penalties(connection, rulebooks, creator.id, changes, at)
    return Woken(subjects=sorted(changes.to_tell), receivers=receivers)
