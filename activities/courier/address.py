"""Where may a delivery go? To public addresses over https only; a demo may also reach its own machine."""

import asyncio
import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from states.terms import Code, RefusedError

# Networks whose addresses carry an IPv4 address that a gateway or an old stack may translate to.
_TRANSLATED = tuple(
    map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "::/96", "::ffff:0:0:0/96"))
)  # fmt: skip
_LONGEST = 2000
_HOST = re.compile(r"[0-9a-z.:_-]{1,253}")


class ForbiddenAddressError(Exception):
    """No delivery may go there."""


def check(url: str, *, demo: bool) -> httpx.URL:
    """The URL of a receiver, as far as it can be judged without looking its name up.

    Raises:
        RefusedError: `invalid`, field `url`.
    """
    try:
        read = httpx.URL(url)
    except httpx.InvalidURL:
        raise _refused("unreadable") from None
    host = read.raw_host.decode()
    if len(url) > _LONGEST or read.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise _refused("absolute" if demo else "absolute_https")
    if read.userinfo or read.fragment or not 0 < (443 if read.port is None else read.port) < 65536:
        raise _refused("plain")
    if read.scheme != "https" and not demo:
        raise _refused("https")
    try:
        literal = ip_address(host)
    except ValueError:
        return read
    if not _allowed(literal, demo=demo):
        raise _refused("not_public")
    return read


async def resolve(url: httpx.URL, *, demo: bool) -> str:
    """The address to connect to: looked up once, so that a second look-up can't lead elsewhere (DNS rebinding).

    Raises:
        ForbiddenAddressError: one of the name's addresses is not public.
        OSError: the name has no address.
    """
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    found = await asyncio.get_running_loop().getaddrinfo(url.raw_host.decode(), port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not all(_allowed(each, demo=demo) for each in addresses):
        raise ForbiddenAddressError("its name leads to an address that is not public")
    return str(addresses[0])


def public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is one of the public Internet's; where it wraps an IPv4 address, whether that is."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if wrapped is not None:
            return public(wrapped)
        if address.is_site_local or any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


def _allowed(address: IPv4Address | IPv6Address, *, demo: bool) -> bool:
    return public(address) or (demo and address.is_loopback)


def _refused(why: str) -> RefusedError:
    return RefusedError(Code.INVALID, f"url.{why}", "url")
