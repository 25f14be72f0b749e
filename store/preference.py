"""In which language and time zone does somebody want to read? Their own choice; without one the request decides."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from store.schema.identity import preferences

_READ = sa.select(preferences.c.language, preferences.c.zone).where(preferences.c.person == sa.bindparam("who"))


@dataclass(frozen=True)
class Preference:
    """A language's tag, and a time zone of the IANA database; none where nothing was chosen."""

    language: str | None = None
    zone: str | None = None


def read(connection: Connection, person: str) -> Preference:
    """What the person chose."""
    row = connection.execute(_READ, {"who": person}).one_or_none()
    return Preference(row.language, row.zone) if row else Preference()


def write(connection: Connection, person: str, chosen: Preference) -> None:
    """Keep what the person chooses instead of what was chosen before."""
    values = {"language": chosen.language, "zone": chosen.zone}
    statement = insert(preferences).values(person=person, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=values))
