"""The time of a move or a read over HTTP, beside the same through the door in this process; one request at a time.

The other end is `casework up` as it ships: the servers, and one process with worker and API. One connection is kept.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, Protocol

import httpx
from sqlalchemy import Connection

from bench import cpu
from bench.life import DETAILS, REASONS
from bench.running import processes, running
from bench.side import Moves
from desk.api.rules import V1
from desk.door.door import Door
from desk.identity.caller import Scope
from desk.identity.keys import Keys
from desk.identity.sessions import COOKIE, CSRF_HEADER, Sessions, csrf_token
from desk.reading.dossier import Dossiers
from desk.reading.lists import Lists
from desk.reading.wanted import Looked
from states.situation import Actor
from states.terms import Role
from store import feed, journal, party
from store.in_thread import in_thread
from workers.reach import House, reach
from workers.settings import Settings

REGION = "VN"
WARM_UP = 5
# A life files two reports, of which one stays counted in the agency's monthly quota of thirty.
LIVES_AN_AGENCY = 10
SENIORS = ("senior0", "senior1")
TARGET = {50: 30.0, 99: 100.0}
# Of a life: eleven moves and five looks. What each may cost more than at the door, in milliseconds of CPU.
REQUESTS, OWN = 16, 3.0
Said = Mapping[str, Any]


class Side(Protocol):
    """Where moves are made and cases are read: over HTTP, or at the door."""

    async def move(self, actor: str, verb: str, key: str, said: Said) -> str:
        """Make the move, and give its case."""

    async def case(self, actor: str, case: str) -> None:
        """Look at a case."""

    async def queue(self, actor: str) -> None:
        """Look at the queue."""


@dataclass(frozen=True)
class Http:
    """Everybody over one connection: agencies' people with keys, reviewers as browsers."""

    client: httpx.AsyncClient
    headers: Mapping[str, Mapping[str, str]]

    async def move(self, actor: str, verb: str, key: str, said: Said) -> str:
        if verb in {"report", "appeal"}:
            path, body = f"{V1}/{verb}s", dict(said)
        else:
            path, body = f"{V1}/cases/{said['case']}/moves", {**said, "do": verb}
            body.pop("case")
        known = {**self.headers[actor], "Idempotency-Key": key}
        return str(_good(await self.client.post(path, json=body, headers=known)).json()["case"])

    async def case(self, actor: str, case: str) -> None:
        _good(await self.client.get(f"{V1}/cases/{case}", headers=self.headers[actor]))

    async def queue(self, actor: str) -> None:
        _good(await self.client.get(f"{V1}/queue", headers=self.headers[actor]))


@dataclass(frozen=True)
class Direct:
    """The same without HTTP: the door in this process, and the same reads."""

    house: House
    door: Door
    dossiers: Dossiers
    people: Mapping[str, Actor]

    async def move(self, actor: str, verb: str, key: str, said: Said) -> str:
        return str((await self.door.send(actor, verb, said, key=key))["case"])

    async def case(self, actor: str, case: str) -> None:
        await in_thread(self.house.engine, self.dossiers.open, self.people[actor], case)

    async def queue(self, actor: str) -> None:
        await in_thread(self.house.engine, self._page, self.people[actor])

    def _page(self, actor: Actor) -> None:
        Lists(self.house.engine, self.house.clock.now).queue(actor, Looked())


async def live(side: Side, number: int, moves: Moves) -> None:
    """Report, look, ask, answer, decide, appeal, overturn; then another report that is withdrawn."""
    filer = number // LIVES_AN_AGENCY
    owner, other, (one, two) = f"owner{filer}", f"owner{filer + 1}", SENIORS
    about = {"clause": "agency.poaching", "against": f"agency{filer + 1}", "details": DETAILS}

    async def move(actor: str, verb: str, **said: Any) -> str:
        async with moves.timed(verb):
            return await side.move(
                actor, verb, f"{number} {verb} {said.get('case', '')} {actor}".replace(" ", "/"), said
            )

    report = await move(owner, "report", **about)
    for _ in "12":
        async with moves.timed("GET queue"):
            await side.queue(one)
        async with moves.timed("GET case"):
            await side.case(one, report)
    await move(one, "claim", case=report)
    await move(one, "ask", case=report, question=REASONS, to="respondent")
    await move(other, "answer", case=report, text=DETAILS)
    await move(two, "claim", case=report)
    await move(two, "decide", case=report, finding="violation", severity="mild", reasons=REASONS)
    appeal = await move(other, "appeal", of=report, grounds=DETAILS)
    await move(one, "claim", case=appeal)
    await move(one, "decide", case=appeal, outcome="overturned", reasons=REASONS)
    async with moves.timed("GET case"):
        await side.case(other, report)
    second = await side.move(owner, "report", f"{number}/second", about)
    await move(owner, "withdraw", case=second)


async def compare(lives: int, rounds: int) -> None:
    """Run both sides in turn, and print what was found."""
    load = os.getloadavg()
    with running() as (settings, pid):
        async with _sides(settings, 2 * (lives * rounds + WARM_UP)) as sides:
            numbers = iter(range(10**9))
            for side in sides.values():
                for _ in range(WARM_UP):
                    await live(side, next(numbers), Moves())
            found = {name: Moves() for name in sides}
            used: dict[str, dict[str, float]] = {name: {} for name in sides}
            for round_ in range(rounds):
                for name in sides if round_ % 2 == 0 else reversed(sides):
                    before = cpu.seconds(groups := processes(pid))
                    for _ in range(lives):
                        await live(sides[name], next(numbers), found[name])
                    for process, after in cpu.seconds(groups).items():
                        used[name][process] = used[name].get(process, 0.0) + after - before[process]
    _print(found["HTTP"], found["door"])
    _print_cpu(used, lives * rounds)
    print(f"\nload average before and after: {load[0]:.1f}, {os.getloadavg()[0]:.1f}, on {os.cpu_count()} cores")


@asynccontextmanager
async def _sides(settings: Settings, lives: int) -> AsyncIterator[dict[str, Side]]:
    """Both sides, once there is a cast for so many lives."""
    async with reach(settings) as here, Door.of(here) as door:
        agencies = lives // LIVES_AN_AGENCY + 2
        with here.engine.begin() as connection:
            headers = introduced(connection, here, agencies)
            known = [party.actor(connection, person) for person in headers]
        people = {actor.id: actor for actor in known if actor is not None}
        async with httpx.AsyncClient(base_url=settings.origin, trust_env=False) as client:
            direct = Direct(here, door, Dossiers(here.engine, here.clock.now), people)
            yield {"HTTP": Http(client, headers), "door": direct}


def introduced(connection: Connection, here: House, agencies: int) -> dict[str, dict[str, str]]:
    """Feed agencies with owners, and seniors; give by which headers the API knows each person."""
    now = here.clock.now()
    with journal.recording(connection, "feed", now):
        for number in range(agencies):
            feed.agency(connection, f"agency{number}", REGION)
            feed.person(connection, f"owner{number}", Role.OWNER, agency=f"agency{number}")
        for senior in SENIORS:
            feed.person(connection, senior, Role.SENIOR_MODERATOR, regions=[REGION])
    keys, sessions = Keys(here.clock.now), Sessions(here.clock.now)
    headers = {}
    for number in range(agencies):
        owner = party.actor(connection, f"owner{number}")
        if owner is None:
            raise LookupError(f"owner{number} was not fed")
        made = keys.make(connection, owner, "bench", [Scope.READ, Scope.WRITE], 1, owner.id)
        headers[owner.id] = {"Authorization": f"Bearer {made.text}"}
    for senior in SENIORS:
        token, _ = sessions.begin(connection, senior, now)
        proof = {"Cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf_token(token)}
        headers[senior] = {**proof, "Origin": here.settings.origin}
    return headers


def _good(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
    return answer


def _print(http: Moves, door: Moves) -> None:
    print(f"{'ms':16}{'HTTP p50':>10}{'p99':>8}{'door p50':>11}{'p99':>8}{'more, p50':>11}{'times':>8}")
    looks = [name for name in http.times if name.startswith("GET")]
    verbs = [name for name in http.times if name not in looks]
    for name, wanted in [("a move", verbs), *((verb, [verb]) for verb in (*verbs, *looks))]:
        ours, theirs = _times(http, wanted), _times(door, wanted)
        (p50, p99), (other50, other99) = ([_at(times, percent) for percent in TARGET] for times in (ours, theirs))
        print(f"{name:16}{p50:10.1f}{p99:8.1f}{other50:11.1f}{other99:8.1f}{p50 - other50:11.1f}{len(ours):8}")
    kept = all(_at(_times(http, verbs), percent) < most for percent, most in TARGET.items())
    target = ", ".join(f"p{percent} < {most:g} ms" for percent, most in TARGET.items())
    print(f"\nwanted of a move over HTTP, on two cores that do nothing else: {target}; {'kept' if kept else 'missed'}")


def _print_cpu(used: Mapping[str, Mapping[str, float]], lives: int) -> None:
    ours = {}
    for name, seconds in used.items():
        servers = {process: spent for process, spent in seconds.items() if process not in {"engine", "client"}}
        ours[name] = seconds["engine"] - sum(servers.values())
        shown = {"worker and API": ours[name], **servers, "client": seconds["client"]}
        words = ", ".join(f"{process} {spent / lives * 1000:.0f}" for process, spent in shown.items())
        print(f"CPU of a life, {name}, ms: {words}")
    # At the door its own work, which the API does over HTTP, is the client's.
    own = ours["HTTP"] - ours["door"] - used["door"]["client"]
    share = own / (lives * REQUESTS) * 1000
    print(f"HTTP's own CPU of a request, ms: {share:.1f}; wanted: at most {OWN:g}")


def _times(moves: Moves, verbs: list[str]) -> list[float]:
    return [each * 1000 for verb in verbs for each in moves.times[verb]]


def _at(times: list[float], percent: int) -> float:
    return quantiles(times, n=100, method="inclusive")[percent - 1]


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=20, help="lives a turn, ten moves each (20)")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each side (4)")
    asyncio.run(compare(**vars(parser.parse_args())))
    sys.stdout.flush()
    os._exit(0)  # while the interpreter ends, the SDK's threads sometimes abort the process


if __name__ == "__main__":
    main()
