"""Where is a Chromium for the console's tests? Run as a program, it sets one up where none is found."""

import os
import shutil
import subprocess
import sys

# Names one, before all others are looked for; no `CASEWORK_…`, since those are settings of the product.
NAMED = "CHROMIUM"
NONE = f"no Chromium is there: `make setup-browser` sets one up, and {NAMED}=path names one"
# Chromium without windows: a page takes half the CPU of one in a whole Chromium, which draws windows that nobody sees.
_SHELL = "chromium-headless-shell"
_KNOWN = (_SHELL, "/usr/bin/chromium", "chromium", "google-chrome")
# Without these fonts Chinese is shown as boxes, and measures otherwise.
_PACKAGES = (_SHELL, "fonts-noto-cjk")
# Seconds: for an index, and for a quarter of a gigabyte of packages; for an answer of a host.
_INDEX, _DOWNLOAD, _ANSWER = 120, 300, 10
_APT = ("apt-get", "-qq", "-o", f"Acquire::http::Timeout={_ANSWER}", "-o", "Acquire::Retries=1")


def found() -> str | None:
    """The path of the Chromium that is named, or of the system's own.

    Raises:
        FileNotFoundError: what is named isn't there.
    """
    if named := os.environ.get(NAMED):
        if path := shutil.which(named):
            return path
        raise FileNotFoundError(f"{NAMED} names {named}, which is no program")
    return next((path for name in _KNOWN if (path := shutil.which(name))), None)


def set_up() -> None:
    """Install the system's shell where it can be had; where no Chromium is found then, what Playwright downloads.

    Raises:
        OSError, subprocess.SubprocessError: none can be had.
    """
    if os.environ.get(NAMED) or shutil.which(_SHELL):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        try:
            _run(_INDEX, *_APT, "update")
            _run(_DOWNLOAD, *_APT, "install", "-y", "--no-install-recommends", *_PACKAGES)
        except subprocess.SubprocessError:
            if found() is None:
                raise
    elif found() is None:
        _run(_DOWNLOAD, sys.executable, "-m", "playwright", "install", "chromium")


def _run(within: float, *words: str) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(words, check=True, timeout=within, stdout=subprocess.DEVNULL, env=quiet)


if __name__ == "__main__":
    try:
        set_up()
    except (OSError, subprocess.SubprocessError) as error:
        sys.exit(f"No Chromium can be set up: {error}")
