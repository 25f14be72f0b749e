"""Writing a version of the rulebook, from another one or from files: checked, compared, kept as a draft."""

from collections import defaultdict
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from desk.console.desks.versions import by_language
from desk.console.form import VERB
from desk.console.page import HERE, page
from desk.console.parts import BRING
from desk.console.problem import problems, status_of
from desk.console.uploading import files_in
from desk.console.visit import Visit
from rulebook.diff import Difference
from states.terms import Code, RefusedError

_FAULTS = "faults"


class Sheet(NamedTuple):
    """A file as it is written: its text, how many lines that has, and what is wrong, by line."""

    name: str
    text: str
    faults: list[Mapping[str, Any]]

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.text.count("\n") + 1


def new(visit: Visit) -> Response:
    """The files of a version, to be changed: of the one that is asked for, else of the newest that was approved."""
    return _page(visit, visit.desk.versions.files(visit.actor, visit.asked("of")))


async def act(visit: Visit) -> Response:
    """What the form says: check and compare what is written, keep it as a draft, or show what was brought."""
    files = files_in(visit.form)
    try:
        if visit.form.refused is not None:
            raise visit.form.refused
        if visit.form.text(VERB) == BRING:
            return await run_in_threadpool(_page, visit, files)
        raw = {name: text.encode() for name, text in files.items()}
        if visit.form.text(VERB) != "draft":
            return await run_in_threadpool(_compared, visit, files, raw)
        sent = {"key": visit.form.key, "through": visit.through}
        told = await visit.desk.version_moves.draft(visit.actor.id, raw, **sent)
    except RefusedError as refused:
        return await run_in_threadpool(_page, visit, files, refused=refused)
    return RedirectResponse(f"{HERE}/rules/versions/{told['version']}?done=draft", HTTPStatus.SEE_OTHER)


def _compared(visit: Visit, files: Mapping[str, str], raw: Mapping[str, bytes]) -> Response:
    return _page(visit, files, found=visit.desk.versions.held(visit.actor, raw))


def _page(
    visit: Visit, files: Mapping[str, str], *, found: Difference | None = None, refused: RefusedError | None = None
) -> Response:
    faults: Any = refused.facts.get(_FAULTS, []) if refused else []
    told = problems(visit.words, refused, ("files",)) if not faults else {}
    return page(
        visit,
        "drafting.html",
        status=status_of(refused),
        sheets=[Sheet(name, text, [one for one in faults if one["file"] == name]) for name, text in files.items()],
        elsewhere=[one for one in faults if one["file"] not in files],
        faults=len(faults),
        found=found,
        texts=by_language(found) if found else {},
        problems=defaultdict(str, told),
        same_key=visit.form.key if refused and refused.code is Code.UNAVAILABLE else None,
    )
