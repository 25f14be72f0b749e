"""One version of the rulebook: what it changes, whom it hits, how far its wave is, and what can be done with it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from desk.console import version_acts
from desk.console.desks.versions import by_language
from desk.console.drawings import tiers_of
from desk.console.form import VERB
from desk.console.page import HERE, page
from desk.console.problem import problems, status_of
from desk.console.version_acts import ACTS, FIELDS, FROM
from desk.console.visit import Visit
from desk.reading.version import Life
from desk.refusal import ApiCode
from rulebook.diff import Difference
from states.terms import Code, RefusedError

# So many subjects of a forecast are shown at once.
FEW = 50
_ELSEWHERE = frozenset({Code.NOT_FOUND, ApiCode.STEP_UP_REQUIRED, ApiCode.UNAUTHENTICATED})


def show(visit: Visit) -> Response:
    """The version, by its digest or the beginning of it."""
    return _page(visit)


async def act(visit: Visit) -> Response:
    """Make the move that a form says; of a proposal's dates also show whom it would hit."""
    verb = visit.form.text(VERB) or ""
    try:
        if verb == "foresee":
            return await run_in_threadpool(_foreseen, visit)
        version = await _move(visit, verb)
    except RefusedError as refused:
        if refused.code in _ELSEWHERE:
            raise
        return await run_in_threadpool(_page, visit, refused=refused)
    return RedirectResponse(f"{HERE}/rules/versions/{version}?done={verb}", HTTPStatus.SEE_OTHER)


async def _move(visit: Visit, verb: str) -> str:
    if verb not in ACTS:
        raise RefusedError(Code.INVALID, "no_move", VERB, kind="version", move=verb)
    life = await run_in_threadpool(_life, visit)
    wanted, version = ACTS[verb], life.book.digest
    said = version_acts.said(visit, wanted, _zones(life))
    sent: dict[str, Any] = {"key": visit.form.key, "through": visit.through, "before_grave": visit.fresh}
    moves = visit.form.version if wanted.seen else None
    await visit.desk.version_moves.move(visit.actor.id, version, verb, said, moves=moves, **sent)
    return version


def _life(visit: Visit) -> Life:
    return visit.desk.versions.open(visit.actor, visit.named("version"))


def _zones(life: Life) -> dict[str, Any]:
    return {region: life.book.policy(region).zone for region in life.book.regions}


def _foreseen(visit: Visit) -> Response:
    life = _life(visit)
    said = version_acts.dates(visit, _zones(life))
    return _page(visit, foreseen=visit.desk.versions.foreseen(visit.actor, life.book.digest, said))


def _page(visit: Visit, *, foreseen: Mapping[str, Any] | None = None, refused: RefusedError | None = None) -> Response:
    life, language = _life(visit), visit.words.language
    found = _difference(visit, life)
    forecast = foreseen or life.forecast
    names = _penalties(life, found, language)
    figures = _in_order(forecast["figures"], list(names)) if forecast else []
    start = int(asked) if (asked := visit.asked("from") or "").isdecimal() and len(asked) < len("100000000") else 0
    sent = visit.form.text(VERB)
    return page(
        visit,
        "version.html",
        status=status_of(refused),
        life=life,
        version=life.version,
        acts=version_acts.shown(life, visit.words),
        found=found,
        texts=by_language(found) if found else {},
        forecast=forecast,
        foreseen=foreseen is not None,
        figures=figures,
        picture=tiers_of(figures, names, visit.words),
        names=names,
        start=start,
        few=FEW,
        hits=visit.desk.versions.hit(visit.actor, life.book.digest, visit.asked("cursor")) if life.waves else None,
        early=_early(life.notices, visit.words.zone or UTC),
        same_dates=len(set(life.dates.values())) == 1,
        form=visit.form,
        sent=sent,
        own_dates={region: visit.form.text(FROM + region) or "" for region in life.book.regions},
        problems=defaultdict(str, problems(visit.words, refused, FIELDS)),
        same_key=visit.form.key if refused and refused.code is Code.UNAVAILABLE else None,
        done=visit.asked("done"),
    )


def _early(notices: Mapping[str, datetime], zone: tzinfo) -> dict[date, list[str]]:
    """The regions within whose notice the version's dates are, by the first day that needs no reason."""
    days: defaultdict[date, list[str]] = defaultdict(list)
    for region, at in notices.items():
        days[at.astimezone(zone).date()].append(region)
    return dict(days)


def _in_order(figures: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """The groups of a forecast, with their penalties in the order in which the rulebook states them."""

    def order(tier: Mapping[str, Any]) -> int:
        return keys.index(tier["penalty"]) if tier["penalty"] in keys else len(keys)

    return [{**one, "tiers": sorted(one["tiers"], key=order)} for one in figures]


def _difference(visit: Visit, life: Life) -> Difference | None:
    """How it differs from the one that it follows."""
    if life.version.follows is None:
        return None
    return visit.desk.versions.diff(visit.actor, life.version.follows, life.book.digest)


def _penalties(life: Life, found: Difference | None, language: str) -> dict[str, str]:
    """What each penalty is called, of both versions; the same in each region unless an overlay says otherwise."""
    books = [*([found.before] if found else []), life.book]
    policies = [book.policy(region) for book in books for region in book.regions]
    return {key: one.text.in_language(language) for policy in policies for key, one in policy.penalties.items()}
