"""What answers a refusal of the middleware, in the form of the application that was asked."""

from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.refusal import ProblemError

Refuse = Callable[[ProblemError], ASGIApp]


def by_path(refuse: Refuse, beside: Mapping[str, tuple[ASGIApp, Refuse]]) -> Refuse:
    """`refuse`, but below a path of `beside` as the application there does it."""

    def of(refused: ProblemError) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            path = str(scope.get("path", ""))
            own = next((one for below, (_, one) in beside.items() if f"{path}/".startswith(f"{below}/")), refuse)
            await own(refused)(scope, receive, send)

        return answer

    return of
