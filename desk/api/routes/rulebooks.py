"""The versions of the rulebook: which there were, how two differ, and which value took effect when."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from activities.entered import Name
from desk.api.admission import Admitted
from desk.api.openapi.document import problems
from desk.api.route import Route
from desk.api.rules import V1
from desk.api.shapes.rulebooks import (
    Explanation,
    VersionDifference,
    VersionForecast,
    VersionHits,
    VersionOpened,
    Versions,
)
from desk.api.shapes.words import Cursor, InPath, Instant, Limit
from desk.service import service
from rulebook.diff import Change, Difference
from rulebook.explain import Effective
from rulebook.model import Rulebook
from rulebook.terms import REGION

router = APIRouter(route_class=Route, tags=["rulebook"])
Named = Annotated[
    InPath,
    Path(description="A digest, its first 6 letters or more, or the key of a bundled rulebook.", examples=["live"]),
]
Key = Annotated[Name | None, Query(description="A key, its beginning, or an internal key. Default: all.")]
Region = Annotated[str | None, Query(pattern=REGION, examples=["VN"])]
Subject = Annotated[Name | None, Query(description="An agency or creator: its region.", examples=["lotus"])]
At = Annotated[Instant | None, Query(description="Default: now.")]
WithTexts = Annotated[bool, Query(description="Tell how titles and texts differ, as a unified diff a language.")]


@router.get(f"{V1}/rulebooks", response_model=Versions, responses=problems())
def versions(request: Request, caller: Admitted) -> dict[str, Any]:
    """The versions, the newest first, and since when each was in force."""
    known = service(request).versions.history(caller.actor)
    return {"versions": [asdict(one.version) | {"in_force": one.spells} for one in known]}


@router.get(f"{V1}/rulebooks/{{before}}/diff/{{after}}", response_model=VersionDifference, responses=problems(404))
def differ(request: Request, caller: Admitted, before: Named, after: Named, text: WithTexts = False) -> dict[str, Any]:
    """How two versions differ, by key and region, in the values that take effect."""
    return told(service(request).versions.diff(caller.actor, before, after), with_texts=text)


@router.get(f"{V1}/rulebooks/versions/{{version}}/forecast", response_model=VersionForecast, responses=problems(404))
def forecast(request: Request, caller: Admitted, version: Named) -> dict[str, Any]:
    """Whom a version hits on its first day, as it was forecast when it was proposed."""
    return service(request).versions.forecast(caller.actor, version)


@router.get(f"{V1}/rulebooks/versions/{{version}}", response_model=VersionOpened, responses=problems(404))
def show(request: Request, caller: Admitted, version: Named, response: Response) -> dict[str, Any]:
    """One version: where it stands, its moves, how far its wave is, and what you can do with it now."""
    life = service(request).versions.open(caller.actor, version)
    response.headers["ETag"] = f'"{life.version.version}"'
    stands = {name: getattr(life.version, name) for name in VersionOpened.model_fields if hasattr(life.version, name)}
    told = {name: getattr(life, name) for name in ("dates", "allowed")}
    lists = {name: [asdict(one) for one in getattr(life, name)] for name in ("waves", "timeline")}
    return stands | told | lists | _named(life.book) | {"moves": life.version.version}


@router.get(f"{V1}/rulebooks/versions/{{version}}/hits", response_model=VersionHits, responses=problems(404))
def hits(
    request: Request, caller: Admitted, version: Named, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Whom a version's wave brought a penalty, the newest first."""
    page = service(request).versions.hit(caller.actor, version, cursor, limit)
    return {"hits": page.rows, "next": page.next}


@router.get(f"{V1}/rulebook/explained", response_model=Explanation, responses=problems(404))
def explained(
    request: Request,
    caller: Admitted,
    key: Key = None,
    region: Region = None,
    subject: Subject = None,
    at: At = None,
) -> dict[str, Any]:
    """Which values took effect at a time in a region or a subject's: from where, of which version, and since when."""
    found = service(request).explanations.of(caller.actor, key, region=region, subject=subject, at=at)
    values = [
        {"key": one.value.key, **_stated(one.value), "version": _named(one.version), "since": one.since}
        for one in found.values
    ]
    return {"region": found.region, "at": found.at, "values": values}


def told(found: Difference, *, with_texts: bool) -> dict[str, Any]:
    """A difference as it is answered."""
    return {
        "before": _named(found.before),
        "after": _named(found.after),
        "regions": found.regions,
        "added": found.added,
        "removed": found.removed,
        "changes": [
            {"key": one.key, "regions": one.regions, "before": _side(one.before), "after": _side(one.after)}
            for one in found.changes
        ],
        "texts": [_text(one) for one in found.texts],
        "rewording": found.rewording() if with_texts else None,
    }


def _named(book: Rulebook) -> dict[str, str]:
    return {"key": book.key, "version": f"{book.version}", "digest": book.digest}


def _side(value: Effective | None) -> dict[str, Any] | None:
    return None if value is None else _stated(value)


def _stated(value: Effective) -> dict[str, Any]:
    return {"value": value.value, "origin": value.origin, "source": value.source}


def _text(change: Change) -> dict[str, Any]:
    return {"key": change.key, "language": change.language, "regions": change.regions}
