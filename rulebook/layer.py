"""Which layer's value takes effect? A base, overlays and an override, merged leaf by leaf."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rulebook.fault import MISSING, RulebookError
from rulebook.mistake import Mistake
from rulebook.provenance import STATED
from rulebook.wording import ENGLISH, WORDED

Path = tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """What one file, or the override, states; `origin` is `base`, `overlay VN` or `override`.

    One that `translates` adds another language to the texts of the layer below it, and leaves their origins. `within`
    is where in the file it stands, where that is not the whole of it.
    """

    origin: str
    file: str
    content: Mapping[str, Any]
    translates: bool = False
    within: Path = ()


@dataclass
class Tree:
    """The effective statements and, by the path of each leaf, the layer whose value takes effect."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, Layer] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    _above: set[Path] = field(default_factory=set)

    def state(self, at: Path, layer: Layer) -> None:
        """Note that a leaf's value is this layer's."""
        self.forget(at)
        self.origins[at] = layer
        self._above.update(at[:length] for length in range(len(at)))

    def forget(self, at: Path) -> dict[str, Any]:
        """Drop what was stated at a path and below it; give an empty mapping, to be filled anew."""
        self.origins.pop(at, None)
        if at in self._above:
            for leaf in [leaf for leaf in self.origins if leaf[: len(at)] == at]:
                del self.origins[leaf]
        return {}

    def layer_at(self, path: Path) -> Layer | None:
        """Give the topmost layer that stated a leaf at or below a path, or else at or below its nearest ancestor."""
        for length in range(len(path), -1, -1):
            near = [layer for leaf, layer in self.origins.items() if leaf[:length] == path[:length]]
            if near:
                return max(near, key=lambda layer: self.order[layer.origin])
        return None


def merge(layers: Sequence[Layer]) -> Tree:
    """Lay each layer over those before it.

    Mappings merge by key, lists of keyed items by their `key`; all else, and a procedure key's value, is replaced. A
    text by language leaves the other languages as they are; a plain text replaces them all. A layer that changes a
    statement states its origin anew: that of the layer below doesn't carry over.

    Raises:
        RulebookError: a layer states one key twice.
    """
    tree = Tree()
    for number, layer in enumerate(layers):
        tree.order[layer.origin] = number
        tree.values = _over(tree, layer, (), tree.values, layer.content)
    return tree


def leaves(tree: Tree) -> Iterator[tuple[Path, Any, Mapping[str, Any]]]:
    """Give each leaf's path, its value and the statement around it that carries its origin."""
    yield from _leaves((), tree.values, {})


def dotted(path: Path) -> str:
    """Write a path as people do: `reports.quota_per_month`, `penalties.base.warning.lasts`."""
    if path[:1] == ("procedure",):
        path = path[1:2] if path[2:3] == ("value",) and len(path) == 3 else path[1:]
    if len(path) > 1 and path[0] in {"zone", "language"}:
        path = path[:1]
    return ".".join(path) or "(file)"


def items(value: object) -> dict[str, Any] | None:
    """Give a list of keyed items by key, none if it isn't one."""
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(item, Mapping) and isinstance(item.get("key"), str) for item in value):
        return None
    return {item["key"]: item for item in value}


def _over(tree: Tree, layer: Layer, at: Path, lower: Any, upper: Any) -> Any:
    if layer.translates and at in tree.origins and not isinstance(lower, str):
        return lower  # not a text: a fault of the layer below, which a translation must not hide from the check
    if isinstance(upper, Mapping):
        below = dict(lower) if isinstance(lower, Mapping) else _by_language(tree, at, lower)
        if "value" in upper:
            below = tree.forget(at)
        if not upper and not below and at:
            tree.state(at, layer)
        if _restates(upper) and not layer.translates:
            below = {name: value for name, value in below.items() if name not in STATED}
        return below | {n: _over(tree, layer, (*at, n), below.get(n), value) for n, value in upper.items()}
    keyed = items(upper)
    if keyed is None:
        tree.state(at, layer)
        return upper
    if len(keyed) < len(upper):
        names = [item["key"] for item in upper]
        twice = next(name for name in names if names.count(name) > 1)
        here = (*at, twice)
        raise RulebookError(layer.file, dotted(here), MISSING, Mistake("stated_twice"), at=(*layer.within, *here))
    below = items(lower) or {}
    return list((below | {n: _over(tree, layer, (*at, n), below.get(n), item) for n, item in keyed.items()}).values())


def _by_language(tree: Tree, at: Path, lower: Any) -> dict[str, Any]:
    """Make a plain text `{en: text}` when texts by language are merged over it; drop any other value."""
    if not isinstance(lower, str) or at[-1] not in WORDED:
        return {}
    layer = tree.origins[at]
    tree.forget(at)
    tree.state((*at, ENGLISH), layer)
    return {ENGLISH: lower}


def _restates(upper: Mapping[str, Any]) -> bool:
    """Whether a mapping states a value itself, and not only items that state their own origin."""
    return any(
        name != "key" and items(value) is None and not (isinstance(value, Mapping) and _carries(value))
        for name, value in upper.items()
    )


def _carries(statement: Mapping[str, Any]) -> bool:
    return any(name in statement for name in STATED)


def _leaves(at: Path, value: Any, around: Mapping[str, Any]) -> Iterator[tuple[Path, Any, Mapping[str, Any]]]:
    if isinstance(value, Mapping) and at[-1:] != ("value",):
        around = value if _carries(value) else around
        for name, inner in value.items():
            if name not in ("key", *STATED):
                yield from _leaves((*at, name), inner, around)
    elif (keyed := items(value)) is not None:
        for name, item in keyed.items():
            yield from _leaves((*at, name), item, around)
    else:
        yield at, value, around
