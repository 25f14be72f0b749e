"""Who sees what, in Python: the oracle that the filters in SQL are held against."""

from states.condition import Facts
from states.sight import Resource, rules
from states.situation import Actor
from states.terms import Side


def sees(actor: Actor, resource: Resource, facts: Facts) -> bool:
    """Whether the actor sees a row of which these facts are true."""
    return any(rule.where.holds(actor, facts) for rule in rules(actor, resource))


def side(actor: Actor, facts: Facts) -> Side | None:
    """The side from which a party sees a case; none for staff, and for who does not see it."""
    return next((rule.side for rule in rules(actor, Resource.CASE) if rule.where.holds(actor, facts)), None)
