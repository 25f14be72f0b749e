"""A report and its appeals, moved by the tables alone; what the commit would note is noted here, as the texts say it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from states.situation import CLOCK, ENGINE, Actor, Situation, Standpoint, Window, Wish
from states.table import Row
from states.tables import TABLES
from states.terms import Finding, Kind, Outcome, RefusedError, Role, Side, Status

VN, DE = frozenset({"VN"}), frozenset({"DE"})
# fmt: off
PEOPLE = {p.id: p for p in (
    Actor("ann", Role.OWNER,     "lotus"),    # lotus reports
    Actor("lee", Role.TEAM_LEAD, "lotus"),
    Actor("bob", Role.AGENT,     "lotus"),
    Actor("jan", Role.OWNER,     "jade"),     # against jade
    Actor("joe", Role.AGENT,     "jade"),
    Actor("eve", Role.OWNER,     "iris"),     # who sees nothing of it
    Actor("kim", Role.CREATOR),
    Actor("mia", Role.MODERATOR,        regions=VN),
    Actor("max", Role.MODERATOR,        regions=VN | DE),
    Actor("mad", Role.MODERATOR,        regions=DE),
    Actor("sam", Role.SENIOR_MODERATOR, regions=VN),
    Actor("sue", Role.SENIOR_MODERATOR, regions=VN),
    Actor("sol", Role.SENIOR_MODERATOR, regions=VN | DE),
    Actor("sid", Role.SENIOR_MODERATOR, regions=DE),
    Actor("ola", Role.OPS,              regions=VN),
    Actor("aud", Role.AUDITOR,          regions=VN),
    Actor("ed",  Role.POLICY_EDITOR,    regions=VN),
    Actor("pat", Role.PLATFORM),
    CLOCK, ENGINE,
)}
SIDES = {"lotus": Side.REPORTER, "jade": Side.RESPONDENT}
# fmt: on
BLIND = frozenset({"eve", "kim"})
LEADS = frozenset({Role.OWNER, Role.TEAM_LEAD})
REVIEWING = frozenset({Status.QUEUED, Status.CLAIMED, Status.AWAITING_ANSWER, Status.ESCALATED})
WAITS = {
    "lease_until": timedelta(minutes=30),
    "review_due_at": timedelta(hours=72),
    "answer_due_at": timedelta(days=7),
    "approval_due_at": timedelta(hours=72),
    "escalated_due_at": timedelta(hours=72),
    "window_ends_at": timedelta(days=30),
}


@dataclass
class File:
    """A case as the table sees it, and who filed it and decided it."""

    situation: Situation
    filer: str
    deciders: set[str] = field(default_factory=set)
    votes: int = 0  # those that the verdict in force has
    closed: bool = False


@dataclass(frozen=True)
class Made:
    """A move that was made: by whom, in which situation, on what wish, and who had decided the report until then."""

    row: Row
    before: Situation
    actor: Actor
    file: File
    deciders: frozenset[str]


class Docket:
    """One report against jade, `by_reporter` in a region where its reporter may appeal."""

    def __init__(self, *, by_reporter: bool) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.by_reporter = by_reporter
        self.report = File(Situation(Kind.REPORT, Status.NEW, "VN"), "")
        self.appeal: File | None = None
        self.window_ends: datetime | None = None
        self.made: list[Made] = []

    # What somebody tries.

    def attempt(self, die: Random) -> None:
        """Anybody tries anything; half the time something that the table calls allowed."""
        if die.random() < 0.2:
            self.pass_time(die)
        actor = die.choice(list(PEOPLE.values()))
        file = self.pick(actor, die)
        wish = Wish(
            die.choice([Finding.VIOLATION, Finding.VIOLATION, *Finding]),
            die.random() < 0.3,
            die.choice([0, 0, 0, 5]),
            die.choice([Outcome.UPHELD, Outcome.MODIFIED, Outcome.OVERTURNED]),
        )
        table = TABLES[file.situation.kind]
        self.stand(file, actor, wish)
        allowed = table.allowed(file.situation)
        event = die.choice(allowed) if allowed and die.random() < 0.7 else die.choice(table.events)
        if actor in (CLOCK, ENGINE) and die.random() < 0.8:
            return  # they have their own turns
        self.move(file, event, actor, wish, die.choice(list(Side)))

    def pick(self, actor: Actor, die: Random) -> File:
        """The report, the appeal, or an appeal that would be new."""
        if self.report.situation.status is Status.NEW or die.random() < 0.5:
            return self.report
        if self.appeal is not None and die.random() < 0.85:
            return self.appeal
        return File(Situation(Kind.APPEAL, Status.NEW, "VN"), actor.id)

    def stand(self, file: File, actor: Actor, wish: Wish) -> None:
        """Put the actor before the case."""
        situation, filer = file.situation, PEOPLE.get(file.filer)
        new = situation.status is Status.NEW
        situation.actor, situation.wish, situation.now = actor, wish, self.now
        situation.standpoint = Standpoint(
            sees=actor.id not in BLIND,
            side=SIDES.get(actor.agency or ""),
            filer=new or actor.id == file.filer,
            leads_filer=filer is not None and actor.role in LEADS and actor.agency == filer.agency,
            own_agency=file.situation.kind is Kind.REPORT and actor.agency == "jade",
        )
        report = self.report.situation
        situation.window = Window(
            report.status,
            report.finding,
            None,
            self.window_ends,
            live_appeal=self.appeal is not None and not self.appeal.closed,
            by_reporter=self.by_reporter,
        )

    def move(self, file: File, event: str, actor: Actor, wish: Wish, asked: Side = Side.REPORTER) -> None:
        """Try it; a refusal changes nothing."""
        self.stand(file, actor, wish)
        before = replace(file.situation, dues=dict(file.situation.dues))
        try:
            row = TABLES[before.kind].move(file.situation, event)
        except RefusedError:
            assert file.situation == before
            return
        assert replace(file.situation, status=before.status) == before
        self.made.append(Made(row, before, actor, file, frozenset(self.report.deciders)))
        if before.status is Status.NEW:
            file.filer = actor.id
            if before.kind is Kind.APPEAL:
                self.appeal = file
        self.note(file, row, before, actor, wish, asked)
        self.follow(file, row, wish)

    # What the commit would note.

    def note(self, file: File, row: Row, before: Situation, actor: Actor, wish: Wish, asked: Side) -> None:
        s = file.situation
        s.claimed_by = actor.id if s.status is Status.CLAIMED else None
        s.asked = asked if s.event_asks(row) else None if False else None
