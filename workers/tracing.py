"""What is traced, and what of it leaves? A request, its workflow and its commit, as spans without content, to OTLP.

Imported where an address is set only: the SDK of OpenTelemetry takes a tenth of a second.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status, StatusCode, Tracer

# Seconds in which a collector takes some spans; what is not taken is lost, and nothing else waits for it.
WITHIN = 5
# At the end those that are left are sent, together within so many seconds.
ENDS_WITHIN = 5.0
# The attributes of spans that leave: ids, patterns of routes, words of closed sets and numbers.
KEPT = frozenset({
    "temporalWorkflowID", "temporalRunID", "temporalActivityID", "temporalUpdateID",
    "http.route", "http.request.method", "http.response.status_code",
})  # fmt: skip


@contextmanager
def tracing(url: str) -> Iterator[Tracer]:
    """What makes spans, for a collector that is asked at `url`/v1/traces; at the end the last ones are sent.

    A collector that is away or slow keeps no request and no commit waiting, and the end no longer than `ENDS_WITHIN`.

    The exporter's other settings are its own (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, …).
    """
    provider = TracerProvider(resource=Resource.create({"service.name": "casework"}), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(f"{url.rstrip('/')}/v1/traces", timeout=WITHIN)
    provider.add_span_processor(BatchSpanProcessor(Bare(exporter)))
    try:
        yield provider.get_tracer("casework")
    finally:
        ending = Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(ENDS_WITHIN)


class Bare(SpanExporter):
    """Passes spans on without what may have content: events, messages of errors, attributes that are not `KEPT`."""

    def __init__(self, to: SpanExporter) -> None:
        self._to = to

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._to.export([_bare(span) for span in spans])

    def shutdown(self) -> None:
        self._to.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._to.force_flush(timeout_millis)


def _bare(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in (span.attributes or {}).items() if name in KEPT} | _error(span),
        links=span.links,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _error(span: ReadableSpan) -> dict[str, str]:
    """The class of the error that a span ended with; Temporal's interceptor writes it before the message."""
    if span.status.status_code is not StatusCode.ERROR:
        return {}
    name = (span.status.description or "").partition(":")[0]
    return {"error.type": name if name.isidentifier() else "error"}
