"""What does its reader read of a preview? Of the cases and subjects that they see, in their language."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from activities.move.foreseen import Foreseen, Moved
from activities.move.preview import Preview
from activities.restrictions import restricted
from activities.score.lines import REPRICED, Booked
from activities.score.rescore import Rescored
from desk.words import Words
from rulebook.policy import Policy
from rulebook.scheme import RankPricing
from rulebook.terms import PenaltyKind
from states.terms import Status
from store import verdict
from store.schema.scores import penalties as rows

# The columns of a penalty that are told.
_PENALTY = rows.c.subject, rows.c.kind, rows.c.key, rows.c.starts_at, rows.c.on_trial
_MINUS = "\N{MINUS SIGN}"
# The sentence of a line, by why it is written; of a new violation it goes by how it is priced.
_WHY = {
    REPRICED: "preview.repriced",
    "overturned": "preview.taken_back",
    "set_aside": "preview.taken_back",
    "modified": "preview.modified",
    "recovered": "preview.recovered",
    "recovery_lost": "preview.recovery_lost",
}


class Seen(NamedTuple):
    """What a reader sees of what a preview names, and the rules of its penalties by rulebook and subject."""

    cases: frozenset[str]
    subjects: frozenset[str]
    rules: Mapping[tuple[str, str], Policy]


def outlook(found: Preview, seen: Seen, words: Words) -> dict[str, Any]:
    """The preview as JSON; times are datetimes."""
    later = found.if_seconded
    return {
        "case": found.case,
        "version": found.version,
        "basis": found.basis,
        "now": _told(found.now, seen, words),
        "if_seconded": _told(later, seen, words) if later else None,
    }


def _told(does: Foreseen, seen: Seen, words: Words) -> dict[str, Any]:
    held = does.held_appeal
    return {
        "moves": [_moved(one) for one in does.moved if one.case in seen.cases],
        "scores": [_score(one, seen, words) for one in does.scores if one.subject.id in seen.subjects],
        "penalties": _penalties(does, seen, words),
        "held_appeal": {"case": held.case, "then": "moot" if held.status is Status.CLOSED else "starts"}
        if held and held.case in seen.cases
        else None,
        "window_ends_at": does.window_ends_at,
        "notices": [
            {
                "recipient": notice["recipient"],
                "case": notice["case"],
                "template": notice["template"],
                "subject": words.say(f"letter.{notice['template']}.subject"),
            }
            for notice in does.notices
            if notice["case"] in seen.cases
        ],
    }


def _moved(one: Moved) -> dict[str, Any]:
    return {"case": one.case, "kind": one.kind, "from": one.source, "through": one.statuses, "outcome": one.outcome}


def _score(one: Rescored, seen: Seen, words: Words) -> dict[str, Any]:
    ranks = one.weighed.ranks() if isinstance(one.scheme.pricing, RankPricing) else {}
    return {
        "subject": one.subject.id,
        "scheme": one.scheme.key,
        "period": one.period,
        "before": one.before,
        "after": one.points,
        "on_trial": not one.scheme.enforced,
        "lines": [_line(line, one.period, ranks.get(line.item.act.id), seen, words) for line in one.booked],
    }


def _line(line: Booked, period: str, rank: int | None, seen: Seen, words: Words) -> dict[str, Any]:
    item, violation = line.item, line.item.violation
    case = verdict.case_of(violation) if violation else None
    told = {
        "case": case if case in seen.cases else None,
        "day": item.day,
        "reason": line.reason,
        "rank": rank,
        "before": item.booked,
        "price": item.wanted,
        "change": line.change,
        "score": line.balance,
    }
    key = _WHY.get(line.reason) or ("preview.priced" if rank is None else "preview.ranked")
    values = {
        **told,
        "change": f"{line.change:+d}".replace("-", _MINUS),
        "severity": item.act.severity,
        "period": period,
    }
    if line.reason == "verdict" and item.act.extra:
        key, values["extra"] = "preview.extra", item.act.extra
    return {**told, "why": words.say(key, **values)}


def _penalties(does: Foreseen, seen: Seen, words: Words) -> list[dict[str, Any]]:
    """Those that begin and end; one that is put in the place of another says which (`instead_of`)."""
    own = [row for row in does.penalties if row["subject"] in seen.subjects]
    ended = {row["violation"]: row["key"] for row in own if row["lifted_at"] and row["kind"] != PenaltyKind.SCORE}
    told = []
    for row in own:
        rules = seen.rules[row["rulebook"], row["subject"]]
        text = rules.penalties[row["key"]].text.in_language(words.language)
        ends = row["lifted_at"] is not None
        told.append(
            {column.name: row[column.name] for column in _PENALTY}
            | {"text": text, "restrictions": sorted(restricted(row, rules))}
            | {"change": "ends" if ends else "begins", "ends_at": row["lifted_at"] if ends else row["ends_at"]}
            | {"instead_of": None if ends else ended.get(row["violation"])}
        )
    return told
