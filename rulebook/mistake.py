"""Which mistakes can a rulebook have? Each has a kind, and one sentence that its values are filled into.

The sentences are English, for programs, logs and terminals; in other languages they stand in the console's catalogues
as `mistake.` and the kind, with the same values. How a value is written is said as in `desk/words/words.py`:
`{known:listed}` is a list, `{most:count value|values}` a number with its word.
"""

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType
from typing import Any

Value = str | int | tuple[str, ...]


class _English(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "listed":
            return ", ".join(value)
        if format_spec.startswith("count "):
            one, many = format_spec.removeprefix("count ").split("|")
            return f"{value:,} {one if value == 1 else many}"
        return str(value)


class Mistake:
    """What is wrong, apart from where: a kind of `SENTENCES`, and the values that its sentence names."""

    __slots__ = ("kind", "values")

    def __init__(self, kind: str, /, **values: Value) -> None:
        self.kind = kind
        self.values: Mapping[str, Value] = MappingProxyType(values)

    @property
    def message(self) -> str:
        """The sentence in English, without what stands where the mistake is."""
        return _English().vformat(SENTENCES[self.kind], (), self.values)


SENTENCES: Mapping[str, str] = {
    # What is no YAML.
    "bracket": "not YAML: brackets don't match, or a comma is missing",
    "colon": "not YAML: a colon after a key is missing",
    "indent": "not YAML: the indentation is not that of the lines around it",
    "mapping": (
        "not YAML: a colon stands where no key can be: text with a colon stands in quotes, keys on lines of their own"
    ),
    "other": "not YAML: {problem}",
    "quote": "not YAML: quotes are opened and have no end",
    "reserved": "not YAML: text that begins with {character} stands in quotes",
    "tab": "not YAML: lines are indented by spaces, not by a tab",
    "not_utf8": "is not UTF-8 text",
    "character": "not YAML: the character {code} is no text",
    # What YAML's readers read differently.
    "alias": "`*{name}` stands for what is elsewhere: write out what is meant, in quotes if it is text",
    "anchor": "`&{name}` gives a name to what follows: write out what is meant, in quotes if it is text",
    "tag": "`!` gives a type to what follows: write out what is meant, in quotes if it is text",
    "merged": "mappings are not merged by `<<`: write out what stands here",
    "key_compound": "a key is text, no list and no mapping",
    "key_no_text": "the key `{name}` must be text: write it in quotes",
    "given_twice": "given twice",
    "escaped": "holds a character that is no text",
    "number": (
        "`{written}`: a number is plain digits, such as 1000 or -2.5; text that looks like one stands in quotes"
    ),
    "digits": (
        "`{written}`: a number has at most {most:count digit|digits}; text that looks like one stands in quotes"
    ),
    "second_document": "a second document begins: a file has one",
    "nested": "nested too deeply: more than {most:count level|levels}",
    "many_values": "more than {most:count value|values}",
    "large_file": "is larger than {most} MiB",
    # What makes no rulebook of files.
    "large_rulebook": "is too large: a rulebook has at most {files:count file|files}, of {most} MiB together",
    "no_base": "there is no such file, which holds the base",
    "no_sections": "is no mapping of sections",
    "no_overlays": "is no list of overlays",
    "no_languages": "is no mapping of languages to their texts",
    "no_rulebook": "no such rulebook: neither a path nor one of {known:listed}",
    "no_document": "is no rulebook's document",
    "unreadable": "can't be read: {problem}",
    "overridden": "a version with an override is not made of files alone",
    "one_value": "`{name}` is one value",
    # What a statement lacks, or has too much.
    "missing": "Field required",
    "missing_choice": "states by `{name}` what it is",
    "no_key": "there is no such key",
    "no_key_but": "there is no such key; did you mean {near}?",
    "stated_twice": "is stated twice",
    "stated_elsewhere": "is stated twice, also in {file}",
    "origin": "states exactly one of `source` and `illustrative: true`",
    # What a value may be.
    "integer": "Input should be a valid integer",
    "decimal": "Input should be a valid number",
    "string": "Input should be text",
    "boolean": "Input should be a valid boolean: yes or no",
    "list": "Input should be a list",
    "block": "Input should be keys with their values",
    "empty": "is empty: at least one stands here",
    "one_of": "Input should be one of {known:listed}",
    "at_least": "Input should be greater than or equal to {ge}",
    "more_than": "Input should be greater than {gt}",
    "at_most": "Input should be less than or equal to {le}",
    "long": "Input should have at most {max_length:count character|characters}",
    "pattern": "String should match pattern {pattern}",
    "span": "a length of time is a number and a unit, such as `30 minutes` or `6 months`, and at most a century",
    "zone": "there is no such time zone in the IANA database: one is like Asia/Ho_Chi_Minh",
    "language": "is no language's tag, such as vi or zh-Hant",
    "wording": "is a text, or texts by language such as {{en: Poaching, vi: Lôi kéo trái phép}}",
    "blank": "says nothing",
    "unfit": "can't stand here",
    # Regions and languages.
    "region_twice": "has an overlay already, in {file}",
    "many_overlays": "is one of more than {most:count overlay|overlays}",
    "language_twice": "the language has texts already, in {file}",
    "region_zone": "a region that is no parent states its time zone",
    "no_overlay": "no such overlay",
    "own_parent": "is its own parent in the end",
    # Names of what is elsewhere.
    "no_clause": "no such clause",
    "no_family": "no clause is of this family",
    "no_penalty": "no such penalty",
    "no_restriction": "no such restriction",
    "no_restriction_of": "no such restriction: there are {known:listed}",
    "no_statute": "no such statute",
    "penalty_kind": "is a penalty of kind {kind}, not {wanted}",
    # What a clause and a penalty say.
    "attributed": "a clause that is charged to `{charged}` is attributed via `{via}` only",
    "window": "{file} states `appeals.window`: it must say what holds for this clause, too",
    "score_for_good": "a score penalty lasts as long as the score, or as it says",
    "no_end": "what no score brings states how long it lasts, or `for_good: true`",
    # What a score says.
    "score_twice": "at most one score belongs to the subject `{subject}`",
    "recovery": "clean days count a whole life: only a score without period recovers",
    "bounds": "states the bounds of exactly {wanted:listed}",
    "outside": "lies outside floor and cap",
    "rows": "severities without a row",
    "levels": "every row has a price for each level",
    "brackets": "brackets rise from the first to the last",
    "tier_nowhere": "no score between {floor} and {top} begins it",
    "tier_order": "tiers stand from the highest line to the lowest; {before} stands before",
    "one_level": "only 1 level of appeal is supported",
    # What a trigger says.
    "counts_one": "counts exactly one of: a `clause`, a `family`, `every_clause: true`",
    "counts_creators": "different creators are counted of an agency, and charged to it",
    "counts_no_creator": "no clause that it counts is charged to creators",
    "charges_one": "what is counted of the whole agency is not charged to one of its creators",
    "instead_of_itself": "stands in the end instead of itself",
    "not_brought": "no violation that it counts brings this penalty to the same `{charged}`",
    "milder": "a less severe violation of {clause} would have another penalty beside it",
}
