"""How does a creator's score follow what the platform feeds? It is priced again by the rules that govern it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from activities.look import Woken
from activities.move import outbox
from activities.rulebooks import Rulebooks
from activities.score.lines import RECLASSED
from activities.score.pricing import Change, counted
from activities.score.rescore import rescore
from rulebook import calendar
from rulebook.terms import CreatorClass
from store.party import Subject
from store.penalty import Changes


def recovered(connection: Connection, rulebooks: Rulebooks, creator: Subject, at: datetime) -> Woken:
    """Book what streamed days give and take, as `_recount` does."""
    return _recount(connection, rulebooks, creator, Change(at, "recovered"))


def reclassed(
    connection: Connection, rulebooks: Rulebooks, creator: Subject, former: CreatorClass, at: datetime
) -> Woken:
    """Book that the creator's class is another one than the `former`, as `_recount` does."""
    return _recount(connection, rulebooks, creator, Change(at, RECLASSED), former)


def _recount(
    connection: Connection, rulebooks: Rulebooks, creator: Subject, change: Change, former: CreatorClass | None = None
) -> Woken:
    """Book what differs, let score penalties follow, and give who must be woken. The creator must be locked."""
    at = change.at
    timeline = rulebooks.timeline(connection)
    _, rules = timeline.governing(creator, at)
    scheme = rules.scheme_of(creator.kind)
    if scheme is None:
        return Woken()  # the region counts no score of creators
    of_period = calendar.period(scheme.period, at, rules.zone)
    if former is not None:
        change = replace(change, former=counted(scheme, scheme.bounds_of(former)))
    changes = Changes()
    rescore(connection, timeline, creator, of_period, change, changes)
    receivers = outbox.tell_penalties(connection, rulebooks, creator.id, changes, at)
    return Woken(subjects=sorted(changes.to_tell), receivers=receivers)
