"""Who may see a row finds it in the list, and nobody else does: for every role and resource, in random towns."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from random import Random

import pytest
import sqlalchemy as sa
from chance import DEPTH, dice
from hypothesis import HealthCheck, Phase, given, settings
from seeing import sees, side
from sqlalchemy import Connection, Engine
from town import Key, Town, build

from ops.rehearsal.stage.servers import servers
from states.sight import FACTS, RULES, Resource
from states.situation import Actor
from states.terms import Role
from store import row_security as belt
from store import sight
from store.engine import connect
from store.in_thread import close
from store.schema.cases import cases
from workers.settings import Settings

some = settings(
    max_examples=20 * DEPTH,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
async def place() -> AsyncIterator[Engine]:
    async with servers(Settings()) as running, running.database() as url:
        engine = connect(url, pool=1)
        yield engine
        close(engine)


@contextmanager
def settled(place: Engine, die: Random) -> Iterator[tuple[Connection, Town]]:
    """A town that is gone afterwards."""
    with place.connect() as connection, connection.begin() as transaction:
        yield connection, build(connection, die)
        transaction.rollback()


def listed(connection: Connection, actor: Actor, resource: Resource, town: Town) -> set[Key]:
    (primary,) = sight.TABLES[resource].primary_key.columns
    return set(connection.execute(sa.select(primary).where(sight.filtered(actor, resource, town.at))).scalars())


@given(die=dice)
@some
def test_the_yes_or_no_is_the_membership_in_the_list(place: Engine, die: Random) -> None:
    with settled(place, die) as (connection, town):
        for actor in town.people.values():
            for resource in Resource:
                wanted = {key for key, facts in town.facts[resource].items() if sees(actor, resource, facts)}
                assert listed(connection, actor, resource, town) == wanted, (actor, resource)
                for key in [*town.facts[resource]][:1]:
                    assert sight.sees(connection, actor, resource, key, town.at) is (key in wanted)


@given(die=dice)
@some
def test_both_tell_the_same_side_of_a_case(place: Engine, die: Random) -> None:
    with settled(place, die) as (connection, town):
        for actor in town.people.values():
            rows = connection.execute(sa.select(cases.c.id, sight.side(actor, town.at).label("side")))
            found = {row.id: row.side for row in rows}
            assert found == {key: side(actor, facts) for key, facts in town.facts[Resource.CASE].items()}, actor


@given(die=dice)
@some
def test_the_belt_hides_nothing_that_the_rules_show(place: Engine, die: Random) -> None:
    with settled(place, die) as (connection, town):
        for actor in town.people.values():
            wanted = {resource: listed(connection, actor, resource, town) for resource in Resource}
            with connection.begin_nested() as savepoint:
                belt.put_on(connection, actor, town.at)
                shown = {resource: listed(connection, actor, resource, town) for resource in Resource}
                savepoint.rollback()
            assert shown == wanted, actor


def test_every_role_and_resource_has_its_rules() -> None:
    assert {(rule.resource) for rule in RULES} == set(Resource) == set(FACTS)
    assert {role for rule in RULES if rule.resource is Resource.CASE for role in rule.roles} == set(Role) - {
        Role.POLICY_EDITOR,
        Role.POLICY_APPROVER,
        Role.CLOCK,
        Role.ENGINE,
    }


def test_a_party_s_rule_of_a_case_has_a_side() -> None:
    staff = {Role.MODERATOR, Role.SENIOR_MODERATOR, Role.OPS, Role.AUDITOR}
    rules = [rule for rule in RULES if rule.resource is Resource.CASE]
    assert all((rule.side is None) is (rule.roles <= staff) for rule in rules)
