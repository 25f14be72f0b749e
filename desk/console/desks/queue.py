"""What waits for reviewers: the queue with its filter, what somebody has, appeals, and second votes; and the next."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from desk.console.kept import filter_of, keep, kept
from desk.console.page import HERE, page
from desk.console.visit import Visit
from desk.reading.pulse import stamp
from desk.reading.wanted import ME, Looked
from desk.refusal import STATUS
from states.terms import Code, Kind, RefusedError, Status
from store.order import Sort

# Fields of the page's query that are no filter of the queue.
_ORDER = ("sort", "cursor")


@dataclass(frozen=True)
class List:
    """A list of cases: its name and path, what its cases are like, and whether the next of them can be claimed."""

    name: str
    asked: Looked
    next: bool = True

    @property
    def path(self) -> str:
        """Where it is."""
        return f"{HERE}/{self.name}"


_MINE = List("mine", Looked(claimed_by=[ME]), next=False)
_APPEALS = List("appeals", Looked(kind=[Kind.APPEAL], claimable=False))
_VOTES = List("votes", Looked(status=[Status.AWAITING_APPROVAL]), next=False)
_NAMED = {one.name: one for one in (_MINE, _APPEALS, _VOTES)}
LISTS = ("queue", *_NAMED)
# Of a page: three screens of a list of which one takes the first.
ROWS = 40


def show(visit: Visit) -> Response:
    """The queue, by the filter that is asked for, or by the last one."""
    said = filter_of(visit.request)
    made = _shown(visit, *_asked(said))
    if visit.request.url.query:
        keep(made, said)
    return made


def mine(visit: Visit) -> Response:
    """What the reader has claimed."""
    return _shown(visit, _MINE, _order(visit))


def appeals(visit: Visit) -> Response:
    """The open appeals."""
    return _shown(visit, _APPEALS, _order(visit))


def votes(visit: Visit) -> Response:
    """The verdicts that wait for a second vote."""
    return _shown(visit, _VOTES, _order(visit))


async def claim_next(visit: Visit) -> Response:
    """Claim the next case of the queue, by the filter that its page was shown with, and lead there."""
    return await _next(visit, _asked(kept(visit.request))[0])


async def claim_appeal(visit: Visit) -> Response:
    """Claim the next appeal, and lead there."""
    return await _next(visit, _APPEALS)


async def next_case(visit: Visit, asked: Looked, key: str) -> str:
    """Claim the next case that fits; where it is.

    Raises:
        RefusedError: `not_found`: nothing waits.
    """
    fields = {"claimed_by", "claimable"}
    told = asked.model_dump(mode="json", exclude_defaults=True, exclude=fields)
    through = visit.caller.through if visit.caller else None
    answer = await visit.desk.following.claim(visit.actor, asked.filter(), told, key=key, through=through)
    return f"{HERE}/cases/{answer['case']}"


def last_filter(visit: Visit) -> Looked:
    """What the next case is chosen by."""
    return _asked(kept(visit.request))[0].asked


def glance(visit: Visit, named: str, said: dict[str, list[str]]) -> str:
    """The stamp of a list as it is now; of the queue by a filter."""
    queue, sort = _asked(said)
    return visit.desk.pulses.queue(visit.actor, _NAMED.get(named, queue).asked, sort, ROWS)


async def _next(visit: Visit, one: List) -> Response:
    try:
        return RedirectResponse(await next_case(visit, one.asked, visit.form.key), HTTPStatus.SEE_OTHER)
    except RefusedError as refused:
        if refused.code is not Code.NOT_FOUND:
            raise
        status, sentence = STATUS[refused.code], visit.words.refusal(refused)
    return await run_in_threadpool(_shown, visit, one, Sort.URGENT, sentence=sentence, status=status.value)


def _asked(said: dict[str, list[str]]) -> tuple[List, Sort]:
    """The queue by a filter; one that can't be read is none."""
    try:
        looked = Looked.of({name: values for name, values in said.items() if name not in _ORDER})
        sort = Sort(said.get("sort", [Sort.URGENT.value])[-1])
    except (RefusedError, ValueError):
        return List("queue", Looked()), Sort.URGENT
    return List("queue", looked), sort


def _order(visit: Visit) -> Sort:
    try:
        return Sort(visit.asked("sort") or Sort.URGENT)
    except ValueError:
        return Sort.URGENT


def _shown(visit: Visit, one: List, sort: Sort, *, sentence: str = "", status: int = 200) -> Response:
    lists = visit.desk.lists
    found = lists.queue(visit.actor, one.asked, sort, visit.asked("cursor"), ROWS)
    choices = lists.choices(visit.actor, visit.words.language)
    asked = one.asked.model_dump(mode="json", exclude_defaults=True)
    hidden = None if found.page.rows or not asked or one.name != "queue" else lists.hidden(visit.actor, one.asked)
    query = urlencode(({} if one.name in _NAMED else asked) | {"sort": sort.value}, doseq=True)
    return page(
        visit,
        "queue.html",
        status=status,
        list=one,
        sort=sort,
        asked=asked,
        found=found,
        hidden=hidden,
        hidden_by=[visit.words.field(name) for name in hidden.fields] if hidden else [],
        languages=sorted({*choices.languages, *one.asked.language}),
        clauses=choices.clauses,
        query=query,
        stamp=None if visit.asked("cursor") else stamp(*((row["id"], row["version"]) for row in found.page.rows)),
        sentence=sentence,
        done=visit.asked("done"),
    )
