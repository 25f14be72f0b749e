"""How is a version of the rulebook moved? In one transaction, under the lock of its row; the table decides.

People's moves are made at the desk (`desk/door/versions.py`), time's by the version's courier. A line of the chain
`rulebook/<key>` vouches for what each wrote.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from activities.look import Woken
from activities.rollout import dates, telling
from activities.rollout.effects import EFFECTS
from activities.rollout.forecast import forecast
from activities.rollout.foreseen import Foreseen, chain
from activities.rollout.input import Proposal, read
from activities.rollout.moving import Moving
from activities.rollout.reach import BatchError
from activities.rollout.situation import situate
from activities.rulebooks import Rulebooks
from rulebook.model import Rulebook
from states.situation import CLOCK, ENGINE, Actor
from states.terms import Code, RefusedError
from states.version import BY_PEOPLE, VERSION
from states.version_terms import VersionStatus
from store import journal, lag, notice, timeline
from store import rulebook as stored
from store import version as versions
from store.version import Version

BeforeGrave = Callable[[], None]


def bring(connection: Connection, rulebooks: Rulebooks, book: Rulebook, at: datetime) -> Version:
    """Enter what the product brings: in force where there is no rulebook, a draft of nobody's elsewhere."""
    return _enter(connection, rulebooks, book, ENGINE, at, None, ENGINE.id)


def draft(
    connection: Connection, rulebooks: Rulebooks, book: Rulebook, actor: Actor, at: datetime, through: str
) -> Version:
    """Enter a person's draft of a version, which has been checked; where it is their draft, or nobody's, it stays so.

    Raises:
        RefusedError: `invalid`; `illegal_move`: it was entered by another, or is no draft any more; `forbidden`.
    """
    found = versions.read(connection, book.digest)
    if found is not None and found.status is VersionStatus.DRAFT and found.author in {None, actor.id}:
        return found
    return _enter(connection, rulebooks, book, actor, at, actor.id, through)


def foresee(
    connection: Connection, rulebooks: Rulebooks, digest: str, actor: Actor, said: Mapping[str, Any], at: datetime
) -> Foreseen | None:
    """Forecast a version for its proposal, which takes it (`move`); nobody waits for that. None where it can't be made.

    Raises:
        RefusedError: `invalid`, as the proposal.
    """
    proposal, version, follows = read("propose", said), versions.read(connection, digest), versions.newest(connection)
    if version is None or follows is None or not isinstance(proposal, Proposal):
        return None
    moving = Moving(connection, rulebooks, version, at, actor)
    if VERSION.refusal(situate(moving), "propose"):
        return None
    planned, timeline = dates.planned(moving.book, proposal), rulebooks.timeline(connection)
    dates.must_fit(connection, moving.book, rulebooks.version(connection, follows), planned, at)
    return Foreseen(forecast(connection, timeline, digest, follows, planned), planned, chain(timeline))


def move(
    connection: Connection,
    rulebooks: Rulebooks,
    digest: str,
    event: str,
    actor: Actor,
    said: Mapping[str, Any],
    at: datetime,
    *,
    through: str,
    moves: int | None = None,
    before_grave: BeforeGrave | None = None,
    foreseen: Foreseen | None = None,
    woken: list[Woken] | None = None,
) -> Version:
    """Make a person's move, and what follows at once. With `moves` the version must have made so many.

    `foreseen` is the forecast of a proposal that was made before anything was locked.
    `before_grave` is called before a move that the table calls grave, and may refuse it. `woken` gets whose workflows
    must look after the commit, beside the version's own.

    Raises:
        RefusedError: nothing has changed.
    """
    wish = read(event, said)
    version = _locked(connection, digest)
    if moves not in {None, version.version}:
        facts = {"version": version.version}
        raise RefusedError(Code.STALE, "version_moved", facts=facts, moves=version.version, asked=moves)
    with journal.recording(connection, versions.topic(version.key), at, through):
        moving = Moving(connection, rulebooks, version, at, actor, wish, foreseen=foreseen)
        _carry_out(moving, event, before_grave)
        _follow(moving)
    if woken is not None:
        woken += moving.woken
    return version


def by_time(
    connection: Connection, rulebooks: Rulebooks, digest: str, at: datetime
) -> tuple[datetime | None, list[Woken]]:
    """Make the move that is due at that time, if one is, and what follows at once.

    Give when the next is due, if any, and whose workflows must look after the commit.
    """
    version = _locked(connection, digest)
    with journal.recording(connection, versions.topic(version.key), at, CLOCK.id):
        moving = Moving(connection, rulebooks, version, at, CLOCK)
        due = VERSION.next_due(situate(moving))
        if due is not None and due[0] <= at:
            _carry_out(moving, due[1].event)
            _follow(moving)
        due = VERSION.next_due(situate(moving))
        versions.settle(connection, version)
    return due[0] if due else None, moving.woken


def break_down(connection: Connection, rulebooks: Rulebooks, digest: str, at: datetime, failed: BatchError) -> None:
    """Let a wave stand still of which a batch failed, and put it before ops; one that people have halted stays so."""
    version = _locked(connection, digest)
    with journal.recording(connection, versions.topic(version.key), at):
        moving = Moving(connection, rulebooks, version, at, broken=True, at_fault=failed.subject)
        moving.facts = {"subject": failed.subject, "error": type(failed.error).__name__}
        if VERSION.refusal(situate(moving), "break_down") is None:
            _carry_out(moving, "break_down")


def fail(connection: Connection, digest: str, at: datetime, error: Exception) -> None:
    """Put before ops, once, that a move which is due fails at no subject; it is tried again until it can be made."""
    version = _locked(connection, digest)
    facts = {"version": digest, "moves": version.version, "error": type(error).__name__}
    if not notice.raised_before(connection, lag.FAILING, facts):
        with journal.recording(connection, versions.topic(version.key), at):
            notice.raise_incident(connection, lag.FAILING, at, facts=facts)


def _enter(
    connection: Connection,
    rulebooks: Rulebooks,
    book: Rulebook,
    actor: Actor,
    at: datetime,
    author: str | None,
    through: str,
) -> Version:
    versions.hold(connection, book.key)
    newest = versions.newest(connection)
    version = versions.locked(connection, book.digest) or Version(book.digest, book.key, newest, author)
    with journal.recording(connection, versions.topic(book.key), at, through):
        moving = Moving(connection, rulebooks, version, at, actor)
        if version.status is VersionStatus.NEW and not stored.known(connection, book.digest):
            _must_be_one_rulebook(connection, rulebooks, book, newest)
            stored.add(connection, book)
        if actor is ENGINE:
            _follow(moving)
        else:
            _carry_out(moving, "draft")
    return version


def _must_be_one_rulebook(connection: Connection, rulebooks: Rulebooks, book: Rulebook, newest: str | None) -> None:
    if newest is None:
        return
    key = rulebooks.version(connection, newest).key
    if book.key != key:
        raise RefusedError(Code.INVALID, "another_rulebook", "key", rulebook=key)


def _locked(connection: Connection, digest: str) -> Version:
    """The version, with its chain and its row locked."""
    found = versions.read(connection, digest)
    if found is None:
        raise RefusedError(Code.NOT_FOUND, "no_version", "version")
    versions.hold(connection, found.key)
    return versions.locked(connection, digest) or found


def _carry_out(moving: Moving, event: str, before_grave: BeforeGrave | None = None) -> None:
    """Make one move: the table decides, the effects that it names are done, and row and line are written."""
    version, situation = moving.version, situate(moving)
    row = VERSION.move(situation, event)
    if row.grave and before_grave is not None:
        before_grave()
    moving.event = event
    version.version += 1
    moving.words = versions.keep_words(moving.connection, version, moving.said.words)
    for name in row.does:
        EFFECTS[name](moving)
    version.status, version.moved_at = row.target, moving.at
    version.stirred = row.who in BY_PEOPLE
    due = VERSION.next_due(situate(moving))
    version.deadline_at = due[0] if due else None
    line = {"event": event, "actor": moving.actor.id, "source": row.source, "facts": moving.words | moving.facts}
    versions.save(moving.connection, version, line)
    timeline.plan(moving.connection, version.digest, moving.dates)
    telling.send(moving)
    for digest, its in moving.others:
        _carry_out(moving.then(_locked(moving.connection, digest)), its)


def _follow(moving: Moving) -> None:
    """Make what follows at once, until nothing does."""
    while (row := VERSION.follow_on(situate(moving.then()))) is not None:
        _carry_out(moving.then(), row.event)
