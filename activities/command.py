"""What do desk, workflows and activities send each other through Temporal? Ids, enums, numbers and hashes only."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, JsonValue, model_validator

from activities.shown import Shown
from states.terms import Code, Kind, RefusedError, Status


class Command(BaseModel):
    """One move that one person asks for.

    `id` is the hash of the actor and the sender's key; `body` that of all that was asked, so that a repetition is
    distinguished from another command under the same key (`key_reused`). The case must have the `version`, where one is
    given, and the command do what the preview with this `basis` said (`stale`). A commit after `wanted_until` refuses
    (`unavailable`). `through` says by what its actor came (`desk/identity/caller.py`); commands of older desks don't.
    `signature` is the desk's, and covers all of it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    case: str
    kind: Kind
    event: str
    actor: str
    args: dict[str, JsonValue]
    texts: dict[str, str]
    body: str
    wanted_until: datetime
    version: int | None = None
    basis: str | None = None
    through: str | None = None
    signature: str = ""

    def signed(self, key: bytes) -> "Command":
        """The command with the desk's signature (HMAC-SHA256, hex)."""
        return self.model_copy(update={"signature": self._mac(key)})

    def genuine(self, key: bytes) -> bool:
        """Whether a desk that holds the key made this command."""
        return _same(self.signature, self._mac(key))

    def _mac(self, key: bytes) -> str:
        return _mac(key, self.model_dump(mode="json", exclude={"signature"}, exclude_none=True))


def command_id(actor: str, key: str) -> str:
    """The id of the command that an actor sends under a key: 64 hex digits."""
    return hashlib.sha256(f"{actor}\n{key}".encode()).hexdigest()


def case_id(kind: Kind, command: str, key: bytes) -> str:
    """The id of the case that a submission opens; the same command opens the same case.

    It is keyed: a respondent who reads it can't try out who may have reported.
    """
    return f"{kind}-{hmac.new(key, command.encode(), hashlib.sha256).hexdigest()[:20]}"


class Refusal(BaseModel):
    """Why a command was refused. In histories of older workers it has a sentence, `reason`, and no key."""

    model_config = ConfigDict(frozen=True)

    code: Code
    key: str
    field: str | None = None
    values: dict[str, JsonValue] = {}
    facts: dict[str, JsonValue] = {}

    @model_validator(mode="before")
    @classmethod
    def _as_it_was_said(cls, found: Any) -> Any:
        if isinstance(found, dict) and "key" not in found and "reason" in found:
            return {**found, "key": "as_said", "values": {"sentence": found["reason"]}}
        return found

    @classmethod
    def of(cls, error: RefusedError) -> "Refusal":
        """The refusal that an error carries."""
        values, facts = json.loads(json.dumps([error.values, error.facts], default=str))
        return cls(code=Code(error.code), key=error.key, field=error.field, values=values, facts=facts)

    def error(self) -> RefusedError:
        """The refusal as an error."""
        return RefusedError(self.code, self.key, self.field, facts=self.facts, **self.values)


class Adopted(BaseModel):
    """What a workflow adopts of its case's row."""

    model_config = ConfigDict(frozen=True)

    status: Status
    version: int
    deadline_at: datetime | None


class Answer(BaseModel):
    """What a commit answers. `now` is none where there is no such case; `answer` is for the command's sender.

    `at` is the worker's time, which the workflow's clock follows, and `shown` what Temporal shows of the case: none
    in a rehearsal, and from older workers.
    `signature` is the worker's, of what it answers to this sending of the command: no other worker can answer for it.
    """

    model_config = ConfigDict(frozen=True)

    now: Adopted | None = None
    # Histories of older workers say `told`.
    answer: dict[str, Any] | None = Field(default=None, validation_alias=AliasChoices("answer", "told"))
    refusal: Refusal | None = None
    at: datetime | None = None
    shown: Shown | None = None
    signature: str = ""

    def signed(self, key: bytes, to: Command) -> "Answer":
        """The answer to a command with the worker's signature (HMAC-SHA256, hex)."""
        return self.model_copy(update={"signature": self._mac(key, to)})

    def proven(self, key: bytes, to: Command) -> bool:
        """Whether a worker that holds the key answered this to the command."""
        return _same(self.signature, self._mac(key, to))

    def _mac(self, key: bytes, to: Command) -> str:
        return _mac(key, {"to": to.signature, **self.model_dump(mode="json", include={"answer", "refusal"})})


def _mac(key: bytes, content: dict[str, Any]) -> str:
    return hmac.new(key, json.dumps(content, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def _same(shown: str, mac: str) -> bool:
    return hmac.compare_digest(shown.encode(errors="replace"), mac.encode())


class Request(BaseModel):
    """What a case's workflow asks of `commit`: carry out a command, or read the row and make the moves that are due.

    `at` is the workflow's time; a worker of production acts by its own clock instead (`activities/clock.py`).
    """

    model_config = ConfigDict(frozen=True)

    case: str
    at: datetime
    command: Command | None = None


class Start(BaseModel):
    """What a workflow starts with: the id of its case, subject or receiver; its time; a new case's first command."""

    model_config = ConfigDict(frozen=True)

    # Histories of older workers say `case`, and those that still run beside a newer desk read nothing else.
    id: str = Field(validation_alias=AliasChoices("id", "case"), serialization_alias="case")
    at: datetime
    first: Command | None = None
