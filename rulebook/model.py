"""What is a rulebook? One immutable version of the policy: a base, its overlays, its texts and an override."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rulebook.fault import MISSING, Fault, RulebookError, UnknownRegion
from rulebook.layer import Layer, Path, Tree, merge
from rulebook.policy import Policy, check, policy
from rulebook.provenance import STATED
from rulebook.texts import Texts, translated, unfit


@dataclass(frozen=True)
class Overlay:
    """What a region changes; `parent` is laid below it, none where that is the base."""

    region: str
    parent: str | None
    layer: Layer

    @property
    def has_zone(self) -> bool:
        """Whether it states a time zone."""
        return self.layer.content.get("zone") is not None


@dataclass(frozen=True, eq=False)
class Rulebook:
    """One version of the policy (§8). Two are equal where their digests are."""

    key: str
    version: int
    base: Layer
    overlays: Mapping[str, Overlay]
    override: Layer
    texts: Sequence[Texts] = ()
    _policies: dict[str, Policy] = field(default_factory=dict, init=False, repr=False)

    @property
    def regions(self) -> list[str]:
        """The regions that an agency can have: those that state a time zone. `EU` is only a parent."""
        return sorted(region for region, overlay in self.overlays.items() if overlay.has_zone)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical JSON of `document`, in hexadecimal: what a case pins."""
        text = json.dumps(self.document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def document(self) -> dict[str, Any]:
        """All that the files and the override state, JSON-able: what a database keeps of a version.

        Without files of texts it has no `texts`, so that versions from before there were any keep their digests.
        """
        whole = {
            "key": self.key,
            "version": self.version,
            "base": {"file": self.base.file, "rules": self.base.content},
            "overlays": [
                {"region": one.region, "parent": one.parent, "file": one.layer.file, "rules": one.layer.content}
                for _, one in sorted(self.overlays.items())
            ],
            "override": self._overridden(),
        }
        texts = [{"language": one.language, "file": one.file, "texts": one.content} for one in self.texts]
        return whole | ({"texts": texts} if texts else {})

    def _overridden(self) -> dict[str, Any]:
        """The override, as it was given."""
        stated = self.override.content
        of_clauses = {
            f"clauses.{one['key']}.{name}": value
            for one in stated.get("clauses", [])
            for name, value in one.items()
            if name not in {"key", *STATED}
        }
        return {name: leaf["value"] for name, leaf in stated.get("procedure", {}).items()} | of_clauses

    def tree(self, region: str | None) -> Tree:
        """Merge the layers of a region, or of the base alone, with the override on top.

        Raises:
            UnknownRegion: there is no overlay of this name.
        """
        if region is not None and region not in self.overlays:
            raise UnknownRegion(region, sorted(self.overlays))
        return merge([*translated(self._chain(region), self.texts), self.override])

    def policy(self, region: str) -> Policy:
        """Give the effective rules of a region.

        Raises:
            UnknownRegion: no agency can be of this region.
        """
        if region not in self._policies:
            if region not in self.regions:
                raise UnknownRegion(region, self.regions)
            self._policies[region] = policy(region, self.tree(region))
        return self._policies[region]

    def check(self) -> None:
        """Validate the base and every region.

        Raises:
            RulebookError: naming file, key and value of everything that is wrong, once each, and what leads to it.
        """
        faults: dict[tuple[str, Path], Fault] = {}
        lacking: set[str] = set()  # what the base lacks; a region that changes something near it lacks it, too
        for region in (None, *self.overlays):
            try:
                check(self.tree(region))
            except RulebookError as error:
                told = [fault for fault in error.faults if fault.value is not MISSING or fault.key not in lacking]
                faults |= {(str(fault), fault.at): fault for fault in told}
                lacking |= {fault.key for fault in told if fault.value is MISSING and region is None}
        chains = [self._chain(region) for region in (None, *self.overlays)]
        faults |= {(str(fault), fault.at): fault for fault in unfit(chains, self.texts)}
        if faults:
            raise RulebookError.of(list(faults.values()))

    def _chain(self, region: str | None) -> list[Layer]:
        if region is None:
            return [self.base]
        overlay = self.overlays[region]
        return [*self._chain(overlay.parent), overlay.layer]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rulebook) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
