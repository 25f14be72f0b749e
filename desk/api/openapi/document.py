"""Completes FastAPI's OpenAPI document: each route's refusals, who may ask, headers, links and examples."""

import json
import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from desk.api.openapi import examples
from desk.api.openapi import headers as answers
from desk.api.problem import MEDIA_TYPE, Problem
from desk.api.rules import OPEN, RULES, V1
from desk.identity.sessions import COOKIE, CSRF_HEADER
from desk.refusal import STATUS

_DESCRIPTION = """
Every person and machine comes through this door. A case is moved by `POST /api/v1/cases/{case}/moves`; what can be
done now, and why not, says `GET` of the same. Times are RFC 3339; ids are opaque. Every refusal is a problem (RFC 9457)
with a `code` for machines. Every write takes an `Idempotency-Key`: sent again it is done once and answered the same.
What a refused write was sent with is not remembered: the same key can succeed later. A request brings one proof of who
sends it: a bearer's or a session's cookie, never both.
"""
_BEARER = "A token of your provider, or an API key."
_SESSION = f"""
A browser's session, begun by `POST {V1}/session`. What is not a GET comes from our own pages, as `Origin` (or
`Referer`) says, and brings the session's token in a header as well. The cookie is `Secure`: over plain http most
clients keep it to themselves.
"""
_CSRF = f"The `csrf_token` that `GET {V1}/session` answers: with every change that a session makes."
# Citations such as ` (§2.7)` in docstrings: for readers of the code, and left out of the document.
_PAPERS = re.compile(r" \((?:`(?:docs/)?domain|§)[^()]*\)")
_EVERYWHERE = (401, 403, 413, 421, 422, 429, 500, 503)
# Of routes without authentication, too.
_ALWAYS = (413, 500, 503)

Responses = dict[int | str, dict[str, Any]]
Node = dict[str, Any]


def problems(*statuses: int) -> Responses:
    """A route's `responses`: problems with these statuses, and with those that every route can answer."""
    return {status: {"model": Problem, **_problem(status)} for status in sorted({*statuses, *_EVERYWHERE})}


def _problem(status: int) -> Node:
    """The response object of problems with this status."""
    found: Node = {
        "description": ", ".join(f"`{code}`" for code in _codes(status)),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": f"#/components/schemas/{_shape(status)}"},
                "examples": examples.refusals(status),
            }
        },
    }
    if status in answers.REFUSED:
        found["headers"] = answers.REFUSED[status]
    return found


def _codes(status: int) -> list[str]:
    return sorted(code.value for code, number in STATUS.items() if number == status)


def _shape(status: int) -> str:
    return f"Problem{status}"


def _shapes(problem: Node) -> dict[str, Node]:
    """A schema of problems for each status, with its codes as an enumeration, for generators of clients."""
    return {_shape(status): _of_status(problem, status) for status in sorted({one.value for one in STATUS.values()})}


def _of_status(problem: Node, status: int) -> Node:
    told = examples.refusals(status)[_codes(status)[0]]["value"]
    parts = {
        **problem["properties"],
        "status": {"type": "integer", "title": "Status", "enum": [status]},
        "code": {"type": "string", "title": "Code", "enum": _codes(status)},
    }
    parts |= {name: {**parts[name], "examples": [told[name]]} for name in told}
    return {**problem, "title": _shape(status), "properties": parts}


def document(app: FastAPI) -> Node:
    """The OpenAPI document, with problems in their own media type, security schemes, and who may ask for what."""
    if app.openapi_schema is None:
        routes, told = app.routes, app.webhooks.routes
        made = get_openapi(title=app.title, version=app.version, description=_DESCRIPTION, routes=routes, webhooks=told)
        shapes = made["components"]["schemas"]
        shapes |= _shapes(shapes.pop("Problem"))
        del shapes["ApiCode"]  # each status's schema lists its own codes
        made["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer", "description": _BEARER},
            "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": _SESSION},
            "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER, "description": _CSRF},
        }
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                _amend(operation, method.upper(), path)
                _answers(operation["responses"], method.upper(), path, shapes)
        app.openapi_schema = json.loads(_PAPERS.sub("", json.dumps(made, ensure_ascii=False)))
    return app.openapi_schema


def _amend(operation: Node, method: str, path: str) -> None:
    """Set an operation's id, summary, security and examples."""
    text = operation.get("description", "")
    operation["operationId"] = _name(method, path)
    operation["summary"] = text.partition("\n")[0].partition(". ")[0].rstrip(".")
    rule = RULES.get((method, path))
    if rule is not None:
        operation["security"] = [{"bearer": []}, {"session": []} if method == "GET" else {"session": [], "csrf": []}]
        who = ", ".join(sorted(role.replace("_", " ") for role in rule.roles))
        operation["description"] = f"{text}\n\nFor: {who}. Scope of a key: `{rule.scope}`."
    elif (method, path) in OPEN:
        operation["security"] = []
    for parameter in operation.get("parameters", []):
        _never_null(parameter["schema"])
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        given = examples.BODIES.get((method, path), {})
        named = {name: {"value": value} for name, value in given.items()}
        operation["requestBody"]["content"]["application/json"]["examples"] = named


def _never_null(schema: Node) -> None:
    """Take `null` out of a parameter's schema: an optional parameter is left out instead."""
    ways = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(ways) == 1:
        schema.pop("anyOf")
        schema.update(ways[0])


def _answers(responses: Node, method: str, path: str, schemas: Node) -> None:
    """Set an operation's responses: problems in one media type only; headers and links of what succeeds."""
    for status in (*_ALWAYS, *([421] if path.startswith(V1) else []), *([404] if "{" in path else [])):
        found = responses.setdefault(str(status), {})
        found.update({**_problem(status), "content": found.get("content", {}) | _problem(status)["content"]})
    for answered, response in responses.items():
        content = response.get("content", {})
        if MEDIA_TYPE in content and "Problem" in str(content.get("application/json", {}).get("schema", {})):
            del content["application/json"]
        if answered.startswith("2"):
            shape = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
            response["description"] = schemas.get(shape, {}).get("description", "Done.")
            response["headers"] = dict(answers.HEADERS.get((method, path), {}))
            response["links"] = dict(answers.LINKS.get((method, path), {}))


def _name(method: str, path: str) -> str:
    """`get_case_timeline` of GET /cases/{case}/timeline: what a generated client calls it."""
    parts = path.removeprefix(V1).strip("/").split("/")
    words = [method.lower()]
    for part, after in zip(parts, [*parts[1:], ""], strict=True):
        one = after.strip("{}")
        if not part.startswith("{"):
            words.append(part if one == after else one if part[:2] == one[:2] else part.removesuffix("s"))
            if words[-1] == part and one != after:  # a word without a plural: one of it has a name of its own
                words.append(one)
    return "_".join(words).replace("-", "_")
