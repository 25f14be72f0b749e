"""What does Temporal show of a case? Five words of its row, without content, by which its pages and lists can be asked.

They are search attributes, which no codec encrypts. `workers/attributes.py` has Temporal know them.
"""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes

from states.terms import Kind, Status
from store.case import Case

KIND, REGION, CLAUSE, STATUS, STAGE = (
    SearchAttributeKey.for_keyword(f"Case{word}") for word in ("Kind", "Region", "Clause", "Status", "Stage")
)
KEYS = (KIND, REGION, CLAUSE, STATUS, STAGE)


class Shown(BaseModel):
    """What is shown of a case, as its row has it."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    region: str
    clause: str
    status: Status

    @classmethod
    def of(cls, case: Case) -> "Shown":
        """What is shown of this case."""
        return cls(kind=case.kind, region=case.region, clause=case.clause, status=case.status)

    def updates(self, known: TypedSearchAttributes) -> Iterator[SearchAttributeUpdate[str]]:
        """What Temporal must be told, of what it does not know yet."""
        values = (self.kind, self.region, self.clause, self.status, self.status.stage)
        for key, value in zip(KEYS, values, strict=True):
            if known.get(key) != value:
                yield key.value_set(value.value if hasattr(value, "value") else value)
