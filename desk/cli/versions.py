"""Commands about versions of the rulebook: which there were, how two differ, and which value took effect when."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from desk.cli.answer import Json, instant, refusals
from desk.cli.database import reading
from desk.cli.language import words
from desk.cli.paper import document, line, table
from desk.cli.zone import times_of
from desk.reading.explained import Explained, Explanations
from desk.reading.versions import Versions
from rulebook.diff import Change, Difference
from rulebook.diff import diff as held
from rulebook.load import bundled, is_there, load
from rulebook.model import Rulebook

Version = Annotated[str, Argument(help="A folder or file, a bundled rulebook's key, or a digest or 6 letters of it.")]
_HISTORY = ("key", "version", "digest", "status", "regions", "since", "until")
_CHANGES = ("key", "regions", "before", "after", "from", "source")
_FORECAST = ("region", "kind", "class", "penalty", "before", "after", "hit")
_HIT = ("subject", "region", "kind", "class", "penalties")
_VALUES = ("key", "value", "from", "source", "version", "since")


def history(as_json: Json = False) -> None:
    """Show the versions that the database knows, the newest first, and since when each is in force."""
    with reading() as (engine, now):
        known = Versions(engine, now).history(None)
        times_of(engine, now, None)
    if as_json:
        document(known)
        return
    rows = []
    for one in known:
        version = one.version
        named = [version.key, version.version, version.digest[:12], version.status]
        rows += [[*named, list(spell.regions), _since(spell.since), spell.until] for spell in one.spells]
        rows += [] if one.spells else [[*named, None, None, None]]
    table(words().say("table.versions"), _HISTORY, rows)


def diff(
    before: Version,
    after: Version,
    text: Annotated[bool, Option("--text", help="Also titles and texts, as a unified diff a language.")] = False,
    as_json: Json = False,
) -> None:
    """Show how two versions differ: by key and region, in the values that take effect."""
    with refusals(as_json=as_json):
        found = held(_book(before), _book(after))
    if as_json:
        document(_told(found, with_texts=text))
        return
    title = words().say("table.diff", before=_title(found.before), after=_title(found.after))
    table(title, _CHANGES, [_row(change, found) for change in found.changes])
    for key, regions in (("say.regions_added", found.added), ("say.regions_removed", found.removed)):
        if regions:
            line(words().say(key, regions=", ".join(regions)))
    if found.texts and not text:
        languages = ", ".join(sorted({change.language or "" for change in found.texts}))
        line(words().say("say.texts_differ", count=len(found.texts), languages=languages))
    for told in found.rewording().values() if text else ():
        for one in told.splitlines():
            line(one)


def forecast(
    version: Version,
    listed: Annotated[bool, Option("--list", help="Also who they are.")] = False,
    as_json: Json = False,
) -> None:
    """Show whom a version hits on its first day, as it was forecast when it was proposed."""
    with refusals(as_json=as_json), reading() as (engine, now):
        found = Versions(engine, now).forecast(None, version)
        times_of(engine, now, None)
    if as_json:
        document(found)
        return
    counts = {name: found[name] for name in ("seen", "hit", "most_hit")}
    line(words().say("say.forecast", **counts))
    groups = [(one, tier) for one in found["figures"] for tier in one["tiers"]]
    rows = [[one["region"], one["kind"], one["class"], *(tier[name] for name in _FORECAST[3:])] for one, tier in groups]
    table(words().say("table.forecast", at=found["at"]), _FORECAST, rows)
    if listed:
        table(words().say("table.hit"), _HIT, [[one[name] for name in _HIT] for one in found["subjects"]])


def explain(
    key: Annotated[str, Argument(help="A key, its beginning, or an internal key in it.")],
    region: Annotated[str | None, Option(help="E.g. DE.")] = None,
    at: Annotated[str | None, Option(help="When, e.g. 2026-03-01T10:00:00+07:00. Default: now.")] = None,
    subject: Annotated[str | None, Option(help="An agency or creator, instead of a region.")] = None,
    as_json: Json = False,
) -> None:
    """Show which value takes effect: from which layer and version, by what source, and since when."""
    when = instant(at) if at else None
    with refusals(as_json=as_json), reading() as (engine, now):
        found = Explanations(engine, now).of(None, key, region=region, subject=subject, at=when)
        times_of(engine, now, None, found.region)
    if as_json:
        values = [{**asdict(one.value), "version": _named(one.version), "since": one.since} for one in found.values]
        document({"region": found.region, "at": found.at, "values": values})
        return
    table(words().say("table.explained", region=found.region, at=found.at), _VALUES, map(_line, found.values))


def _book(name: str) -> Rulebook:
    if name in bundled() or is_there(Path(name)):
        return load(name)
    with reading() as (engine, now):
        return Versions(engine, now).named(None, name)


def _line(one: Explained) -> Sequence[object]:
    value = one.value
    return [value.key, value.value, value.origin, value.source, _title(one.version), _since(one.since)]


def _title(book: Rulebook) -> str:
    return f"{book.key} {book.version} ({book.digest[:12]})"


def _named(book: Rulebook) -> dict[str, str]:
    return {"key": book.key, "version": f"{book.version}", "digest": book.digest}


def _since(at: datetime | None) -> object:
    return at or words().say("say.from_the_beginning")


def _row(change: Change, found: Difference) -> Sequence[object]:
    before, after = change.before, change.after
    where = words().say("say.everywhere") if change.regions == found.regions else list(change.regions)
    values = [None if side is None else side.value for side in (before, after)]
    moved = [[getattr(side, name) for side in (before, after) if side] for name in ("origin", "source")]
    return [change.key, where, *values, *(" → ".join(dict.fromkeys(sides)) for sides in moved)]


def _told(found: Difference, *, with_texts: bool) -> dict[str, Any]:
    books = {"before": _named(found.before), "after": _named(found.after)}
    regions = {"regions": found.regions, "added": found.added, "removed": found.removed}
    rewording = {"rewording": found.rewording()} if with_texts else {}
    return {**books, **regions, "changes": found.changes, "texts": found.texts, **rewording}
