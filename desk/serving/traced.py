"""Which request is that? A span for each, of which its workflow and its commit are parts; its id is the request's.

A trace begins here, also where the caller has one: strangers don't choose our ids.
"""

from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.serving.measured import ID, asked

if TYPE_CHECKING:  # it is there where traces are wanted only
    from opentelemetry.trace import Tracer


class Traced:
    """Middleware that traces whatever is inside; the span has the route's pattern, and nothing that was asked."""

    def __init__(self, app: ASGIApp, tracer: "Tracer") -> None:
        from opentelemetry.context import Context  # noqa: PLC0415
        from opentelemetry.trace import SpanKind  # noqa: PLC0415

        self._app = app
        self._nobody = Context()
        self._tracer, self._kind = tracer, SpanKind.SERVER

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with self._tracer.start_as_current_span(
            "request", self._nobody, self._kind, record_exception=False, set_status_on_exception=False
        ) as span:
            scope[ID] = f"{span.get_span_context().trace_id:032x}"

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            try:
                await self._app(scope, receive, sent)
            finally:
                route, method = asked(scope)
                span.update_name(f"{method} {route}")
                span.set_attributes({"http.route": route, "http.request.method": method})
