"""By which names may we be asked? By our own: another site's name that leads here (DNS rebinding) is refused.

A number is nobody's name: whoever asks by one has it in the address bar, and no other site can pretend to it.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from desk.api.problem import ApiCode, respond
from desk.api.rules import OPEN

_HERE = "localhost"
# Of anybody, by any name: whoever watches over us may know no other.
_HEALTH = frozenset(path for _, path in OPEN if path.startswith("/health/"))


class OwnHosts:
    """Answers only who asks by a number, as `localhost`, or by one of the names."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = {_HERE, *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _HEALTH or self._ours(scope):
            await self._app(scope, receive, send)
            return
        reason = "We are not asked by that name: CASEWORK_PUBLIC_URL says what we are called."
        await respond(ApiCode.MISDIRECTED, reason, "Host")(scope, receive, send)

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
