"""The error of everything that can't be started."""


class EmbeddedError(Exception):
    """A server that can't run here: one sentence that people are shown as it is."""


class NotRunningError(EmbeddedError):
    """Nothing runs on this data directory, and no servers are set."""

    def __init__(self) -> None:
        super().__init__("Casework is not running here: start it with `casework up`.")
