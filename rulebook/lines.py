"""At which line of its file does a mistake stand? The files are read once more, only where something is wrong."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import yaml

from rulebook.fault import Fault, RulebookError

# The keys by which the items of lists are called: statements, and the overlays inside the file of a base.
_NAMES = ("key", "region")
Step = tuple[int, yaml.Node]


def located(error: RulebookError, files: Mapping[str, bytes]) -> RulebookError:
    """The same faults by file and line; where nothing stands, the line is that of the nearest statement around it."""
    root = cache(lambda file: yaml.compose(files[file], yaml.CSafeLoader))

    def placed(fault: Fault) -> Fault:
        if fault.line is not None or fault.file not in files:
            return fault
        return replace(fault, line=_line(root(fault.file), fault.at or (fault.key,)))

    order = {file: number for number, file in enumerate(files)}
    faults = [placed(fault) for fault in error.faults]
    return RulebookError.of(sorted(faults, key=lambda fault: (order.get(fault.file, len(order)), fault.line or 0)))


def _line(node: yaml.Node | None, at: tuple[str, ...]) -> int:
    line = 1
    for name in at:
        step = _steps(node).get(name)
        if step is None:
            break
        line, node = step
    return line


def _steps(node: yaml.Node | None) -> dict[str, Step]:
    """What stands directly in a node, by key or by index, and by the item's own name; of two, the later one."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: (_of(key), value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        items = [(_of(item), item) for item in node.value]
        return {str(number): step for number, step in enumerate(items)} | {
            _named(item): (at, item) for at, item in items
        }
    return {}


def _named(item: yaml.Node) -> str:
    stated = {key.value: value.value for key, value in item.value} if isinstance(item, yaml.MappingNode) else {}
    return next((str(stated[name]) for name in _NAMES if name in stated), "")


def _of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
