"""API keys: make, list and revoke them; a secret is shown once."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from desk.api.admission import Admitted
from desk.api.once import Key as OnceKey
from desk.api.once import once
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.identity import Key, KeyAsked, Keys, NewKey
from desk.api.shapes.words import Cursor
from desk.identity.caller import Caller, Scope, Via
from desk.identity.keys import may_make
from desk.refusal import ProblemError
from desk.service import Service, service
from states.sight import Resource
from states.situation import Actor
from states.terms import LEADS, Code, RefusedError
from store import identity, party, sight

router = APIRouter(route_class=Route, tags=["identity"])
KeyId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", examples=["4f1c9a0be2d37758"])]


@router.get(f"{V1}/api-keys", response_model=Keys, responses=problems())
def api_keys(request: Request, caller: Admitted, cursor: Cursor = None) -> dict[str, Any]:
    """List your own keys and, for leads, those of the agency's people: the oldest first, also those that are over."""
    desk = service(request)
    with desk.engine.begin() as connection:
        page = identity.keys_seen(connection, caller.actor, desk.now(), cursor)
    return {"keys": [_shown(row) for row in page.rows], "next": page.next}


@router.post(f"{V1}/api-keys", status_code=201, response_model=NewKey, responses=problems(404))
def make_api_key(request: Request, caller: Admitted, key: OnceKey, body: KeyAsked) -> JSONResponse:
    """Make a key: for yourself; an owner for all of the agency, a team lead for its agents. `secret` is shown once."""
    desk = service(request)
    if caller.via is Via.API_KEY:
        raise ProblemError(Code.FORBIDDEN, "key_makes_no_keys")
    if Scope.STAFF in body.scopes:
        raise ProblemError(Code.FORBIDDEN, "no_scope_staff", "scopes")

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        person = _holder(connection, caller, body.person or caller.actor.id)
        made = desk.identities.keys.make(
            connection, person, body.label, body.scopes, body.expires_in_days, caller.actor.id
        )
        row = identity.key(connection, made.id)
        return 201, {**(_shown(row) if row else {}), "secret": made.text}

    return once(desk, caller, key, ["api-keys", body], work, kept=_without_secret)


@router.delete(f"{V1}/api-keys/{{key}}", response_model=Key, responses=problems(404))
def revoke_api_key(request: Request, caller: Admitted, once_key: OnceKey, key: KeyId) -> JSONResponse:
    """Revoke a key at once, as whoever may make it; revoked again, it stays as it was."""
    desk = service(request)

    def work(connection: Connection) -> tuple[int, dict[str, Any]]:
        row = identity.key(connection, key)
        if row is None or not _manages(desk, connection, caller, row):
            raise RefusedError(Code.NOT_FOUND, "no_such_key", "key")
        person = party.actor(connection, row["person"])
        if person is None or not may_make(caller.actor, person):
            raise RefusedError(Code.FORBIDDEN, "lead_revokes", "key")
        desk.identities.keys.revoke(connection, key)
        return 200, _shown(identity.key(connection, key) or row)

    return once(desk, caller, once_key, ["DELETE api-keys", key], work)


def _holder(connection: Connection, caller: Caller, name: str) -> Actor:
    """The person for whom the caller may make a key.

    Raises:
        RefusedError: there is nobody of that name, or the caller may make no key for them.
    """
    person = party.actor(connection, name)
    if person is None or not _acts_for(caller, person):
        raise RefusedError(Code.NOT_FOUND, "nobody_for_a_key", "person")
    if not may_make(caller.actor, person):
        raise RefusedError(Code.FORBIDDEN, "lead_makes", "person")
    return person


def _manages(desk: Service, connection: Connection, caller: Caller, row: Mapping[Any, Any]) -> bool:
    """Whoever sees a key manages it; a key itself only its own person's keys."""
    if caller.via is Via.API_KEY:
        return bool(row["person"] == caller.actor.id)
    return sight.sees(connection, caller.actor, Resource.API_KEY, row["id"], desk.now())


def _acts_for(caller: Caller, person: Actor) -> bool:
    """Keys are made for oneself, and by leads for the agency's people."""
    actor = caller.actor
    return person.id == actor.id or (actor.role in LEADS and person.agency == actor.agency)


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: row[name] for name in Key.model_fields}


def _without_secret(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "secret": None}
