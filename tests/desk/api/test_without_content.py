"""Logs, traces and metrics tell who did what to which case, also where it fails, and have no word that somebody wrote."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from threading import Thread
from typing import Any

import httpx
import pytest
from conftest import agency, new, person
from engines import beside
from files import picture
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest
from sqlalchemy import text

from desk.door.door import Door
from desk.identity.sessions import COOKIE, csrf_token
from desk.site import compose
from states.terms import Role
from workers.house import work
from workers.line import OURS, Lines
from workers.reach import House

# Nothing else is called so.
MARK = "zanzibarians"
V1 = "/api/v1"
# What a commit does last; the words of the error are what was written.
REFUSING = """
CREATE FUNCTION refusing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'no {mark} here: %', NEW USING ERRCODE = '{code}'; END $$;
CREATE TRIGGER refusing BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION refusing()
"""
AWAY, BROKEN = "57014", "P0001"
FAILED, FAILED_ONCE = Status.STATUS_CODE_ERROR, '"activity": "commit", "attempt": 1, "error":'


class Collector(ThreadingHTTPServer):
    """Takes spans, as a collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.bodies: list[bytes] = []

    @property
    def spans(self) -> list[Span]:
        told = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        scopes = [scope for one in told for resource in one.resource_spans for scope in resource.scope_spans]
        return [span for scope in scopes for span in scope.spans]


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:  # as the server calls it
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces":
            self.server.bodies.append(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def collecting() -> Iterator[Collector]:
    with Collector() as made:
        thread = Thread(target=made.serve_forever)
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()


@contextmanager
def logged() -> Iterator[StringIO]:
    """All that is logged meanwhile, as lines for programs."""
    into = StringIO()
    handler = logging.StreamHandler(into)
    handler.setFormatter(Lines())
    loggers = [logging.getLogger(name) for name in OURS]
    before = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    try:
        yield into
    finally:
        logging.getLogger().removeHandler(handler)
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)


@dataclass
class Told:
    """What was told of a life, and of what failed in it."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    raw: str = ""
    requests: dict[str, str] = field(default_factory=dict)
    case: str = ""
    others: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def trace(self, verb: str) -> dict[str, Span]:
        """The spans of the request for a move, by their names."""
        return {span.name: span for span in self.spans if span.trace_id.hex() == self.requests[verb]}


class Life:
    """People in browsers, who write one word wherever something can be written."""

    def __init__(self, house: House, client: httpx.AsyncClient, service: Any, told: Told, log: StringIO) -> None:
        self.house, self.client, self.told, self.log = house, client, told, log
        self.sessions = service.identities.sessions

    async def ask(self, who: str, method: str, path: str, said: Any = None, **how: Any) -> httpx.Response:
        with self.house.engine.begin() as connection:
            token, _ = self.sessions.begin(connection, who, datetime.now(UTC))
        origin = str(self.client.base_url).rstrip("/")
        headers = {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": csrf_token(token), "Origin": origin}
        headers |= {"Idempotency-Key": new(MARK), "User-Agent": MARK}
        return await self.client.request(method, path, json=said, headers=headers, **how)

    async def does(self, who: str, case: str, do: str, **said: Any) -> httpx.Response:
        answer = await self.ask(who, "POST", f"{V1}/cases/{case}/moves", {"do": do, **said})
        self.told.requests[do] = answer.headers["X-Request-Id"]
        return answer

    async def live(self) -> None:
        house = self.house
        (_, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
        mia, sam, oli = [await person(house, role) for role in (Role.MODERATOR, Role.SENIOR_MODERATOR, Role.OPS)]
        brought = await self.ask(jan, "POST", f"{V1}/evidence?filename={MARK}.png", content=picture("PNG"))
        assert brought.status_code == 201, brought.text
        said = {"clause": "agency.poaching", "against": lotus, "details": MARK, "evidence": [brought.json()["id"]]}
        filed = await self.ask(jan, "POST", f"{V1}/reports", said)
        assert filed.status_code == 201, filed.text
        self.told.requests["report"] = filed.headers["X-Request-Id"]
        case = self.told.case = filed.json()["case"]
        for who, do, more in (
            (mia, "claim", {}),
            (mia, "note", {"text": MARK}),
            (mia, "summarise", {"text": MARK}),
            (mia, "ask", {"question": MARK, "to": "respondent"}),
            (ann, "answer", {"text": MARK}),
            (mia, "claim", {}),
            (mia, "decide", {"finding": "violation", "severity": "mild", "reasons": MARK}),
        ):
            answer = await self.does(who, case, do, **more)
            assert answer.status_code == 200, answer.text
        appeal = (await self.ask(ann, "POST", f"{V1}/appeals", {"of": case, "grounds": MARK})).json()["case"]
        await self.does(sam, appeal, "claim")
        await self._away(sam, appeal)
        await self._broken(jan, lotus)
        await self._refused(jan, mia, oli, case)

    async def _away(self, sam: str, appeal: str) -> None:
        """A commit fails in a way that passes: its activity is tried again, until it can."""
        self._sql(REFUSING.format(mark=MARK, code=AWAY))
        deciding = asyncio.create_task(self.does(sam, appeal, "decide", outcome="overturned", reasons=MARK))
        async with asyncio.timeout(60):
            while FAILED_ONCE not in self.log.getvalue():
                await asyncio.sleep(0.05)
        self._sql("DROP FUNCTION refusing CASCADE")
        assert (await deciding).status_code in {200, 503}  # where the machine was slow, it was wanted no longer

    async def _broken(self, jan: str, lotus: str) -> None:
        """One fails in a way that does not, and pages and routes fail for want of a table."""
        self._sql(REFUSING.format(mark=MARK, code=BROKEN))
        said = {"clause": "agency.poaching", "against": lotus, "details": MARK}
        assert (await self.ask(jan, "POST", f"{V1}/reports", said)).status_code == 503
        self._sql("DROP FUNCTION refusing CASCADE; ALTER TABLE notices RENAME TO elsewhere")
        assert (await self.ask(jan, "GET", f"{V1}/notices?cursor={MARK}")).status_code in {422, 500}
        assert (await self.ask(jan, "GET", f"{V1}/notices")).status_code == 500
        self._sql("ALTER TABLE elsewhere RENAME TO notices; ALTER TABLE cases RENAME TO elsewhere")
        assert (await self.ask(jan, "GET", f"{V1}/cases/{MARK}")).status_code == 500
        assert (await self.ask(jan, "GET", f"/console/cases/{MARK}")).status_code == 500
        self._sql("ALTER TABLE elsewhere RENAME TO cases")

    async def _refused(self, jan: str, mia: str, oli: str, case: str) -> None:
        assert (await self.does(mia, case, "claim")).status_code == 409
        assert (await self.ask(jan, "POST", f"{V1}/reports", {MARK: MARK})).status_code == 422
        assert (await self.ask(jan, "GET", f"/nowhere/{MARK}?q={MARK}")).status_code == 404
        assert (await self.ask(oli, "GET", f"/console/search?q={MARK}")).status_code == 200
        assert (await self.client.get(f"{V1}/queue", headers={"Authorization": f"Bearer {MARK}"})).status_code == 401
        assert (await self.client.request(MARK, f"/{MARK}")).status_code in {404, 405}

    def _sql(self, told: str) -> None:
        with self.house.engine.begin() as connection:
            connection.execute(text(told))


@asynccontextmanager
async def asked(other: House) -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:
    async with Door.of(other) as door:
        app = compose(other, door)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=other.settings.origin) as client:
            yield client, app.state.service


@pytest.fixture(scope="module")
async def told(house: House, tmp_path_factory: pytest.TempPathFactory) -> Told:
    found, folder = Told(), tmp_path_factory.mktemp("untold")
    with collecting() as collector, logged() as log, pytest.MonkeyPatch.context() as patch:
        beside_ours = TracerProvider()
        beside_ours.add_span_processor(SimpleSpanProcessor(found.others))
        patch.setattr("opentelemetry.trace._TRACER_PROVIDER", beside_ours)  # as whoever instruments the process sets it
        more = {"otlp_url": f"http://127.0.0.1:{collector.server_port}", "local_accounts": True}
        async with beside(house, "untold", folder, **more) as other, work(other), asked(other) as (client, service):
            await Life(other, client, service, found, log).live()
        found.lines, found.spans = [json.loads(line) for line in log.getvalue().splitlines()], collector.spans
        found.raw = log.getvalue() + "".join(body.decode("latin-1") for body in collector.bodies)
    return found


def test_no_line_span_or_metric_has_what_somebody_wrote(told: Told) -> None:
    assert MARK not in told.raw
    assert not told.others.get_finished_spans(), "a library traces by itself, with all that it is asked"
    assert MARK not in generate_latest().decode()
    failed = {line["event"] for line in told.lines if "error" in line}
    assert {"a command could not be carried out", "… … failed"} <= failed
    assert all(line["raised"] for line in told.lines if "error" in line)


def test_a_line_says_whose_it_is(told: Told) -> None:
    by_request = {line["request"]: line for line in told.lines if line["event"] == "a command goes to its case"}
    sent = by_request[told.requests["answer"]]
    assert (sent["case"], sent["move"]) == (told.case, "answer")
    (moved,) = [line for line in told.lines if line.get("command") == sent["command"] and "activity" in line]
    assert (moved["workflow"], moved["activity"], moved["attempt"]) == (told.case, "commit", 1)
    assert (moved["move"], moved["status"]) == ("answer", "queued")
    answered = [line for line in told.lines if line["event"] == "a request was answered"]
    routes = {(line["method"], line["route"], line["status"]) for line in answered}
    assert {("POST", f"{V1}/reports", 201), ("GET", "other", 404), ("GET", f"{V1}/cases/{{case}}", 500)} <= routes


@pytest.mark.parametrize(
    ("verb", "asked", "sent"),
    [
        ("report", f"POST {V1}/reports", "StartUpdateWithStartWorkflow:Case"),
        ("answer", f"POST {V1}/cases/{{case}}/moves", "StartWorkflowUpdate:command"),
    ],
)
def test_one_trace_goes_from_the_request_through_the_workflow_to_the_commit(
    told: Told, verb: str, asked: str, sent: str
) -> None:
    spans = told.trace(verb)
    request, command, begun, commit = (
        spans[one] for one in (asked, sent, "StartActivity:commit", "RunActivity:commit")
    )
    assert not request.parent_span_id
    assert command.parent_span_id == request.span_id
    assert begun.parent_span_id == command.span_id
    assert commit.parent_span_id == begun.span_id
    known = {one.key: one.value.string_value for one in begun.attributes}
    assert known["temporalWorkflowID"] == told.case


def test_of_what_failed_a_span_has_the_class_alone(told: Told) -> None:
    failed = [span for span in told.spans if span.status.code == FAILED]
    assert "RunActivity:commit" in {span.name for span in failed}
    for span in failed:
        assert (span.status.message, list(span.events)) == ("", [])
        assert {one.key: one.value.string_value for one in span.attributes}["error.type"].isidentifier()
