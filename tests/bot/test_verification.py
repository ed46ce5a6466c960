"""Whatever is done to a chronology by somebody who has the database and not the keys is found, and named."""

# ruff: noqa: S608 (the statements are ours, and tamper with files of the tests)

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.cases.chronology import remember_newest
from bot.cases.safekeeping.deletions import DeletionLog
from bot.cases.safekeeping.verification import Fault, Finding, Verification, verify
from bot.desk import Desk
from integrations import app
from integrations.app import Reports
from integrations.settings import Settings
from tests.bot.reporting import ANSWERS, opened, received

HOW_MANY = 4


@pytest.fixture
def references(desk: Desk) -> tuple[str, ...]:
    """Four cases; each was received, delivered to some, and looked at once."""
    made = tuple(received(desk, {**ANSWERS, "what": f"number {n}"}, f"draft-{n}").reference for n in range(HOW_MANY))
    for reference in made:
        opened(desk, "demo-dsl", reference)
    return made


def _look(reports: Reports, *, contents: bool = True) -> Verification:
    return verify(reports.store, reports.keys, reports.purge.log, contents=contents)


def _found(reports: Reports) -> set[Fault]:
    return {finding.fault for finding in _look(reports).findings}


def _raw(settings: Settings, *statements: str) -> None:
    """What somebody does who has the file alone."""
    with closing(sqlite3.connect(settings.records, isolation_level=None)) as connection:
        connection.execute("pragma foreign_keys = off")
        for statement in statements:
            connection.execute(statement)


def _case(settings: Settings, reference: str) -> str:
    with closing(sqlite3.connect(settings.records)) as connection:
        (case_id,) = connection.execute("select id from cases where reference = ?", (reference,)).fetchone()
        return str(case_id)


def test_what_nobody_touched_is_whole(reports: Reports, references: tuple[str, ...]) -> None:
    found = _look(reports)
    assert found.findings == ()
    assert found.cases == len(references)
    assert found.entries == found.anchors > 2 * HOW_MANY


def test_an_empty_installation_is_whole(reports: Reports) -> None:
    assert _look(reports) == Verification(0, 0, 0, ())


CHANGES = [
    ("update chronology set person = 'demo-chair' where number = 2", Fault.CHANGED, 2),
    ("update chronology set at = '2020-01-01T00:00:00.000000+00:00' where number = 1", Fault.CHANGED, 1),
    ("update chronology set at = 'yesterday' where number = 1", Fault.CHANGED, 1),
    ("update chronology set event = 'purged' where number = 3", Fault.CHANGED, 3),
    ("update chronology set role = null where number = 2", Fault.CHANGED, 2),
    ("update chronology set detail = 'x' where number = 1", Fault.CHANGED, 1),
    ("update chronology set mac = zeroblob(32) where number = 2", Fault.CHANGED, 2),
    ("update chronology set mac = 'text' where number = 2", Fault.CHANGED, 2),
    ("update chronology set number = -number where number < 3", Fault.CHANGED, 1),
    ("delete from chronology where number = 2", Fault.MISSING, 2),
    ("delete from chronology where number = 1", Fault.MISSING, 1),
    ("delete from chronology where number = 3", Fault.MISSING, 3),
    ("delete from chronology", Fault.NO_CHRONOLOGY, None),
]


@pytest.mark.parametrize(("statement", "fault", "number"), CHANGES)
def test_a_change_of_one_chronology_is_named_with_reference_and_entry(  # noqa: PLR0913, PLR0917 (three are fixtures)
    reports: Reports, settings: Settings, references: tuple[str, ...], statement: str, fault: Fault, number: int | None
) -> None:
    where = f"case_id = '{_case(settings, references[1])}'"
    _raw(settings, statement + (" and " if "where" in statement else " where ") + where)
    found = _look(reports).findings
    assert found[0] == Finding(fault, references[1], number)
    assert {finding.reference for finding in found} == {references[1]}


def test_a_row_put_in_at_the_end_is_named(reports: Reports, settings: Settings, references: tuple[str, ...]) -> None:
    case = _case(settings, references[0])
    _raw(
        settings,
        f"insert into chronology (case_id, number, at, event, mac) select case_id, number + 1, at, 'closed', mac"
        f" from chronology where case_id = '{case}' order by number desc limit 1",
    )
    assert {finding.fault for finding in _look(reports).findings} == {Fault.CHANGED}


def test_two_rows_that_changed_places_are_named(
    reports: Reports, settings: Settings, references: tuple[str, ...]
) -> None:
    where = f"case_id = '{_case(settings, references[2])}'"
    _raw(
        settings,
        f"update chronology set number = 900 where number = 2 and {where}",
        f"update chronology set number = 2 where number = 3 and {where}",
        f"update chronology set number = 3 where number = 900 and {where}",
    )
    assert _look(reports).findings[0] == Finding(Fault.CHANGED, references[2], 2)


def test_a_row_moved_to_another_case_is_named_in_both(
    reports: Reports, settings: Settings, references: tuple[str, ...]
) -> None:
    one, other = (_case(settings, reference) for reference in references[:2])
    _raw(
        settings,
        f"update chronology set case_id = '{other}', number = number + 50 where case_id = '{one}' and number = 2",
    )
    assert {finding.reference for finding in _look(reports).findings} == set(references[:2])


def test_the_end_of_one_chronology_cut_off_is_named_where_it_was_cut(
    reports: Reports, settings: Settings, references: tuple[str, ...]
) -> None:
    """The chain alone looks whole then: it is the second chain that knows what came after."""
    case = _case(settings, references[1])
    _raw(settings, f"delete from chronology where case_id = '{case}' and number >= 2")
    assert _look(reports).findings == (Finding(Fault.MISSING, references[1], 2),)


def test_the_end_of_both_chains_cut_off_shows_by_what_the_key_store_remembers(
    reports: Reports, settings: Settings, references: tuple[str, ...]
) -> None:
    last = _look(reports).anchors
    case = _case(settings, references[-1])
    _raw(
        settings,
        f"delete from chronology where event = 'opened' and case_id = '{case}'",
        f"delete from anchors where number = {last}",
    )
    assert _look(reports).findings == (Finding(Fault.CUT, None, last),)


def test_a_case_that_is_gone_with_all_its_rows_shows(
    reports: Reports, settings: Settings, references: tuple[str, ...]
) -> None:
    case = _case(settings, references[0])
    tables = ("answers", "deliveries", "submissions", "chronology")
    _raw(settings, *(f"delete from {table} where case_id = '{case}'" for table in tables))
    _raw(settings, f"delete from cases where id = '{case}'")
    assert _look(reports).findings == (Finding(Fault.MISSING, None, 1),)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("delete from anchors where number = 3", Fault.ANCHOR_MISSING),
        ("update anchors set mac = zeroblob(32) where number = 3", Fault.ANCHOR_CHANGED),
        ("update anchors set chronology_number = 7 where number = 3", Fault.ANCHOR_CHANGED),
        ("update anchors set number = -number where number < 3", Fault.ANCHOR_CHANGED),
        ("delete from anchors", Fault.CUT),
        ("update cases set state = 'purged'", Fault.STATE_CHANGED),
        ("update answers set sealed = zeroblob(300) where position = 1", Fault.UNREADABLE),
        ("update answers set sealed = 'text' where position = 1", Fault.UNREADABLE),
        ("delete from answers", Fault.UNREADABLE),
    ],
)
def test_what_is_done_to_the_rest_shows(
    reports: Reports, settings: Settings, references: tuple[str, ...], statement: str, fault: Fault
) -> None:
    assert references
    _raw(settings, statement)
    assert fault in _found(reports)


def test_an_older_copy_of_the_records_under_the_newer_keys_shows_and_goes_on_showing(
    desk: Desk, reports: Reports, settings: Settings, tmp_path: Path
) -> None:
    received(desk)
    reports.close()
    shutil.copy(settings.records, tmp_path / "older")
    again = app.open_reports(settings)
    later = app.desk(desk.feedback.searcher, again, desk.feedback.insights, desk.intake.clock, desk.intake.milestones)
    received(later, {**ANSWERS, "what": "another"}, "draft-2")
    again.close()
    for beside in settings.records.parent.iterdir():
        beside.unlink()
    shutil.copy(tmp_path / "older", settings.records)
    older = app.open_reports(settings)
    assert _found(older) == {Fault.CUT}
    later = app.desk(desk.feedback.searcher, older, desk.feedback.insights, desk.intake.clock, desk.intake.milestones)
    for number in range(4):
        received(later, {**ANSWERS, "what": f"more {number}"}, f"draft-{number + 3}")
    assert _found(older) == {Fault.REPLACED}
    older.close()


def test_a_key_that_is_gone_shows(reports: Reports, settings: Settings, references: tuple[str, ...]) -> None:
    reports.keys.destroy(_case(settings, references[3]))
    assert _look(reports, contents=False).findings == (Finding(Fault.NO_KEY, references[3]),)


def test_a_key_store_that_forgot_the_anchors_shows(
    reports: Reports, settings: Settings, references: tuple[str, ...]
) -> None:
    assert references
    with closing(sqlite3.connect(settings.keys / "keys.sqlite3")) as connection:
        connection.execute("delete from heads")
        connection.commit()
    assert _found(reports) == {Fault.FORGOTTEN}


def test_macs_taken_away_are_not_made_anew_by_the_next_start(
    reports: Reports, settings: Settings, references: tuple[str, ...]
) -> None:
    assert references
    reports.close()
    _raw(settings, "update chronology set mac = x''", "delete from anchors")
    again = app.open_reports(settings)
    assert {Fault.CHANGED, Fault.CUT} <= _found(again)
    again.close()


def test_rows_from_before_there_was_a_chain_are_chained_when_first_opened(
    reports: Reports, settings: Settings, references: tuple[str, ...]
) -> None:
    """As an upgrade finds them: no mac, no anchor, and keys that remember nothing."""
    assert references
    reports.close()
    _raw(settings, "update chronology set mac = x''", "delete from anchors", "delete from installation")
    with closing(sqlite3.connect(settings.keys / "keys.sqlite3")) as connection:
        connection.execute("delete from heads")
        connection.commit()
    again = app.open_reports(settings)
    found = _look(again)
    assert (found.findings, found.entries) == ((), found.anchors)
    again.close()


def test_what_is_remembered_may_lag(reports: Reports, settings: Settings, references: tuple[str, ...]) -> None:
    assert references
    with closing(sqlite3.connect(settings.keys / "keys.sqlite3")) as connection:
        connection.execute("update heads set number = 2, mac = ?", (_mac_of(settings, 2),))
        connection.commit()
    assert _found(reports) == set()
    remember_newest(reports.store, reports.keys)
    head = reports.keys.head()
    assert head is not None
    assert head.number == _look(reports).anchors


def _mac_of(settings: Settings, number: int) -> bytes:
    with closing(sqlite3.connect(settings.records)) as connection:
        (mac,) = connection.execute("select mac from anchors where number = ?", (number,)).fetchone()
        return bytes(mac)


# ------------------------------------------------------------------------------------- any tampering at all

COLUMNS = ("case_id", "number", "at", "event", "person", "role", "detail", "mac")


@st.composite
def _tampering(draw: st.DrawFn) -> str:
    """One statement that somebody could run who has the file."""
    row = f"rowid = (select rowid from chronology order by case_id, number limit 1 offset {draw(st.integers(0, 11))})"
    copied = f"select case_id, {draw(st.integers(-1, 9))}, at, event, mac from chronology"
    link = f"number = {draw(st.integers(1, 12))}"
    value = draw(st.sampled_from(["'x'", "7", "null", "x'00ff'", "(select max(number) from anchors)", "'demo-head'"]))
    return draw(
        st.sampled_from(
            [
                f"delete from chronology where {row}",
                f"update or ignore chronology set {draw(st.sampled_from(COLUMNS))} = {value} where {row}",
                f"update chronology set number = number + 1000 where {row}",
                f"delete from anchors where {link}",
                f"update or ignore anchors set head = {value} where {link}",
                f"update or ignore anchors set mac = {value} where {link}",
                f"delete from anchors where number >= {draw(st.integers(1, 12))}",
                f"insert or ignore into chronology (case_id, number, at, event, mac) {copied} where {row}",
            ]
        )
    )


def _everything(settings: Settings) -> list[object]:
    with closing(sqlite3.connect(settings.records)) as connection:
        return [
            connection.execute(f"select * from {table} order by 1, 2").fetchall() for table in ("chronology", "anchors")
        ]


@given(statements=st.lists(_tampering(), min_size=1, max_size=3))
@examples(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_tampering_that_changes_anything_is_found(
    reports: Reports, settings: Settings, references: tuple[str, ...], statements: list[str], tmp_path: Path
) -> None:
    """Against a copy, put back each time; a tampering that changes nothing must be found to change nothing."""
    assert references
    reports.store.close()
    whole = tmp_path / "whole.sqlite3"
    if whole.exists():
        shutil.copy(whole, settings.records)
    else:
        shutil.copy(settings.records, whole)
    before = _everything(settings)
    with closing(sqlite3.connect(settings.records, isolation_level=None)) as connection:
        for statement in statements:
            try:
                connection.execute(statement)
            except sqlite3.IntegrityError:
                continue
    changed = _everything(settings) != before
    for beside in settings.records.parent.glob("*-wal"):
        beside.unlink()
    assert bool(_look(reports, contents=False).findings) == changed


def test_a_log_of_deletions_that_was_changed_or_is_gone_shows(
    reports: Reports, settings: Settings, references: tuple[str, ...]
) -> None:
    log = reports.purge.log
    hashes = frozenset({log.hashed(_case(settings, reference)) for reference in references})
    log.append(*sorted(hashes), at=reports.purge.clock.now())
    log.carried_out(hashes)
    text = settings.deletions.read_text()
    assert _found(reports) == set()
    settings.deletions.write_text("".join(text.splitlines(keepends=True)[:-1]))
    assert _found(reports) == {Fault.DELETIONS_CUT}
    settings.deletions.write_text(text.replace(" 2", " 3", 1))
    assert _found(reports) == {Fault.DELETIONS_DAMAGED}
    settings.deletions.unlink()
    assert _found(reports) == {Fault.DELETIONS_CUT}
    assert DeletionLog(settings.deletions, reports.keys).entries() == ()
