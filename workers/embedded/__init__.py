"""The embedded servers: PostgreSQL and Temporal, started and watched by us, on 127.0.0.1 only."""

from workers.embedded.binary import binary
from workers.embedded.error import EmbeddedError
from workers.embedded.run import Running, running
from workers.embedded.secret import command_key
from workers.embedded.servers import Servers, embedded

__all__ = ["EmbeddedError", "Running", "Servers", "binary", "command_key", "embedded", "running"]
