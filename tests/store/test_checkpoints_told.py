"""On the command line: the newest checkpoint, what was done to the database behind it, and what a backup lacked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event

import pytest
import sqlalchemy as sa
from terminal import Terminal, of_ops
from test_checkpoints import (
    ATTACKS,
    END,
    SIGNER,
    Place,
    checkpointed,
    cut,
    forge_account,
    forge_key,
    newest,
    owned,
    place,
    remove,
    run,
    set_back,
    written,
)

from store import checkpoint
from store.copies import Copies
from workers.checkpoints.keep import keep
from workers.reach import House

__all__ = ["place"]
WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


@dataclass(frozen=True)
class Told:
    """A terminal beside a database with checkpoints, and what `verify` says of these."""

    at: Terminal

    def by_verify(self, *words: str) -> str:
        """Its cases are in no Temporal here, so that other differences are told, too."""
        found = self.at.refused("verify", *words)["differences"]
        said = [f"{one['where']}: {one['what']}" for one in found]
        return "\n".join(one for one in said if "checkpoint" in one)


@pytest.fixture(scope="module")
def told(house: House, place: Place, tmp_path_factory: pytest.TempPathFactory) -> Told:
    at, kept = of_ops(house, folder := tmp_path_factory.mktemp("told")), (folder / "copies").as_uri()
    keep(place.engine, Copies(kept), None)
    url = place.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    own = {"DATABASE_URL": url, "CHECKPOINT_URL": kept, "CHECKPOINT_TRUSTED": SIGNER.public}
    return Told(replace(at, environment=at.environment | {f"CASEWORK_{name}": value for name, value in own.items()}))


@contextmanager
def another_makes_one(place: Place) -> Iterator[None]:
    """As a worker that makes a checkpoint, until somebody waits for it."""
    begun, over = Event(), Event()

    def make() -> None:
        with place.engine.begin() as guard:
            assert checkpoint.alone(guard)
            begun.set()
            while not over.wait(0.05) and not guard.execute(WAITING).scalar_one():
                pass

    with ThreadPoolExecutor(1) as worker:
        making = worker.submit(make)
        assert begun.wait(30)
        try:
            yield
        finally:
            over.set()
        making.result(30)


def lost(place: Place, kept: Copies) -> str:
    """The hash of a checkpoint that was made and kept, and that the database no longer has, with what it was of."""
    written(place.engine, "lost")
    checkpointed(place.engine, END)
    keep(place.engine, kept, None)
    row = newest(place.engine)
    with owned(place.engine) as connection:
        run(connection, "DELETE FROM checkpoint_leaves WHERE checkpoint = :number", number=row["number"])
        run(connection, "DELETE FROM checkpoints WHERE number = :number", number=row["number"])
        run(connection, "DELETE FROM records WHERE topic = 'of lost'")
        for table in ("agencies", "subjects"):
            run(connection, f"DELETE FROM {table} WHERE id = 'lost'")
        connection.commit()
    return str(row["hash"])


def test_checkpoints_that_a_backup_lacked_are_told_until_whoever_has_the_key_abandons_them(
    place: Place, told: Told
) -> None:
    at, row = told.at, newest(place.engine)
    line, of = at.casework("checkpoint", "show").stdout.splitlines()
    assert line == f"{row['number']} {row['hash']} signed {row['signature']}"
    assert of.endswith(f"by the public key {SIGNER.public}.")
    digest = lost(place, Copies(at.environment["CASEWORK_CHECKPOINT_URL"]))
    assert told.by_verify("--seen", line) == f"checkpoints/{row['number'] + 1}: the database was set back behind it"
    assert at.told("checkpoint", "abandon") == {"would_abandon": [digest]}
    with another_makes_one(place):
        assert at.told("checkpoint", "abandon", "--yes") == {"abandoned": [digest]}
    assert at.told("checkpoint", "abandon") == {"would_abandon": []}
    assert told.by_verify("--seen", line) == ""


def test_verify_says_what_the_database_s_owner_did_and_whose_word_it_takes(place: Place, told: Told) -> None:
    with owned(place.engine) as connection:
        for attack in (attacks := (remove, set_back, cut, forge_key, forge_account)):
            attack(connection, place)
        connection.commit()
    said = told.by_verify("--trust", SIGNER.public, "--seen", f"1 {'0' * 64}")
    for line in (line for attack in attacks for line in ATTACKS[attack] if "checkpoint" in line):
        assert line.format(moved=place.moved, unmoved=place.unmoved) in said
    assert "checkpoints/1: it was another when it was seen" in said
    assert "signed with a key that is not trusted" in said  # that of the house, who abandoned
    for wrong in (("--trust", "no key"), ("--seen", "1")):
        refused = told.at.casework("verify", *wrong)
        assert (refused.returncode, wrong[0] in refused.stderr) == (2, True)
