"""The versions of the rulebook: which there were, and how two of them differ."""

from collections import defaultdict
from collections.abc import Sequence

from starlette.responses import Response

from desk.console.page import page
from desk.console.visit import Visit
from desk.reading.offered import drafting
from desk.reading.versions import Known
from rulebook.diff import Change, Difference


def history(visit: Visit) -> Response:
    """All versions, with when each was in force where."""
    known = visit.desk.versions.history(visit.actor)
    return page(
        visit,
        "versions.html",
        known=known,
        before={one.version.digest: _before(one, known) for one in known},
        drafts=drafting(visit.actor).allowed,
    )


def diff(visit: Visit) -> Response:
    """How two versions differ; without any, the newest and the one before it."""
    known = visit.desk.versions.history(visit.actor)
    after = visit.asked("after") or known[0].version.digest
    newest = next((one for one in known if one.version.digest == after), known[0])
    found = visit.desk.versions.diff(visit.actor, visit.asked("before") or _before(newest, known), after)
    return page(visit, "diff.html", found=found, known=known, texts=by_language(found))


def _before(one: Known, known: Sequence[Known]) -> str:
    """The version that one follows, else the one before it, else itself."""
    older = known[known.index(one) + 1 :]
    return one.version.follows or (older[0] if older else one).version.digest


def by_language(found: Difference) -> dict[str, list[Change]]:
    """The titles and texts that differ, by language."""
    texts: defaultdict[str, list[Change]] = defaultdict(list)
    for change in found.texts:
        texts[change.language or ""].append(change)
    return dict(texts)
