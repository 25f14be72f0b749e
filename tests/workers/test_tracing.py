"""A collector of traces that is away or does not answer keeps nobody waiting."""

import socket
from collections.abc import Iterator
from time import monotonic

import pytest

from workers import tracing

# As many as four times are sent at once.
MANY = 2048


@pytest.fixture
def silent() -> Iterator[str]:
    """A collector that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_collector_that_does_not_answer_holds_no_span_and_no_end(
    silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "ENDS_WITHIN", 0.2)
    with tracing.tracing(silent) as tracer:
        began = monotonic()
        for _ in range(MANY):
            tracer.start_span("a span").end()
    assert monotonic() - began < tracing.WITHIN, "somebody waited for an answer"
