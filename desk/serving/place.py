"""Where a connection comes from, as the bounds count it."""

import ipaddress


def place(host: str) -> str:
    """The address; of IPv6 its /64 network, all of which one client can use."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    return host if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
