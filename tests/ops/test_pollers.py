"""A poll of a rehearsal's worker is never given up in the moment in which its Temporal answers."""

from conftest import new
from sqlalchemy import create_engine
from temporalio.plugin import SimplePlugin
from temporalio.worker import PollerBehaviorSimpleMaximum

from activities.clock import Story
from ops.rehearsal.stage.servers import skipping_time
from workers.clock import Clock
from workers.worker import compose


async def test_a_rehearsals_workers_poll_in_a_fixed_number() -> None:
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1/none")  # composed, and never asked
    async with skipping_time() as environment:
        worker = compose(environment.client, engine, b"key", new("queue"), clock=Story(Clock().now), sandbox=False)
        (plugin,) = environment.client.config()["plugins"]
    assert isinstance(plugin, SimplePlugin)  # it configures each worker of the client
    config = plugin.configure_worker(worker.config())
    assert config["workflow_task_poller_behavior"] == PollerBehaviorSimpleMaximum()
    assert config["activity_task_poller_behavior"] == PollerBehaviorSimpleMaximum()
