"""What does the file say? YAML with JSON's values only: no dates, no key twice, no key that isn't a text."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from rulebook.fault import MISSING, RulebookError


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses what YAML would silently guess or drop."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [name.value for name, _ in node.value]
        for (name, value), text in zip(node.value, names, strict=True):
            if name.tag != "tag:yaml.org,2002:str":
                raise _Refused(text, "a key is a text", name.start_mark.line)
            if names.count(text) > 1:
                raise _Refused(text, "the key is stated twice", value.start_mark.line)
        return super().construct_mapping(node, deep)


# A date without quotes stays the text that it is.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Refused(yaml.YAMLError):
    def __init__(self, key: str, message: str, line: int) -> None:
        super().__init__(f"{message}, line {line + 1}")
        self.key = key


def read(path: Path) -> dict[str, Any]:
    """Read one file of a rulebook.

    Raises:
        RulebookError: there is no such file, it is no YAML, or it is no mapping.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - it is a SafeLoader
    except _Refused as error:
        raise RulebookError(path.name, error.key, MISSING, str(error)) from None
    except yaml.YAMLError as error:
        raise RulebookError(path.name, "(file)", MISSING, " ".join(str(error).split())) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RulebookError(str(path), "(file)", MISSING, f"can't be read: {error}") from None
    if not isinstance(content, dict):
        raise RulebookError(path.name, "(file)", content, "is no mapping of sections")
    return content
