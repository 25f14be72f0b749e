"""What does the YAML say? Plain data; nothing that YAML would quietly swallow or reinterpret."""

import re
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ops.rehearsal.script.malformed import FlawError, dotted

BOOL = "tag:yaml.org,2002:bool"
_BOOLEAN = (BOOL, re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"))
_RESOLVERS: dict[Any, Any] = {
    first: [pair for pair in pairs if pair[0] != BOOL] + [_BOOLEAN] * (first in list("tTfF"))
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Path = tuple[int | str, ...]


class _Loader(yaml.SafeLoader):
    """YAML 1.1, but only `true` and `false` are booleans: NO is a country and `on` may be a name."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.yaml_implicit_resolvers = _RESOLVERS
        # An alias to its own parent is then an error and not an endless value.
        self.deep_construct = True

    def construct_object(self, node: Node, deep: bool = False) -> Any:
        """Build the value; what looks like a time or a number and is none (30 February) stays text."""
        try:
            return super().construct_object(node, deep=deep)
        except ValueError:
            if isinstance(node, ScalarNode):
                self.recursive_objects.pop(node, None)
                return node.value
            raise


def parse(text: str) -> object:
    """Read one YAML document.

    Raises:
        FlawError: it is not YAML, or a mapping gives a key twice.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _refuse_twins(node, (), set())
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FlawError(f"line {line}", f"not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise FlawError("file", f"not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise FlawError("file", "nested too deeply") from None


def _refuse_twins(node: Node, path: Path, visited: set[int]) -> None:
    if id(node) in visited:
        return
    visited.add(id(node))
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            _refuse_twins(item, (*path, index), visited)
    if isinstance(node, MappingNode):
        seen: set[tuple[str, str]] = set()
        for key, value in node.value:
            name = str(key.value)
            if (key.tag, name) in seen:
                raise _twin((*path, name), key.start_mark.line + 1)
            seen.add((key.tag, name))
            _refuse_twins(value, (*path, name), visited)


def _twin(path: Path, line: int) -> FlawError:
    message = f"given twice (line {line})"
    match path:
        case ("steps", int(index), *rest):
            return FlawError(dotted(rest), message, step=index + 1)
    return FlawError(dotted(path), message)
