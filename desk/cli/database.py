"""The database for commands that only read: they work without Temporal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Engine

from store.engine import connect
from store.own_keys import prove
from workers.clock import Clock
from workers.embedded.error import NotRunningError
from workers.embedded.postgres import database_url
from workers.embedded.run import running
from workers.embedded.secret import keyring
from workers.settings import Settings


@contextmanager
def reading(*, owner: bool = False, anew: bool = False) -> Iterator[tuple[Engine, Callable[[], datetime]]]:
    """Give the settings' database, or that of an engine which runs beside us, and the clock; or that as its `owner`.

    With `anew`, keys that open nothing of the database follow its own, which are lost for good.

    Raises:
        ForeignKeysError, UnknownMasterError: the keys, or the master key, are not those of the database.
        NotRunningError: nothing is running and nothing is set.
    """
    settings = Settings()
    beside = running(settings)
    if settings.database_url is not None:
        own = settings.owner_url if owner else None
        url = (own or settings.database_url).get_secret_value()
    elif beside is not None:
        url = database_url(settings) if owner else beside.database_url
    else:
        raise NotRunningError
    keys = keyring(settings)
    engine = connect(url, pool=2, keyring=keys)
    try:
        prove(engine, keys, anew)
        yield engine, Clock().now
    finally:
        engine.dispose()
