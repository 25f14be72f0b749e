"""Was everybody for whom a version of the rulebook changed something told of it once, and nobody else?

The record of a batch names the rows that the batch wrote: lines of scores, penalties, notices. Whose they are is told
of the batch, unless the version that then governed the score's period has it on trial; and when a version is taken
back, so is whoever was told of it when it came. An older release told nobody of a version: batches from before the
first such notice are passed over.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from activities.rollout.changed import TEMPLATES, felt, readers
from activities.rulebooks import Rulebooks
from activities.timeline import Timeline
from ops.verify.difference import Difference
from rulebook.terms import SubjectKind
from store import audit, party, seal
from store.moved import Moved
from store.party import Subject
from store.ring import Way
from store.schema.journal import notices as sent
from store.schema.parties import managements
from store.schema.rulebooks import version_moves
from store.schema.scores import ledger, penalties
from store.timeline import Dated


@dataclass
class _Batch:
    """A record in which a wave went on, or back: of which version, for whom it changed something, who was told of whom.

    `then` are the versions as far as they had come with it. `lined` are the periods of the subjects whose scores got
    lines, enforced or not; `came` are those of whom it was told that the version came.
    """

    number: int
    at: datetime
    version: str
    then: Sequence[Dated]
    changed: set[str] = field(default_factory=set)
    lined: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    told: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    came: set[str] = field(default_factory=set)

    def about(self) -> list[str]:
        """The subjects that the batch changed something for, or that somebody was told of."""
        return sorted({*self.changed, *self.lined, *self.told})


def notices(connection: Connection, rulebooks: Rulebooks) -> Iterator[Difference]:
    """Hold the notices of every batch against what it changed."""
    wrote = defaultdict[str, list[_Batch]](list)
    batches = list(_batches(connection, wrote))
    if not batches:
        return
    _fill(connection, wrote)
    subjects = {one.id: one for one in party.read(connection, {name for one in batches for name in one.about()})}
    before, timeline = dict[tuple[str, str], list[str]](), rulebooks.timeline(connection)
    for one in batches:
        then = replace(timeline, dated=one.then)
        one.changed |= {name for name, of in one.lined.items() if _enforced(then, subjects[name], of, one.at)}
        for name in one.about():
            found, already = sorted(one.told[name]), before.pop((one.version, name), [])
            expected = _expected(connection, one, subjects[name], already, found)
            if found != expected:
                yield Difference(f"records/{one.number}: {name}", "told of the version", expected, found)
            if name in one.came:
                before[one.version, name] = found
    yield from _still(connection, rulebooks, before, subjects)


def _batches(connection: Connection, wrote: dict[str, list[_Batch]]) -> Iterator[_Batch]:
    """The batches of all waves, in their order, since somebody was first told of a version.

    `wrote` gets those that wrote each row, by its name.
    """
    lives, told = Moved(connection), False
    lines = {seal.name(version_moves, line): line for line in lives.moves}
    with audit.rows(connection, audit.records_of("rulebook")) as records:
        for record in records:
            for name in (name for name in record["rows"] if name in lines):
                lives.make(lines[name])
            moved = {name.split("/")[1] for name in record["rows"] if name.startswith("rollouts/")}
            told = told or any(name.startswith("notices/") for name in record["rows"])
            if moved and told:
                one = _Batch(record["number"], record["at"], moved.pop(), lives.dated)
                for name in record["rows"]:
                    wrote[name].append(one)
                yield one


def _fill(connection: Connection, wrote: dict[str, list[_Batch]]) -> None:
    """Note for each batch whom it changed something for, and who was told."""
    for table, mine in (
        (ledger, ledger.c.case.is_(None)),
        (penalties, sa.true()),
        (sent, sent.c.about.is_not(None)),
    ):
        with audit.rows(connection, audit.whole(table).where(mine)) as rows:
            for row in rows:
                for one in wrote.get(seal.name(table, row), ()):
                    if table is sent:
                        one.told[row["about"]].append(row["recipient"])
                        one.came |= {row["about"]} if row["template"] == TEMPLATES[Way.REACHED] else set()
                    elif table is ledger:
                        one.lined[row["subject"]].add(row["period"])
                    elif row["armed_at"] != one.at and felt(row, one.at):
                        one.changed.add(row["subject"])


def _enforced(then: Timeline, subject: Subject, periods: Iterable[str], at: datetime) -> bool:
    """Whether the subject's score is enforced in any of the periods: one on trial is told to nobody."""
    found = (then.of_period(subject, period, at)[1].scheme_of(subject.kind) for period in periods)
    return any(scheme is not None and scheme.enforced for scheme in found)


def _expected(connection: Connection, one: _Batch, subject: Subject, before: list[str], found: list[str]) -> list[str]:
    """Who is told of the subject, each once. Who managed a creator then may have been fed later, with a date before."""
    now = readers(connection, subject, one.at) if subject.id in one.changed else []
    expected = sorted({*now, *before})
    if expected != found and now and subject.kind is SubjectKind.CREATOR:
        expected = sorted({subject.id, *_managing(connection, subject, one), *before})
    return expected


def _managing(connection: Connection, subject: Subject, one: _Batch) -> list[str]:
    """The agency and agent who managed the creator, of what had been fed when the batch was made."""
    lines = audit.whole(managements).where(managements.c.creator == subject.id, managements.c.since <= one.at)
    for line in reversed(audit.everything(connection, lines)):
        fed = connection.execute(audit.first_record(seal.name(managements, line))).scalar()
        if fed is None or fed < one.number:
            return [name for name in (line["agency"], line["agent"]) if name is not None]
    return []


def _still(
    connection: Connection,
    rulebooks: Rulebooks,
    before: dict[tuple[str, str], list[str]],
    subjects: dict[str, Subject],
) -> Iterator[Difference]:
    """Whoever was told of a version that has released the subject since must have been told so."""
    dated = {(one.digest, one.region): one for one in rulebooks.timeline(connection).dated}
    for (version, name), told in before.items():
        if dated[version, subjects[name].region].has_released(subjects[name]):
            yield Difference(f"notices of {version} about {name}", "told that it was taken back", told, [])
