"""Do the statements of a rulebook fit together? Cross-references and orders that a single statement can't show."""

from collections.abc import Iterator
from itertools import pairwise

from rulebook.characters import says
from rulebook.clause import Penalty
from rulebook.complaint import Complaint, named
from rulebook.layer import Path
from rulebook.mistake import Mistake
from rulebook.repetition import repetitions
from rulebook.rules import Rules
from rulebook.scheme import MatrixPricing, RankPricing, ScoreScheme
from rulebook.terms import RESTRICTIONS, CreatorClass, PenaltyKind, Severity, SubjectKind
from rulebook.wording import WORDED

# Whose violations are charged to the agency too (§2.9): agents' by clauses for agencies, creators' by those for them.
_VIA = {SubjectKind.AGENCY: "agent", SubjectKind.CREATOR: "creator"}


def complaints(rules: Rules) -> Iterator[Complaint]:
    """Give each statement that doesn't fit: its path, its value and what is wrong with it."""
    penalties = {penalty.key: penalty for penalty in rules.penalties}
    yield from _clauses(rules, penalties)
    yield from _penalties(rules)
    yield from _schemes(rules, penalties)
    yield from repetitions(rules)
    yield from _wordings(rules)


def _clauses(rules: Rules, penalties: dict[str, Penalty]) -> Iterator[Complaint]:
    for clause in rules.clauses:
        for severity, key in clause.base_penalty.items():
            at = ("clauses", clause.key, "base_penalty", severity.value)
            yield from named(key, PenaltyKind.BASE, penalties, at)
        if via := clause.attributed_via - {_VIA[clause.charged_to]}:
            mistake = Mistake("attributed", charged=clause.charged_to.value, via=_VIA[clause.charged_to])
            yield ("clauses", clause.key, "attributed_via"), sorted(via), mistake


def _penalties(rules: Rules) -> Iterator[Complaint]:
    known = {word.key for word in rules.restrictions} or set(RESTRICTIONS)
    for penalty in rules.penalties:
        at, lasts = ("penalties", penalty.key), penalty.lasts and str(penalty.lasts)
        if penalty.kind is PenaltyKind.SCORE and penalty.for_good:
            yield (*at, "for_good"), True, Mistake("score_for_good")
        elif penalty.kind is not PenaltyKind.SCORE and (penalty.lasts is None) != penalty.for_good:
            yield (*at, "lasts"), lasts, Mistake("no_end")
        for word in sorted(penalty.restrictions - known):
            yield (*at, "restrictions"), word, Mistake("no_restriction_of", known=tuple(sorted(known)))


def _schemes(rules: Rules, penalties: dict[str, Penalty]) -> Iterator[Complaint]:
    for kind in SubjectKind:
        found = [scheme.key for scheme in rules.scores if scheme.subject is kind]
        if len(found) > 1:
            yield ("scores",), found, Mistake("score_twice", subject=kind.value)
    for scheme in rules.scores:
        at = ("scores", scheme.key)
        if scheme.recovery is not None and scheme.period != "none":
            yield (*at, "recovery"), scheme.period, Mistake("recovery")
        yield from _bounds(scheme, at)
        yield from _pricing(scheme, at)
        yield from _tiers(scheme, penalties, at)


def _bounds(scheme: ScoreScheme, at: Path) -> Iterator[Complaint]:
    wanted = ["agency"] if scheme.subject is SubjectKind.AGENCY else [kind.value for kind in CreatorClass]
    found = [str(bounds.key) for bounds in scheme.bounds]
    if sorted(found) != sorted(wanted):
        yield (*at, "bounds"), found, Mistake("bounds", wanted=tuple(wanted))
    for bounds in scheme.bounds:
        if not scheme.floor <= bounds.start <= bounds.cap:
            yield (*at, "bounds", str(bounds.key), "start"), bounds.start, Mistake("outside")


def _pricing(scheme: ScoreScheme, at: Path) -> Iterator[Complaint]:
    if isinstance(scheme.pricing, RankPricing):
        return
    yield from _matrix(scheme.pricing, (*at, "pricing"))


def _matrix(pricing: MatrixPricing, at: Path) -> Iterator[Complaint]:
    if missing := [severity.value for severity in Severity if severity not in pricing.matrix]:
        yield (*at, "matrix"), missing, Mistake("rows")
    if len({len(row) for row in pricing.matrix.values()}) > 1:
        lengths = {severity.value: len(row) for severity, row in pricing.matrix.items()}
        yield (*at, "matrix"), lengths, Mistake("levels")
    for lower, upper in pairwise(pricing.surcharge):
        rises = (lower.points < upper.points) and (lower.followers_over < upper.followers_over)
        if not (rises and lower.average_viewers_over < upper.average_viewers_over):
            yield (*at, "surcharge", upper.key), upper.points, Mistake("brackets")


def _tiers(scheme: ScoreScheme, penalties: dict[str, Penalty], at: Path) -> Iterator[Complaint]:
    top = max(bounds.cap for bounds in scheme.bounds)
    for tier in scheme.tiers:
        here = (*at, "tiers", tier.key)
        yield from named(tier.penalty, PenaltyKind.SCORE, penalties, (*here, "penalty"))
        if not scheme.floor <= tier.highest <= top:
            yield (*here, "threshold"), tier.threshold, Mistake("tier_nowhere", floor=scheme.floor, top=top)
    for upper, lower in pairwise(scheme.tiers):
        if lower.highest >= upper.highest:
            mistake = Mistake("tier_order", before=upper.key)
            yield (*at, "tiers", lower.key, "threshold"), lower.threshold, mistake


def _wordings(rules: Rules) -> Iterator[Complaint]:
    for section in ("restrictions", "clauses", "penalties", "statutes"):
        for one in getattr(rules, section):
            for field in WORDED:
                for tag, text in getattr(one, field, {}).items():
                    if not says(text):
                        yield (section, one.key, field, tag), text, Mistake("blank")
