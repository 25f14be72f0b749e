"""Alembic's upgrade of a schema: imported only where there is something to upgrade, for the import takes its time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def configuration() -> Config:
    """Alembic's configuration; there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(connection: Connection) -> None:
    """Apply the revisions that the schema has not yet.

    Raises CommandError where the schema is of a newer deployment.
    """
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
