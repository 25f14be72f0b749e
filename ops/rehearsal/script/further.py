"""The versions of a scenario's rulebook, which its people propose, approve, halt and take back."""

from pydantic import Field

from ops.rehearsal.script.malformed import FlawError, Written

# What the scenario's own rulebook is called among the versions: it is in force when the story begins.
FIRST = "v1"


class Further(Written):
    """A version: a rulebook of its own, or the scenario's with `changes`: a key of its base, and the new value.

    A change of a key to null takes away what it names. Of the first only the changes are said.
    """

    rulebook: str | None = None
    changes: dict[str, object] = Field(default_factory=dict)

    def must_be_one(self, name: str) -> None:
        """Refuse a version that is not exactly one of both, or a first that is another rulebook than the scenario's.

        Raises:
            FlawError: with the field.
        """
        if name == FIRST and self.rulebook is not None:
            raise FlawError(f"rulebooks.{name}", "is the scenario's own `rulebook`, and has at most `changes`")
        if (self.rulebook is None) is not bool(self.changes):
            raise FlawError(f"rulebooks.{name}", "must have either `rulebook` or `changes`")
