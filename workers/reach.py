"""How is an engine reached? By its keys and connections to its database and its Temporal, also without a worker."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, Interceptor
from temporalio.service import GrpcCompression, RPCError

from store.engine import connect
from store.in_thread import close, in_thread
from store.keyring import Keyring
from store.own_keys import prove
from workers.clock import Clock
from workers.codec import OWNER, Codec
from workers.converter import converter
from workers.embedded.error import EmbeddedError, NotRunningError
from workers.embedded.postgres import database_url
from workers.embedded.run import Running, Servers, running
from workers.embedded.secret import command_key, keyring
from workers.settings import Settings, SettingsError

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
    from temporalio.envconfig import ClientConnectConfig

    from store.copies import Copies
    from store.objects import Objects


@dataclass(frozen=True)
class House:
    """The connections to an engine, its database and its Temporal; with the key that signs commands, and the clock.

    `keyring` has the keys that words are kept by; `owner_url` is the database as whoever owns its tables. `tracer`
    makes spans, where somebody collects them.
    """

    settings: Settings
    engine: Engine
    client: Client
    key: bytes = field(repr=False)
    clock: Clock
    keyring: Keyring = field(repr=False)
    owner_url: str = field(repr=False)
    tracer: "Tracer | None" = None

    @contextmanager
    def owning(self) -> Iterator[Engine]:
        """The database as its owner: the schema is theirs alone."""
        engine = connect(self.owner_url, pool=1, keyring=self.keyring)
        try:
            yield engine
        finally:
            close(engine)

    @cached_property
    def objects(self) -> "Objects":
        """The bytes of evidence."""
        from store.objects import Objects  # noqa: PLC0415  # what most commands save

        return Objects(self.settings.evidence)

    @cached_property
    def copies(self) -> "Copies | None":
        """The copies of checkpoints outside the database, where the settings say that there are any."""
        from store.copies import Copies  # noqa: PLC0415  # what most commands save

        return Copies(self.settings.checkpoint_url) if self.settings.checkpoint_url else None


@asynccontextmanager
async def reach(
    settings: Settings, servers: Servers | None = None, *, pool: int = 10, anew: bool = False
) -> AsyncIterator[House]:
    """Connect to servers that were just started, to those of the settings, or to an engine running on the data folder.

    With `anew`, keys that open nothing of the database follow its own, which are lost for good.

    Raises:
        ForeignKeysError, UnknownMasterError: the keys, or the master key, are not those of the database.
        NotRunningError: nothing is running and nothing is set.
        EmbeddedError: Temporal can't be reached.
        SettingsError: the running engine is no demo, and by these settings this process is one.
    """
    beside = running(settings)
    if beside is not None and settings.demo and not beside.demo:
        raise SettingsError(
            "The engine that runs here is no demo: give this process the same CASEWORK_API_HOST, CASEWORK_PUBLIC_URL, "
            "CASEWORK_PROXIES and CASEWORK_OIDC."
        )
    url = servers.house_url if servers else _database(settings, beside.database_url if beside else None)
    owner = servers.database_url if servers else _owner(settings, url)
    config, compression = settings.temporal_connection(), GrpcCompression.GZIP
    if config is None:
        config, compression = _embedded(settings, servers, beside), GrpcCompression.NONE
    keys = keyring(settings)
    engine = connect(url, pool=pool, keyring=keys)
    try:
        await in_thread(engine, prove, engine, keys, anew)
        key = command_key(settings)
        with _traced(settings) as tracer:
            client = await _client(config, compression, Codec(keys.of(OWNER)), tracer)
            yield House(settings, engine, client, key, Clock(), keys, owner, tracer)
    finally:
        close(engine)


@contextmanager
def _traced(settings: Settings) -> "Iterator[Tracer | None]":
    if settings.otlp_url is None:
        yield None
        return
    from workers.tracing import tracing  # noqa: PLC0415  # what is not traced does not wait for it

    with tracing(settings.otlp_url) as tracer:
        yield tracer


def _database(settings: Settings, beside: str | None) -> str:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    if beside is None:
        raise NotRunningError
    return beside


def _owner(settings: Settings, url: str) -> str:
    if settings.database_url is None:
        return database_url(settings)
    return settings.owner_url.get_secret_value() if settings.owner_url else url


def _embedded(settings: Settings, servers: Servers | None, beside: Running | None) -> "ClientConnectConfig":
    if servers is not None:
        return {"target_host": servers.temporal_address, "namespace": settings.temporal_namespace}
    if beside is None:
        raise NotRunningError
    return {"target_host": beside.temporal_address, "namespace": beside.namespace}


async def _client(
    config: "ClientConnectConfig", compression: GrpcCompression, codec: Codec, tracer: "Tracer | None"
) -> Client:
    # Within one machine, to compress takes more CPU than to send: 4 % of a life's.
    encrypting = replace(converter, payload_codec=codec)
    try:
        client = await Client.connect(
            **config, grpc_compression=compression, data_converter=encrypting, interceptors=_interceptors(tracer)
        )
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except (RuntimeError, RPCError) as error:
        raise EmbeddedError(f"Temporal can't be reached at {config.get('target_host')}: {error}.") from None
    return client


def _interceptors(tracer: "Tracer | None") -> list[Interceptor]:
    if tracer is None:
        return []
    from workers.joined import interceptors  # noqa: PLC0415

    return interceptors(tracer)
