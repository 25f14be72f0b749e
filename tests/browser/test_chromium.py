"""Which Chromium the tests take: the one that is named, before those of the system."""

import sys

import pytest
from chromium import NAMED, found


def test_the_chromium_that_is_named_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAMED, sys.executable)
    assert found() == sys.executable


def test_what_is_named_and_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAMED, "/nowhere/chromium")
    with pytest.raises(FileNotFoundError, match=f"{NAMED} names /nowhere/chromium"):
        found()
