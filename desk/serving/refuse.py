"""The type of what answers a refusal in the served application's own form, given to the middleware."""

from collections.abc import Callable

from starlette.types import ASGIApp

from desk.refusal import ProblemError

Refuse = Callable[[ProblemError], ASGIApp]
