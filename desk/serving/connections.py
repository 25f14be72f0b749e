"""How many connections are open, and which is closed for a new one: the one that has waited longest without asking.

A connection costs its client nothing, so those that wait (for their first head, or kept for the next) hold no place
against others; one with a request at work is never closed. Where all that could be closed are at work, a new one is
beyond the bounds: it may ask whether the process lives, which only its head can tell, and is closed after its answer.
"""

from collections import Counter
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Protocol

from desk.serving.place import place

# At once, and from one address. A process has often 1,024 files, and needs some for the database.
MOST, OF_AN_ADDRESS = 500, 128
# Beyond the bounds; of these, too, the one that has waited longest is closed for a new one.
BEYOND = 32


class Connection(Protocol):
    """A connection of a server, from the address `host`."""

    host: str
    beyond: bool

    def give_way(self) -> None:
        """Close it now; it waits for a head."""


class Connections:
    """The open connections. Those from `proxies` (addresses and networks) are of many, and count in the sum alone."""

    def __init__(self, most: int = MOST, of_an_address: int = OF_AN_ADDRESS, proxies: Sequence[str] = ()) -> None:
        self._most = most
        self._of_an_address = of_an_address
        self._proxies = [ip_network(one) for one in proxies]
        self._open: dict[Connection, str] = {}
        self._at: Counter[str] = Counter()
        # As sets that keep the order in which their members began to wait.
        self._waiting: dict[Connection, None] = {}
        self._beyond: dict[Connection, None] = {}

    def enter(self, one: Connection) -> None:
        """Take a new connection in, which waits for its head; another may have to give way, or it is `beyond`."""
        here = place(one.host)
        if self._at[here] >= self._of_an_address and not self._is_proxy(one.host):
            one.beyond = not self._made_room(here)
        elif len(self._open) >= self._most:
            one.beyond = not self._made_room()
        if one.beyond:
            if len(self._beyond) >= BEYOND:
                self._closed(next(iter(self._beyond)))
            self._beyond[one] = None
            return
        self._open[one] = here
        self._at[here] += 1
        self._waiting[one] = None

    def waits(self, one: Connection) -> None:
        """Its request is answered: it waits for the next."""
        if one in self._open:
            self._waiting[one] = None

    def works(self, one: Connection) -> None:
        """Its head has come."""
        self._waiting.pop(one, None)
        self._beyond.pop(one, None)

    def leave(self, one: Connection) -> None:
        """It is closed; a second time is nothing."""
        self.works(one)
        if (here := self._open.pop(one, None)) is not None:
            self._at[here] -= 1
            if not self._at[here]:
                del self._at[here]

    def _is_proxy(self, host: str) -> bool:
        return bool(self._proxies) and any(ip_address(host) in network for network in self._proxies)

    def _made_room(self, here: str | None = None) -> bool:
        """Close the one that has waited longest, of all or of a place; whether there was one."""
        oldest = next((one for one in self._waiting if here in {None, self._open[one]}), None)
        if oldest is None:
            return False
        self._closed(oldest)
        return True

    def _closed(self, one: Connection) -> None:
        self.leave(one)
        one.give_way()
