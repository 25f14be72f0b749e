"""Which rules hold in this region? Merged layers become one checked policy, or a list of faults."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rulebook.check import complaints
from rulebook.clause import Clause, Penalty, Trigger, Word
from rulebook.complaint import Complaint
from rulebook.fault import MISSING, MOST_TOLD, Fault, RulebookError, UnknownRegion
from rulebook.layer import Path, Tree, dotted, items
from rulebook.misfit import misfit
from rulebook.mistake import Mistake
from rulebook.procedure import Procedure, Statements, procedure
from rulebook.rules import Rules
from rulebook.scheme import ScoreScheme, Tier
from rulebook.span import Span
from rulebook.tag import UNDETERMINED
from rulebook.terms import Language, SubjectKind


@dataclass(frozen=True)
class Policy:
    """The effective rules of one region, by internal key, in file order; a case is judged by one of these.

    `restrictions` are the words that it declares; none where it uses those of `rulebook/terms.py`.
    """

    region: str
    zone: ZoneInfo
    language: Language
    clauses: dict[str, Clause]
    schemes: dict[str, ScoreScheme]
    restrictions: dict[str, Word]
    penalties: dict[str, Penalty]
    triggers: list[Trigger]
    procedure: Procedure

    def scheme_of(self, kind: SubjectKind) -> ScoreScheme | None:
        """Give the score that a kind of subject has, if it has one here."""
        return next((scheme for scheme in self.schemes.values() if scheme.subject is kind), None)

    def must_count(self, kind: SubjectKind) -> ScoreScheme:
        """The same, of a region that is known to have it.

        Raises:
            LookupError: it has none.
        """
        if (scheme := self.scheme_of(kind)) is None:
            raise LookupError(f"{self.region} counts no score of its {kind}s")
        return scheme

    def takes_points(self, clause: str, kind: SubjectKind) -> bool:
        """Whether a violation of a clause costs anything in the score of a kind of subject.

        There must be such a score, and the clause must be forbidden and enforced, or the score on trial as it is.
        """
        scheme, forbidden = self.scheme_of(kind), self.clauses.get(clause)
        return scheme is not None and forbidden is not None and (forbidden.enforced or not scheme.enforced)

    def appeals_window(self, clause: str) -> Span:
        """How long a verdict of a clause can be appealed: as the clause says, else as the procedure does (§5.4)."""
        return self.clauses[clause].appeals_window or self.procedure.appeals_window

    def counted(self, trigger: Trigger) -> frozenset[str]:
        """The clauses whose violations a trigger counts: of those that it names, the enforced ones."""
        return frozenset(one.key for one in self.clauses.values() if one.enforced and trigger.counts_of(one))

    def tariff(self, kind: SubjectKind) -> list[tuple[Penalty, Tier | None]]:
        """What a kind of subject may get: of a breach in file order, then of each tier, from the highest line down.

        A tier of a score on trial is not enforced.
        """
        own = {
            key for clause in self.clauses.values() if clause.charged_to is kind for key in clause.base_penalty.values()
        }
        breaches: list[tuple[Penalty, Tier | None]] = [
            (penalty, None) for penalty in self.penalties.values() if penalty.key in own
        ]
        if (scheme := self.scheme_of(kind)) is None:
            return breaches
        tiers = (one.model_copy(update={"enforced": one.enforced and scheme.enforced}) for one in scheme.tiers)
        return [*breaches, *((self.penalties[tier.penalty], tier) for tier in tiers)]

    def names(self, language: str) -> dict[str, str]:
        """What clauses and penalties are called in a language, by their keys."""
        titles = {clause.key: clause.title.in_language(language) for clause in self.clauses.values()}
        texts = {penalty.key: penalty.text.in_language(language) for penalty in self.penalties.values()}
        return titles | {key: text.rstrip(".。") for key, text in texts.items()}


def check(tree: Tree) -> None:
    """Validate merged statements, and that they fit together.

    Raises:
        RulebookError: naming file, key and value of what is wrong, of a section the first 50.
    """
    rules, _, faults = _read(tree)
    if rules is not None:
        found = islice(chain(complaints(rules), _undercut(rules, tree)), MOST_TOLD)
        faults.extend(_fault(path, value, mistake, tree) for path, value, mistake in found)
    if faults:
        raise RulebookError.of(faults)


def _undercut(rules: Rules, tree: Tree) -> Iterator[Complaint]:
    """The clauses whose window stands where a layer above them states a region's: which of both holds must be said."""
    regions = tree.layer_at(("procedure", "appeals.window"))
    for clause in (one for one in rules.clauses if one.appeals_window is not None):
        at = "clauses", clause.key, "appeals_window"
        own = tree.layer_at(at)
        if own and regions and tree.order[own.origin] < tree.order[regions.origin]:
            yield at, str(clause.appeals_window), Mistake("window", file=regions.file)


def policy(region: str, tree: Tree) -> Policy:
    """Give the policy of a region whose layers state a time zone.

    Raises:
        RulebookError: the merged layers are no valid policy.
    """
    rules, statements, faults = _read(tree)
    if faults or rules is None or statements is None:
        raise RulebookError.of(faults)
    if rules.zone is None:
        raise UnknownRegion(region, ())
    return Policy(
        region=region,
        zone=rules.zone.value,
        language=rules.language.value if rules.language else UNDETERMINED,
        clauses={clause.key: clause for clause in rules.clauses},
        schemes={scheme.key: scheme for scheme in rules.scores},
        restrictions={word.key: word for word in rules.restrictions},
        penalties={penalty.key: penalty for penalty in rules.penalties},
        triggers=list(rules.triggers),
        procedure=procedure(statements),
    )


M = TypeVar("M", bound=BaseModel)


def _read(tree: Tree) -> tuple[Rules | None, Statements | None, list[Fault]]:
    """Each statement by itself: the rules and the procedure, and what is wrong with them."""
    faults: list[Fault] = []
    sections = {name: value for name, value in tree.values.items() if name != "procedure"}
    rules = _valid(Rules, sections, (), tree, faults)
    statements = _valid(Statements, tree.values.get("procedure", {}), ("procedure",), tree, faults)
    return rules, statements, faults


def _valid(model: type[M], values: object, at: Path, tree: Tree, faults: list[Fault]) -> M | None:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults.extend(_faults(error.errors(include_url=False), at, tree))
        return None


def _faults(errors: Sequence[ErrorDetails], at: Path, tree: Tree) -> Iterator[Fault]:
    wrong = {error["loc"][:length] for error in errors for length in range(len(error["loc"]))}
    # A list whose items are wrong is not told to be too short.
    told = (error for error in errors if error["type"] != "too_short" or error["loc"] not in wrong)
    for error in islice(told, MOST_TOLD):
        path = at + _path(error["loc"], _below(tree.values, at))
        value = MISSING if error["type"] == "missing" else error["input"]
        if error["type"] == "extra_forbidden":
            value = value.get("value", value) if isinstance(value, dict) else value
        yield _fault(path, value, misfit(error), tree)


def _fault(path: Path, value: object, mistake: Mistake, tree: Tree) -> Fault:
    layer = tree.layer_at(path)
    file, within = (layer.file, layer.within) if layer else ("(rulebook)", ())
    return Fault(file, dotted(path), value, mistake, (*within, *path))


def _below(values: Any, at: Path) -> Any:
    for name in at:
        values = values.get(name, {})
    return values


def _path(loc: tuple[int | str, ...], values: Any) -> Path:
    """Turn pydantic's location into ours: items by their key, without the names of a union's branches."""
    path: list[str] = []
    for number, step in enumerate(loc):
        keyed = items(values)
        if isinstance(step, int) and keyed is not None:
            name, values = list(keyed.items())[step]
            path.append(name)
        elif isinstance(values, dict) and step in values:
            values = values[str(step)]
            path.append(str(step))
        elif isinstance(step, int) or (number == len(loc) - 1 and step != "[key]"):
            path.append(str(step))
    return tuple(path)
