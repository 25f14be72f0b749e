"""How a rehearsal's workers ask its Temporal for tasks."""

from temporalio.plugin import SimplePlugin
from temporalio.worker import PollerBehaviorSimpleMaximum, WorkerConfig


class FixedPollers(SimplePlugin):
    """Gives every worker of a client a fixed number of pollers.

    Autoscaling pollers give a poll up after 11 seconds. Where the test server answers in just that moment it does so
    on a stream that it has reset; HTTP/2 forbids that, and the client ends the connection with all that is under way on
    it ("h2 protocol error"). A fixed number of pollers wait for longer than the server does.
    """

    def __init__(self) -> None:
        super().__init__("casework.FixedPollers")

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Set how the worker polls, whatever it was composed with."""
        config = super().configure_worker(config)
        config["workflow_task_poller_behavior"] = PollerBehaviorSimpleMaximum()
        config["activity_task_poller_behavior"] = PollerBehaviorSimpleMaximum()
        return config
