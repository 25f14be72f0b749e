"""Whatever anybody asks of the running product is answered as its documentation says: schemathesis, for a minute.

`make schema` asks for ten minutes, and for everything; see docs/schemathesis.md.
"""

import json
from pathlib import Path

import pytest
from engines import beside
from schema_world import AS, asked_over, asking, shared_out

from workers.house import work
from workers.reach import House

CHECKS = {
    "accepted_as_documented", "allow_header_conformance", "content_type_conformance", "ensure_resource_availability",
    "ignored_auth", "max_response_time", "missing_required_header", "negative_data_rejection", "not_a_server_error",
    "object_level_authorization", "positive_data_acceptance", "problems_are_problems", "response_headers_conformance",
    "response_schema_conformance", "status_code_conformance", "unsupported_method", "use_after_free",
}  # fmt: skip
# In a minute on a busy machine some of these are asked with what doesn't exist any more, or is not theirs now.
MOST = 0.7


@pytest.mark.timeout(150)
async def test_everything_is_answered_as_documented(house: House, tmp_path: Path) -> None:
    async with beside(house, "schema", tmp_path) as other, work(other), asked_over(other) as asked:
        how = {"only": AS, "operations": shared_out(), "seconds": 9, "seed": 1, "examples": 8, "shrink": False}
        heard = [one async for one in asking(asked, **how)]
    findings = {where: found for one in heard for where, found in one["findings"].items()}
    assert not findings, json.dumps(findings, indent=1)
    assert [one["role"] for one in heard] == list(AS)
    assert {check for one in heard for check in one["checks"]} == CHECKS
    asked_for = {operation for operations in shared_out().values() for operation in operations}
    # Links lead to what is not theirs, too: to a version's moves, from the list of versions.
    assert asked_for <= {operation for one in heard for operation in one["cases"]}
    done = {
        operation for one in heard for operation, told in one["answers"].items() if any(s.startswith("2") for s in told)
    }  # fmt: skip
    assert len(done) >= MOST * len(asked_for), sorted(asked_for - done)
