"""Which Chromium the tests take: the one that is named, before those of the system."""

import sys
from pathlib import Path

import pytest
from chromium import NAMED, found


def test_the_chromium_that_is_named_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAMED, sys.executable)
    assert found() == sys.executable


def test_a_shell_without_windows_comes_before_a_whole_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(NAMED, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("chromium", "chromium-headless-shell"):
        (tmp_path / name).touch(0o755)
    assert found() == str(tmp_path / "chromium-headless-shell")


def test_what_is_named_and_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAMED, "/nowhere/chromium")
    with pytest.raises(FileNotFoundError, match=f"{NAMED} names /nowhere/chromium"):
        found()
