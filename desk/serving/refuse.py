"""How a refusal is answered: the application that is served says it in its own form."""

from collections.abc import Callable

from starlette.types import ASGIApp

from desk.refusal import ProblemError

Refuse = Callable[[ProblemError], ASGIApp]
