"""How is an engine reached? By connections to its database and its Temporal, also from a process without a worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import GrpcCompression, RPCError

from store.engine import connect
from store.in_thread import close
from workers.clock import Clock
from workers.converter import converter
from workers.embedded.error import EmbeddedError, NotRunningError
from workers.embedded.run import Running, Servers, running
from workers.embedded.secret import command_key
from workers.settings import Settings, SettingsError

if TYPE_CHECKING:
    from temporalio.envconfig import ClientConnectConfig

    from store.objects import Objects


@dataclass(frozen=True)
class House:
    """The connections to an engine, its database and its Temporal; with the key that signs commands, and the clock."""

    settings: Settings
    engine: Engine
    client: Client
    key: bytes = field(repr=False)
    clock: Clock

    @cached_property
    def objects(self) -> "Objects":
        """The bytes of evidence."""
        from store.objects import Objects  # noqa: PLC0415  # what most commands save

        return Objects(self.settings.evidence)


@asynccontextmanager
async def reach(settings: Settings, servers: Servers | None = None, *, pool: int = 10) -> AsyncIterator[House]:
    """Connect to servers that were just started, to those of the settings, or to an engine running on the data folder.

    Raises:
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
    url = servers.database_url if servers else _database(settings, beside.database_url if beside else None)
    config, compression = settings.temporal_connection(), GrpcCompression.GZIP
    if config is None:
        config, compression = _embedded(settings, servers, beside), GrpcCompression.NONE
    engine = connect(url, pool=pool)
    try:
        client = await _client(config, compression)
        yield House(settings, engine, client, command_key(settings), Clock())
    finally:
        close(engine)


def _database(settings: Settings, beside: str | None) -> str:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    if beside is None:
        raise NotRunningError
    return beside


def _embedded(settings: Settings, servers: Servers | None, beside: Running | None) -> "ClientConnectConfig":
    if servers is not None:
        return {"target_host": servers.temporal_address, "namespace": settings.temporal_namespace}
    if beside is None:
        raise NotRunningError
    return {"target_host": beside.temporal_address, "namespace": beside.namespace}


async def _client(config: "ClientConnectConfig", compression: GrpcCompression) -> Client:
    # Within one machine, to compress takes more CPU than to send: 4 % of a life's.
    try:
        client = await Client.connect(**config, grpc_compression=compression, data_converter=converter)
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except (RuntimeError, RPCError) as error:
        raise EmbeddedError(f"Temporal can't be reached at {config.get('target_host')}: {error}.") from None
    return client
