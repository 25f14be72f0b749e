"""Whom and what does schemathesis find? The API of a running engine on a socket, with lives of every kind in it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from desk.api import problem
from desk.api.app import create_app
from desk.api.rules import OPEN, RULES, V1
from desk.demo import cast
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.identity.identities import Identities
from desk.identity.limits import Limits
from desk.identity.own_issuer import OwnIssuer
from desk.service import Service
from desk.site import serving
from states.terms import Role
from workers.reach import House

BY_FORM = "X-Refused-By-Form"
PEOPLE = {
    "owner": ("ann", Role.OWNER),
    "moderator": ("mia", Role.MODERATOR),
    "senior": ("sam", Role.SENIOR_MODERATOR),
    "platform": ("platform", Role.PLATFORM),
    "auditor": ("aud", Role.AUDITOR),
    "agent": ("bob", Role.AGENT),
    "creator": ("kim", Role.CREATOR),
    "ops": ("oli", Role.OPS),
    "stranger": ("pia", Role.OWNER),
}
# As whom it is asked, where nobody else is named.
AS = ("owner", "moderator", "senior", "platform", "auditor")
# Two agencies that have nothing to do with each other.
PEERS = ("owner", "stranger")
Words = Mapping[str, Sequence[str | int]]


@asynccontextmanager
async def asked_over(house: House) -> AsyncIterator[dict[str, Any]]:
    """The API of the house on a socket; gives what `schema_asking` must know."""
    issuer = OwnIssuer()
    door = Door.of(house)
    async with door, serving(_app(house, door, issuer), "127.0.0.1", 0) as url:
        with house.engine.begin() as connection:
            cast.introduce(connection, house.clock.now())
        roles = {name: issuer.token(person) for name, (person, _) in PEOPLE.items()}
        async with httpx.AsyncClient(base_url=url + V1, timeout=30) as client:
            words = await _World(client, issuer).made(f"{house.clock.now():%Y-%m}")
            hooks = [str(hook) for hook in words["path.webhook"]]
        yield {
            "url": url,
            "roles": roles,
            "peers": PEERS,
            "words": words,
            "operations": None,
            "spare": dict(zip(hooks[::3], hooks[2::3], strict=True)),
        }


def admitted() -> dict[str, list[str]]:
    """What each may ask for; of the rest `test_matrix` knows how it is refused."""
    everybody = [f"{method} {path}" for method, path in OPEN]
    return {
        name: everybody + [f"{method} {path}" for (method, path), rule in RULES.items() if role in rule.roles]
        for name, (_, role) in PEOPLE.items()
    }


def shared_out() -> dict[str, list[str]]:
    """Each operation as one of those who may ask for it: all that begin alike and have the same askers as the same."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    may = admitted()
    for operation in dict.fromkeys(operation for role in AS for operation in may[role]):
        resource = operation.split(" ")[1].removeprefix(V1).split("/")[1]
        askers = tuple(role for role in AS if operation in may[role])
        groups.setdefault((resource, askers), []).append(operation)
    shared: dict[str, list[str]] = {role: [] for role in AS}
    for (_, askers), operations in sorted(groups.items(), key=lambda group: -len(group[1])):
        shared[min(askers, key=lambda role: len(shared[role]))] += operations
    return shared


def _app(house: House, door: Door, issuer: OwnIssuer) -> FastAPI:
    identities = Identities(house.engine, issuers=[issuer.issuer], local_accounts=True)
    app = create_app(Service(door, identities, Limits(1_000_000), Intake.of(house), demo=True))

    def of_form(request: Request, error: Exception) -> JSONResponse:
        answer = problem.of_input(request, error)
        if isinstance(error, RequestValidationError) and error.errors()[0]["type"] != "moment":
            answer.headers[BY_FORM] = "true"  # which years there are, says no schema
        return answer

    app.add_exception_handler(RequestValidationError, of_form)
    return app


class _World:
    def __init__(self, client: httpx.AsyncClient, issuer: OwnIssuer) -> None:
        self._client = client
        self._issuer = issuer
        self._keys = count()

    async def made(self, month: str) -> Words:
        """Make people and lives; give what exists, by the parameter that takes it."""
        await self._send("platform", "PUT", "/people/aud", {"role": "auditor", "regions": [cast.REGION]})
        await self._send("platform", "PUT", "/agencies/opal", {"region": cast.REGION})
        await self._send("platform", "PUT", "/people/pia", {"role": "owner", "agency": "opal"})
        for who in ("ann", "platform"):
            for _ in range(3):
                said = {"url": "http://127.0.0.1:9/hook", "events": ["case.moved", "notice.sent"]}
                await self._send(who, "POST", "/webhooks", said)
        reports = [await self._report(f"details {number}") for number in range(6)]
        reports += [await self._violation(creator) for creator in ("kim", "tom", "kim")]
        await self._live(reports)
        appeals = [await self._appeal("ann", reports[2]), await self._appeal("ann", reports[3])]
        keys = [await self._key(who, label) for who in ("ann", "platform") for label in ("one", "two", "three")]
        hooks = [hook["id"] for who in ("ann", "platform") for hook in (await self._get(who, "/webhooks"))["webhooks"]]
        sent = [
            one["id"] for hook in hooks
            for one in (await self._get("ann", f"/webhooks/{hook}/deliveries")).get("deliveries", [])
        ]  # fmt: skip
        pages = [
            (await self._get("mia", f"/queue?limit=1&sort={sort}"))["next"]
            for sort in ("urgent", "due", "-due", "filed", "-filed")
        ]
        people = [*cast.STAFF, *cast.CREATORS, *(one for each in cast.AGENCIES.values() for one in each), "platform"]
        subjects = [*cast.AGENCIES, *cast.CREATORS, "opal"]
        clauses = ["agency.poaching", "content.gambling", "content.nudity"]
        return {
            "path.case": [*reports, *appeals],
            "path.subject": subjects,
            "path.month": [month, "2026-03"],
            "path.agency": ["lotus", "opal", "ruby"],
            "path.person": ["bob", "eve", "lee", *(f"newcomer-{number}" for number in range(9))],
            "path.creator": list(cast.CREATORS),
            "path.webhook": hooks,
            "path.delivery": sent or [f"dl-{0:020}"],
            "path.key": keys,
            "query.cursor": [page for page in pages if page],
            "query.region": [cast.REGION, "DE"],
            "query.clause": clauses,
            "query.claimed_by": ["mia", "sam"],
            "query.against": subjects,
            "query.of": reports,
            "query.creator": list(cast.CREATORS),
            "query.agent": ["bob", "eve"],
            "query.period": ["2026", "life"],
            "query.key": ["content", "appeals", "base"],
            "body.clause": clauses,
            "body.against": subjects,
            "body.about[*]": list(cast.CREATORS),
            "body.of": reports,
            "body.region": [cast.REGION],
            "body.regions[*]": [cast.REGION],
            "body.agency": ["lotus", "opal"],
            "body.agent": ["bob", "eve"],
            "body.person": people,
            "body.url": ["http://127.0.0.1:9/hook", "http://127.0.0.1:9/other"],
            "body.violations[*].clause": clauses,
            "body.violations[*].against": list(cast.CREATORS),
        }

    async def _report(self, details: str) -> str:
        said = {"clause": "agency.poaching", "against": "lotus", "details": details}
        return str((await self._send("jan", "POST", "/reports", said))["case"])

    async def _violation(self, creator: str) -> str:
        said = {"clause": "content.gambling", "against": creator, "details": "seen", "severity": "mild"}
        return str((await self._send("platform", "POST", "/violations", said))["case"])

    async def _live(self, reports: Sequence[str]) -> None:
        """Leave the reports at different stations of their lives."""
        for report in reports[1:8]:
            await self._move("mia", report, "claim")
        for report in (*reports[2:4], reports[7]):
            await self._move("mia", report, "decide", finding="violation", severity="mild", reasons="clear")
        await self._move("mia", reports[4], "ask", question="When?", to="respondent")
        await self._move("mia", reports[5], "decide", finding="none", reasons="nothing")

    async def _appeal(self, who: str, report: str) -> str:
        said = {"of": report, "grounds": "another year"}
        return str((await self._send(who, "POST", "/appeals", said))["case"])

    async def _key(self, who: str, label: str) -> str:
        return str((await self._send(who, "POST", "/api-keys", {"label": label, "scopes": ["read"]}))["id"])

    async def _move(self, who: str, case: str, do: str, **said: str) -> None:
        await self._send(who, "POST", f"/cases/{case}/moves", {"do": do, **said})

    async def _get(self, who: str, path: str) -> dict[str, Any]:
        answer = await self._client.get(path, headers=self._bearer(who))
        found: dict[str, Any] = answer.json()
        return found

    async def _send(self, who: str, method: str, path: str, said: Any) -> dict[str, Any]:
        headers = self._bearer(who) | {"Idempotency-Key": f"world-{next(self._keys)}"}
        answer = await self._client.request(method, path, json=said, headers=headers)
        if not answer.is_success:
            raise LookupError(f"{who} could not {method} {path}: {answer.text}")
        found: dict[str, Any] = answer.json()
        return found

    def _bearer(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._issuer.token(who)}"}


async def asking(asked: dict[str, Any], **how: Any) -> AsyncIterator[dict[str, Any]]:
    """Let schemathesis ask, in a process of its own; what it heard as each role."""
    script = Path(__file__).with_name("schema_asking.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(asked | how).encode())
        process.stdin.close()
        async for line in process.stdout:
            if line.startswith(b"{"):
                yield json.loads(line)
        assert await process.wait() == 0, "schemathesis itself failed"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
