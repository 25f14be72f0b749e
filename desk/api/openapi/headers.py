"""Response headers and links shown in OpenAPI."""

from collections.abc import Mapping
from typing import Any

from desk.api.rules import V1


def _header(description: str, **schema: Any) -> dict[str, Any]:
    return {"required": True, "description": description, "schema": {"type": "string", **schema}}


_WHO = _header("How to say who you are.", pattern="^Bearer ", examples=['Bearer realm="casework"'])
_SECONDS = {"type": "integer", "minimum": 1, "examples": [5]}
REFUSED: Mapping[int, Mapping[str, Any]] = {
    401: {"WWW-Authenticate": _WHO},
    429: {"Retry-After": _header("Seconds to wait.", **_SECONDS)},
    503: {"Retry-After": _header("Seconds to wait; a write is then sent again under the same key.", **_SECONDS)},
}

_ETAG = {"ETag": _header("The case's version, for `If-Match`.", pattern='^"[0-9]{1,9}"$', examples=['"3"'])}
_COOKIE = {"Set-Cookie": _header("The session's token, out of reach of scripts.", pattern="^__Host-casework=")}
_SECRET = {"Cache-Control": _header("It is yours alone.", const="no-store")}
HEADERS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("GET", f"{V1}/cases/{{case}}"): _ETAG,
    ("POST", f"{V1}/reports"): _ETAG,
    ("POST", f"{V1}/appeals"): _ETAG,
    ("POST", f"{V1}/violations"): _ETAG,
    ("POST", f"{V1}/cases/{{case}}/moves"): _ETAG,
    ("GET", f"{V1}/session"): _SECRET,
    ("POST", f"{V1}/session"): {**_COOKIE, **_SECRET},
    ("POST", f"{V1}/session/second-factor"): {**_COOKIE, **_SECRET},
    ("DELETE", f"{V1}/session"): _COOKIE,
    ("POST", f"{V1}/api-keys"): _SECRET,
}


def _links(to: str, where: str, *operations: str) -> dict[str, Any]:
    told = {to: f"$response.body#/{where}"}
    return {name: {"operationId": name, "parameters": told} for name in operations}


_OF_CASE = ("get_case", "get_case_timeline", "get_case_moves", "get_case_appeal", "post_case_moves")
_FIRST = _links("case", "cases/0/id", *_OF_CASE)
LINKS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    **{
        ("POST", f"{V1}/{opened}"): _links("case", "case", *_OF_CASE) for opened in ("reports", "appeals", "violations")
    },
    ("GET", f"{V1}/queue"): _FIRST,
    ("GET", f"{V1}/cases"): _FIRST,
    ("POST", f"{V1}/webhooks"): _links("webhook", "id", "get_webhook_deliveries", "delete_webhook"),
    ("GET", f"{V1}/webhooks"): _links("webhook", "webhooks/0/id", "get_webhook_deliveries", "delete_webhook"),
    ("POST", f"{V1}/api-keys"): _links("key", "id", "delete_api_key"),
}
