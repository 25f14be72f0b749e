"""A region's rules: those in force now, or the version that a case has pinned."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from sqlalchemy.exc import NoResultFound

from activities.entered import Name
from desk.api.admission import Admitted
from desk.api.language import Speaking
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.rulebook import Clauses, PenaltyTable, Rulebook
from desk.service import Service, service
from desk.words import Words
from rulebook.clause import Clause
from rulebook.explain import explain
from rulebook.model import Rulebook as Book
from rulebook.policy import Policy
from rulebook.provenance import Provenance
from rulebook.terms import REGION
from states.terms import Code, RefusedError
from store.row_security import present

router = APIRouter(route_class=Route, tags=["rulebook"])
Region = Annotated[str, Query(pattern=REGION, examples=["VN"])]
Version = Annotated[
    str | None, Query(pattern="^[0-9a-f]{64}$", description="The digest that a case has pinned. Default: in force now.")
]
Key = Annotated[Name | None, Query(description="A key, or its beginning.")]


@router.get(f"{V1}/rulebook", response_model=Rulebook, responses=problems(404))
def effective(
    request: Request, caller: Admitted, region: Region, version: Version = None, key: Key = None
) -> dict[str, Any]:
    """The effective rules of a region, each with where it was stated."""
    desk = service(request)
    with present(desk.engine, caller.actor, desk.now()) as (connection, now):
        book, _ = _rules(desk, connection, region, version, now)
    found = explain(book, region, key)
    values = [{"key": one.key, "value": one.value, "origin": one.origin, "source": one.source} for one in found]
    return _of(book) | {"key": book.key, "digest": book.digest, "region": region, "values": values}


@router.get(f"{V1}/rulebook/clauses", response_model=Clauses, responses=problems(404))
def clauses(
    request: Request, caller: Admitted, words: Speaking, region: Region, version: Version = None, key: Key = None
) -> dict[str, Any]:
    """The texts of the policy."""
    desk = service(request)
    with present(desk.engine, caller.actor, desk.now()) as (connection, now):
        book, rules = _rules(desk, connection, region, version, now)
    shown = [clause_of(one, words) for one in rules.clauses.values() if key is None or one.key.startswith(key)]
    return _of(book) | {"region": region, "clauses": shown}


def clause_of(one: Clause, words: Words) -> dict[str, Any]:
    """A clause as it is answered."""
    return (
        one.model_dump(mode="json")
        | {"source": _source(one), "attributed_via": sorted(one.attributed_via)}
        | {"title": one.title.in_language(words.language), "text": one.text.in_language(words.language)}
    )


@router.get(f"{V1}/rulebook/penalties", response_model=PenaltyTable, responses=problems(404))
def penalties(
    request: Request, caller: Admitted, words: Speaking, region: Region, version: Version = None, key: Key = None
) -> dict[str, Any]:
    """The penalty table."""
    desk = service(request)
    with present(desk.engine, caller.actor, desk.now()) as (connection, now):
        book, rules = _rules(desk, connection, region, version, now)
    shown = [
        {
            "key": one.key,
            "kind": one.kind,
            "text": one.text.in_language(words.language),
            "lasts": str(one.lasts) if one.lasts else None,
            "restrictions": sorted(one.restrictions),
            "source": _source(one),
        }
        for one in rules.penalties.values()
        if key is None or one.key.startswith(key)
    ]
    return _of(book) | {"region": region, "penalties": shown}


def _rules(
    desk: Service, connection: Connection, region: str, version: str | None, now: datetime
) -> tuple[Book, Policy]:
    digest = version or desk.rulebooks.digest(connection, now)
    try:
        book = desk.rulebooks.version(connection, digest or "")
    except NoResultFound:
        raise RefusedError(Code.NOT_FOUND, "no_version", "version") from None
    if region not in book.regions:
        raise RefusedError(Code.NOT_FOUND, "unknown_region", "region", region=region)
    return book, book.policy(region)


def _of(book: Book) -> dict[str, Any]:
    return {"version": str(book.version)}


def _source(stated: Provenance) -> str:
    return stated.source or "illustrative"
