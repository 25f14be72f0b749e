"""How does somebody want to read? Their own choice; where they made none, the request and their device decide."""

from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from store.schema.identity import Theme, preferences


@dataclass(frozen=True)
class Preference:
    """A language's tag, a time zone of the IANA database, a theme of the console: none where nothing was chosen.

    `keys`: single letters act in the console. `blur`, `grey`, `mute`: evidence is veiled so until the reader lifts it.
    """

    language: str | None = None
    zone: str | None = None
    theme: Theme | None = None
    keys: bool = True
    blur: bool = True
    grey: bool = True
    mute: bool = True


_READ = sa.select(*(preferences.c[one.name] for one in fields(Preference))).where(
    preferences.c.person == sa.bindparam("who")
)


def read(connection: Connection, person: str) -> Preference:
    """What the person chose."""
    row = connection.execute(_READ, {"who": person}).mappings().one_or_none()
    return Preference(**{**row, "theme": Theme(row["theme"]) if row["theme"] else None}) if row else Preference()


def write(connection: Connection, person: str, chosen: Preference) -> None:
    """Keep what the person chooses instead of what was chosen before."""
    values = asdict(chosen)
    statement = insert(preferences).values(person=person, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=values))
