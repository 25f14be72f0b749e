"""A condition of `states/sight.py` in its reader's words: `filed by is the reader or agency is the reader's agency`."""

from desk.words.words import Words
from states.condition import All, Any, Condition, Is, Mine, Since

_OWN = {"id": "sight.reader", "agency": "sight.readers_agency", "regions": "sight.readers_regions"}


def condition(words: Words, given: Condition) -> str:
    """The condition in a sentence's part; what is joined by "or" inside of an "and" stands in brackets."""
    if isinstance(given, All):
        return words.say("sight.and").join(_inside(words, part) for part in given.parts) or words.say("sight.always")
    if isinstance(given, Any):
        return words.say("sight.or").join(condition(words, part) for part in given.parts)
    if isinstance(given, Mine):
        return words.say(_OWN[given.own], fact=given.fact)
    if isinstance(given, Since):
        return words.say("sight.since_reader_came", fact=given.fact)
    if isinstance(given, Is) and given.value is not None:
        return words.say("sight.is", fact=given.fact, value=words.term("side", words.term("kind", given.value)))
    return words.say("sight.unknown", fact=given.fact) if isinstance(given, Is) else str(given)


def _inside(words: Words, part: Condition) -> str:
    return f"({condition(words, part)})" if isinstance(part, Any) and len(part.parts) > 1 else condition(words, part)
