"""People who live their lives over HTTP: each asks again until there is an answer, and writes down what it was told."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Self, TextIO

import httpx

from bench.chaos.place import Place
from bench.http import SENIORS
from desk.api.rules import V1

# A month has thirty reports of an agency: of so many lives the last ones are refused.
LIVES_AN_AGENCY = 38
# Of so many lives one brings a violation; of them each second one is appealed, and overturned.
EVERY_VIOLATION, EVERY_WITHDRAWN = 4, 7
# In seconds: how long a client waits for an answer, and before it asks again.
PATIENCE, PAUSE = 30.0, 0.3
# How often a client dies, within which seconds: while it waits for an answer, or before it has noted one.
DIES, WITHIN = 0.2, 0.15
AT_ONCE_AGAIN = 10
_OPENS = {"report", "appeal"}


def agencies(lives: int) -> int:
    """How many agencies so many lives need: of each two, one files and is accused, the other's is the control."""
    return 2 * (lives // LIVES_AN_AGENCY + 2)


@dataclass
class Clients:
    """All clients. What they sent and were told goes into `log`, a line each."""

    client: httpx.AsyncClient
    headers: Mapping[str, Mapping[str, str]]
    seed: int
    log: TextIO
    lived: int = 0
    retries: int = 0
    _told: list[Mapping[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, place: Place, seed: int, log: TextIO) -> Self:
        """Those of a place, who ask through the wire to its API."""
        limits = httpx.Limits(max_connections=100)
        client = httpx.AsyncClient(base_url=place.asked_at, trust_env=False, timeout=25.0, limits=limits)
        return cls(client, place.headers, seed, log)

    async def live(self, number: int) -> None:
        """A life of a report, with or without a verdict and an appeal; and beside it one report of the control."""
        # Its own chance: who dies when does not depend on how the others' requests fall.
        die, pair = Random(f"{self.seed} life {number}"), number // LIVES_AN_AGENCY * 2  # noqa: S311 - chance
        owner, respondent = f"owner{pair}", f"owner{pair + 2}"
        (one, two) = SENIORS if number % 2 else SENIORS[::-1]
        said = {"clause": "agency.poaching", "against": f"agency{pair + 2}", "details": f"life {number}"}
        report = await self._move(die, number, owner, "report", said)
        if report and number % EVERY_WITHDRAWN == 0:
            await self._move(die, number, owner, "withdraw", {"case": report})
        elif report:
            await self._judged(die, number, report, one, two, respondent)
        await self._forgetful(die, number, f"owner{pair + 1}", said)
        self.lived += 1

    async def again(self, most: int) -> None:
        """Ask at most so many of the wishes that were carried out again, under their keys, spread over all of them."""
        done = [line for line in self._told if line["status"] < 300]
        chosen, limit = done[:: max(1, -(-len(done) // most))], asyncio.Semaphore(AT_ONCE_AGAIN)

        async def ask(line: Mapping[str, Any]) -> None:
            async with limit:
                answer = None
                while answer is None:
                    answer = await self._ask(line["actor"], line["verb"], line["said"], line["key"], None)
            self._write({**line, "again": True, "status": answer.status_code, "told": answer.json()})

        await asyncio.gather(*map(ask, chosen))

    async def _judged(self, die: Random, number: int, report: str, one: str, two: str, respondent: str) -> None:
        await self._move(die, number, one, "claim", {"case": report})
        violation = number % EVERY_VIOLATION == 0
        finding = {"finding": "violation", "severity": "mild"} if violation else {"finding": "none"}
        await self._move(die, number, one, "decide", {"case": report, "reasons": "checked", **finding})
        if violation and number % (2 * EVERY_VIOLATION) == 0:
            appeal = await self._move(die, number, respondent, "appeal", {"of": report, "grounds": "we did not"})
            if appeal:
                await self._move(die, number, two, "claim", {"case": appeal})
                said = {"case": appeal, "outcome": "overturned", "reasons": "they did not"}
                await self._move(die, number, two, "decide", said)

    async def _move(self, die: Random, number: int, actor: str, verb: str, said: Mapping[str, Any]) -> str:
        """Make a move under one key; give its case, and nothing where it was refused."""
        key = f"{number}/{verb}/{said.get('case', '')}"
        answer = None
        while answer is None:
            answer = await self._ask(actor, verb, said, key, _death(die))
            self.retries += answer is None
        line = {"life": number, "actor": actor, "verb": verb, "key": key, "said": said}
        line |= {"status": answer.status_code, "told": answer.json()}
        self._write(line)
        self._told.append(line)
        return str(answer.json()["case"]) if answer.is_success else ""

    async def _forgetful(self, die: Random, number: int, owner: str, said: Mapping[str, Any]) -> None:
        """The control: a client that asks again under another key each time, as one without keys does."""
        answer, times = None, 0
        while answer is None:
            times += 1
            key = f"control/{number}/{times}"
            line = {"control": number, "actor": owner, "verb": "report", "key": key, "said": said}
            self._write(line)
            if (answer := await self._ask(owner, "report", said, key, _death(die))) is not None:
                self._write({**line, "status": answer.status_code, "told": answer.json()})

    async def _ask(
        self, actor: str, verb: str, said: Mapping[str, Any], key: str, dies: float | None
    ) -> httpx.Response | None:
        """Ask once; none where there is no answer, or the client dies before it has noted one."""
        path, body = f"{V1}/{verb}s", dict(said)
        if verb not in _OPENS:
            path, body = f"{V1}/cases/{body.pop('case')}/moves", {**body, "do": verb}
        known = {**self.headers[actor], "Idempotency-Key": key}
        with suppress(httpx.TransportError, TimeoutError):
            async with asyncio.timeout(PATIENCE if dies is None else dies):
                answer = await self.client.post(path, json=body, headers=known)
            if dies is None and answer.status_code < 500 and answer.status_code != 429:
                return answer
        await asyncio.sleep(PAUSE)
        return None

    def _write(self, line: Mapping[str, Any]) -> None:
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()


def _death(die: Random) -> float | None:
    """After how many seconds a client dies, if it does: its answer, should it come before, is forgotten."""
    return die.uniform(0, WITHIN) if die.random() < DIES else None
