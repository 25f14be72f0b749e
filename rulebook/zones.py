"""Which time zones are there? The names of the IANA database, the same on every machine."""

from functools import cache
from importlib.resources import files
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator

from rulebook.misfit import refusing

# Of the database's own tests: the local time of a machine that nobody has set up.
_NO_PLACE = frozenset({"Factory"})


@cache
def zones() -> frozenset[str]:
    """The names that the `tzdata` package lists; a machine may have more of its own, such as `localtime`."""
    return frozenset(files("tzdata").joinpath("zones").read_text("ascii").split()) - _NO_PLACE


@cache
def places() -> tuple[str, ...]:
    """Those of them that are a place's, each place by one name; the others are older names, and zones of no place."""
    lines = files("tzdata").joinpath("zoneinfo/zone.tab").read_text("ascii").splitlines()
    return tuple(sorted(line.split("\t")[2] for line in lines if line and not line.startswith("#")))


def _named(zone: object) -> object:
    if isinstance(zone, str) and zone not in zones():
        raise refusing("zone")
    return zone


Zone = Annotated[ZoneInfo, BeforeValidator(_named)]
