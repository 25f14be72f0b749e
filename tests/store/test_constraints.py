"""What must never be can't be written, not even by hand: the database itself refuses."""

import pytest
import sqlalchemy as sa
from conftest import agency, person, send
from sqlalchemy.exc import IntegrityError

from desk.door.door import Door
from states.terms import Role
from store import evidence
from store.evidence import File
from store.schema.evidence import FileKind
from workers.reach import House


@pytest.fixture(scope="module")
async def facts(house: House, door: Door) -> dict[str, str]:
    """A report with a verdict that is appealed, one in the queue, one that is closed, one that waits for a vote."""
    (jade, jan), (lotus, ann) = await agency(house, "jade"), await agency(house, "lotus")
    mia = await person(house, Role.MODERATOR)
    cases = []
    for _ in range(4):
        file = File(evidence.new_id(), "0" * 64, 1, FileKind.PNG, "a.png", jan, jade, house.clock.now())
        with house.engine.begin() as connection:
            evidence.write(connection, file)
        said = {"clause": "agency.poaching", "against": lotus, "details": "seen on stream"}
        cases.append((await send(door, jan, "report", **said, evidence=[file.id]))["case"])
    decided, queued, closed, proposed = cases
    await send(door, mia, "claim", case=decided)
    await send(door, mia, "decide", case=decided, finding="violation", severity="mild", reasons="checked")
    await send(door, mia, "claim", case=proposed)
    await send(door, mia, "decide", case=proposed, finding="violation", severity="severe", reasons="checked")
    appeal = await send(door, ann, "appeal", of=decided, grounds="we did not")
    await send(door, jan, "withdraw", case=closed)
    known = {"decided": decided, "queued": queued, "closed": closed, "proposed": proposed, "appeal": appeal["case"]}
    return known | {"agency": jade, "subject": lotus, "mia": mia}


def copied(table: str, where: str, **changed: str) -> str:
    """A second row like one that is there, but for some columns."""
    columns = {
        "penalties": "subject, kind, key, rulebook, violation, scheme, period, starts_at",
        "quota_slots": '"case", agency, month, slot, taken_at',
        "cases": "id, kind, status, version, moved_at, deadline_at, rulebook, region, region_source, filed_by,"
        " filed_role, filed_agency, filed_side, filed_at, of_case, clause, occurred_at, text, respondent, subject",
        "evidence": "id, hash, size, kind, name, brought_by, at, side",
        "verdicts": 'id, "case", number, standing, finding, clause, severity, extra, reasons, decided_by, decided_at',
    }[table]
    values = ", ".join(changed.get(name.strip().strip('"'), name.strip()) for name in columns.split(","))
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE {where}"


CLAIM = "UPDATE cases SET status = 'claimed', claimed_by = :mia"
# fmt: off
IMPOSSIBLE = [
    ("a violation brings the same base penalty twice", "uq_penalties_of_violation",
        copied("penalties", "\"case\" = :decided AND kind = 'base'")),
    ("a quota slot is used twice", "uq_quota_slots_taken",
        copied("quota_slots", '"case" = :decided', case=":appeal")),
    ("a case takes two slots", "pk_quota_slots",
        copied("quota_slots", '"case" = :decided', slot="slot + 100")),
    ("a verdict has two live appeals", "uq_cases_live_appeal",
        copied("cases", "id = :appeal", id="'another'")),
    ("a case has two verdicts of one number", "uq_verdicts_case_number",
        copied("verdicts", '"case" = :decided', id="'another'")),
    ("who decided gives the second vote", "ck_verdicts_second_person",
        'UPDATE verdicts SET seconded_by = decided_by WHERE "case" = :decided'),
    ("a proposal comes into force without a second vote", "second vote",
        "UPDATE verdicts SET standing = 'in_force' WHERE \"case\" = :proposed"),
    ("who decided the report takes its appeal", "decided the report",
        f"{CLAIM}, lease_until = moved_at, barred = '{{}}' WHERE id = :appeal"),
    ("a barred person claims", "ck_cases_no_conflict_of_interest",
        f"{CLAIM}, lease_until = moved_at, barred = ARRAY[:mia] WHERE id = :queued"),
    ("a claim never ends", "ck_cases_claim_is_a_lease",
        f"{CLAIM} WHERE id = :queued"),
    ("a case waits for nothing", "ck_cases_waiting_has_a_deadline",
        "UPDATE cases SET deadline_at = NULL WHERE id = :queued"),
    ("a case is closed without an outcome", "ck_cases_closed_has_outcome",
        "UPDATE cases SET status = 'closed', deadline_at = NULL WHERE id = :queued"),
    ("an open case has an outcome", "ck_cases_closed_has_outcome",
        "UPDATE cases SET outcome = 'dismissed' WHERE id = :queued"),
    ("a status is made up", "stage",
        "UPDATE cases SET status = 'lost' WHERE id = :queued"),
    ("a text is changed", "ck_texts_hash_of_body",
        "UPDATE texts SET body = 'something else' WHERE id = (SELECT text FROM cases WHERE id = :queued)"),
    ("a text is removed that a case needs", "fk_cases_text",
        "DELETE FROM texts WHERE id = (SELECT text FROM cases WHERE id = :queued)"),
    ("a closed case moves", "closed is final",
        "UPDATE cases SET version = version + 1 WHERE id = :closed"),
    ("a closed case is opened", "closed is final",
        "UPDATE cases SET status = 'queued', outcome = NULL, deadline_at = moved_at WHERE id = :closed"),
    ("a closed case gets another outcome", "closed is final",
        "UPDATE cases SET outcome = 'dismissed' WHERE id = :closed"),
    ("a closed case is deleted", "closed is final",
        "DELETE FROM cases WHERE id = :closed"),
    *(
        (f"a line of the {table} is lost or changed: {verb}", "only grows", sql)
        for table, column in (("ledger", "balance"), ("journal", "version"), ("records", "number"))
        for verb, sql in (
            ("changed", f"UPDATE {table} SET {column} = {column} + 1"),
            ("deleted", f"DELETE FROM {table}"),
            ("truncated", f"TRUNCATE {table} CASCADE"),
        )
    ),
    *(
        (f"evidence of a case is {verb}", "only grows", f'{sql} WHERE "case" = :queued')
        for verb, sql in (("another file", "UPDATE evidence SET hash = repeat('1', 64)"), ("lost", "DELETE FROM evidence"))
    ),
    ("evidence of a case is another file as it is encrypted", "only grows",
        """UPDATE evidence SET wrapped_by = '{key}', size = size + 1 WHERE "case" = :queued"""),
    ("evidence has no bytes", "ck_evidence_size_counts",
        copied("evidence", '"case" = :queued', id="'another'", side="NULL", size="0")),
    ("evidence is a page", "ck_evidence_kind_known",
        copied("evidence", '"case" = :queued', id="'another'", side="NULL", kind="'text/html'")),
    ("evidence is of a side, but of no case", "ck_evidence_of_a_side",
        copied("evidence", '"case" = :queued', id="'another'")),
    ("all cases are lost", "only grows", "TRUNCATE cases CASCADE"),
]
# fmt: on


@pytest.mark.parametrize(("constraint", "sql"), [i[1:] for i in IMPOSSIBLE], ids=[i[0] for i in IMPOSSIBLE])
def test_it_is_impossible_that(house: House, facts: dict[str, str], constraint: str, sql: str) -> None:
    statement = sa.text(sql)
    bound = {name: facts[name] for name in statement.compile().params}
    with house.engine.connect() as connection, pytest.raises(IntegrityError, match=constraint):
        connection.execute(statement, bound)


def test_a_slot_that_was_given_back_is_free_again(house: House, facts: dict[str, str]) -> None:
    """The withdrawn report's slot number may be taken by another report."""
    statement = sa.text(copied("quota_slots", '"case" = :closed', case=":appeal"))
    with house.engine.connect() as connection:
        done = connection.execute(statement, {"closed": facts["closed"], "appeal": facts["appeal"]})
        assert done.rowcount == 1


def test_a_closed_case_can_still_be_looked_at(house: House, facts: dict[str, str]) -> None:
    statement = sa.text("UPDATE cases SET stirred = true WHERE id = :closed")
    with house.engine.connect() as connection:
        assert connection.execute(statement, {"closed": facts["closed"]}).rowcount == 1
