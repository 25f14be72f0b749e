"""Requests whose `Host` is not ours are refused (DNS rebinding). An IP address is accepted: it cannot be rebound."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.refusal import ApiCode, ProblemError
from desk.serving.refuse import Refuse

_HERE = "localhost"


class OwnHosts:
    """Middleware: `Host` must be an IP address, `localhost` or one of the names; paths `open_to_all` take any."""

    def __init__(self, app: ASGIApp, names: Iterable[str], refuse: Refuse, open_to_all: Iterable[str] = ()) -> None:
        self._app = app
        self._refuse = refuse
        self._open_to_all = frozenset(open_to_all)
        self._names = {_HERE, *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._open_to_all or self._ours(scope):
            await self._app(scope, receive, send)
            return
        await self._refuse(ProblemError(ApiCode.MISDIRECTED, "misdirected", "Host"))(scope, receive, send)

    def _ours(self, scope: Scope) -> bool:
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        name = _name(given[0]) if len(given) == 1 else None
        return name is not None and (name in self._names or _is_number(name))


def _name(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
    except ValueError:
        return None
    return parts.hostname if parts.netloc == host and parts.username is None else None


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
