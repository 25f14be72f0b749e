"""What does somebody ask of the queue? Its filters, as every door takes them; each takes several values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from activities.entered import Name
from activities.wording import refused
from rulebook.terms import REGION, Language, Severity
from states.situation import Actor
from states.terms import Code, Kind, RefusedError, Stage, Status
from store import party
from store.wanted import Filter

ME, NOBODY = "me", "nobody"
T = TypeVar("T")
Several = Annotated[list[T], Field(max_length=50)]
Region = Annotated[str, Field(pattern=REGION)]


class Wanted(BaseModel):
    """What a case must be like to be the next one: in each field one of its values, or anything where it has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Several[Region] = []
    language: Several[Language] = Field(
        default=[], description="By prefix: `vi` has `vi-VN`. Unless one is given: yours, and what nobody else reads."
    )
    kind: Several[Kind] = []
    clause: Several[Name] = []
    severity: Several[Severity] = Field(default=[], description="As the platform stated it when it reported.")
    stage: Several[Stage] = []
    status: Several[Status] = []
    respondent: Several[Name] = Field(default=[], description="Whom it is against.")
    creator: Several[Name] = Field(default=[], description="The respondent, or one whom it is about.")
    reporter: Several[Name] = Field(default=[], description="Who reported it: a person, or an agency.")
    overdue: bool | None = Field(default=None, description="What it waits for should have happened by now.")

    def filter(self) -> Filter:
        """The same for the store."""
        return Filter(
            regions=frozenset(self.region),
            languages=frozenset(self.language),
            kinds=frozenset(self.kind),
            clauses=frozenset(self.clause),
            severities=frozenset(self.severity),
            stages=frozenset(self.stage),
            statuses=frozenset(self.status),
            respondents=frozenset(self.respondent),
            creators=frozenset(self.creator),
            reporters=frozenset(self.reporter),
            overdue=self.overdue,
        )


class Looked(Wanted):
    """What the cases of a list must be like; those that others have claimed, or that the asker can't, among them."""

    claimed_by: Several[Name] = Field(default=[], description="`me`, `nobody`, or the name of a reviewer.")
    claimable: bool | None = Field(
        default=None,
        description="`true`: what you could claim now; so it is for reviewers unless `status`, `stage` or `claimed_by` "
        "is given. `false`: all open cases of your regions and languages.",
    )

    @classmethod
    def of(cls, said: Mapping[str, Sequence[str]]) -> Self:
        """What the fields of a form or a query ask for; one that says nothing asks for nothing.

        Raises:
            RefusedError: `invalid`, naming the field.
        """
        given = {name: [value for value in values if value] for name, values in said.items()}
        single = {"overdue", "claimable"}
        asked = {name: values[-1] if name in single else values for name, values in given.items() if values}
        try:
            return cls.model_validate(asked)
        except ValidationError as error:
            raise refused(error) from None

    def resolved(self, connection: Connection, actor: Actor) -> Filter:
        """The same for the store, with the names that were meant.

        Raises:
            RefusedError: `invalid`, field `claimed_by`: nobody is called so.
        """
        named = frozenset(_claimer(connection, actor, name) for name in self.claimed_by)
        return replace(self.filter(), claimed_by=named, claimable=self.claimable)


def _claimer(connection: Connection, actor: Actor, name: str) -> str | None:
    if name in {ME, NOBODY}:
        return actor.id if name == ME else None
    if party.actor(connection, name) is None:
        raise RefusedError(Code.INVALID, "no_claimer", "claimed_by", name=name)
    return name
