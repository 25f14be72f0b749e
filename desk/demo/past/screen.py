"""Draws a file of evidence: the screen of a chat or a stream, as a PNG, the same for the same name."""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

_SIZE = (540, 960)
_BACK, _HEAD, _INK = "#eef1f5", "#2f3b52", "#44506a"
_THEIRS, _OURS = "#ffffff", "#cfe3ff"
_STREAM = ("#3a1c71", "#d76d77", "#ffaf7b")


def screen(name: str) -> bytes:
    """The picture of that name."""
    chance = Random(name)  # noqa: S311  # a drawing
    picture = _stream(chance) if name.startswith("stream") else _chat(chance)
    kept = BytesIO()
    picture.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _chat(chance: Random) -> Image.Image:
    """Bubbles of two people, with bars for words: so it says the same in every language."""
    picture = Image.new("RGB", _SIZE, _BACK)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, _SIZE[0], 84), _HEAD)
    draw.ellipse((24, 20, 68, 64), _OURS)
    draw.rounded_rectangle((88, 34, 250, 50), 8, _THEIRS)
    top = 116
    while top < _SIZE[1] - 140:
        ours, lines = chance.random() < 0.4, chance.randint(1, 4)
        width, height = chance.randint(210, 360), 24 + 26 * lines
        left = _SIZE[0] - width - 24 if ours else 24
        draw.rounded_rectangle((left, top, left + width, top + height), 18, _OURS if ours else _THEIRS)
        for line in range(lines):
            end = left + width - 20 - (chance.randint(20, 120) if line == lines - 1 else 0)
            draw.rounded_rectangle((left + 20, top + 20 + 26 * line, end, top + 30 + 26 * line), 5, _INK)
        top += height + 22
    return picture


def _stream(chance: Random) -> Image.Image:
    """A person before a camera, and what viewers write."""
    picture = Image.new("RGB", _SIZE)
    draw = ImageDraw.Draw(picture)
    colours = [tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in _STREAM]
    for y in range(_SIZE[1]):
        place = y / _SIZE[1] * (len(colours) - 1)
        low, share = colours[int(place)], place - int(place)
        high = colours[min(int(place) + 1, len(colours) - 1)]
        draw.line((0, y, _SIZE[0], y), tuple(round(a + (b - a) * share) for a, b in zip(low, high, strict=True)))
    draw.ellipse((170, 250, 370, 470), "#f3d9c9")
    draw.pieslice((70, 470, 470, 1000), 180, 360, "#27304a")
    for line in range(5):
        draw.rounded_rectangle((28, 700 + 44 * line, 28 + chance.randint(140, 330), 728 + 44 * line), 14, "#00000055")
    return picture
