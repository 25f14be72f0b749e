"""What a line of a ledger is about, as a sentence."""

from collections.abc import Mapping
from typing import Any

from desk.words.words import Words


def what(line: Mapping[str, Any], words: Words) -> str:
    """The violation with its rule, the clean days, or the class; `words` name clauses."""
    if line["clause"]:
        return words.say("what.violation", clause=line["clause"], severity=line["severity"])
    return words.say("what.days", day=line["day"]) if line["day"] else words.say("what.class")
