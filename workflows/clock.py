"""What time is it in a workflow? The time that its start message carried, plus the time that has passed since."""

from datetime import datetime

from temporalio import workflow


def elapsed_since(start: datetime) -> datetime:
    """The workflow's time: in production that is now, in a rehearsal the scenario's time."""
    return start + (workflow.now() - workflow.info().start_time)
