"""The list of commands, and the sentences of their failures.

A command's modules are imported when it is run, and its errors are looked up when it fails: `--help` reads only the
list below and so answers at once. A test holds the list equal to the commands themselves.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import typer

from desk.cli import INTERRUPTED
from desk.cli.terminal import OutputError, WordError, given
from rulebook.characters import shown


class Listed(NamedTuple):
    """A command in the list: the module that has it, its panel and its text."""

    part: str
    panel: str
    text: str


# What PostgreSQL says to a login that has no right.
_NOT_ALLOWED = "42501"
_RUN, _PARTIES, _REVIEWERS, _LOOK = "Run", "Parties and the platform", "Reviewers", "Look"
_POLICY, _ENTER, _OPERATE = "Policy and proof", "Who may enter", "Operate"
# fmt: off
COMMANDS = {
    "up":        Listed("engine",     _RUN,        "Run everything: servers where none are set, schema, rulebook, worker; with a demo cast in a demo."),
    "worker":    Listed("engine",     _RUN,        "Run a worker for servers that run elsewhere, or beside an engine that runs here."),
    "api":       Listed("engine",     _RUN,        "Serve the API alone, for workers and servers that run elsewhere or beside it."),
    "migrate":   Listed("engine",     _RUN,        "Bring the database's schema up to date, and enter the bundled rulebook."),
    "report":    Listed("filing",     _PARTIES,    "Report a violation."),
    "appeal":    Listed("filing",     _PARTIES,    "Appeal a report's verdict; before the verdict the appeal is held."),
    "answer":    Listed("filing",     _PARTIES,    "Answer a reviewer's question, for the side that was asked."),
    "withdraw":  Listed("filing",     _PARTIES,    "Withdraw what was filed."),
    "stream":    Listed("filing",     _PARTIES,    "Feed days on which a creator streamed; only the platform does."),
    "claim":     Listed("review",     _REVIEWERS,  "Take a case for review, on a lease."),
    "renew":     Listed("review",     _REVIEWERS,  "Start the lease of a claimed case anew."),
    "next":      Listed("queue",      _REVIEWERS,  "Claim the most urgent case that waits for a reviewer."),
    "release":   Listed("review",     _REVIEWERS,  "Put a claimed case back; ops also another's, with reasons."),
    "ask":       Listed("review",     _REVIEWERS,  "Ask one side; the review waits for the answer."),
    "summarise": Listed("review",     _REVIEWERS,  "Tell the respondent what it is accused of."),
    "note":      Listed("review",     _REVIEWERS,  "Leave a note for other reviewers."),
    "escalate":  Listed("review",     _REVIEWERS,  "Put a case before senior moderators."),
    "decide":    Listed("deciding",   _REVIEWERS,  "Decide a claimed case."),
    "approve":   Listed("deciding",   _REVIEWERS,  "Second a verdict that needs two."),
    "reject":    Listed("deciding",   _REVIEWERS,  "Send a proposed verdict back to review."),
    "set-aside": Listed("deciding",   _REVIEWERS,  "Set a verdict aside while it can be appealed: others review it again."),
    "case":      Listed("reading",    _LOOK,       "Look at a case."),
    "evidence":  Listed("evidence",   _LOOK,       "Fetch a file of evidence."),
    "queue":     Listed("queue",      _LOOK,       "Show what a reviewer can claim, the most urgent first; by filters what else is open."),
    "score":     Listed("reading",    _LOOK,       "Show a score, the lines that led to it, and the penalties in force."),
    "quota":     Listed("reading",    _LOOK,       "Show how many reports an agency has left this month."),
    "verdicts":  Listed("reading",    _LOOK,       "Show the verdict history of an agency with its agents and creators, or of a creator: the newest acts."),
    "notices":   Listed("notices",    _LOOK,       "Show what somebody was told, the newest first: of cases, and of versions of the rulebook."),
    "receipt":   Listed("receipt",    _LOOK,       "Write a case's receipt: the proof that its record is under a signed checkpoint."),
    "agency":    Listed("parties",    _LOOK,       "Look at agencies."),
    "person":    Listed("parties",    _LOOK,       "Look at people."),
    "creator":   Listed("parties",    _LOOK,       "Look at creators."),
    "demo":      Listed("demo",       _RUN,        "Play a year of an agency in seconds, and show its score, its ledger and a case. The code is 1 where it fails."),
    "history":   Listed("history",    _OPERATE,    "Show what happened to a case: who moved what, waits, deadlines, attempts and errors, versions and builds."),
    "report-month": Listed("month",   _OPERATE,    "Show a month's figures: verdicts by outcome, time to them, and appeals; by region, clause and moderator."),
    "backup":    Listed("backup",     _OPERATE,    "Back up the running product: database and evidence to a folder, its keys to another."),
    "restore":   Listed("backup",     _OPERATE,    "Prove a backup, and make it the product of the data folder, which must have no data."),
    "erase":     Listed("erase",      _OPERATE,    "Forget somebody who has left: say what would be erased, and with --yes do it, for good."),
    "hold":      Listed("erase",      _OPERATE,    "Hold what is somebody's, or a case's, back from erasing; or with --release no longer."),
    "retention": Listed("retention",  _OPERATE,    "Show which closed cases' words are erased next, when, and by which statement of the rulebook."),
    "rewrap":    Listed("rewrap",     _OPERATE,    "Wrap by the master key the keys that former ones wrapped; again, it does what is left. It may be stopped."),
    "checkpoint": Listed("checkpoint", _OPERATE,  "Show the newest checkpoint; abandon those that a backup lacks."),
    "stuck":     Listed("stuck",      _OPERATE,    "Show what does not go on, why, since when, and what mends it; code 1: something does not."),
    "repair":    Listed("repair",     _OPERATE,    "Mend what is stuck, or release a colleague's cases: say what would be done, and with --yes do it. For ops."),
    "replay":    Listed("replay",     _OPERATE,    "Replay histories with this code, as before an upgrade: which would break, and where; code 1: one does."),
    "rehearse":  Listed("rehearse",   _POLICY,     "Play scenarios: real workflows, real database, a clock that skips."),
    "verify":    Listed("verify",     _POLICY,     "Recompute every score, penalty, quota and hash, also of evidence, ask every workflow; code 1: a difference."),
    "states":    Listed("states",     _POLICY,     "Show what may happen to a case, or to a version: the table of its moves, or a diagram."),
    "rulebook":  Listed("rulebook",   _POLICY,     "Check, compare and explain rulebooks, and move their versions."),
    "account":   Listed("account",    _ENTER,      "Set up local accounts."),
    "key":       Listed("key",        _ENTER,      "Make, list and revoke keys of systems."),
}
# fmt: on
# Errors whose text is printed as it is, by module and class, and the exit code. By name: importing them takes time.
_SENTENCES = {
    ("workers.embedded.error", "EmbeddedError"): 1,
    ("workers.settings", "SettingsError"): 1,
    ("store.bucket", "AwayError"): 1,
    ("store.keyring", "LostError"): 1,
    ("store.master", "UnknownMasterError"): 1,
    ("ops.upgrade", "WouldBreakError"): 1,
    ("rulebook.fault", "UnknownRegion"): 1,
    ("ops.rehearsal.script.malformed", "MalformedScenario"): 2,
    ("rulebook.fault", "RulebookError"): 2,
}


def made(asked: Sequence[str]) -> typer.Typer:
    """The command line: with the commands of one part where a command is named, else with the list of all."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        callback=_casework,
    )
    listed = COMMANDS.get(next((word for word in asked if word != "--"), ""))
    if listed is not None:
        import_module(f"desk.cli.{listed.part}").register(app)
    else:
        for name, one in COMMANDS.items():
            app.command(name, help=one.text, rich_help_panel=one.panel)(_listed)
    return app


def _listed() -> None:
    """Stands in the list for a command; whoever names one gets the command itself."""
    raise LookupError("a command that is only listed")


def _casework() -> None:
    """A durable case engine for the compliance of live streaming."""


def run() -> int:
    """Run the command line; gives the exit code: 0, 1 for what failed or was refused, 2 for wrong usage or files."""
    try:
        words = given(sys.argv[1:])
        made(words)(words)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 1
    except WordError as error:
        return _say(f"{error}", 2)
    except OutputError as error:
        return _say(f"{error}", 1)
    except Exception as error:
        code = _sentence(error)
        if code is None:
            raise
        return code
    return 0


def _sentence(error: Exception) -> int | None:
    """Print the error in one sentence and give the exit code; None where it is a fault of the program itself."""
    if stopped := _as(error, "desk.cli.running", "StoppedError"):
        return INTERRUPTED if getattr(stopped, "unfinished", False) else 0
    for (module, name), code in _SENTENCES.items():
        if _as(error, module, name):
            return _say(f"{error}", code)
    original = getattr(error, "orig", None)
    if _as(error, "sqlalchemy.exc", "OperationalError") or _as(error, "sqlalchemy.exc", "InterfaceError"):
        return _say(f"The database can't be reached: {_first_line(original)}.", 1)
    if getattr(original, "sqlstate", None) == _NOT_ALLOWED:
        return _say(f"{_first_line(original)}: to migrate, CASEWORK_OWNER_URL names the database's owner.", 1)
    if _as(error, "sqlalchemy.exc", "ProgrammingError"):
        return _say(f"The database is not Casework's, or of another version: {_first_line(original)}.", 1)
    return None


def _as(error: Exception, module: str, name: str) -> Exception | None:
    """The error, if it is of that class; a class of a module that is not imported can't have been raised."""
    kind = getattr(sys.modules.get(module), name, None)
    return error if isinstance(kind, type) and isinstance(error, kind) else None


def _say(sentence: str, code: int) -> int:
    print(shown(sentence), file=sys.stderr)
    return code


def _first_line(error: BaseException | None) -> str:
    return f"{error}".strip().partition("\n")[0].rstrip(".")
