"""People who live their lives over HTTP: each asks again until there is an answer, and writes down what it was told."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Self, TextIO

import httpx

from bench.chaos.place import Place
from bench.http import SENIORS
from desk.api.rules import V1

# Of a month's thirty reports of an agency, so many lives take one each.
LIVES_AN_AGENCY = 20
# Of so many lives one brings a violation; of them each second one is appealed, and overturned.
EVERY_VIOLATION, EVERY_WITHDRAWN, EVERY_CONTROL = 4, 7, 5
PAUSE = 0.3
DIES = 0.03


@dataclass
class Clients:
    """All clients. What they sent and were told goes into `log`, a line each."""

    client: httpx.AsyncClient
    headers: Mapping[str, Mapping[str, str]]
    die: Random
    log: TextIO
    began: datetime = field(default_factory=partial(datetime.now, UTC))
    lived: int = 0
    retries: int = 0
    _control: int = field(default=0)

    @classmethod
    def of(cls, place: Place, die: Random, log: TextIO) -> Self:
        """Those of a place."""
        limits = httpx.Limits(max_connections=100)
        client = httpx.AsyncClient(base_url=place.origin, trust_env=False, timeout=25.0, limits=limits)
        return cls(client, place.headers, die, log)

    async def live(self, number: int) -> None:
        """A life of a report, with or without a verdict and an appeal."""
        filer, against = number // LIVES_AN_AGENCY, number // LIVES_AN_AGENCY + 1
        owner, (one, two) = f"owner{filer}", SENIORS if number % 2 else SENIORS[::-1]
        said = {"clause": "agency.poaching", "against": f"agency{against}", "details": f"life {number}"}
        report = await self._move(number, owner, "report", said)
        if number % EVERY_WITHDRAWN == 0:
            await self._move(number, owner, "withdraw", {"case": report})
        else:
            await self._judged(number, report, one, two, f"owner{against}")
        if number % EVERY_CONTROL == 0:
            await self._forgetful(number, owner, said)
        self.lived += 1

    async def _judged(self, number: int, report: str, one: str, two: str, respondent: str) -> None:
        await self._move(number, one, "claim", {"case": report})
        violation = number % EVERY_VIOLATION == 0
        finding = {"finding": "violation", "severity": "mild"} if violation else {"finding": "none"}
        await self._move(number, one, "decide", {"case": report, "reasons": "checked", **finding})
        if violation and number % (2 * EVERY_VIOLATION) == 0:
            appeal = await self._move(number, respondent, "appeal", {"of": report, "grounds": "we did not"})
            if appeal:
                await self._move(number, two, "claim", {"case": appeal})
                said = {"case": appeal, "outcome": "overturned", "reasons": "they did not"}
                await self._move(number, two, "decide", said)

    async def _move(self, number: int, actor: str, verb: str, said: Mapping[str, Any]) -> str:
        """Make a move under one key; give its case, and nothing where it was refused."""
        key = f"{number}/{verb}/{said.get('case', '')}"
        answer = None
        while answer is None:
            answer = await self._ask(actor, verb, said, key)
            self.retries += answer is None
        return self._note(number, actor, verb, said, answer)

    async def _forgetful(self, number: int, owner: str, said: Mapping[str, Any]) -> None:
        """The control: a client that asks again under another key each time, as one without keys does."""
        said = {**said, "occurred": (self.began - timedelta(hours=6) + timedelta(seconds=number)).isoformat()}
        answer = None
        while answer is None:
            self._control += 1
            answer = await self._ask(owner, "report", said, f"control/{number}/{self._control}")

    async def _ask(self, actor: str, verb: str, said: Mapping[str, Any], key: str) -> httpx.Response | None:
        """Ask once; none where there is no answer, or the client dies while it waits for one."""
        path, body = f"{V1}/{verb}s", dict(said)
        if verb not in {"report", "appeal"}:
            path, body = f"{V1}/cases/{body.pop('case')}/moves", {**body, "do": verb}
        known = {**self.headers[actor], "Idempotency-Key": key}
        dies_after = self.die.uniform(0, 0.1) if self.die.random() < DIES else 30.0
        try:
            async with asyncio.timeout(dies_after):
                answer = await self.client.post(path, json=body, headers=known)
        except (httpx.TransportError, TimeoutError):
            await asyncio.sleep(PAUSE)
            return None
        if answer.status_code >= 500 or answer.status_code == 429:
            await asyncio.sleep(PAUSE)
            return None
        return answer

    def _note(self, number: int, actor: str, verb: str, said: Mapping[str, Any], answer: httpx.Response) -> str:
        told = answer.json()
        line = {"life": number, "actor": actor, "verb": verb, "said": said, "status": answer.status_code, "told": told}
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()
        return str(told.get("case", "")) if answer.is_success else ""
