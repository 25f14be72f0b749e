"""Who is told of a version's moves? The staff who have a part in it or must act, and the regions whose rules change.

What its wave changes for a subject is told by `activities/rollout/changed.py`. An announcement is one notice a region,
read by everybody there, however many they are (`docs/decisions/0023-told-of-versions.md`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from activities.look import Woken
from activities.move import outbox
from activities.rollout.moving import Moving
from rulebook.diff import Change, diff
from rulebook.explain import Effective
from rulebook.policy import Policy
from states.situation import CLOCK, ENGINE
from states.terms import Role
from store import notice, party
from store import version as versions

ANNOUNCED = "version.announced"
# What ends an announcement, by the move that does.
ENDS = {"withdraw": "version.called_off", "take_back": "version.recalled"}
# An announcement names no more changes than that.
MOST_NAMED = 40


def tell_part(moving: Moving) -> None:
    """Tell who wrote, proposed and approved it."""
    version = moving.version
    _tell(moving, (version.author, version.proposed_by, version.approved_by))


def tell_approvers(moving: Moving) -> None:
    """Tell the policy approvers, of whom one must act, or need not any more; nobody approves their own."""
    own = {moving.version.author, moving.version.proposed_by} if moving.version.approved_by is None else set()
    _tell(moving, set(party.in_role(moving.connection, Role.POLICY_APPROVER)) - own)


def announce(moving: Moving) -> None:
    """Tell everybody in the regions where its rules say something else from when on, and what that is about."""
    before = moving.rulebooks.version(moving.connection, moving.version.follows or "")
    difference = diff(before, moving.book)
    changes = [*difference.changes, *difference.texts]
    for region, since in moving.dates.items():
        if region not in before.regions:
            continue
        if named := _named(changes, before.policy(region), moving.book.policy(region), region):
            values = {"since": since.isoformat(), "changes": named[:MOST_NAMED]}
            moving.notices.append(_row(moving, ANNOUNCED, values, region=region))


def call_off(moving: Moving) -> None:
    """Tell everybody to whom it was announced that it does not come, or is taken back."""
    dates = versions.dates(moving.connection, moving.version.digest)
    for region in notice.announced(moving.connection, moving.version.digest, ANNOUNCED):
        values = {"since": dates[region].isoformat()}
        moving.notices.append(_row(moving, ENDS[moving.event], values, region=region))


def send(moving: Moving) -> None:
    """Write the notices of a move, and the deliveries to the receivers who hear of them."""
    notice.send(moving.connection, moving.notices)
    if receivers := outbox.tell_notices(moving.connection, moving.notices, moving.at):
        moving.woken.append(Woken(receivers=receivers))


def _tell(moving: Moving, people: Iterable[str | None]) -> None:
    """Tell each of the people once, but not who makes the move."""
    known = {moving.actor.id, *(row["recipient"] for row in moving.notices)}
    due, dates = moving.version.approval_due_at, sorted(moving.dates.values())
    values = {
        "by": moving.actor.id if moving.actor not in {CLOCK, ENGINE} else None,
        "reasons": moving.words.get("reasons"),
        "since": dates[0].isoformat() if dates else min(moving.facts.get("dates", {}).values(), default=None),
        "until": due.isoformat() if due is not None else None,
    }
    there = {name: value for name, value in values.items() if value is not None}
    for reader in sorted({one for one in people if one is not None} - known):
        moving.notices.append(_row(moving, f"version.{moving.event}", there, recipient=reader))


def _row(
    moving: Moving, template: str, values: dict[str, Any], recipient: str | None = None, region: str | None = None
) -> dict[str, Any]:
    of_version = {"version": moving.version.digest, "template": template, "values": values, "at": moving.at}
    return of_version | {"recipient": recipient, "region": region}


def _named(changes: Iterable[Change], before: Policy, after: Policy, region: str) -> list[str]:
    """What says something else in the region: clauses and penalties by their internal keys, all else by its own.

    What is on trial is told to nobody; but where it was enforced before, that it is no more.
    """
    names, was = sorted(after.names("en"), key=len, reverse=True), _parts(before)
    untold = [key for key, enforced in _parts(after).items() if not enforced and not was.get(key)]
    return list(
        dict.fromkeys(
            next((name for name in names if f".{name}." in f".{one.key}."), one.key)
            for one in changes
            if region in one.regions
            and _says(one.before) != _says(one.after)
            and not any(f"{one.key}.".startswith(f"{key}.") for key in untold)
        )
    )


def _parts(rules: Policy) -> dict[str, bool]:
    """What can be on trial, by its key, and whether it is enforced: clauses, triggers, scores and their tiers.

    So can a penalty, where all that brings it is, and a word of what is restricted, where all such penalties are.
    """
    schemes, tiers = rules.schemes.values(), dict[str, bool]()
    brought = [(key, one.enforced) for one in rules.clauses.values() for key in one.base_penalty.values()]
    brought += [(one.penalty, one.enforced) for one in rules.triggers]
    for scheme, tier in ((one, tier) for one in schemes for tier in one.tiers):
        tiers[f"scores.{scheme.key}.tiers.{tier.key}"] = scheme.enforced and tier.enforced
        brought.append((tier.penalty, scheme.enforced and tier.enforced))
    penalties = _any(brought)
    words = _any((word, on) for key, on in penalties.items() for word in rules.penalties[key].restrictions)
    sections: list[tuple[str, Mapping[str, bool]]] = [
        ("clauses", {one.key: one.enforced for one in rules.clauses.values()}),
        ("triggers", {one.key: one.enforced for one in rules.triggers}),
        ("scores", {one.key: one.enforced for one in schemes}),
        ("penalties", penalties),
        ("restrictions", words),
    ]
    return tiers | {f"{name}.{key}": on for name, section in sections for key, on in section.items()}


def _any(said: Iterable[tuple[str, bool]]) -> dict[str, bool]:
    """By key, whether it is said of any."""
    found: dict[str, bool] = {}
    for key, on in said:
        found[key] = found.get(key, False) or on
    return found


def _says(value: Effective | None) -> object:
    return None if value is None else value.value
