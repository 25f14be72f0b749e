"""A wire to a server that can be cut, and slowed: a proxy on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Wire:
    """Carries bytes both ways; `delay` is in seconds for each piece. While it is `cut` nothing connects."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.delay = 0.0
        self.cut = False

    @asynccontextmanager
    async def laid(self) -> AsyncIterator["Wire"]:
        """Carry until the block ends."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.sever()

    def sever(self) -> None:
        """End all connections."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.transport.abort()
            return
        self._open.add(writer)
        with suppress(OSError):
            there, back = await asyncio.open_connection(*self._server)
            self._open.add(back)
            await asyncio.wait(
                [asyncio.create_task(self._pump(*way)) for way in ((reader, back), (there, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )
            back.transport.abort()
            self._open.discard(back)
        writer.transport.abort()
        self._open.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(piece)
                await writer.drain()
