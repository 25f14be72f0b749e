"""What does one version say otherwise than another? By internal key and region, of the values that take effect."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from itertools import islice

from rulebook.explain import Effective, effective
from rulebook.layer import Path, dotted
from rulebook.model import Rulebook
from rulebook.wording import ENGLISH, WORDED

# A title or a text is a field of a statement: section, internal key, field.
_FIELD = 3


@dataclass(frozen=True)
class Change:
    """A value, or where it is stated, or by what right, is not what it was; `before` or `after` is none: not stated.

    `regions` are those in which it is the same change. `language` is that of a text.
    """

    key: str
    regions: tuple[str, ...]
    before: Effective | None
    after: Effective | None
    language: str | None = None


@dataclass(frozen=True)
class Difference:
    """Two versions, held side by side in every region that either has.

    A region that only one of them has is held against what the other states for all. Changes stand in the order of
    their keys: `changes` of all but titles and texts, `texts` of these. Where both are empty, what takes effect is the
    same, even if the digests differ (by the order of statements, for one).
    """

    before: Rulebook
    after: Rulebook
    regions: tuple[str, ...]
    changes: list[Change]
    texts: list[Change]

    @property
    def added(self) -> list[str]:
        """The regions that are new."""
        return [region for region in self.regions if region not in self.before.regions]

    @property
    def removed(self) -> list[str]:
        """The regions that are gone."""
        return [region for region in self.regions if region not in self.after.regions]

    def rewording(self) -> dict[str, str]:
        """The titles and texts that differ: one unified diff a language, in which each has a part with its key."""
        found: dict[str, str] = {}
        for language in sorted({change.language or "" for change in self.texts}):
            names = (f"{book.key} {book.version} ({book.digest[:12]}) {language}" for book in (self.before, self.after))
            head = [f"{sign} {name}" for sign, name in zip(("---", "+++"), names, strict=True)]
            said = [line for change in self.texts if change.language == language for line in self._reworded(change)]
            found[language] = "\n".join([*head, *said])
        return found

    def _reworded(self, change: Change) -> Iterator[str]:
        where = "" if change.regions == self.regions else f" ({', '.join(change.regions)})"
        old, new = (f"{side.value}".splitlines() if side else [] for side in (change.before, change.after))
        for line in islice(unified_diff(old, new, n=1, lineterm=""), 2, None):
            yield f"{line} {change.key}{where}" if line.startswith("@@") else line


def diff(before: Rulebook, after: Rulebook) -> Difference:
    """Hold two versions side by side."""
    regions = tuple(sorted({*before.regions, *after.regions}))
    same: defaultdict[tuple[Path, str], list[tuple[str, Effective | None, Effective | None]]] = defaultdict(list)
    for region in regions or ("",):
        old, new = _of(before, region), _of(after, region)
        for path in old.keys() | new.keys():
            sides = old.get(path), new.get(path)
            if _known(sides[0]) != _known(sides[1]):
                same[path, json.dumps([_known(one) for one in sides])].append((region, *sides))
    found = [_change(path, rows) for (path, _), rows in same.items()]
    found.sort(key=lambda change: (change.key, change.language or "", change.regions))
    return Difference(
        before,
        after,
        regions,
        [change for change in found if change.language is None],
        [change for change in found if change.language is not None],
    )


def _of(rulebook: Rulebook, region: str) -> dict[Path, Effective]:
    """The effective values; a text that is said in no language by name is English."""
    values = effective(rulebook, region if region in rulebook.regions else None)
    return {(*path, ENGLISH) if _worded(path) and len(path) == _FIELD else path: one for path, one in values.items()}


def _worded(path: Path) -> bool:
    """Whether it leads to a title or a text, or to one language of it."""
    return len(path) >= _FIELD and path[_FIELD - 1] in WORDED


def _known(value: Effective | None) -> list[object] | None:
    return None if value is None else [value.value, value.origin, value.source]


def _change(path: Path, rows: Sequence[tuple[str, Effective | None, Effective | None]]) -> Change:
    language = path[-1] if _worded(path) else None
    key = dotted(path[:-1] if language else path)
    sides = [replace(side, key=key) if side else None for side in rows[0][1:]]
    return Change(key, tuple(region for region, _, _ in rows), sides[0], sides[1], language)
