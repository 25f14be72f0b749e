"""What a page of the queue is asked for: by whom, in which order, with which filter."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.crowd import AT, RARE_CLAUSE, RARE_LANGUAGE, RARE_REGION, REGIONS
from rulebook.terms import Severity
from states.terms import Kind, Role, Stage, Status
from store.order import Sort

PAGE = 50
# A page far down: what is before it, in pages of a hundred.
FAR = 20
# The role, regions and languages of each reader. Whoever reads one language is shown what nobody reads, too.
READERS: Mapping[str, tuple[Role, Collection[str], Collection[str]]] = {
    "one region": (Role.MODERATOR, ["VN"], []),
    "six regions": (Role.MODERATOR, REGIONS[:6], []),
    "a rare region": (Role.MODERATOR, [RARE_REGION], []),
    "one language": (Role.MODERATOR, REGIONS[:6], ["en", "en-US", "und", RARE_LANGUAGE]),
    "an auditor": (Role.AUDITOR, [], []),
}
Wanted = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A page: who asks, what it is called that they want, and the filter, in the words of the API."""

    reader: str
    name: str
    sort: str
    wanted: Wanted = field(compare=False)
    pages: int = 0

    def said(self, runs: int) -> dict[str, Any]:
        """The question as an asker reads it."""
        role, regions, languages = READERS[self.reader]
        who = {"role": role, "regions": list(regions), "languages": list(languages), "at": AT.isoformat()}
        page = {"sort": self.sort, "wanted": self.wanted, "pages": self.pages, "limit": PAGE, "runs": runs}
        return who | page

    def __str__(self) -> str:
        far = f", after {self.pages * 100}" if self.pages else ""
        return f"{self.reader:14} {self.name + far:36} {self.sort:7}"


def questions(only: Collection[str]) -> Iterator[Question]:
    """All questions whose line has all of the words."""
    for reader, (_, regions, _) in READERS.items():
        for sort in Sort:
            asked = [Question(reader, name, sort, wanted) for name, wanted in _filters(min(regions or REGIONS))]
            asked.append(Question(reader, "no filter", sort, {"claimable": False}, FAR))
            yield from (one for one in asked if all(word in str(one) for word in only))


def _filters(region: str) -> Iterator[tuple[str, Wanted]]:
    """What the reader could claim, and, of all that is open, each filter alone, common and rare, and some together."""
    yield "claimable", {"claimable": True}
    for name, wanted in _of_all(region):
        yield name, {**wanted, "claimable": False}


def _of_all(region: str) -> Iterator[tuple[str, Wanted]]:
    yield "no filter", {}
    yield f"region {region}", {"regions": [region]}
    for language in ("en", region.lower(), "vi", RARE_LANGUAGE):
        yield f"language {language}", {"languages": [language]}
    for language in ("en", RARE_LANGUAGE):
        yield f"region {region}, language {language}", {"regions": [region], "languages": [language]}
    for clause in ("content.vulgar", "agency.multi_account", "agency.creator_management", "agency.other", RARE_CLAUSE):
        yield f"clause {clause}", {"clauses": [clause]}
    for severity in Severity:
        yield f"severity {severity}", {"severities": [severity]}
    for stage in (Stage.SUBMITTED, Stage.UNDER_REVIEW, Stage.VERDICT, Stage.APPEALABLE):
        yield f"stage {stage}", {"stages": [stage]}
    for status in (Status.QUEUED, Status.AWAITING_ANSWER, Status.ESCALATED, Status.OPEN):
        yield f"status {status}", {"statuses": [status]}
    yield "kind appeal", {"kinds": [Kind.APPEAL]}
    yield "overdue", {"overdue": True}
    yield "overdue, severe", {"overdue": True, "severities": [Severity.SEVERE]}
    yield "two clauses", {"clauses": ["content.vulgar", "agency.creator_management"]}
    yield "respondent agency7", {"respondents": ["agency7"]}
    yield "creator creator7", {"creators": ["creator7"]}
    yield "reporter agency7", {"reporters": ["agency7"]}
