"""What a case waits for, as its page says it in one sentence."""

from collections.abc import Mapping
from typing import Any

from desk.console.times import Times
from desk.console.visit import Visit
from desk.reading.waiting import Waits
from states.terms import Status


def sentence(visit: Visit, case: Mapping[str, Any], waits: Waits | None) -> str:
    """For whom it waits, and until when; empty of a closed case. `case` are the columns that its reader gets."""
    if waits is None:
        return ""
    words, times = visit.words, Times(visit.words, visit.now)
    claimer = case.get("claimed_by") or words.say("waits.reviewer")
    # One that may still be appealed waits for an appeal; one that was, for what that comes to.
    key = case["status"] if case["status"] == Status.UNDER_APPEAL else waits.who
    said = words.say(f"waits.{key}", claimer=claimer, asked=case["asked"])
    if waits.until is None:
        return words.say("waits.without_end", waits=said)
    return words.say("waits.until", waits=said, until=times.minute(waits.until), apart=times.apart(waits.until))
