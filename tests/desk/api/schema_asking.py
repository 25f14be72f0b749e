"""Schemathesis asks as several people, in a process of its own; it reads what to ask as JSON, and says what it found.

`python schema_asking.py < asked.json`: `url`, `seconds` for each role, `seed`, `roles` (name and bearer), `peers` who
must not see each other's, `words`: values that exist, by the parameter that takes them, `only` as whom it is asked, and
`operations`: what as each, if not all.
"""

import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

# The server of the tests says so where it was the form that it refused, and not the meaning.
BY_FORM = "x-refused-by-form"
# So often is a value taken that exists.
OFTEN, NEARLY_ALWAYS = 0.7, 0.95
EXAMPLES = {
    "report-4c9d2f6ab0e17c35d8a1": "path.case",
    "wh-3f9c2a7d51e04b86aa10": "path.webhook",
    "4f1c9a0be2d37758": "path.key",
    "4711": "path.delivery",
}
_spare: dict[str, str] = {}
_chance = random.Random(0)  # noqa: S311  # no secret

# A write is refused by its meaning, too: 422 names what is unknown or of another kind, 409 what can't be done now, 403
# what is not this role's, 404 what this role does not see. That it was not the form says `accepted_as_documented`.
WRITES_MAY_MEAN = ["2xx", "403", "404", "409", "412", "422"]
# A read has no meaning of its own to be refused for; only lists take a cursor, which is opaque.
READS_MAY_MEAN = ["2xx", "403", "404"]
LISTS_MAY_MEAN = [*READS_MAY_MEAN, "422"]
# Who may not ask is told so before what was asked is read (401, 403); a path that is no more one of ours is 404 or 405.
REFUSED = ["401", "403", "404", "405", "413", "422"]


@schemathesis.check
def accepted_as_documented(_: Any, response: Any, case: Any) -> None:
    """What fits the documented form is never refused for its form."""
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    probe = case.meta is not None and "method" in str(getattr(case.meta.phase.data, "scenario", "")).lower()
    if positive and not probe and BY_FORM in response.headers:
        raise AssertionError(f"Refused for its form, which is as documented: {response.text}")


@schemathesis.check
def problems_are_problems(_: Any, response: Any, __: Any) -> None:
    """Every refusal is a problem, and those who can come again are told when."""
    if response.status_code < 400:
        return
    told = response.json()
    if "database" in told:
        return  # readiness tells more than a problem does
    assert response.headers["content-type"] == ["application/problem+json"], "no problem"
    assert told["status"] == response.status_code, "the status is another"
    assert told["code"] != "failed", told
    header = {401: "www-authenticate", 405: "allow", 429: "retry-after", 503: "retry-after"}.get(response.status_code)
    assert header is None or header in response.headers, f"without {header}"


@schemathesis.hook
def before_call(_: Any, case: Any, __: Any) -> None:
    """Most writes come under a key of their own; most that fit say nothing of the version, or of a page before.

    A receiver of the world's stays; another one goes in its place.
    """
    headers, query, path = case.headers or {}, case.query or {}, case.path_parameters or {}
    if case.method == "DELETE" and str(path.get("webhook")) in _spare:
        path["webhook"] = _spare[str(path["webhook"])]
    if case.meta is None:
        return
    if headers.get("If-Match", "").isdigit() and getattr(case.meta.phase.data, "parameter", None) != "If-Match":
        headers["If-Match"] = f'"{headers["If-Match"]}"'  # the coverage phase loses its quotes
    if case.meta.generation.mode.is_negative:
        return
    if "Idempotency-Key" in headers and _chance.random() < NEARLY_ALWAYS:
        headers["Idempotency-Key"] = f"schema-{_chance.getrandbits(64):x}"
    if _chance.random() < OFTEN:
        headers.pop("If-Match", None)
        query.pop("cursor", None)


@dataclass
class Heard:
    """What was asked as one role, and what was wrong with the answers."""

    role: str
    cases: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    findings: dict[str, dict[str, str]] = field(default_factory=dict)
    seconds: float = 0.0

    def hear(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.ScenarioFinished):
            self._scenario(event)
        elif isinstance(event, events.NonFatalError):
            self._find(event.label, "error", str(event.info.message), "")
        elif isinstance(event, events.FatalError):
            self._find("everything", "error", repr(event.exception), "")
        elif isinstance(event, events.EngineFinished):
            self.seconds = event.running_time
            for failure in event.failures:
                self._find(str(failure.operation), failure.title, failure.message, "")

    def _scenario(self, event: events.ScenarioFinished) -> None:
        recorder = event.recorder
        for case_id, node in recorder.cases.items():
            operation, answer = node.value.operation.label, recorder.interactions.get(case_id)
            self.cases[operation] += 1
            self.phases[event.phase.value] += 1
            if answer is not None and answer.response is not None:
                self.answers[operation][str(answer.response.status_code)] += 1
            for check in recorder.checks.get(case_id, []):
                self.checks[check.name] += 1
                if check.status is not Status.SUCCESS:
                    info = check.failure_info
                    text = f"{info.failure.title}: {info.failure.message}" if info else "the check itself failed"
                    told = answer.response.text if answer is not None and answer.response is not None else ""
                    self._find(operation, check.name, f"{text}\n{told[:600]}", info.code_sample if info else "")

    def _find(self, operation: str, check: str, text: str, again: str) -> None:
        self.findings.setdefault(
            f"{check} of {operation} as {self.role}", {"text": text[:2000], "again": again[:2000]}
        )  # fmt: skip


def ask(asked: dict[str, Any]) -> Iterator[Heard]:
    """Ask as each role in turn."""
    _spare.update(asked["spare"])
    with TemporaryDirectory() as folder:
        known = Path(folder, "people.json")
        people = [
            {"name": role, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
            for role, token in asked["roles"].items()
        ]
        document = _with_real_examples(asked)
        known.write_text(json.dumps({"auth": people}), "utf-8")
        for role in asked["only"]:
            heard = Heard(role)
            schema = schemathesis.openapi.from_dict(document, config=configured(asked, role, known, _lists(document)))
            chosen = schema.include(name=asked["operations"][role]) if asked["operations"] is not None else schema
            for event in from_schema(chosen).execute():
                heard.hear(event)
            yield heard


def _with_real_examples(asked: dict[str, Any]) -> dict[str, Any]:
    """The document as it is served; where its examples name what does not exist here, they name what does."""
    text = requests.get(f"{asked['url']}/api/v1/openapi.json", timeout=30).text
    for word, parameter in EXAMPLES.items():
        text = text.replace(word, str(asked["words"][parameter][0]))
    document: dict[str, Any] = json.loads(text)
    return document


def _lists(document: dict[str, Any]) -> list[str]:
    """The paths of lists: they take a cursor."""
    reads = ((path, operations.get("get", {})) for path, operations in document["paths"].items())
    return [path for path, read in reads if any(one["name"] == "cursor" for one in read.get("parameters", []))]


def configured(asked: dict[str, Any], role: str, known: Path, lists: list[str]) -> SchemathesisConfig:
    """All checks, all phases, as one role."""
    words: dict[str, list[Any]] = asked["words"]
    return SchemathesisConfig.from_dict(
        {
            "seed": asked["seed"],
            "max-time": asked["seconds"],
            "suppress-health-check": ["all"],
            "base-url": asked["url"],
            "request-timeout": 30,
            "continue-on-failure": True,
            "cache": {"enabled": False},
            "warnings": False,
            "auth": {"wfc": {"path": str(known), "user": role, "peers": asked["peers"]}},
            "dictionaries": {name.replace(".", "-"): {"values": values} for name, values in words.items()},
            "parameters": {
                name: {"dictionary": name.replace(".", "-"), "probability": OFTEN} for name in words if "." in name
            },
            # Of ASCII the forms of texts and names say the whole rule; other characters: `test_one_meaning.py`.
            "generation": {"mode": "all", "database": "none", "no-shrink": not asked["shrink"], "codec": "ascii"},
            "phases": {
                "examples": {"enabled": True, "fill-missing": True},
                "coverage": {"enabled": True, "generate-duplicate-query-parameters": True},
                "fuzzing": {"generation": {"max-examples": asked["examples"]}},
                "stateful": {"generation": {"max-examples": asked["examples"]}},
            },
            "checks": {
                "enabled": True,
                "positive_data_acceptance": {"expected-statuses": READS_MAY_MEAN},
                "negative_data_rejection": {"expected-statuses": REFUSED},
                "missing_required_header": {"expected-statuses": ["401", "403", "422"]},
                "max_response_time": 17,
            },
            "operations": [
                {
                    # What readiness is there to say: whether Temporal answered just now, also on a busy machine.
                    "include-name": "GET /health/ready",
                    "checks": {
                        "not_a_server_error": {"expected-statuses": ["2xx", "4xx", "503"]},
                        "positive_data_acceptance": {"expected-statuses": ["2xx", "503"]},
                    },
                },
                {
                    # Whoever logs in with what no account has is nobody (401), and may be asked to wait (429).
                    "include-name": "POST /api/v1/session",
                    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "401", "422", "429"]}},
                },
                {
                    "include-method": ["POST", "PUT", "DELETE"],
                    "checks": {"positive_data_acceptance": {"expected-statuses": WRITES_MAY_MEAN}},
                },
                {
                    # It takes a region or a subject: that one of two is there, says no schema.
                    "include-name": "GET /api/v1/rulebook/explained",
                    "checks": {"positive_data_acceptance": {"expected-statuses": LISTS_MAY_MEAN}},
                },
                {
                    "include-path": lists,
                    "checks": {"positive_data_acceptance": {"expected-statuses": LISTS_MAY_MEAN}},
                },
            ],
        }
    )


if __name__ == "__main__":
    for one in ask(json.load(sys.stdin)):
        sys.stdout.write(json.dumps(vars(one)) + "\n")
        sys.stdout.flush()
