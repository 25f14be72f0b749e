"""Files to bring as evidence, made here: pictures, videos and PDFs, honest ones and others."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame
from PIL import Image, PngImagePlugin
from pypdfium2 import PdfDocument

_FRAME: Any = VideoFrame.from_image
Make = Callable[[], bytes]
PLACE = b"N 21.0285 E 105.8542"
_EXIF_TURNED, _ORIENTATION, _DESCRIPTION, _GPS = 6, 0x0112, 0x010E, 0x8825


def exif() -> Image.Exif:
    """Of a camera that was held upright, and knew where it was."""
    made = Image.Exif()
    made[_ORIENTATION], made[_DESCRIPTION] = _EXIF_TURNED, PLACE.decode()
    made[_GPS] = {1: "N", 2: (21.0, 1.0, 42.6)}
    return made


def picture(form: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **how: Any) -> bytes:
    """A picture whose left half is red."""
    made = Image.new(mode, size, 0)
    made.paste({"RGB": (200, 0, 0), "RGBA": (200, 0, 0, 90)}.get(mode, 90), (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    made.save(out, form, **how)
    return out.getvalue()


def png_with_text() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", PLACE.decode())
    return picture("PNG", pnginfo=told, dpi=(72, 72))


def moving(form: str) -> bytes:
    """A picture of three frames."""
    frames = [Image.new("RGB", (30, 20), (80 * number, 0, 0)) for number in range(3)]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], comment=PLACE)
    return out.getvalue()


def _s15(number: float) -> bytes:
    return struct.pack(">i", round(number * 65536))


def wide_gamut() -> bytes:
    """A picture in a profile whose red is redder than that of sRGB (Display P3)."""
    xyz = {b"rXYZ": (0.5151, 0.2412, -0.0011), b"gXYZ": (0.2919, 0.6922, 0.0419), b"bXYZ": (0.1572, 0.0666, 0.7841)}
    parts = {
        name: b"XYZ \0\0\0\0" + b"".join(map(_s15, of)) for name, of in (xyz | {b"wtpt": (0.9642, 1, 0.8249)}).items()
    }
    parts |= {name: b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(2.2 * 256)) for name in (b"rTRC", b"gTRC", b"bTRC")}
    parts |= {
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 3) + b"P3\0" + bytes(79),
    }
    table, body, place = b"", b"", 128 + 4 + 12 * len(parts)
    for name, data in parts.items():
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", place + len(body), len(data))
        body += padded
    size = place + len(body)
    head = struct.pack(">I4sI4s4s4s12s4s", size, bytes(4), 0x02400000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp")
    head = head.ljust(68, b"\0") + b"".join(map(_s15, (0.9642, 1, 0.8249)))
    return picture("PNG", icc_profile=head.ljust(128, b"\0") + struct.pack(">I", len(parts)) + table + body)


def bomb(width: int = 60_000, height: int = 60_000, *, whole: bool = False) -> bytes:
    """A PNG of few bytes that says it has very many pixels; or really has them, all black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress(bytes((width + 1) * height if whole else 1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def video(form: str, codec: str, sound: str | None = None, *, frames: int = 6, **how: Any) -> bytes:
    """A film of a few frames."""
    out = io.BytesIO()
    with av.open(out, "w", format=form, options=how) as film:
        film.metadata["comment"] = PLACE.decode()
        seen: Any = film.add_stream(codec, rate=10, width=64, height=48, pix_fmt="yuv420p")
        heard: Any = film.add_stream(sound, rate=48_000) if sound else None
        for number in range(frames):
            film.mux(seen.encode(_FRAME(Image.new("RGB", (64, 48), (40 * number, 0, 0)))))
        film.mux(seen.encode())
        if heard is not None:
            quiet = av.AudioFrame(format="s16", layout="stereo", samples=9_600)
            quiet.rate, quiet.pts, quiet.time_base = 48_000, 0, Fraction(1, 48_000)
            for plane in quiet.planes:
                plane.update(bytes(plane.buffer_size))
            fitting = av.AudioResampler(heard.format, heard.layout, 48_000, heard.codec_context.frame_size or 960)
            for frame in fitting.resample(quiet):
                film.mux(heard.encode(frame))
            film.mux(heard.encode())
    return out.getvalue()


def sound() -> bytes:
    """A film of no pictures."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as film:
        heard: Any = film.add_stream("aac", rate=48_000)
        for number in range(4):
            quiet = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
            quiet.rate, quiet.pts, quiet.time_base = 48_000, 1024 * number, Fraction(1, 48_000)
            for plane in quiet.planes:
                plane.update(bytes(plane.buffer_size))
            film.mux(heard.encode(quiet))
        film.mux(heard.encode())
    return out.getvalue()


def box(data: bytes) -> bytes:
    """A box of an ISO media file that players skip."""
    return struct.pack(">I4s", len(data) + 8, b"free") + data


def decoding() -> list[int]:
    """The processes that decode for this one."""
    mine = Path(f"/proc/{os.getpid()}/task")
    children = [int(pid) for task in mine.glob("*/children") for pid in task.read_text().split()]
    return [pid for pid in children if b"desk.evidence.decoding" in _words(pid)]


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def pdf(pages: int = 2) -> bytes:
    made = PdfDocument.new()
    for _ in range(pages):
        made.new_page(200, 100)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def locked_pdf() -> bytes:
    """A PDF that wants a password."""
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'00' * 32}> /U <{'00' * 32}> >> /ID [<00> <00>] "
    before, trailer, after = pdf().rpartition(b"trailer")
    return before + trailer + after.replace(b"<<", b"<< " + lock.encode(), 1)


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("run.sh", "#!/bin/sh\necho hello\n")
    return out.getvalue()


HONEST: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a photograph": ("image/jpeg", lambda: picture("JPEG", exif=exif(), comment=PLACE)),
    "a screenshot": ("image/png", png_with_text),
    "a picture of the web": ("image/webp", lambda: picture("WEBP", mode="RGBA", exif=exif(), xmp=PLACE)),
    "a moving one": ("image/gif", lambda: moving("GIF")),
    "a moving one of the web": ("image/webp", lambda: moving("WEBP")),
    "a small one": ("image/avif", lambda: picture("AVIF", exif=exif())),
    "a film": ("video/mp4", lambda: video("mp4", "libx264", "aac", movflags="+frag_keyframe+empty_moov")),
    "a film of a phone": ("video/quicktime", lambda: video("mov", "mpeg4")),
    "a recording": ("video/webm", lambda: video("webm", "libvpx", "libopus")),
    "a contract": ("application/pdf", pdf),
}
