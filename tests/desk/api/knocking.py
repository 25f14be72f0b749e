"""Somebody knocks: the routes of identity over the house, with a clock that a test moves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from argon2 import PasswordHasher
from conftest import feeding, new
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from desk.api import problem
from desk.api.routes import api_keys, session, versions
from desk.demo import cast
from desk.door.door import Door
from desk.evidence.keep import Intake
from desk.identity import factor
from desk.identity.accounts import Accounts, hashed
from desk.identity.identities import Identities
from desk.identity.limits import Limits
from desk.identity.oidc import Issuer
from desk.identity.own_issuer import OwnIssuer
from desk.service import Service
from desk.serving.guarded import Guarded
from states.terms import RefusedError, Role
from store import feed, identity
from workers.reach import House

ORIGIN = "https://casework.test"
PASSWORD = "correct horse battery"
SESSION, KEYS, STEP_UP = "/api/v1/session", "/api/v1/api-keys", "/api/v1/session/second-factor"
# Real ones take a tenth of a second each.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Watch:
    """A clock that goes only when it is told to."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.at

    def wait(self, **how_long: float) -> None:
        self.at += timedelta(**how_long)


class Client:
    """A browser or a system; it keeps its cookies."""

    def __init__(self, app: FastAPI, headers: dict[str, str]) -> None:
        transport = httpx.ASGITransport(app)
        self._http = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
        self.headers, self.cookies = self._http.headers, self._http.cookies

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(self._http.request(method, path, **how))

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.request("GET", path, **how)

    def post(self, path: str, said: Any = None, **headers: str) -> httpx.Response:
        return self.request("POST", path, json=said, headers=headers)

    def delete(self, path: str, **headers: str) -> httpx.Response:
        """Under a key that nobody used before."""
        return self.request("DELETE", path, headers={"Idempotency-Key": new("key")} | headers)


@dataclass
class Knock:
    """The application, and what a test needs to ask it."""

    house: House
    app: FastAPI
    identities: Identities
    watch: Watch
    own: OwnIssuer

    def client(self, **headers: str) -> Client:
        """A browser or a system that knows nothing yet."""
        return Client(self.app, headers)

    def bearer(self, proof: str) -> Client:
        return self.client(Authorization=f"Bearer {proof}")

    def as_token(self, person: str, *, second_factor: bool = True) -> Client:
        return self.bearer(self.own.token(person, second_factor=second_factor))

    def person(self, role: Role, agency: str | None = None, *, with_factor: bool = False, account: bool = True) -> str:
        """A new person, with an account that has `PASSWORD`."""
        with feeding(self.house) as connection:
            feed.person(connection, made := new(role), role, agency=agency, regions=[] if agency else [cast.REGION])
            if account:
                identity.enter_account(connection, made, hashed(PASSWORD, QUICK))
            if with_factor:
                identity.change_account(connection, made, {"totp_secret": factor.new_secret()})
        return made

    def agency(self) -> str:
        """A new agency."""
        with feeding(self.house) as connection:
            feed.agency(connection, made := new("agency"), cast.REGION)
        return made

    def account(self, person: str) -> identity.Account:
        with self.house.engine.connect() as connection:
            found = identity.account(connection, person)
        assert found is not None
        return found

    def code(self, person: str) -> str:
        secret = self.account(person).totp_secret
        assert secret is not None
        return factor.code(secret, self.watch.now())

    def login(self, person: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        return self.client().post(SESSION, {"person": person, "password": password, **more})

    def browser(self, person: str, **more: Any) -> Client:
        """A browser in which the person is logged in; it sends what our own pages would."""
        browser = self.client(Origin=ORIGIN)
        answer = browser.post(SESSION, {"person": person, "password": PASSWORD, **more})
        assert answer.status_code == 201, answer.text
        browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return browser


def knocking(house: House, *issuers: Issuer, origin: str = ORIGIN, local_accounts: bool = True) -> Knock:
    watch = Watch()
    own = OwnIssuer(now=watch.now)
    known: Sequence[Issuer] = [own.issuer, *issuers]
    identities = Identities(
        house.engine, issuers=known, local_accounts=local_accounts, origin=origin, now=watch.now
    )  # fmt: skip
    if local_accounts:
        identities.accounts = Accounts(house.engine, watch.now, QUICK)
    app = FastAPI()
    app.state.service = Service(Door.of(house), identities, Limits(1_000_000), Intake.of(house))
    for room in (session, api_keys, versions):
        app.include_router(room.router)
    app.add_exception_handler(RefusedError, problem.of_refusal)
    app.add_exception_handler(RequestValidationError, problem.of_input)
    app.add_middleware(Guarded)
    return Knock(house, app, identities, watch, own)
