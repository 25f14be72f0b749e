"""Does the house stand as it is described? Rooms, contracts, and a README that tells the truth."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from desk.cli.app import COMMANDS, made
from desk.cli.states import drawn
from states.terms import Kind
from workers.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
ROOMS = ["rulebook", "states", "store", "activities", "workflows", "workers", "ops", "desk"]


def question(room: str) -> str:
    """The first line of the room's text."""
    return (ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text("utf-8"))) or "").partition("\n")[0]


def test_imports_go_only_to_the_left() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_answers_one_question(room: str) -> None:
    assert question(room).endswith("?")


@pytest.mark.parametrize("room", ROOMS)
def test_each_module_says_what_it_is_for(room: str) -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in (ROOT / room).rglob("*.py")
        if not ast.get_docstring(ast.parse(file.read_text("utf-8")))
    ]
    assert [name for name in silent if "/migrations/" not in name] == []


def test_the_readme_has_the_rooms_and_their_questions() -> None:
    rows = re.findall(r"^\| `(\w+)/` \| (.+) \|$", README, re.MULTILINE)
    assert [(room, text.lower()) for room, text in rows] == [(room, question(room).lower()) for room in ROOMS]


@pytest.mark.parametrize("page", ["README.md", "docs/lives.md"])
@pytest.mark.parametrize("kind", Kind)
def test_readme_and_docs_show_the_tables_as_they_are(kind: Kind, page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert drawn(text, kind) == text, "the picture is of another table: run `make pictures`"


def test_the_docs_show_the_life_of_a_version_as_it_is() -> None:
    text = (ROOT / "docs/lives.md").read_text("utf-8")
    assert drawn(text, "version") == text, "the picture is of another table: run `make pictures`"


def commands(*asked: str) -> set[str | None]:
    app = made(asked)
    known = {c.name or getattr(c.callback, "__name__", "") for c in app.registered_commands}
    return known | {group.name for group in app.registered_groups}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_is_that_of_the_commands(name: str) -> None:
    """`casework --help` reads the list alone, so that it answers at once."""
    listed, app = COMMANDS[name], made([name])
    own = {c.name or getattr(c.callback, "__name__", ""): c for c in app.registered_commands}
    groups = {group.name: group for group in app.registered_groups}
    if name in groups:
        inside = groups[name].typer_instance
        text, panel = inside and inside.info.help, groups[name].rich_help_panel
    else:
        text, panel = inspect.getdoc(own[name].callback or name), own[name].rich_help_panel
    assert (listed.text, listed.panel) == (str(text).partition("\n\n")[0].replace("\n", " "), panel)
    assert {*own, *groups} == {other for other, one in COMMANDS.items() if one.part == listed.part}


def test_the_readme_names_commands_that_exist() -> None:
    known = commands()
    assert set(re.findall(r"casework (\w+)", README)) - known == set()
    targets = set(re.findall(r"^([\w-]+):", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"(?:`|\$ )make ([\w-]+)", README)) - targets == set()


def test_the_readme_names_settings_that_exist() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(rf"{PREFIX}\w+", README)) - known == set()


def test_the_readme_points_at_files_that_exist() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", README) + re.findall(r"scenarios/\S+\.yaml", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []


# What looks like a path: with a slash, or the name of a module or page.
PATH = re.compile(r"`([\w.*-]+(?:/[\w.*-]+)+/?|[\w*-]+/|(?!__init__)[\w*-]+\.(?:py|md))`")


def lost(page: str) -> set[str]:
    """The paths that a page names, if they are not there: from the root, its folder, or that of a path named before."""
    bases, missing = dict.fromkeys([ROOT, (ROOT / page).parent]), set()
    for name in dict.fromkeys(PATH.findall((ROOT / page).read_text("utf-8"))):
        found = [
            path for base in bases for path in (base.glob(name) if "*" in name else [base / name]) if path.exists()
        ]
        bases |= dict.fromkeys(path if path.is_dir() else path.parent for path in found)
        missing |= set() if found else {name}
    return missing


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"{p.relative_to(ROOT)}" for p in ROOT.glob("docs/**/*.md"))]
)
def test_the_documents_name_paths_that_exist(page: str) -> None:
    assert lost(page) == set()


def test_what_shows_each_case_of_two_versions_is_there() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", (ROOT / "docs/versions.md").read_text("utf-8"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == [*range(1, 20)]
    for number, shown in rows:
        named = re.findall(r"`([^`]+)`", shown)
        assert named, number
        for one in named:
            file, _, test = one.partition("::")
            (found,) = (ROOT / ("tests" if test else "scenarios")).rglob(file)
            assert not test or re.search(rf"def {test}\b", found.read_text("utf-8")), one


def test_each_target_explains_itself() -> None:
    helped = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    explained = set(re.findall(r"^  make ([\w-]+) +\S", helped, re.MULTILINE))
    assert explained == set(re.findall(r"^([\w-]+):", MAKEFILE, re.MULTILINE))


def test_no_committed_file_names_a_package_index() -> None:
    hosts = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("test", "pypi"))]
    files = [ROOT / name for name in ("Makefile", ".ci/run", "pyproject.toml", "requirements.lock", "README.md")]
    assert [(file.name, host) for file in files for host in hosts if host in file.read_text("utf-8")] == []
    assert "--index-url" not in (ROOT / "requirements.lock").read_text("utf-8")
