"""What a file is, and what of it is kept: decoded for real, in a process that a hostile one may end."""

import asyncio
import io
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile

import files
import pytest
from files import HONEST, PLACE
from PIL import Image

from desk.evidence.clean import Cleaner
from desk.evidence.decoding import calls
from desk.evidence.keep import Intake
from desk.evidence.sniff import ENOUGH, kind_of
from desk.refusal import ProblemError
from states.situation import Actor
from states.terms import Role
from store.objects import Objects
from store.schema.evidence import FileKind
from workers.embedded.confine import possible


async def kept(folder: Path, sent: bytes, kind: str | None = None) -> bytes:
    """What is kept of a file that says that it is of this kind, or of the one that its first bytes say."""
    found = FileKind(kind) if kind else kind_of(sent[:ENOUGH])
    assert found is not None
    with TemporaryFile() as file:
        file.write(sent)
        file.flush()
        async with Cleaner(folder).cleaned(found, file) as clean:
            clean.seek(0)
            return clean.read()


async def refusal(folder: Path, sent: bytes, kind: str | None = None) -> str:
    with pytest.raises(ProblemError) as refused:
        await kept(folder, sent, kind)
    assert (refused.value.code.value, refused.value.field) == ("invalid", "body")
    assert not any(os.scandir(folder))  # what was begun has no name, and is gone
    return refused.value.key


@pytest.mark.parametrize("what", HONEST)
async def test_an_honest_file_is_taken_and_a_picture_keeps_nothing_but_itself(what: str, tmp_path: Path) -> None:
    kind, make = HONEST[what]
    sent = make()
    assert kind_of(sent[:ENOUGH]) == kind
    clean = await kept(tmp_path, sent)
    if kind.startswith("image/"):
        assert kind_of(clean[:ENOUGH]) == kind
        assert PLACE not in clean
        with Image.open(io.BytesIO(clean)) as picture:
            assert getattr(picture, "n_frames", 1) == 1
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "version", "background"} | {
                "loop", "timestamp", "duration", "progressive", "progression", "transparency",
            }, picture.info  # fmt: skip
            assert dict(picture.getexif()) == {}
    else:
        assert clean == sent  # with what its maker wrote into it, as the route says


async def test_a_picture_is_turned_as_its_camera_was_and_brought_to_srgb(tmp_path: Path) -> None:
    turned = Image.open(io.BytesIO(await kept(tmp_path, files.picture("JPEG", exif=files.exif(), size=(40, 20)))))
    assert turned.size == (20, 40)
    red, black = turned.getpixel((10, 5)), turned.getpixel((10, 35))
    assert isinstance(red, tuple)
    assert isinstance(black, tuple)
    assert red[0] > 150
    assert black[0] < 50
    broken = await kept(tmp_path, files.picture("PNG", icc_profile=b"no profile"))
    assert "icc_profile" not in Image.open(io.BytesIO(broken)).info
    wide = Image.open(io.BytesIO(await kept(tmp_path, files.wide_gamut()))).convert("RGB").getpixel((2, 2))
    assert isinstance(wide, tuple)
    assert wide[0] > 210  # 200 of a wider space is more in sRGB


CUT = {"a screenshot": 0.5, "a moving one": 0.3}  # what is kept of these is whole until later


@pytest.mark.parametrize("what", HONEST)
async def test_what_breaks_off_is_refused(what: str, tmp_path: Path) -> None:
    kind, make = HONEST[what]
    sent = make()
    assert await refusal(tmp_path, sent[: int(len(sent) * CUT.get(what, 0.95))], kind) == "file_broken"


@pytest.mark.parametrize(
    ("what", "sent", "kind", "key"),
    [
        ("an archive that begins like a picture", lambda: b"\xff\xd8\xff\xe0" + files.archive(), None, "file_broken"),
        ("a page that begins like a picture", lambda: b"GIF89a=1;<script>alert(1)</script>", None, "file_broken"),
        ("a picture that is called a film", lambda: files.picture("JPEG"), "video/mp4", "file_broken"),
        ("a film that is called a PDF", lambda: files.video("mp4", "mpeg4"), "application/pdf", "file_broken"),
        ("a PDF that is an archive, too", lambda: files.pdf() + files.archive(), None, "file_broken"),
        ("a film that is an archive, too", lambda: files.video("mp4", "mpeg4") + files.box(files.archive()), None, "file_broken"),
        ("a film with a page behind it", lambda: files.video("mp4", "mpeg4") + b"<script>", None, "file_broken"),
        ("a recording with a page behind it", lambda: files.video("webm", "libvpx") + b"<script>", None, "file_broken"),
        ("sound without pictures", files.sound, "video/mp4", "file_broken"),
        ("a list of addresses", lambda: b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret\n", "video/mp4", "file_broken"),
        ("a PDF with a password", files.locked_pdf, None, "file_locked"),
        ("a PDF without a page", lambda: files.pdf(0), None, "file_broken"),
        ("a bomb", files.bomb, None, "file_pixels"),
        ("a smaller bomb", lambda: files.bomb(8000, 7000), None, "file_pixels"),
        ("nothing", lambda: b"", "image/png", "file_broken"),
    ],
)  # fmt: skip
async def test_what_lies_is_refused(what: str, sent: files.Make, kind: str | None, key: str, tmp_path: Path) -> None:
    assert await refusal(tmp_path, sent(), kind) == key, what


async def test_what_a_picture_has_behind_it_is_gone(tmp_path: Path) -> None:
    both = files.picture("JPEG") + files.archive()
    assert await kept(tmp_path, both) == await kept(tmp_path, files.picture("JPEG"))


@pytest.mark.parametrize(
    "head",
    [
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic",
        b"PK\x03\x04", b"<svg xmlns='http://www.w3.org/2000/svg'>", b"<html>", b"MZ", b"\x7fELF", b"BM", b"II*\x00", b"",
        b"RIFF\x00\x00\x00\x00AVI LIST", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", b" %PDF-1.7", b"OggS", b"\xff\xfb\x90",
    ],
)  # fmt: skip
def test_other_kinds_are_of_none(head: bytes) -> None:
    assert kind_of(head.ljust(ENOUGH, b"\x00")) is None


async def test_two_are_decoded_at_once_and_one_that_nobody_waits_for_ends(tmp_path: Path) -> None:
    cleaner, slow = Cleaner(tmp_path), files.bomb(7000, 7000, whole=True)

    async def one() -> None:
        with TemporaryFile() as file:
            file.write(slow)
            file.flush()
            async with cleaner.cleaned(FileKind.PNG, file):
                pass

    tasks = [asyncio.create_task(one()) for _ in range(4)]
    async with asyncio.timeout(30):
        while len(files.decoding()) < 2:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        assert len(files.decoding()) == 2
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert files.decoding() == []


@pytest.mark.parametrize(("end", "key"), [(signal.SIGSEGV, "file_broken"), (signal.SIGXCPU, "file_costly")])
async def test_a_decoder_that_crashes_or_takes_too_much_refuses_the_file_and_nothing_else(
    end: signal.Signals, key: str, tmp_path: Path
) -> None:
    async def crash() -> None:
        while not (found := files.decoding()):
            await asyncio.sleep(0.01)
        os.kill(found[0], end)

    async with asyncio.timeout(30):
        _, refused = await asyncio.gather(crash(), refusal(tmp_path, files.bomb(7000, 7000, whole=True)))
    assert refused == key


@pytest.mark.skipif(not possible(), reason="the kernel can't confine")
async def test_whoever_decodes_reads_no_file_of_ours(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    tried = f"""
from desk.evidence.decoding.__main__ import decode
decode("image/png", 0, 0)
for mode in ("r", "w"):
    try:
        open({str(tmp_path / "secret")!r}, mode)
    except PermissionError:
        print("kept out")
"""
    words = (sys.executable, "-I", "-c", tried)
    process = await asyncio.create_subprocess_exec(*words, stdin=DEVNULL, stdout=PIPE, env={})
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    assert said.split(b"\n") == [b"kept out", b"kept out", b""]


@pytest.mark.skipif(not calls.known(), reason="the system can't refuse calls")
async def test_whoever_decodes_asks_no_network_starts_no_program_and_is_bounded() -> None:
    """A thread may be begun: libraries decode in several."""
    tried = f"""
import os, resource, socket, threading
from desk.evidence.decoding.__main__ import decode
decode("image/png", 0, 0)
asked = [
    lambda: socket.create_connection(("127.0.0.1", 1), 1),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    lambda: socket.socket(socket.AF_UNIX),
    lambda: os.execv("/bin/true", ["true"]),
    os.fork,
    lambda: os.posix_spawn("/bin/true", ["true"], {{}}),
    lambda: os.kill({os.getpid()}, 0),
]
for ask in asked:
    try:
        ask()
    except PermissionError:
        print("refused")
thread = threading.Thread(target=print, args=["a thread"])
thread.start()
thread.join()
names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE")
print([resource.getrlimit(getattr(resource, name))[0] for name in names])
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", tried, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env={}
    )
    async with asyncio.timeout(30):
        said, wrong = await process.communicate()
    *told, thread, bounds = said.decode().splitlines()
    assert (told, thread, wrong) == (["refused"] * 7, "a thread", b"")
    assert bounds == str([2 << 30, 40, 50 << 20, 64, 0])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="There is no /dev/full here")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
async def test_a_disk_that_is_full_is_no_fault_of_the_picture(form: str) -> None:
    full = os.open("/dev/full", os.O_RDWR)
    try:
        with TemporaryFile() as sent:
            sent.write(files.picture(form))
            sent.seek(0)
            words = ("-I", "-m", "desk.evidence.decoding", f"image/{form.lower()}", str(sent.fileno()), str(full))
            process = await asyncio.create_subprocess_exec(
                sys.executable, *words, stderr=DEVNULL, env={}, pass_fds=(sent.fileno(), full)
            )
            assert await asyncio.wait_for(process.wait(), 30) == 1
    finally:
        os.close(full)


def test_one_agency_leaves_places_to_others(tmp_path: Path) -> None:
    intake = Intake(Objects(tmp_path.as_uri()), tmp_path)
    ann, lee, bob = (Actor(name, Role.OWNER, agency="lotus") for name in ("ann", "lee", "bob"))
    with ExitStack() as held:
        for person in (ann, ann, lee, lee):
            held.enter_context(intake.turn(person))
        with pytest.raises(ProblemError) as refused, intake.turn(bob):
            pass
        assert (refused.value.code.value, refused.value.key) == ("too_many_requests", "files_of_others")
        with intake.turn(Actor("jan", Role.OWNER, agency="jade")):
            pass
    with intake.turn(bob), intake.turn(bob):
        pass
