"""A region's rules: those in force now, or the version that a case has pinned."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from activities.entered import Name
from desk.api.admission import Admitted
from desk.api.language import Speaking
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.rulebook import Clauses, PenaltyTable, Rulebook
from desk.reading.rules import Ruled
from desk.service import service
from desk.words import Words
from rulebook.clause import Clause
from rulebook.provenance import Provenance
from rulebook.terms import REGION

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
    ruled = service(request).rules.of(caller.actor, region, version, key)
    values = [{"key": one.key, "value": one.value, "origin": one.origin, "source": one.source} for one in ruled.values]
    return _of(ruled) | {"key": ruled.book.key, "digest": ruled.book.digest, "values": values}


@router.get(f"{V1}/rulebook/clauses", response_model=Clauses, responses=problems(404))
def clauses(
    request: Request, caller: Admitted, words: Speaking, region: Region, version: Version = None, key: Key = None
) -> dict[str, Any]:
    """The texts of the policy."""
    ruled = service(request).rules.of(caller.actor, region, version, key)
    return _of(ruled) | {"clauses": [clause_of(one, words) for one in ruled.clauses]}


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
    ruled = service(request).rules.of(caller.actor, region, version, key)
    shown = [
        {
            "key": one.key,
            "kind": one.kind,
            "text": one.text.in_language(words.language),
            "lasts": str(one.lasts) if one.lasts else None,
            "for_good": one.for_good,
            "restrictions": sorted(one.restrictions),
            "source": _source(one),
        }
        for one in ruled.penalties
    ]
    used = sorted({word for one in ruled.penalties for word in one.restrictions})
    named = [{"key": word, "text": _withheld(ruled, word, words)} for word in used]
    return _of(ruled) | {"restrictions": named, "penalties": shown}


def _withheld(ruled: Ruled, word: str, words: Words) -> str:
    """The catalogue's text of a restriction; of one that it doesn't have, the rulebook's."""
    said, own = words.term("restriction", word), ruled.restrictions.get(word)
    return own.text.in_language(words.language) if own and said == word else said


def _of(ruled: Ruled) -> dict[str, Any]:
    return {"region": ruled.region, "version": str(ruled.book.version)}


def _source(stated: Provenance) -> str:
    return stated.source or "illustrative"
