"""The style, read as text: five sizes, one scale of spaces, five colours and six greys; and no colour too faint."""

import re
from collections.abc import Iterator, Mapping

import pytest

from desk.console.page import ASSETS

SIZES = {f"--t{step}" for step in range(1, 6)}
SPACES = {f"--s{step}" for step in range(1, 8)}
GREYS = {"--back", "--paper", "--line", "--edge", "--quiet", "--ink"}
COLOURS = {"--act", "--bad", "--soon", "--good", "--held"}
TINTS = {f"{colour}-t" for colour in COLOURS}
SPACED = re.compile(r"(margin|padding)(-\w+)*|(row-|column-)?gap")
COLOURED = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(rgb|hsl|hwb|lab|lch|oklab|oklch|color|color-mix)\(|\b(white|black|red|green|blue|gr[ae]y)\b"
)
CSS = re.sub(r"/\*.*?\*/", "", (ASSETS / "console.css").read_text("utf-8"), flags=re.DOTALL)
RULES = [(selector.strip(), body) for selector, body in re.findall(r"([^{};]*)\{([^{}]*)\}", CSS)]
SCRIPT = (ASSETS / "console.js").read_text("utf-8")


def declared(body: str) -> Iterator[tuple[str, str]]:
    for line in body.split(";"):
        name, _, value = line.partition(":")
        if value:
            yield name.strip(), value.strip()


def declarations() -> Iterator[tuple[str, str, str]]:
    """Each declaration with its selector, but for the tokens themselves."""
    for selector, body in RULES:
        for name, value in declared(body):
            if not name.startswith("--"):
                yield selector, name, value


def tokens(selector: str) -> dict[str, str]:
    return {name: value for one, body in RULES if one == selector for name, value in declared(body) if name[:2] == "--"}


LIGHT, DARK, AUTO = tokens(":root"), tokens(':root[data-theme="dark"]'), tokens(':root[data-theme="auto"]')
THEMES = {"light": LIGHT, "dark": LIGHT | DARK}


def test_there_are_five_sizes_one_scale_five_colours_and_six_greys() -> None:
    assert LIGHT.keys() == SIZES | SPACES | GREYS | COLOURS | TINTS | {"--radius", "--measure", "--veiled"}
    assert DARK.keys() == GREYS | COLOURS | TINTS | {"--veiled"}
    assert AUTO == DARK


def test_all_tokens_are_used_and_no_others() -> None:
    used = set(re.findall(r"var\((--[\w-]+)\)", CSS))
    assert used == LIGHT.keys()


def test_text_has_one_of_the_five_sizes() -> None:
    found = [(selector, value) for selector, name, value in declarations() if name in {"font-size", "font"}]
    assert [one for one in found if one[1] != "inherit" and not re.search(r"var\(--t[1-5]\)", one[1])] == []


def test_spaces_are_steps_of_the_scale() -> None:
    """A border that lies on its neighbour's is no space."""
    step = re.compile(r"0|auto|-?1px|var\(--s[1-7]\)|calc\(-1 \* var\(--s[1-7]\)\)")
    found = [one for one in declarations() if SPACED.fullmatch(one[1])]
    parts = [(*one, part) for one in found for part in re.findall(r"calc\([^)]*\)\)|\S+", one[2])]
    assert [one for one in parts if not step.fullmatch(one[3])] == []


def test_colours_are_the_named_ones() -> None:
    assert [one for one in declarations() if COLOURED.search(one[2].lower())] == []


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour.removeprefix("#")
    full = digits if len(digits) == 6 else "".join(one * 2 for one in digits)
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def faint(theme: Mapping[str, str], fronts: set[str], backs: set[str], least: float) -> list[tuple[str, str, float]]:
    pairs = [(front, back, contrast(theme[front], theme[back])) for front in fronts for back in backs]
    return [pair for pair in pairs if pair[2] < least]


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme: str) -> None:
    """WCAG 2.2 AA: 4.5 to 1, on paper, on the page, on each tint; and on a pressed button."""
    named = THEMES[theme]
    assert faint(named, {"--ink", "--quiet"}, {"--back", "--paper", *TINTS}, 4.5) == []
    assert faint(named, COLOURS, {"--back", "--paper"}, 4.5) == []
    assert [one for colour in COLOURS for one in faint(named, {colour}, {f"{colour}-t"}, 4.5)] == []
    assert faint(named, {"--paper"}, {"--act"}, 4.5) == []


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_can_be_seen(theme: str) -> None:
    """WCAG 2.2 AA: 3 to 1."""
    assert faint(THEMES[theme], {"--edge"}, {"--back", "--paper"}, 3) == []


def test_the_script_is_small_and_makes_no_code_and_no_markup_of_texts() -> None:
    assert len(SCRIPT.splitlines()) <= 250
    assert max(map(len, SCRIPT.splitlines())) <= 160
    forbidden = r"\beval\b|\bFunction\(|outerHTML|insertAdjacentHTML|document\.write|\.style\b|https?:|\bimport\b"
    by_its_policy = r"innerHTML(?! = policy\.createHTML\(html\);)"
    assert re.findall(f"{forbidden}|{by_its_policy}", SCRIPT) == []


@pytest.mark.parametrize("file", sorted(path.name for path in ASSETS.iterdir()))
def test_the_consoles_files_name_no_other_place(file: str) -> None:
    named = re.findall(r"(?:https?:)?//[\w.-]+\.\w+|@import|url\([^)]*\)", (ASSETS / file).read_text("utf-8"))
    assert [one for one in named if one != "http://www.w3.org"] == []
