"""A history, played at a court with its versions of the rulebook or without, and told to the arbiter."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from arbiter import RING, SCORES, Arbiter, Found, Subject, Wave
from chance import SEVERITIES
from court import FIRST, SENIORS, Court, profile
from plans import Event, Plan
from reforms import Rules, book
from sqlalchemy import Connection
from versions import APPROVER, approved

from activities.courier.enforce import Enforce, Round
from activities.courier.platform import Recorded
from activities.feed import parties
from activities.feed.stream import record
from activities.install import PLATFORM
from activities.rollout import life
from activities.score.gains import NextGain, next_gains
from ops.verify.carried import carried
from ops.verify.notices import notices
from ops.verify.outside import told
from ops.verify.penalties import penalties
from ops.verify.scores import scores
from ops.verify.versions import lives
from ops.verify.waves import waves
from rulebook.calendar import LIFE
from states.terms import Kind, RefusedError, Role
from store import feed, journal, ledger, party, penalty, restrictions, version
from store.schema.rulebooks import rollouts, versions
from store.schema.standing import standings
from store.schema.verdicts import violations

SAM, SUE, SOL = SENIORS
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PERIODS = {"agency": ("2026", "2027"), "creator": ("life",)}
OVER = frozenset({"taking_back", "taken_back"})


class Era:
    """A plan, played at a court; the arbiter hears what happens, and how far the waves have come."""

    def __init__(self, court: Court, plan: Plan) -> None:
        self.court, self.plan, self.now = court, plan, FIRST
        self.arbiter = Arbiter()
        self.rules = {book(plan.begins, 1).digest: plan.begins}
        self.cases: list[str | None] = []
        self.found: dict[str, Found] = {}
        self.profiles: dict[str, list[tuple[datetime, tuple[str, int, int, int]]]] = {}
        self.chain: list[str] = []
        self.played: list[Event] = []
        self._enforce = Enforce(court.engine, Recorded(), court.rulebooks)

    def begin(self) -> None:
        with self.court.engine.begin() as connection, journal.recording(connection, "feed", FIRST):
            for one in self.plan.subjects.values():
                if one.agency is None:
                    feed.agency(connection, one.id, one.region)
                    feed.person(connection, f"{one.id}.owner", Role.OWNER, agency=one.id)
        for one in self.plan.subjects.values():
            if one.agency is not None:
                facts = ("standard", 1, 0, 0)
                self.court.profile(one.id, one.region, profile(*facts), FIRST)
                self._is(one, FIRST, facts)
                with self.court.engine.begin() as connection, journal.recording(connection, "feed", FIRST):
                    feed.management(connection, one.id, one.agency.id, None, FIRST)
        self._look()

    async def happen(self, event: Event) -> None:
        """Let it happen, and tell the platform and the arbiter what follows."""
        self.now = event.at
        self.played.append(event)
        await getattr(self, event.what)(**event.said)
        self._follow()
        await self.settle()

    def _follow(self) -> None:
        self._look()
        for one in self.plan.subjects.values():
            self.arbiter.follow(one, self.now)

    async def settle(self) -> None:
        """Tell the platform what its couriers would by now."""
        with self.court.engine.connect() as connection:
            due = sa.or_(standings.c.stirred, standings.c.next_at <= self.now)
            names = connection.execute(sa.select(standings.c.subject).where(due)).scalars().all()
        for name in names:
            await self._enforce.survey(Round(subject=name, at=self.now))

    async def report(self, name: str, clause: str, severity: str, extra: int, occurred: datetime) -> None:
        """A report on an act, and a verdict; what the rules of the act don't forbid is refused."""
        send, one, now = self.court.done, self.plan.subjects[name], self.now
        judging = self.arbiter.at_the_act(one.region, occurred)
        said: dict[str, Any] = {"clause": clause, "against": one.id, "occurred": occurred, "details": "x"}
        if clause in judging.rules.gone:
            answer = await self.court.send(now, "platform", Kind.REPORT, "submit", **said)
            assert answer.refusal is not None
            self.cases.append(None)
            return
        case = await send(now, "platform", Kind.REPORT, "submit", **said)
        await send(now, SAM, case, "claim")
        await send(now, SAM, case, "decide", finding="violation", severity=severity, extra=extra, reasons="x")
        self.cases.append(case)
        _, level, followers, _ = self._facts(one, occurred) if one.agency else ("", 1, 0, 0)
        share = judging
        if one.agency and one.agency.region != one.region:
            share = self.arbiter.at_the_act(one.agency.region, occurred)
        attributed = one.agency is not None and clause in share.rules.attributed - share.rules.gone
        new = Found(
            clause, one, occurred, now, severity, extra, level, followers, judging.digest, share.digest, attributed
        )
        self.found[case] = new
        self.arbiter.decide(new)

    async def appeal(self, of: int, die: int) -> None:
        """An appeal against a verdict within its window, overturned or modified; each verdict has one."""
        case, chance = self.cases[of], Random(die)  # noqa: S311 - chance
        if case is None or self.found[case].decided < self.now - 19 * DAY or self.court.status(case) != "open":
            return
        found = self.found[case]
        said = {"outcome": "overturned"}
        if found.severity != "mild" and chance.random() < 0.4:
            said = {"outcome": "modified", "severity": chance.choice(SEVERITIES[: SEVERITIES.index(found.severity)])}
        appeal = await self.court.done(
            self.now, f"{found.agency.id}.owner", Kind.APPEAL, "submit", of=case, grounds="x"
        )
        await self.court.done(self.now, SOL, appeal, "claim")
        await self.court.done(self.now, SOL, appeal, "decide", reasons="x", **said)
        found.stands, found.severity = said["outcome"] != "overturned", said.get("severity", found.severity)
        if found.stands:
            self.arbiter.keep(found)

    async def stream(self, name: str, days: dict[date, int]) -> None:
        one = self.plan.subjects[name]
        fed = {"creator": one.id, "dates": [{"day": day, "hours": hours} for day, hours in days.items()]}
        with self.court.engine.begin() as connection:
            record(connection, self.court.rulebooks, PLATFORM, fed, self.now)
        self.arbiter.days.setdefault(one.id, {}).update(days)

    async def grow(self, name: str, facts: tuple[str, int, int, int]) -> None:
        one = self.plan.subjects[name]
        with self.court.engine.begin() as connection:
            parties.creator(connection, self.court.rulebooks, one.id, one.region, profile(*facts), None, self.now)
        self._is(one, self.now, facts)

    async def refused(self) -> None:
        """A report that the version refused, where there is none."""
        next(self.court.numbers)
        self.cases.append(None)

    async def wait(self) -> None:
        """Nothing happens, but the couriers look."""

    # Versions.

    async def propose(self, rules: Rules, dates: dict[str, datetime], pace: int | None) -> None:
        """A version that follows the newest, approved at once, in force from the dates.

        It is not approved while that one is being taken back.
        """
        said = {"regions": dates, "pace": pace}
        made = book(rules, len(self.rules) + 1)
        with suppress(RefusedError), self.court.engine.begin() as connection:
            approved(connection, made, self.now, max(dates.values()), **said)
            self.rules[made.digest] = rules
            self.chain.append(made.digest)

    async def go(self, moves: int) -> None:
        """Some of what time is to do by now."""
        for _ in range(moves):
            if not any(self._by_time(digest) for digest in self.chain):
                return

    async def finish(self) -> None:
        """All that time is to do in a while."""
        until = self.now + HOUR / 2
        while any(self._by_time(digest, until) for digest in self.chain):
            pass

    async def halt(self) -> None:
        self._by_people("halt")

    async def resume(self) -> None:
        self._by_people("resume")

    async def take_back(self) -> None:
        self._by_people("take_back", reasons="x")

    def _by_time(self, digest: str, until: datetime | None = None) -> bool:
        """Make the version's next move, if one is due; say whether one was made."""
        with self.court.engine.begin() as connection:
            made = version.read(connection, digest)
            due, _ = life.by_time(connection, self.court.rulebooks, digest, self.now)
            done = version.read(connection, digest)
            assert made is not None
            assert done is not None
        if made.version < done.version:
            self._follow()
        if made.version == done.version and due is not None and until is not None and self.now < due <= until:
            self.now = due
            return True
        return made.version < done.version

    def _by_people(self, event: str, **said: str) -> None:
        """A move of the newest version that allows it."""
        for digest in reversed(self.chain):
            try:
                with self.court.engine.begin() as connection:
                    actor = party.actor(connection, APPROVER)
                    assert actor is not None
                    life.move(connection, self.court.rulebooks, digest, event, actor, said, self.now, through="session")
            except RefusedError:
                continue
            return

    # What became of it.

    def _look(self) -> None:
        """Read how far the waves are."""
        query = sa.select(versions.c.follows, versions.c.status, rollouts).join_from(
            versions, rollouts, rollouts.c.version == versions.c.digest
        )
        with self.court.engine.connect() as connection:
            self.arbiter.waves = [
                Wave(
                    self.rules[row.version], row.version, row.follows, row.region, row.in_force_from,
                    row.status in OVER, row.turn, (row.reached, row.reached_id), (row.released, row.released_id),
                    {year: (place, name) for year, (place, name) in (row.stood or {}).items()},
                )
                for row in connection.execute(query)
                if row.status != "withdrawn"
            ]  # fmt: skip

    def _is(self, one: Subject, at: datetime, facts: tuple[str, int, int, int]) -> None:
        self.arbiter.classes[one.id] = facts[0]
        self.profiles.setdefault(one.id, []).append((at, facts))

    def _facts(self, one: Subject, at: datetime) -> tuple[str, int, int, int]:
        return [facts for since, facts in self.profiles[one.id] if since <= at][-1]

    def without_versions(self) -> Plan:
        """The same history, with the rules of its beginning alone; what was refused is not filed."""
        cases = iter(self.cases)
        events = []
        for one in self.played:
            refused = one.what == "report" and next(cases) is None
            kept = one.what in {"report", "appeal", "stream", "grow"}
            events.append(Event(one.at, "refused") if refused else one if kept else Event(one.at, "wait"))
        return replace(self.plan, events=events)

    def dates(self) -> dict[str, datetime]:
        """When the first further version takes force in each region."""
        later = [one for one in self.arbiter.waves if one.follows is not None]
        return {region: min(one.since for one in later if one.region == region) for region in {o.region for o in later}}

    def untouched(self) -> list[Subject]:
        """Whom no further version has judged, if all were taken back wholly."""
        first, *others = self.rules
        by = {one.digest: one for one in self.arbiter.waves}
        if not all(by[digest].released[0] == RING for digest in others if digest in by):
            return []
        touched = {
            one
            for found in self.arbiter.found
            for one in (found.charged, found.agency)
            if {found.pin, found.share} != {first}
        }
        return [one for one in self.plan.subjects.values() if one not in touched]

    def wanted(self) -> dict[str, object]:
        """Every score, gain, price and penalty, and what the platform was told: by the arbiter."""
        arbiter, facts = self.arbiter, dict[str, object]()
        cases = {found: case for case, found in self.found.items()}
        for one in self.plan.subjects.values():
            for period in PERIODS[one.kind]:
                facts[f"score of {one.id} in {period}"] = arbiter.score(one, period, self.now)
                for found, price in arbiter.prices(one, period).items():
                    facts[f"price of {cases[found]} for {one.id}"] = price
            running = arbiter.in_force(one, self.now)
            facts[f"gains of {one.id}"] = arbiter.gains(one) if one.agency else {}
            facts[f"next gain of {one.id}"] = arbiter.next_gain(one, self.now) if one.agency else None
            facts[f"penalties of {one.id}"] = running.keys()
            facts[f"told of {one.id}"] = set().union(*running.values())
        return facts

    def really(self) -> dict[str, object]:
        """The same, in the database."""
        facts = dict[str, object]()
        stands = sa.select(violations.c.case, violations.c.subject, violations.c.price).where(violations.c.stands)
        with self.court.engine.connect() as connection:
            known = dict(restrictions.informed(connection))
            for row in connection.execute(stands):
                facts[f"price of {row.case} for {row.subject}"] = row.price
            for one in self.plan.subjects.values():
                scheme = SCORES[one.kind]
                for period in PERIODS[one.kind]:
                    booked = ledger.last(connection, one.id, scheme, period)[1]
                    if booked is None:
                        rules = self.arbiter.of_period(one, period, self.now)
                        booked = rules.caps[self.arbiter.classes[one.id]] if one.agency else rules.start
                    facts[f"score of {one.id} in {period}"] = booked
                gains = ledger.gains(connection, one.id, scheme, "life")
                facts[f"next gain of {one.id}"] = self._next_gain(connection, one.id) if one.agency else None
                facts[f"gains of {one.id}"] = {day: -price for day, price in gains.items() if price}
                rows = penalty.of_subject(connection, one.id, self.now, in_force=True).rows
                facts[f"penalties of {one.id}"] = {row["key"] for row in rows}
                facts[f"told of {one.id}"] = set(known.get(one.id, ()))
        return facts

    def _next_gain(self, connection: Connection, creator: str) -> NextGain | None:
        timeline, subject = self.court.rulebooks.timeline(connection), party.subject(connection, creator)
        assert subject is not None
        score = creator, SCORES[subject.kind], LIFE
        rules = timeline.governing(subject, self.now)[1]
        return next_gains(connection, timeline, {score: (subject, rules)}, self.now).get(creator)

    def differences(self) -> list[str]:
        """What of `verify` finds scores, penalties and tellings other than they must be."""
        rulebooks = self.court.rulebooks
        with self.court.engine.connect() as connection:
            checks = [check(connection, rulebooks, self.now) for check in (scores, penalties, carried, told)]
            return [str(found) for check in checks for found in check]

    def all_differences(self) -> list[str]:
        """What `verify` finds at all."""
        with self.court.engine.connect() as connection:
            checks = [told(connection, self.court.rulebooks, self.now)]
            checks += [check(connection, self.court.rulebooks) for check in (lives, notices, waves)]
            return self.court.differences(self.now) + [str(found) for check in checks for found in check]
