"""`docs/api.md` is played: each command in one bash, against an engine of its own, answers as the page shows them."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from terminal import CASEWORK, Terminal, stop, terminal

from activities.entered import LONGEST_TEXT
from activities.limits import LONGEST_ANSWER
from desk.api.routes.webhooks import MOST as MOST_RECEIVERS
from desk.api.rules import LINES, SMALL, TEXTS
from desk.identity.keys import MOST_DAYS, USUAL_DAYS
from desk.refusal import STATUS
from desk.serving.connections import OF_AN_ADDRESS
from desk.serving.protocol import HEAD_WITHIN
from store.cursor import MOST as LARGEST_PAGE
from workers.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
# What happens a moment later is looked at again for so long.
PATIENCE = 10.0
_END = "\x1e"


@dataclass
class Command:
    """A command as the page shows it, and what it then shows."""

    text: str
    shown: str = ""

    @property
    def reads(self) -> bool:
        """Whether it may be typed again: nothing in it writes."""
        return re.search(r"\s(-d|-X|-o)\s|[>=&]|tee|kill|login", self.text) is None

    def shows(self, said: str) -> bool:
        """Whether that is what the page shows: `…` stands for anything, and white space for nothing."""
        parts = ("".join(part.split()) for part in self.shown.split("…"))
        return re.fullmatch(".*?".join(map(re.escape, parts)), "".join(said.split()), re.DOTALL) is not None


def commands(page: str) -> list[Command]:
    """The commands of the page's console blocks: `$ ` begins one, `> ` goes on with it."""
    found: list[Command] = []
    for block in re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Command(line[2:]))
            elif line.startswith(">"):
                found[-1].text += "\n" + line[2:]
            else:
                found[-1].shown += line + "\n"
    return found


class Bash:
    """One shell for all commands; whatever they leave running ends with it."""

    def __init__(self, at: Terminal) -> None:
        own = {"PATH": f"{Path(CASEWORK).parent}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(at.folder)}
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=at.folder, env=at.environment | own, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.type("set -uo pipefail")

    def type(self, command: str) -> tuple[int, str]:
        """Type a command; give its code and what it said."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\nprintf '\\n{_END}%s\\n' $?\n")
        self._process.stdin.flush()
        said = ""
        for line in self._process.stdout:
            if line.startswith(_END):
                return int(line[1:]), said
            said += line
        raise AssertionError(f"bash ended: {said}")

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def bash(tmp_path: Path) -> Iterator[Bash]:
    assert shutil.which("curl"), "docs/api.md is checked with curl, and this machine has none: install it."
    at = terminal(tmp_path / "curl")
    process, _ = at.start("up")
    shell = Bash(at)
    yield shell
    shell.close()
    assert stop(process, signal.SIGINT)[0] == 0


def test_the_page_is_as_it_is_played(bash: Bash) -> None:
    for command in commands(PAGE):
        last = time.monotonic() + PATIENCE
        code, said = bash.type(command.text)
        while command.reads and not command.shows(said) and time.monotonic() < last:
            time.sleep(0.2)
            code, said = bash.type(command.text)
        assert code == 0, f"$ {command.text}\n{said}"
        assert command.shows(said), f"$ {command.text}\n{said}\n-- the page shows:\n{command.shown}"


def test_the_page_has_each_code_with_its_status() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \| .+ \|$", PAGE, re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {code.value: status.value for code, status in STATUS.items()}
    assert len(rows) == len(STATUS)


@pytest.mark.parametrize(
    "limit",
    [
        f"{Settings.model_fields['requests_per_minute'].default} a minute",
        f"{SMALL // 2**10} KiB, with texts {TEXTS // 2**10} KiB, of a batch {LINES // 2**20} MiB",
        f"{LONGEST_TEXT:,} characters",
        f"at most {LARGEST_PAGE};",
        f"{USUAL_DAYS} days, at most {MOST_DAYS};",
        f"{MOST_RECEIVERS} an agency",
        f"{HEAD_WITHIN:g} s for each request's head; {OF_AN_ADDRESS} an address",
        f"within {LONGEST_ANSWER:g} seconds",
    ],
)
def test_the_page_has_the_limits_of_the_code(limit: str) -> None:
    assert limit in PAGE.partition("\n## Limits\n")[2]
