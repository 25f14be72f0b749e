"""Where does Prometheus scrape a process? At `/metrics` of a port of its own, where the settings name one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ops.builds import crew
from ops.metrics.figures import Figures
from workers.embedded.error import EmbeddedError
from workers.measures import watch_loop
from workers.reach import House


class _Counted(Collector):
    """What this process counted, with what the library knows of the process."""

    def collect(self) -> Iterator[Metric]:
        yield from REGISTRY.collect()


@asynccontextmanager
async def measured(house: House) -> AsyncIterator[str | None]:
    """Serve metrics while the context lasts; gives their address, or none where no port is set.

    Raises:
        EmbeddedError: the port is taken.
    """
    host, port = house.settings.metrics_host, house.settings.metrics_port
    if port is None:
        yield None
        return
    registry = CollectorRegistry()
    registry.register(_Counted())
    asked = partial(crew, house.client, house.settings.task_queue)
    registry.register(Figures(house.engine, house.clock.now, asked, asyncio.get_running_loop()))
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise EmbeddedError(f"Port {port} can't be used ({error.strerror}): set CASEWORK_METRICS_PORT.") from None
    watching = asyncio.create_task(watch_loop())
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics"
    finally:
        watching.cancel()
        await asyncio.to_thread(server.shutdown)
        await asyncio.to_thread(thread.join)
        server.server_close()
