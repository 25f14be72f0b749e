"""A case as a reviewer's page has it, of `desk/reading/overview.py`: what was said, and how the subject stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from desk.drawing import gauge
from desk.reading.dossier import Dossier
from desk.reading.overview import CaseOverview
from desk.reading.redaction import Entry
from desk.reading.subject import Account
from desk.words import Words
from states.terms import Kind
from store.evidence import File

# What the parties are told of, or say; the other words are reviewers' among themselves.
_BETWEEN = frozenset({"submit", "ask", "answer", "summarise", "withdraw"})
LINES = 6


@dataclass(frozen=True)
class Said:
    """Words of a move of a case, with the files that came with it."""

    case: Mapping[str, Any]
    entry: Entry
    files: Sequence[File]

    @property
    def appeal(self) -> bool:
        """Whether it is said of the appeal, and not of its report."""
        return bool(self.case["kind"] == Kind.APPEAL)


@dataclass(frozen=True)
class InForce:
    """A penalty in force, or counted on trial, so many times; when the last of them ends, if they end by themselves."""

    text: str
    kind: str
    times: int
    ends_at: datetime | None


def between(seen: CaseOverview) -> list[Said]:
    """What both sides said, and what was said to them; an appeal's words after its report's."""
    return [said for said in _words(seen) if said.entry.event in _BETWEEN]


def opinions(seen: CaseOverview) -> list[Said]:
    """What reviewers found, proposed and wrote to each other, the newest first; notes among them."""
    return [said for said in _words(seen) if said.entry.event not in _BETWEEN][::-1]


def names(seen: CaseOverview, language: str) -> dict[str, str]:
    """What clauses and penalties are called in a language, by the rules that judge the case."""
    return seen.dossier.rules.names(language)


def together(penalties: Sequence[Mapping[str, Any]], language: str) -> list[InForce]:
    """Penalties, those of a key together."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in penalties:
        found.setdefault(row["key"], []).append(row)
    return [_together(rows, language) for rows in found.values()]


def drawn(account: Account, words: Words) -> Markup:
    """The score as a gauge."""
    score, scheme = account.sheet.score, account.ledger.rules.schemes[account.sheet.score.scheme]
    lines = [tier.highest for tier in scheme.tiers]
    told = words.say("case.score", points=score.points, cap=score.cap)
    return Markup(gauge.drawn(gauge.Gauge(score.points, 0, score.cap, lines), account.sheet.subject.id, told))  # noqa: S704


def _words(seen: CaseOverview) -> Iterator[Said]:
    pair = [seen.dossier, *([seen.beside] if seen.beside else [])]
    for dossier in sorted(pair, key=lambda one: one.case["kind"] == Kind.APPEAL):
        yield from _of(dossier)


def _of(dossier: Dossier) -> Iterator[Said]:
    for entry in dossier.timeline:
        files = [file for file in dossier.evidence if file.version == entry.version]
        if entry.texts or files:
            yield Said(dossier.case, entry, files)


def _together(rows: Sequence[Mapping[str, Any]], language: str) -> InForce:
    ends = [row["ends_at"] for row in rows]
    last = max(end for end in ends if end) if all(ends) else None
    return InForce(rows[0]["text"].in_language(language), rows[0]["kind"], len(rows), last)
