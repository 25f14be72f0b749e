"""Refuses query parameters that the OpenAPI document does not name, and repeated ones that take one value."""

from collections import Counter

from fastapi import Request

from desk.refusal import ProblemError
from states.terms import Code


def known(request: Request) -> None:
    """Check the names in the query against the route's.

    Raises:
        ProblemError: `invalid`, naming the parameter.
    """
    names = Counter(name for name, _ in request.query_params.multi_items())
    if not names:
        return
    operation = request.app.openapi()["paths"][request.scope["route"].path][request.method.lower()]
    ours = {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "query"}
    for name, times in names.items():
        if name not in ours:
            raise ProblemError(Code.INVALID, "no_parameter", name[:100])
        if times > 1 and ours[name].get("type") != "array":
            raise ProblemError(Code.INVALID, "said_twice", name)
