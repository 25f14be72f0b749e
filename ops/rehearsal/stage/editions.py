"""The versions of a story's rulebook: what each says, how people move them, and where they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from ops.rehearsal.script.expect import Expect
from ops.rehearsal.stage.desk import Asker, VersionSender
from ops.rehearsal.stage.expectation import Found
from rulebook.model import Rulebook
from store import timeline
from store import version as versions

_PROPOSE = "propose"
# An act whose move is called otherwise, because the act of that name is of a case.
_EVENTS = {"withdraw_version": "withdraw"}


@dataclass(frozen=True)
class Edition:
    """A version of a story by its files; of the first, which is in force from the start, they are never sent."""

    book: Rulebook
    files: Mapping[str, bytes]


@dataclass
class Editions:
    """The versions by the names that the story gives them. The first proposal of one enters it as a draft."""

    named: Mapping[str, Edition]
    sender: VersionSender
    _drafted: set[str] = field(default_factory=set)

    async def move(self, by: str, verb: str, said: dict[str, Any], key: str) -> None:
        """Carry out an act on a version, which `said` names.

        Raises:
            RefusedError: nothing has changed; where it is a proposal, the draft may stay.
        """
        name = str(said.pop("version"))
        edition = self.named[name]
        if verb == _PROPOSE and edition.files and name not in self._drafted:
            await self.sender.draft(by, edition.files, key=f"{key}, draft")
            self._drafted.add(name)
        await self.sender.move_version(by, edition.book.digest, _EVENTS.get(verb, verb), said, key=key)

    def compare(self, engine: Engine, asker: Asker, expect: Expect) -> list[Found]:
        """What is expected of versions and is not so."""
        found: list[Found] = []
        with engine.connect() as connection:
            for name, status in expect.version.items():
                version = versions.read(connection, self.named[name].book.digest)
                if version is None or version.status != status:
                    found.append(Found(f"version {name}", status, version and version.status))
            for name, count in expect.reached.items():
                seen = sum(wave.seen for wave in timeline.waves(connection, self.named[name].book.digest))
                if seen != count:
                    found.append(Found(f"reached by {name}", count, seen))
        for name, keys in expect.forecast.items():
            hit = asker.forecast(self.named[name].book.digest)
            if hit != {subject: sorted(brings) for subject, brings in keys.items()}:
                found.append(Found(f"forecast of {name}", keys, hit))
        return found
