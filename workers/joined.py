"""To which request does a commit belong, in traces? To that whose command it carries out, not to the one that filed.

A case's workflow takes commands from updates and carries them out one by one in its one loop, for weeks. Temporal's
interceptor alone would count all of that as part of the request that filed the case.
"""

from collections.abc import Mapping
from typing import Any

from opentelemetry import context
from opentelemetry.context import Context
from opentelemetry.trace import Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from temporalio.api.common.v1 import Payload
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.contrib.opentelemetry import TracingInterceptor, TracingWorkflowInboundInterceptor
from temporalio.converter import PayloadConverter
from temporalio.worker import (
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from activities.command import Command, Request

# As Temporal's interceptor names its header, and writes it.
_HEADER = "_tracer-data"
_CONVERTER = PayloadConverter.default
_WRITTEN = TraceContextTextMapPropagator()


def interceptors(tracer: Tracer) -> list[ClientInterceptor]:
    """Those of a client, and of the workers that have it."""
    return [_Traced(tracer), _Joined()]


class _Traced(TracingInterceptor):
    """Temporal's, which traces no update and no signal as part of the request that filed the case."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> "type[_InRequest]":  # noqa: A002
        super().workflow_interceptor_class(input)
        return _InRequest


class _InRequest(TracingWorkflowInboundInterceptor):
    def handle_update_validator(self, input: HandleUpdateInput) -> None:  # noqa: A002
        self.next.handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        return await self.next.handle_update_handler(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002
        await self.next.handle_signal(input)


class _Joined(ClientInterceptor, Interceptor):
    """It follows Temporal's, and so is asked first what a workflow starts."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> "type[_Asked]":  # noqa: A002, ARG002
        return _Asked


class _Asked(WorkflowInboundInterceptor):
    """Keeps of each command that waits whose request it is."""

    def __init__(self, next: WorkflowInboundInterceptor) -> None:  # noqa: A002
        super().__init__(next)
        self.requests: dict[str, Context] = {}

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_ForWhom(outbound, self.requests))

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        command = next((one.id for one in input.args if isinstance(one, Command)), "")
        self.requests[command] = _of(input.headers)
        try:
            return await super().handle_update_handler(input)
        finally:
            self.requests.pop(command, None)


class _ForWhom(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, requests: Mapping[str, Context]) -> None:  # noqa: A002
        super().__init__(next)
        self._requests = requests

    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:  # noqa: A002
        asked = next((one for one in input.args if isinstance(one, Request)), None)
        if asked is None:
            return super().start_local_activity(input)
        # A deadline or a look is nobody's request: its commit is a trace of its own.
        found = self._requests.get(asked.command.id) if asked.command else Context()
        token = context.attach(context.get_current() if found is None else found)
        try:
            return super().start_local_activity(input)
        finally:
            context.detach(token)


def _of(headers: Mapping[str, Payload]) -> Context:
    if _HEADER not in headers:
        return Context()
    return _WRITTEN.extract(_CONVERTER.from_payloads([headers[_HEADER]])[0], Context())
