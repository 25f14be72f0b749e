"""What does a region's policy state? The sections of a rulebook file, merged; the procedure stands beside them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rulebook.clause import Clause, Penalty, Statute, Trigger, Word
from rulebook.provenance import Stated
from rulebook.scheme import ScoreScheme
from rulebook.terms import Language
from rulebook.zones import Zone


class Rules(BaseModel):
    """The keyed lists as files state them, in file order; a base has no time zone and no language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: Stated[Zone] | None = None
    language: Stated[Language] | None = None
    restrictions: tuple[Word, ...] = ()
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]
    penalties: tuple[Penalty, ...]
    scores: tuple[ScoreScheme, ...]
    triggers: tuple[Trigger, ...] = ()
    statutes: tuple[Statute, ...] = ()
