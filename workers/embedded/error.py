"""The error of everything that can't be started."""


class EmbeddedError(Exception):
    """A server that can't run here: one sentence that people are shown as it is."""
