"""Filing a report or an appeal: kept as a draft for as long as one writes, and sent once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from desk.console.form import VERB, new_key
from desk.console.page import HERE, page
from desk.console.parts import BRING, BROUGHT
from desk.console.problem import problems, status_of
from desk.console.visit import Visit
from states.terms import Kind, RefusedError
from store.draft import Draft
from store.in_thread import in_thread

# The fields of each form that a refusal stands at, and those that a draft keeps.
_FIELDS = {
    Kind.REPORT: ("clause", "against", "about", "occurred", "details", BROUGHT),
    Kind.APPEAL: ("grounds", BROUGHT),
}
_KEPT = {Kind.REPORT: ("clause", "against", "about", "occurred", "details"), Kind.APPEAL: ("of", "grounds")}


@dataclass(frozen=True)
class Written:
    """A form as it is written: the key under which it is sent, its words and files, and the draft kept of it."""

    key: str
    words: Mapping[str, str]
    files: Sequence[str] = ()
    draft: Draft | None = None

    @classmethod
    def of(cls, draft: Draft) -> "Written":
        """A draft that is written on."""
        return cls(draft.key, draft.words, draft.files, draft)


def new_report(visit: Visit) -> Response:
    """The form of a report, empty or with a draft."""
    key = visit.asked("draft")
    draft = visit.desk.drafts.read(visit.actor, key) if key else None
    return _report(visit, Written.of(draft) if draft else Written(new_key(), {}))


def new_appeal(visit: Visit) -> Response:
    """The form of an appeal against a report's verdict, empty or with its draft."""
    of = visit.asked("of")
    if of is None:
        return RedirectResponse(f"{HERE}/reports?tab=appeals", HTTPStatus.SEE_OTHER)
    drafts = visit.desk.drafts.all(visit.actor, Kind.APPEAL)
    draft = next((one for one in drafts if one.words.get("of") == of), None)
    return _appeal(visit, Written.of(draft) if draft else Written(new_key(), {"of": of}))


async def report(visit: Visit) -> Response:
    """What the form of a report says: send it, keep it, bring its files, or drop the draft."""
    return await _acted(visit, Kind.REPORT, _report)


async def appeal(visit: Visit) -> Response:
    """The same of an appeal."""
    return await _acted(visit, Kind.APPEAL, _appeal)


async def _acted(visit: Visit, kind: Kind, shown: Callable[..., Response]) -> Response:
    form = visit.form
    kept = await in_thread(visit.desk.engine, visit.desk.drafts.all, visit.actor, kind)
    draft = next((one for one in kept if one.key == form.key), None)
    written = Written(form.key, form.said(*_KEPT[kind]), form.texts(BROUGHT), draft)
    try:
        if form.refused is not None:
            raise form.refused
        if form.text(VERB) == BRING:
            return await run_in_threadpool(shown, visit, written)
        return RedirectResponse(HERE + await _done(visit, kind, written), HTTPStatus.SEE_OTHER)
    except RefusedError as refused:
        return await run_in_threadpool(shown, visit, written, refused)


async def _done(visit: Visit, kind: Kind, written: Written) -> str:
    """Do what the button says; where to go then."""
    engine, drafts, actor = visit.desk.engine, visit.desk.drafts, visit.actor
    if visit.form.text(VERB) == "keep":
        await in_thread(engine, drafts.keep, actor, written.key, kind, written.words, written.files)
        return f"/reports/new?{urlencode({'draft': written.key})}" if kind is Kind.REPORT else _appeal_of(written)
    if visit.form.text(VERB) == "drop":
        await in_thread(engine, drafts.drop, actor, written.key)
        return "/reports" if kind is Kind.REPORT else f"/cases/{quote(written.words.get('of', ''), safe='')}"
    answer = await visit.send(kind.value, _said(visit, kind, written))
    await in_thread(engine, drafts.drop, actor, written.key)
    return f"/cases/{answer['case']}"


def _appeal_of(written: Written) -> str:
    return f"/appeals/new?{urlencode({'of': written.words.get('of', '')})}"


def _said(visit: Visit, kind: Kind, written: Written) -> dict[str, Any]:
    """What the door is told: each line of `about` is a name, and a time is in the reader's zone."""
    said: dict[str, Any] = dict(written.words)
    if kind is Kind.REPORT:
        said["about"] = [line.strip() for line in said.get("about", "").splitlines() if line.strip()]
    if "occurred" in said:
        said["occurred"] = visit.moment("occurred", said["occurred"]).isoformat()
    if written.files:
        said[BROUGHT] = list(written.files)
    return said


def _report(visit: Visit, written: Written, refused: RefusedError | None = None) -> Response:
    filing = visit.desk.filings.of(visit.actor)
    visit.words = visit.words.naming(filing.rules.names(visit.words.language))
    return _page(visit, "report.html", Kind.REPORT, written, refused, filing=filing)


def _appeal(visit: Visit, written: Written, refused: RefusedError | None = None) -> Response:
    of = visit.desk.dossiers.open(visit.actor, written.words.get("of", ""))
    verdicts = [entry for entry in of.timeline if entry.event == "decide"]
    return _page(visit, "appeal.html", Kind.APPEAL, written, refused, of=of, verdict=verdicts[-1] if verdicts else None)


def _page(
    visit: Visit, template: str, kind: Kind, written: Written, refused: RefusedError | None, **more: Any
) -> Response:
    files = visit.desk.drafts.files(visit.actor, written.files)
    told = problems(visit.words, refused, _FIELDS[kind])
    if visit.form.refused is not None and refused is visit.form.refused:  # of a file, whatever field it names
        told = {BROUGHT: next(iter(told.values()))}
    return page(
        visit,
        template,
        status=status_of(refused),
        written=written,
        said=defaultdict(str, written.words),
        files=files,
        gone=len(set(written.files)) - len(files),
        problems=defaultdict(str, told),
        **more,
    )
