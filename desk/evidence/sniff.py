"""What does a file say that it is? By its first bytes; neither by its name nor by what its sender calls it."""

from store.schema.evidence import FileKind

# So many bytes tell.
ENOUGH = 64
_STARTS = {
    b"\xff\xd8\xff": FileKind.JPEG,
    b"\x89PNG\r\n\x1a\n": FileKind.PNG,
    b"GIF87a": FileKind.GIF,
    b"GIF89a": FileKind.GIF,
    b"%PDF-": FileKind.PDF,
}
# Brands of ISO media files. `heic` and its like are not here: phones send JPEG where HEIC is not taken.
_QUICKTIME, _PICTURES = b"qt  ", frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})


def kind_of(head: bytes) -> FileKind | None:
    """The kind that the first bytes of a file say, `ENOUGH` of them where it has so many; None: none of ours."""
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head[:4] == b"\x1a\x45\xdf\xa3" and b"\x42\x82\x84webm" in head[:ENOUGH]:
        return FileKind.WEBM
    return _of_brands(head) if head[4:8] == b"ftyp" else None


def _of_brands(head: bytes) -> FileKind | None:
    """The kind of an ISO media file, by the brand that it has and those that it goes with."""
    size = int.from_bytes(head[:4], "big")
    major, others = head[8:12], {head[at : at + 4] for at in range(16, min(size, len(head)) - 3, 4)}
    if _PICTURES & {major, *others} and major in _PICTURES | _HEIC:
        return FileKind.AVIF
    if major in _HEIC:
        return None
    return FileKind.MOV if major == _QUICKTIME else FileKind.MP4
