"""Every word of the console's own is in its catalogues, in every language; nothing else is, and no page has another."""

import ast
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

import desk.console
from desk.console.navigation import BAR
from desk.console.words import FOLDER, spoken
from desk.words import LANGUAGES
from desk.words.catalogue import FOLDER as ENGINES

CONSOLE = Path(desk.console.__file__).parent
TEMPLATES = sorted((CONSOLE / "pages").glob("*.html"))
# What a template says by `t("key")` or `t("begins." ~ …)`, and by `term("family", …)`.
SAID, TERM = re.compile(r"""\bt\(\s*"([^"]+)"(\s*[~+])?"""), re.compile(r"""\bterm\(\s*"([^"]+)\"""")
# What is no text of a template: the block that names the page's class, expressions, comments.
LOGIC = re.compile(r"{% block room %}.*?{% endblock %}|{[{%].*?[%}]}|{#.*?#}", re.DOTALL)


@cache
def catalogue(folder: Path, language: str) -> Catalog:
    with (folder / f"{language}.po").open("rb") as file:
        return read_po(file, language)


@cache
def messages(language: str, folder: Path = FOLDER) -> dict[str, str]:
    return {str(one.id): str(one.string) for one in catalogue(folder, language) if one.id}


def holes(message: str) -> set[str]:
    """The values of a message, and how each is written; the forms of a word that is counted are each language's own."""
    parts = [(name, spec or "") for _, name, spec, _ in Formatter().parse(message) if name is not None]
    return {f"{name}:{'number' if spec.startswith('count ') else spec}" for name, spec in parts}


@cache
def texts() -> set[str]:
    """Each text in the console's code and templates that may be a key, or the beginning of one."""
    found = {text for page in TEMPLATES for text in re.findall(r"[\"']([\w.]+)[\"']", page.read_text("utf-8"))}
    for file in CONSOLE.rglob("*.py"):
        nodes = ast.walk(ast.parse(file.read_text("utf-8")))
        found |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found


def known() -> set[str]:
    return {*messages("en"), *messages("en", ENGINES)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything_with_the_same_values(language: str) -> None:
    english, said = messages("en"), messages(language)
    assert said.keys() == english.keys()
    assert [key for key, message in said.items() if not message or holes(message) != holes(english[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written_in_the_order_of_keys(language: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(FOLDER, language))
    assert (FOLDER / f"{language}.mo").read_bytes() == compiled.getvalue(), "run `make words`"
    assert list(messages(language)) == sorted(messages(language))


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: page.name)
def test_a_page_says_only_what_is_in_a_catalogue(page: Path) -> None:
    text = page.read_text("utf-8")
    keys = known()
    lacking = [
        key
        for key, more in SAID.findall(text)
        if not ((more and any(one.startswith(key) for one in keys)) or key in keys)
    ]
    families = {key.partition(".")[0] for key in keys}
    assert (lacking, set(TERM.findall(text)) - families) == ([], set())


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: page.name)
def test_a_page_has_no_word_of_its_own(page: Path) -> None:
    """But the product's name; what stands in attributes is read too."""
    bare = LOGIC.sub("", page.read_text("utf-8"))
    texts = re.sub(r"<[^>]*>", "\n", bare).replace("Casework", "")
    assert re.findall(r"[^\W\d_]{2,}", re.sub(r"&\w+;", "", texts)) == []
    spoken_aloud = re.findall(r"\b(?:title|alt|aria-label|placeholder|aria-description)=\"([^\"]*)\"", bare)
    assert [one for one in spoken_aloud if re.search(r"[^\W\d_]", one)] == []


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: page.stem)
def test_a_link_to_somebody_quotes_their_name(page: Path) -> None:
    links = re.findall(r"/(?:subjects|people)/{{(.*?)}}", page.read_text("utf-8"))
    assert all("urlencode" in link for link in links)


def test_the_layout_takes_no_name_of_a_page_s() -> None:
    """What it sets at its top would take the place of what a page has set under the same name."""
    environment = Environment(autoescape=True)
    module = environment.parse((CONSOLE / "pages" / "_layout.html").read_text("utf-8"))
    assert introduced(module) == set()


def introduced(node: nodes.Node) -> set[str]:
    """The names that are set at the top of a template: outside of blocks, loops and `with`."""
    own = (nodes.Block, nodes.For, nodes.With, nodes.Macro)
    inner = [one for one in node.iter_child_nodes() if not isinstance(one, own)]
    names = (
        {node.target.name}
        if isinstance(node, nodes.Assign | nodes.AssignBlock) and isinstance(node.target, nodes.Name)
        else set()
    )
    return names.union(*(introduced(one) for one in inner))


def test_no_message_is_there_that_nobody_says() -> None:
    said = texts()
    beginnings = tuple(text for text in said if text.endswith((".", "_")) and len(text) > 2)
    dead = [key for key in messages("en") if key not in said and not key.startswith(beginnings)]
    assert dead == []


def test_the_console_repeats_no_message_of_the_engine_s() -> None:
    assert messages("en").keys() & messages("en", ENGINES).keys() == set()


def test_each_page_of_the_bar_has_its_word() -> None:
    assert {f"bar.{entry.name}" for entry in BAR} == {key for key in messages("en") if key.startswith("bar.")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_of_the_console_comes_before_one_of_the_engine_s(language: str) -> None:
    words = spoken().words(language)
    assert words.say("bar.queue") == messages(language)["bar.queue"]
    assert words.say("status.queued") == messages(language, ENGINES)["status.queued"]
