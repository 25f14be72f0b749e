"""A report and its appeals, moved by the tables alone; what the commit would note is noted here, as the texts say it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from states.law import CaseRow as Row
from states.situation import CLOCK, ENGINE, NO_WISH, Actor, Situation, Standpoint, Window, Wish
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
# What may nearly always be done, and would leave no room for the rest.
SELDOM = frozenset({"withdraw", "note", "renew", "summarise", "set_aside"})
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
    proposed: Finding | None = None
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
        """Anybody tries anything; mostly the next thing that may be done, by somebody who may do it."""
        if die.random() < 0.15:
            self.pass_time(die)
        people = [person for person in PEOPLE.values() if person not in (CLOCK, ENGINE) or die.random() < 0.1]
        wish = Wish(
            die.choice([Finding.VIOLATION, Finding.VIOLATION, *Finding]),
            die.random() < 0.3,
            die.choice([0, 0, 0, 5]),
            die.choice([Outcome.UPHELD, Outcome.MODIFIED, Outcome.OVERTURNED]),
            severe=die.random() < 0.2,
            again=die.random() < 0.1,
        )
        actor = die.choice(people)
        file = self.pick(actor, die)
        table = TABLES[file.situation.kind]
        event = die.choice(table.events)
        if die.random() < 0.7:
            may = [(person, done) for person in people for done in self.allowed(file, person, wish)]
            events = sorted({done for _, done in may if done not in SELDOM or die.random() < 0.1})
            event = die.choice(events or [event])
            actor = die.choice([person for person, done in may if done == event] or [actor])
        self.move(file, event, actor, wish, die.choice(list(Side)))

    def allowed(self, file: File, actor: Actor, wish: Wish) -> list[str]:
        self.stand(file, actor, wish)
        return TABLES[file.situation.kind].allowed(file.situation)

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
        made = Made(row, before, actor, file, frozenset(self.report.deciders))
        self.made.append(made)
        if before.status is Status.NEW:
            file.filer = actor.id
            if before.kind is Kind.APPEAL:
                self.appeal = file
        self.note(file, made, asked)
        self.follow(file, made)

    def pass_time(self, die: Random) -> None:
        """Let the next deadline of one of the cases pass, or some minutes."""
        files = [file for file in (self.report, self.appeal) if file is not None and not file.closed]
        file = die.choice(files or [self.report])
        if file.situation.status is Status.CLAIMED and die.random() < 0.2:
            self.move(file, "claimer_left", ENGINE, NO_WISH)
            return
        due = TABLES[file.situation.kind].next_due(file.situation)
        self.now = max(self.now, due[0]) if due else self.now + timedelta(minutes=die.randint(0, 90))
        if due:
            self.move(file, due[1].event, CLOCK, NO_WISH)

    # What the commit would note, and what moves with it.

    def note(self, file: File, made: Made, asked: Side) -> None:
        s, event, actor = file.situation, made.row.event, made.actor
        if made.row.stays:
            return
        s.claimed_by = actor.id if s.status is Status.CLAIMED else None
        s.proposer = actor.id if s.status is Status.AWAITING_APPROVAL else None
        s.asked = asked if s.status is Status.AWAITING_ANSWER else None
        s.escalated = s.escalated or s.status is Status.ESCALATED
        s.dues = {name: self.now + wait for name, wait in WAITS.items()}
        file.closed = s.status is Status.CLOSED
        if event in {"decide", "approve", "reject", "set_aside"}:
            file.deciders.add(actor.id)
        if event == "decide" and s.kind is Kind.APPEAL:
            self.report.deciders.add(actor.id)
        s.deciders = frozenset(file.deciders)
        if event == "decide":
            file.proposed = s.wish.finding
        if event in {"decide", "approve"} and s.status is Status.DECIDED and s.kind is Kind.REPORT:
            s.finding = file.proposed
        if event == "submit" and s.kind is Kind.APPEAL:
            s.barred = frozenset(self.report.deciders)
        if event == "open_window":
            self.window_ends = self.now + WAITS["window_ends_at"]
        if event in {"appeal_overturned", "set_aside"} and s.status is Status.QUEUED:
            s.barred, s.finding, s.escalated, self.window_ends = frozenset(file.deciders), None, False, None

    def follow(self, file: File, made: Made) -> None:
        """Report and appeal move each other; then the engine makes what follows at once."""
        report, appeal = self.report, self.appeal
        held = appeal if appeal is not None and appeal.situation.status is Status.HELD else None
        if file is report and held is not None and report.closed:
            self.move(held, "become_moot", ENGINE, NO_WISH)
        elif file is report and held is not None and made.row.event == "open_window":
            # A held appeal outlives only a violation.
            moot = report.situation.finding is not Finding.VIOLATION
            held.situation.barred = frozenset(report.deciders)
            self.move(held, "become_moot" if moot else "queue", ENGINE, NO_WISH)
        elif file is appeal and made.row.target in {Status.SUBMITTED, Status.QUEUED}:
            if report.situation.status is Status.OPEN:
                self.move(report, "appeal", ENGINE, NO_WISH)
        elif file is appeal and file.closed and report.situation.status is Status.UNDER_APPEAL:
            self.move(report, f"appeal_{made.row.outcome}", ENGINE, NO_WISH)
        following = TABLES[file.situation.kind].follow_on(file.situation)
        if following is not None:
            self.move(file, following.event, ENGINE, file.situation.wish)
