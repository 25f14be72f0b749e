"""The API's client of a rehearsal: sends the story's acts and asks its questions."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from activities.quota import Quota
from activities.score.points import Score
from states.appealable import Appeal, Appealable
from states.situation import Actor
from states.terms import Code, Outcome, RefusedError, Role, Status

# Asks what no person of the story is named for; sees everything.
AUDITOR = "rehearsal.auditor"
_PATIENCE = 30.0
_KNOWN = {"type", "title", "status", "detail", "code", "field"}
V1 = "/api/v1"


@dataclass(frozen=True)
class Seen:
    """A case's status and outcome, read by the auditor."""

    status: Status
    outcome: Outcome | None


class Remote:
    """Sends wishes as each person, with a token of theirs."""

    def __init__(self, address: str, token: Callable[[str], str]) -> None:
        self._client = httpx.AsyncClient(base_url=address, timeout=_PATIENCE)
        self._token = token

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(self, actor: str, verb: str, said: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        """Carry out a verb, as `Door.send` does.

        Raises:
            RefusedError: with the problem's code.
        """
        body = dict(said)
        if verb in {"report", "appeal"}:
            return await self._post(actor, f"/{verb}s", body, key)
        case = body.pop("case", None)
        return await self._post(actor, f"/cases/{_part(case)}/moves", {"do": verb, **body}, key)

    async def upload(self, actor: str, name: str, content: bytes, *, key: str) -> str:
        """Upload a file, and give its id.

        Raises:
            RefusedError: with the problem's code.
        """
        headers = self._headers(actor, key) | {"Content-Type": "image/png"}
        asked = self._client.post(f"{V1}/evidence", params={"filename": name}, content=content, headers=headers)
        return str(_read(await asked)["id"])

    async def stream(self, actor: str, said: Mapping[str, Any]) -> None:
        """Feed streamed days, as `Door.stream` does.

        Raises:
            RefusedError: with the problem's code.
        """
        body = dict(said)
        await self._post(actor, f"/creators/{_part(body.pop('creator', None))}/streaming-days", body, uuid4().hex)

    async def draft(self, actor: str, files: Mapping[str, bytes], *, key: str) -> None:
        """Enter a version by its files, as `VersionMoves.draft` does.

        Raises:
            RefusedError: with the problem's code.
        """
        told = [{"name": name, "text": content.decode()} for name, content in files.items()]
        await self._post(actor, "/rulebooks/versions", {"files": told}, key)

    async def move_version(self, actor: str, version: str, event: str, said: Mapping[str, Any], *, key: str) -> None:
        """Move a version, as `VersionMoves.move` does.

        Raises:
            RefusedError: with the problem's code.
        """
        await self._post(actor, f"/rulebooks/versions/{version}/moves", {"do": event, **said}, key)

    async def _post(self, actor: str, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        headers = self._headers(actor, key) | {"Content-Type": "application/json"}
        return _read(await self._client.post(V1 + path, content=json.dumps(body, default=_plain), headers=headers))

    def _headers(self, actor: str, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token(actor)}", "Idempotency-Key": key.replace(" ", "-")}


class RemoteInquiry:
    """Asks the API: as a person of the story what they see, and as an auditor everything else."""

    def __init__(self, address: str, token: Callable[[str], str]) -> None:
        self._client = httpx.Client(base_url=address, timeout=_PATIENCE)
        self._token = token

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def actor(self, person: str) -> Actor:
        """Whoever asks, by id alone: the API knows their role."""
        return Actor(person, Role.AUDITOR)

    def case(self, case_id: str) -> Seen | None:
        """The case's status and outcome; None where there is none."""
        found = self._get(AUDITOR, f"/cases/{_part(case_id)}")
        return Seen(Status(found["status"]), Outcome(found["outcome"]) if found["outcome"] else None) if found else None

    def visible(self, actor: Actor, case_id: str) -> bool:
        """Whether the actor can see the case."""
        return self._get(actor.id, f"/cases/{_part(case_id)}") is not None

    def evidence(self, actor: Actor, case_id: str) -> list[str]:
        """The names of the case's files that the actor sees."""
        found = self._get(actor.id, f"/cases/{_part(case_id)}/evidence")
        return sorted(file["name"] for file in found["evidence"]) if found else []

    def appeal(self, actor: Actor, report_id: str) -> Appealable:
        """Whether the actor can appeal the report."""
        found = self._get(actor.id, f"/cases/{_part(report_id)}/appeal")
        if found is None:
            return Appealable(Appeal.HIDDEN, "not_found")
        return Appealable(Appeal(found["appeal"]), found["reason"])

    def score(self, subject_id: str, period: str | None = None) -> Score:
        """The subject's score."""
        found = self._must(f"/subjects/{_part(subject_id)}", {"period": period} if period else {})
        return Score(*(found[name] for name in ("id", "scheme", "period", "score", "cap", "on_trial")))

    def penalties(self, subject_id: str) -> set[str]:
        """The keys of the penalties in force."""
        return self._penalties(subject_id, "in_force")

    def counted(self, subject_id: str) -> set[str]:
        """The keys of the penalties counted on trial."""
        return self._penalties(subject_id, "on_trial")

    def quota(self, agency: str) -> Quota:
        """What is left of the agency's reports."""
        found = self._must(f"/subjects/{_part(agency)}/quota")
        return Quota(found["agency"], found["month"], found["limit"], found["left"], found["opens_at"])

    def forecast(self, version: str) -> dict[str, list[str]] | None:
        """Whom a version would hit, with the penalties that begin."""
        found = self._get(AUDITOR, f"/rulebooks/versions/{version}/forecast")
        return found and {one["subject"]: one["penalties"] for one in found["subjects"]}

    def _penalties(self, subject_id: str, state: str) -> set[str]:
        found = self._must(f"/subjects/{_part(subject_id)}/penalties", {"state": state, "limit": 100})
        return {penalty["key"] for penalty in found["penalties"]}

    def _must(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        found = self._get(AUDITOR, path, query)
        if found is None:
            raise RefusedError(Code.NOT_FOUND, "said", sentence=f"{path} is not there.")
        return found

    def _get(self, person: str, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {self._token(person)}"}
        answer = self._client.get(V1 + path, params=dict(query or {}), headers=headers)
        if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.FORBIDDEN}:
            return None
        return _read(answer)


def _read(answer: httpx.Response) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    if answer.is_success:
        return told
    facts = {name: value for name, value in told.items() if name not in _KNOWN}
    code = Code(told["code"]) if told["code"] in set(Code) else Code.INVALID
    raise RefusedError(code, "said", told.get("field"), facts=facts, sentence=told["detail"])


def _plain(value: object) -> str:
    """A file's times as JSON has them."""
    return value.isoformat() if isinstance(value, date) else str(value)


def _part(name: object) -> str:
    """A name as a part of a path; what is no name is the API's to refuse."""
    return quote(str(name), safe="")
