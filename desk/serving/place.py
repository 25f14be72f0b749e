"""Where a connection comes from, as the bounds count it."""

import ipaddress
from ipaddress import IPv6Address


def place(host: str) -> str:
    """The address; of IPv6 its /64 network, all of which one client can use."""
    host = plain(host)
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    return host if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def plain(host: str) -> str:
    """The address of a client as it has it: a socket for both kinds tells one of IPv4 as `::ffff:192.0.2.1`."""
    try:
        mapped = IPv6Address(host).ipv4_mapped
    except ValueError:
        return host
    return str(mapped) if mapped else host
