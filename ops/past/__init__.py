"""What was a case at a time? Its journal alone says it, played again by the rules that it pins."""

from ops.past.past import Was, was

__all__ = ["Was", "was"]
