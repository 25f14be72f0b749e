"""Is a forecast that was computed before a proposal locked anything still that of what is in force, and to come?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from activities.rollout.forecast import Forecast
from activities.timeline import Timeline

# Of each version in each region: since when, and whether it is taken back.
Chain = frozenset[tuple[str, str, datetime, bool]]


@dataclass(frozen=True)
class Foreseen:
    """A forecast of a version with these dates, and the versions that there were when it was computed."""

    forecast: Forecast
    dates: Mapping[str, datetime]
    chain: Chain

    def holds(self, timeline: Timeline, planned: Mapping[str, datetime]) -> bool:
        """Whether it is that of a proposal with these dates now."""
        return (self.dates, self.chain) == (planned, chain(timeline))


def chain(timeline: Timeline) -> Chain:
    """What a forecast depends on, beside scores and penalties; how far a wave has come changes nothing."""
    return frozenset((one.digest, one.region, one.since, one.taken_back) for one in timeline.dated)
