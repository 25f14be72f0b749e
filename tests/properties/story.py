"""One agency's life, told to a court and to the reference model at once, and what both make of it compared."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from chance import AGENCY_CLAUSES, CONTENT_CLAUSES, SEVERITIES, ZONES, around
from court import SENIORS, Court, profile
from reference import CAPS, FOLLOWERS, VIEWERS, Violation, World

from states.terms import Kind

REGIONS = {"VN": ZONES[0], "DE": ZONES[1]}
CREATORS = {f"creator{n}": kind for n, kind in enumerate([*CAPS, *CAPS, "standard"], 1)}
PAIR, CROWD = list(CREATORS)[:2], list(CREATORS)
YEARS, LATER = (2026, 2027), (0, 6, 20, 29, 60, 100)
SAM, SUE, SOL = SENIORS


class Story:
    """It begins in October; summer time ends in it, and often the year."""

    def __init__(self, court: Court, region: str, *, freeze: bool, attributed: frozenset[str] = frozenset()) -> None:
        self.court, self.region = court, region
        self.world = World(REGIONS[region], freeze=freeze, attributed=attributed)
        self.now = datetime(2026, 10, 5, 9, tzinfo=UTC)
        self.cases: dict[str, Violation] = {}
        self.answered: set[str] = set()
        self.profiles: dict[str, list[tuple[datetime, int, int, int]]] = {}
        self.agency = ""
        self.seen = PAIR  # the creators that the story is about
        self.share = 0.5  # of the verdicts, those about creators
        self.slow = 1440 * 7  # minutes that may lie between two events
        self.milder = True  # whether verdicts are also modified

    def begin(self) -> None:
        kinds = {name: profile(kind, 1, 0, 0) for name, kind in CREATORS.items()}
        self.agency = self.court.agency(self.region, kinds)

    async def happen(self, die: Random) -> None:
        self.now += timedelta(minutes=die.choice([0, 7, die.randint(0, self.slow)]))
        what = die.random()
        if what < 0.65:
            about_creators = die.random() < self.share
            clause = die.choice(CONTENT_CLAUSES if about_creators else AGENCY_CLAUSES)
            await self.decide(clause, die.choice(self.seen) if about_creators else None, self.past(die), die)
        elif what < 0.85:
            open_ = [case for case in self.cases if case not in self.answered]
            if open_:
                await self.answer(die.choice(open_), die)
        elif what < 0.92:
            self.grow(die.choice(self.seen), die)
        else:
            self.stream(die.choice(self.seen), die.randint(1, 9), die.choice([1.98, 2.0, 5.5]))

    def past(self, die: Random) -> datetime:
        return self.now - timedelta(minutes=die.choice([0, 0, 60, 1440 * die.randint(0, 9), die.randint(0, 60_000)]))

    async def decide(
        self, clause: str, creator: str | None, occurred: datetime, die: Random | None = None, **said: Any
    ) -> str:
        """Report, claim, decide and where it must be approve."""
        severity = said.get("severity") or (die.choice(SEVERITIES) if die else "mild")
        extra = said.get("extra") or (die.choice([0, 0, 0, 0, 6, 25]) if die and creator is None else 0)
        against = f"{self.agency}.{creator}" if creator else self.agency
        send, now = self.court.done, self.now
        case = await send(
            now, "platform", Kind.REPORT, "submit", clause=clause, against=against, occurred=occurred, details="x"
        )
        await send(now, SAM, case, "claim")
        await send(now, SAM, case, "decide", finding="violation", severity=severity, extra=extra, reasons="x")
        if creator is None and (severity == "severe" or extra):
            await send(now, SUE, case, "approve", reasons="x")
        level, followers, viewers = self.profile(creator, occurred)
        self.cases[case] = self.world.decide(
            Violation(clause, self.agency, occurred, now, severity, extra, creator, level, followers, viewers)
        )
        return case

    async def answer(self, case: str, die: Random | None = None, **said: Any) -> None:
        """Appeal, claim and decide; what came too late is refused to both."""
        found = self.cases[case]
        if not said and die:
            said = {"outcome": "modified"}
            if found.severity != "mild" and die.random() < 0.6:
                said["severity"] = die.choice(SEVERITIES[: SEVERITIES.index(found.severity)])
            if found.extra and die.random() < 0.6:
                said["extra"] = die.randint(0, found.extra - 1)
            if len(said) == 1 or not self.milder:
                said = {"outcome": "overturned"}
        told = await self.court.send(self.now, f"{self.agency}.owner", Kind.APPEAL, "submit", of=case, grounds="x")
        if told.answer is None:
            assert told.refusal is not None
            assert told.refusal.code == "appeal_expired"
            assert self.now > found.decided + timedelta(days=29)
            return
        appeal = told.answer["case"]
        await self.court.done(self.now, SOL, appeal, "claim")
        await self.court.done(self.now, SOL, appeal, "decide", reasons="x", **said)
        self.answered.add(case)
        found.stands = said["outcome"] != "overturned"
        found.severity, found.extra = said.get("severity", found.severity), said.get("extra", found.extra)

    def grow(self, creator: str, die: Random) -> None:
        """From now on the creator has another level and audience."""
        facts = die.randint(1, 3), around(die, FOLLOWERS), around(die, VIEWERS)
        self.profiles.setdefault(creator, []).append((self.now, *facts))
        self.court.profile(f"{self.agency}.{creator}", self.region, profile(CREATORS[creator], *facts), self.now)

    def profile(self, creator: str | None, at: datetime) -> tuple[int, int, int]:
        true = [facts for since, *facts in self.profiles.get(creator or "", []) if since <= at]
        return (true[-1][0], true[-1][1], true[-1][2]) if true else (1, 0, 0)

    def stream(self, creator: str, days: int, hours: float) -> None:
        self.court.stream(self.now, f"{self.agency}.{creator}", days, hours)
        today = self.now.astimezone(self.world.zone).date()
        for number in range(days):
            self.world.stream(creator, today - timedelta(days=number), hours)

    def found(self) -> dict[str, object]:
        """Every score, price and penalty of the database, the agency's penalties also later."""
        court, agency = self.court, self.agency
        facts: dict[str, object] = {**court.prices(agency)}
        for year in YEARS:
            score = court.score(agency, "agency_compliance", f"{year}")
            facts[f"score in {year}"] = 100 if score is None else score
        for creator, kind in self.creators():
            score = court.score(f"{agency}.{creator}", "creator_health", "life")
            facts[f"score of {creator}"] = CAPS[kind] if score is None else score
            facts[f"penalties of {creator}"] = court.in_force(f"{agency}.{creator}", self.now)
        for days in LATER:
            facts[f"penalties in {days} days"] = court.in_force(agency, self.now + timedelta(days=days))
        return facts

    def wanted(self) -> dict[str, object]:
        """The same, by the reference model."""
        world, agency = self.world, self.agency
        facts: dict[str, object] = {c: (world.price(v) if v.stands else 0, v.stands) for c, v in self.cases.items()}
        for year in YEARS:
            facts[f"score in {year}"] = world.agency_score(agency, year)
        for creator, kind in self.creators():
            facts[f"score of {creator}"] = world.creator_score(creator, kind)
            facts[f"penalties of {creator}"] = world.creator_penalties(creator, kind, self.now)
        for days in LATER:
            facts[f"penalties in {days} days"] = world.agency_penalties(agency, self.now + timedelta(days=days))
        return facts

    def creators(self) -> list[tuple[str, str]]:
        return [(creator, CREATORS[creator]) for creator in self.seen]
