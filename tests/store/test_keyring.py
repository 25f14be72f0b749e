"""Keys: made once, wrapped by the master key, destroyed for ever."""

from pathlib import Path

import pytest

from store import keyring as keyrings
from store.keyring import DestroyedError, Keyring, LostError, name_of
from store.master import Master, UnknownMasterError

FORMER, MASTER = "the master key of last year", "the master key of this year"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return (tmp_path / "keys").as_uri()


def test_an_owner_has_one_key_in_every_process_and_nobody_elses(url: str) -> None:
    here, there = Keyring(url, Master(MASTER)), Keyring(url, Master(MASTER))
    assert here.of("person/minh") == there.of("person/minh") == there.named(name_of("person/minh"))
    assert here.of("person/linh") != here.of("person/minh")
    with pytest.raises(LostError, match="CASEWORK_KEYS_URL"):
        there.named(name_of("person/nobody"))


def test_a_key_that_was_destroyed_is_gone_and_none_is_made_again(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = Keyring(url, Master(MASTER)), Keyring(url, Master(MASTER))
    key = there.of("person/minh")
    here.destroy("person/minh")
    here.destroy("person/whom nobody knows")
    for owner in ("person/minh", "person/whom nobody knows"):
        with pytest.raises(DestroyedError):
            here.of(owner)
    monkeypatch.setattr(keyrings, "KEPT", 0.0)  # a minute passes
    with pytest.raises(DestroyedError):
        there.of("person/minh")
    assert key not in b"".join(file.read_bytes() for file in (tmp_path / "keys").iterdir())


def test_the_master_key_is_changed_and_the_former_one_can_go(url: str) -> None:
    before = Keyring(url, Master(FORMER))
    keys = [before.of(f"person/{number}") for number in range(5)]
    before.destroy("person/gone")
    with pytest.raises(UnknownMasterError, match="CASEWORK_FORMER_MASTER_KEYS"):
        Keyring(url, Master(MASTER)).of("person/0")
    both = Keyring(url, Master(MASTER, [FORMER]))
    made = both.of("person/new")
    assert both.of("person/0") == keys[0]
    wrapped_anew = {name for names, left in both.rewrap() for name in names if not left}
    assert wrapped_anew == {name_of(f"person/{number}") for number in range(5)}
    assert [*both.rewrap()] == [([], 0)]
    assert [*Keyring(url, Master("the master key of somebody else")).rewrap()] == [([], 6)]
    after = Keyring(url, Master(MASTER))
    assert [after.of(f"person/{number}") for number in range(5)] == keys
    assert after.of("person/new") == made
    with pytest.raises(DestroyedError):
        after.of("person/gone")


def test_a_key_put_in_place_of_anothers_opens_nothing(url: str, tmp_path: Path) -> None:
    ring = Keyring(url, Master(MASTER))
    for owner in ("person/minh", "person/linh"):
        ring.of(owner)
    mine, other = (tmp_path / "keys" / name_of(owner) for owner in ("person/minh", "person/linh"))
    mine.write_bytes(other.read_bytes())
    with pytest.raises(UnknownMasterError):
        Keyring(url, Master(MASTER)).of("person/minh")
