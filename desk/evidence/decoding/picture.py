"""Pictures: decoded, turned as their camera held them, brought to sRGB, and written again without anything else.

Of one that moves its first frame is kept.
"""

import warnings
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps

from desk.evidence.decoding.verdict import MOST_PIXELS, UnfitError, Verdict

# How a format is written, and the modes that it has.
# fmt: off
_WRITTEN: dict[str, tuple[str, dict[str, int], set[str]]] = {
    "image/jpeg": ("JPEG", {"quality": 95}, {"L", "RGB"}),
    "image/png":  ("PNG",  {}, {"1", "L", "LA", "I", "I;16", "RGB", "RGBA"}),
    "image/webp": ("WEBP", {"quality": 95, "method": 2}, {"RGB", "RGBA"}),
    "image/gif":  ("GIF",  {}, {"L", "P"}),
    "image/avif": ("AVIF", {"quality": 90, "speed": 10, "max_threads": 1}, {"RGB", "RGBA"}),
}
# fmt: on
Image.init()  # all formats' modules are imported now: later no file can be read
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
_SRGB = ImageCms.createProfile("sRGB")


def read(kind: str, sent: BinaryIO, clean: BinaryIO) -> None:
    """Write the picture again, in its own format.

    Raises:
        UnfitError: it has too many pixels.
        Exception: whatever else its decoder finds.
    """
    written, how, modes = _WRITTEN[kind]
    try:
        picture: Image.Image = Image.open(sent, formats=[written])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UnfitError(Verdict.PIXELS) from None
    if picture.width * picture.height > MOST_PIXELS:
        raise UnfitError(Verdict.PIXELS)
    picture.load()
    profile, seen_through = picture.info.get("icc_profile"), picture.info.get("transparency")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode not in modes:
        picture = picture.convert("RGBA" if picture.has_transparency_data and "RGBA" in modes else "RGB")
    if profile and picture.mode != "P":
        picture = _in_srgb(picture, profile)
    # What a format would write of its own accord: comments, resolution, Exif, XMP.
    picture.info = {"transparency": seen_through} if picture.mode == "P" and seen_through is not None else {}
    picture.save(clean, written, **how)


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """The picture in sRGB; as it is, where nobody can read its profile, or where that is for other colours."""
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(picture, own, _SRGB, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
