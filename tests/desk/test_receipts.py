"""A receipt proves what a party's case was, to somebody who has nothing of Casework's."""

import ast
import json
import runpy
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import agency, person, send
from consoles import browsed
from markup import unfit
from served import Api, served
from terminal import of_ops
from vouching import hash_of, vouched

from desk.console.page import HERE
from desk.door.door import Door
from states.terms import Role
from store import merkle
from store.in_thread import in_thread
from workers.checkpoints.signing import Signer, signer
from workers.reach import House

SCRIPT = Path(__file__).parents[2] / "docs" / "check_receipt.py"
SEVERE = {"finding": "violation", "severity": "severe", "reasons": "seen"}


@pytest.fixture(scope="module")
async def api(house: House, door: Door) -> AsyncIterator[Api]:
    async with served(house, door) as made:
        yield made


async def test_whoever_reads_a_case_gets_its_receipt_and_nobody_reads_by_it_of_more(
    house: House, door: Door, api: Api
) -> None:
    (_, jan), (lotus, ann), (_, eva) = [await agency(house) for _ in range(3)]
    mia = await person(house, Role.MODERATOR)
    case = (await send(door, jan, "report", clause="agency.poaching", against=lotus, details="seen"))["case"]
    await send(door, mia, "claim", case=case)
    await send(door, mia, "decide", case=case, **SEVERE)  # which waits for a second vote: no party reads it (ruling 16)
    await vouched(house, case)
    with house.engine.connect() as connection:
        _, _, claimed, proposed = connection.execute(hash_of(case)).scalars().all()
    path = f"/cases/{case}/receipt"
    told = {who: (await api.get(who, path)).json()["hash"] for who in (jan, ann, mia)}
    assert told == {jan: claimed, ann: claimed, mia: proposed}
    assert [(await api.get(who, path)).status_code for who in (eva, jan)] == [404, 200]
    async with browsed(house, door) as console:
        for who in (jan, mia):
            browser = console.browser(who)
            assert f'href="{HERE}{path}"' in (await browser.get(f"/cases/{case}")).text
            taken = await browser.get(path)
            assert (taken.json(), taken.headers["Content-Disposition"]) == (
                (await api.get(who, path)).json(),
                f'attachment; filename="receipt-{case}.json"',
            )
    fresh = (await send(door, jan, "report", clause="agency.poaching", against=lotus, details="seen"))["case"]
    for one, reason in ((fresh, "no checkpoint vouches for it yet"), ("report-none", "")):
        refused = await api.get(jan, f"/cases/{one}/receipt")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        assert reason in refused.text
    async with browsed(house, door) as console:
        page = await console.browser(jan, "zh").get(f"/cases/{fresh}/receipt")
        assert (page.status_code, unfit(page), "尚无检查点为其作证" in page.text) == (404, [], True)


def another(receipt: dict[str, Any], **values: object) -> dict[str, Any]:
    return {**receipt, **values}


def altered(receipt: dict[str, Any], **values: object) -> dict[str, Any]:
    signed = json.loads(receipt["signed"]) | values
    return {**receipt, "signed": json.dumps(signed, sort_keys=True, separators=(",", ":"))}


# What is no true receipt, and what the script says of it.
FALSE: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a changed proof": (lambda r: another(r, path=["00" * 32, *r["path"][1:]]), "does not lead to the checkpoint's root"),
    "a shorter proof": (lambda r: another(r, path=r["path"][:-1]), "too short"),
    "a longer proof": (lambda r: another(r, path=[*r["path"], "00" * 32]), "too long"),
    "another place": (lambda r: another(r, place=r["place"] ^ 1), "does not lead"),
    "a place that is none": (lambda r: another(r, place=10**6), "no such place"),
    "another record": (lambda r: another(r, hash="00" * 32), "does not lead"),
    "another checkpoint": (lambda r: altered(r, root="00" * 32), "has not signed"),
    "another case": (lambda r: another(r, case="report-other"), "of another case"),
}  # fmt: skip


async def test_a_script_that_knows_nothing_of_casework_tells_a_true_receipt_from_a_false_one(
    house: House, door: Door, tmp_path: Path
) -> None:
    (_, jan), (lotus, _) = await agency(house), await agency(house)
    report = {"clause": "agency.poaching", "against": lotus, "details": "seen"}
    other, case = [(await send(door, jan, "report", **report))["case"] for _ in range(2)]
    await vouched(house, case)
    key = signer(house.keyring).public
    written = await in_thread(house.engine, of_ops(house, tmp_path).casework, "receipt", case, "--by", jan)
    assert (written.returncode, written.stderr) == (0, "")
    receipt = json.loads(written.stdout)
    assert receipt["path"]  # not alone under its checkpoint: the cases are filed one right after the other

    def checked(said: object, by: str = key, of: str = case) -> tuple[int, str]:
        (file := tmp_path / "receipt.json").write_text(json.dumps(said))
        command = [sys.executable, "-I", str(SCRIPT), str(file), by, of]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
        return done.returncode, done.stdout + done.stderr

    code, told = checked(receipt)
    assert (code, told.startswith(f"Proved: {case} had a line with hash {receipt['hash']}")) == (0, True)
    falsify, reason = FALSE["a changed proof"]
    false = {
        reason: checked(falsify(receipt)),
        "does not lead to the": checked(another(receipt, case=other), of=other),
        "has not signed": checked(receipt, by=Signer.of(b"f" * 32).public),
    }
    for reason, (code, told) in false.items():
        assert (code, told.count("\n"), reason in told) == (1, 1, True), told
    script = runpy.run_path(str(SCRIPT))
    for falsify, reason in FALSE.values():
        with pytest.raises(script["WrongError"], match=reason):
            script["check"](falsify(receipt), key, case)


def test_the_script_needs_python_and_one_package() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names]
    assert {name.partition(".")[0] for name in named} - sys.stdlib_module_names == {"cryptography"}


@pytest.mark.parametrize("many", [1, 2, 3, 7, 8, 13])
def test_the_script_follows_every_path_of_the_tree(many: int) -> None:
    root, leaves = runpy.run_path(str(SCRIPT))["root"], [b"leaf %d" % each for each in range(many)]
    for place, leaf in enumerate(leaves):
        assert root(leaf, place, many, merkle.path(leaves, place)) == merkle.root(leaves)
