"""The elements of a picture. A picture has no style of its own: whoever shows it gives its classes their looks."""

from collections.abc import Iterable
from html import escape

# Words at less than this part of the width from an end begin or end there.
_NEAR = 0.1


def element(name: str, *inside: str, **attributes: str | float) -> str:
    """An element; what is `inside` is SVG already. An attribute's `_` reads `-`, and one at its end is left out."""
    told = "".join(f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items())
    return f"<{name}{told}>{''.join(inside)}</{name}>" if inside else f"<{name}{told}/>"


def picture(class_: str, height: float, title: str, told: str, parts: Iterable[str]) -> str:
    """A picture as wide as its place; `title` and `told` say to those who can't see it what it shows."""
    said = element("title", escape(title)), element("desc", escape(told))
    return element("svg", *said, *parts, class_=class_, width="100%", height=height, role="img")


def text(words: str, x: float, y: float, class_: str, anchor: str = "middle") -> str:
    """Points or a date at a part of the width, and a height in pixels: nothing that a browser should translate."""
    return element("text", escape(words), class_=class_, x=across(x), y=y, text_anchor=anchor, translate="no")


def line(class_: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A line between two parts of the width, at heights in pixels."""
    return element("line", class_=class_, x1=across(x1), y1=y1, x2=across(x2), y2=y2)


def band(class_: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A rectangle between two parts of the width and two heights."""
    return element("rect", class_=class_, x=across(x1), y=y1, width=across(x2 - x1), height=y2 - y1)


def across(part: float) -> str:
    """A part of the width, as an attribute says it."""
    return f"{_value(100 * part)}%"


def anchored(part: float) -> str:
    """Where words at a part of the width begin, so that none of them stands outside."""
    return "start" if part < _NEAR else "end" if part > 1 - _NEAR else "middle"


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
