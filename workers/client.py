"""How is Temporal reached? One client shape for workers and desks; payloads are pydantic JSON."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConnectConfig


async def connect(config: ClientConnectConfig) -> Client:
    """Connect with the settings' configuration."""
    return await Client.connect(**config, data_converter=pydantic_data_converter)
