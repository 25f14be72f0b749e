"""Videos: every packet read, and of each stream of pictures or sound a frame decoded; kept as they are."""

from typing import BinaryIO

import av
from av.container import InputContainer

from desk.evidence.decoding.verdict import UnfitError, Verdict
from desk.evidence.decoding.whole import boxes, elements, must_be_one

# Only this reader is asked: others know how to open addresses that a file names.
_READERS = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
av.logging.set_level(av.logging.PANIC)


def read(kind: str, sent: BinaryIO, _clean: BinaryIO) -> None:
    """Read a video to its end.

    Raises:
        UnfitError: it is not whole, something else, too, shows nothing, or has a stream that can't be decoded.
        Exception: whatever else ffmpeg finds.
    """
    must_be_one(sent)
    whole = elements(sent) if kind == "video/webm" else boxes(sent)
    sent.seek(0)
    if not whole:
        raise UnfitError(Verdict.BROKEN)
    with av.open(sent, "r", format=_READERS[kind], metadata_errors="ignore") as video:
        if not video.streams.video or _undecoded(video):
            raise UnfitError(Verdict.BROKEN)


def _undecoded(video: InputContainer) -> set[int]:
    """The streams of which no frame was decoded."""
    waiting = set[int]()
    for stream in (*video.streams.video, *video.streams.audio):
        stream.codec_context.thread_count = 1
        waiting.add(stream.index)
    for packet in video.demux():
        if packet.stream.index in waiting and packet.decode():
            waiting.discard(packet.stream.index)
    return waiting
