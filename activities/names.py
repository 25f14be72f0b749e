"""By which names do activities, workflows and the desk call each other? A test holds them equal to the definitions."""

COMMIT = "commit"
CASE = "Case"
COMMAND = "command"
LOOK = "look"

SURVEY = "survey"
TELL = "tell"
STANDING = "Standing"

ADVANCE = "advance"
ROLLOUT = "Rollout"

DELIVER = "deliver"
WEBHOOK = "Webhook"


def deliveries(task_queue: str) -> str:
    """The task queue of deliveries to receivers, whose worker has no other task, beside a worker's own queue."""
    return f"{task_queue}.deliveries"


def standing_id(subject: str) -> str:
    """The workflow id of a subject's courier."""
    return f"standing-{subject}"


def webhook_id(webhook: str) -> str:
    """The workflow id of a receiver's courier."""
    return f"webhook-{webhook}"


def rollout_id(version: str) -> str:
    """The workflow id of the courier of a version of the rulebook, by its digest."""
    return f"rollout-{version}"
