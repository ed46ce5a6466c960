"""A backup is made while others write; what is made of it again is the same, but for what was purged since."""

# ruff: noqa: PLR0913, PLR0917 (what a test takes are fixtures)

import json
import resource
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from signal import SIGKILL

import pytest

from bot.cases import records
from bot.cases.keys.masterkey import MasterKeys, MasterKeyWrong
from bot.cases.keys.rotation import drop_earlier, rotate
from bot.cases.opening import KeysOfAnother
from bot.cases.people.sessions import Proof
from bot.cases.records import open_records
from bot.cases.safekeeping.archive import Archive, ArchiveDamaged, ArchiveMissing, ArchiveNewer
from bot.cases.safekeeping.backup import DELETIONS, KEYS, RECORDS, Backup, back_up
from bot.cases.safekeeping.deletions import DeletionsDamaged
from bot.cases.safekeeping.purge import Reason
from bot.cases.safekeeping.restore import (
    Archives,
    CannotRestore,
    KeysTooOld,
    NotEmpty,
    Restored,
    StillRunning,
    read_archives,
    restore,
    restore_into,
)
from bot.cases.safekeeping.verification import Fault, Finding, verify
from bot.desk import Desk
from bot.engines import Store
from bot.messages import ConfirmHolder
from bot.testing import FixedClock
from integrations import app
from integrations.app import Reports
from integrations.settings import Settings
from tests.bot.closing import happen, stored
from tests.bot.reporting import ANSWERS, CANARY, opened, received
from tests.crash.dying import run_until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def _back_up(reports: Reports, folder: Path, clock: FixedClock) -> Backup:
    return back_up(reports.store, reports.keys, reports.purge.log, (folder, folder), clock.now())


def _archives(folder: Path, settings: Settings, keys_folder: Path | None = None) -> Archives:
    masters = MasterKeys.read(settings.key_file)
    assert masters is not None
    return read_archives(folder, keys_folder or folder, masters)


def _elsewhere(settings: Settings, tmp_path: Path) -> Settings:
    """Another machine, that has the master key and nothing else."""
    other = Settings(var=tmp_path / "elsewhere")
    other.keys.mkdir(parents=True)
    shutil.copy(settings.key_file, other.key_file)
    return other


def _restore(folder: Path, settings: Settings, clock: FixedClock, *, replace: bool = False) -> Restored:
    return restore(_archives(folder, settings), app.places(settings), [folder / DELETIONS], clock, replace=replace)


def _rows(settings: Settings) -> dict[str, list[object]]:
    """Every row of both databases, but for what is remembered."""
    found: dict[str, list[object]] = {}
    for path in (settings.records, settings.keys / "keys.sqlite3"):
        with closing(sqlite3.connect(path)) as connection:
            tables = connection.execute("select name from sqlite_master where type = 'table' and name <> 'heads'")
            for (table,) in tables.fetchall():
                rows = connection.execute(f"select * from {table}").fetchall()  # noqa: S608 (a table of ours)
                found[f"{path.name} {table}"] = sorted(rows, key=repr)
    return found


def _told(desk: Desk, reports: Reports, reference: str) -> str:
    there = app.desk(desk.feedback.searcher, reports, desk.feedback.insights, desk.intake.clock, desk.intake.milestones)
    return opened(there, "demo-dsl", reference).answers[1].answer


def test_what_is_restored_equals_what_was_backed_up(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    references = [received(desk, {**ANSWERS, "what": f"{CANARY} {n}"}, f"draft-{n}").reference for n in range(5)]
    done = _back_up(reports, folder, clock)
    assert (done.cases, done.is_whole) == (5, True)
    there = _elsewhere(settings, tmp_path)
    restored = _restore(folder, there, clock)
    assert (restored.found.findings, restored.purged, restored.kept) == ((), 0, None)
    assert _rows(there) == _rows(settings)
    again = app.open_reports(there)
    assert [_told(desk, again, one) for one in references] == [f"{CANARY} {n}" for n in range(5)]
    again.close()


def test_neither_archive_holds_the_master_key_or_words_or_what_the_other_holds(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, folder: Path
) -> None:
    received(desk)
    _back_up(reports, folder, clock)
    told, keys = (folder / RECORDS).read_text(), (folder / KEYS).read_text()
    secret = settings.key_file.read_text().strip()
    for text in (told, keys, (folder / DELETIONS).read_text()):
        assert secret not in text
        assert "canary" not in text
    assert '"case_keys"' in keys
    assert '"case_keys"' not in told
    assert '"answers"' in told
    assert '"answers"' not in keys
    assert {path.name for path in folder.iterdir()} == {RECORDS, KEYS, DELETIONS}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_backup_while_four_write_has_every_case_whole_and_with_its_key(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    stop = threading.Event()
    before = {received(desk, {**ANSWERS, "what": "before"}, "before").reference}

    def write(who: int) -> None:
        number = 0
        while not stop.is_set():
            received(desk, {**ANSWERS, "what": f"{who} {number}"}, f"{who}-{number}")
            number += 1

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    counts = [_back_up(reports, folder / str(n), clock).cases for n in range(4)]
    stop.set()
    for thread in threads:
        thread.join()
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    for number, count in enumerate(counts):
        there = _elsewhere(settings, tmp_path / str(number))
        restored = _restore(folder / str(number), there, clock)
        assert (restored.found.findings, restored.found.cases) == ((), count)
        again = app.open_reports(there)
        assert verify(again.store, again.keys, again.purge.log, contents=True).findings == ()
        assert {_told(desk, again, one) for one in before} == {"before"}
        again.close()


def test_older_records_fit_newer_keys_and_newer_records_do_not_fit_older_keys(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    reference = received(desk).reference
    _back_up(reports, folder / "monday", clock)
    received(desk, {**ANSWERS, "what": "another"}, "draft-2")
    clock.go_on(timedelta(days=1))
    _back_up(reports, folder / "tuesday", clock)
    there = _elsewhere(settings, tmp_path)
    with pytest.raises(KeysTooOld):
        restore(_archives(folder / "tuesday", there, folder / "monday"), app.places(there), [], clock)
    assert not there.records.exists()
    done = restore(_archives(folder / "monday", there, folder / "tuesday"), app.places(there), [], clock)
    assert (done.found.findings, done.found.cases) == ((), 1)
    again = app.open_reports(there)
    assert _told(desk, again, reference) == CANARY
    again.close()


@pytest.mark.parametrize("knows", ["the log of the machine", "a log that is given", "the log of a later backup"])
def test_what_was_purged_since_the_backup_stays_purged(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path, knows: str
) -> None:
    reference, kept = received(desk).reference, received(desk, {**ANSWERS, "what": "kept"}, "draft-2").reference
    happen(reports, reference, "closed")
    _back_up(reports, folder, clock)
    assert stored(settings, reference)["answers"] == 3
    reports.purge.purge(reference, Reason.RETENTION)
    there = _elsewhere(settings, tmp_path)
    if knows == "the log of the machine":
        shutil.copy(settings.deletions, there.deletions)
        given = []
    elif knows == "a log that is given":
        given = [settings.deletions]
    else:
        _back_up(reports, folder / "later", clock)
        given = [folder / "later" / DELETIONS]
    restored = restore(_archives(folder, there), app.places(there), [folder / DELETIONS, *given], clock)
    assert (restored.purged, restored.found.findings) == (1, ())
    found = stored(there, reference)
    assert found.items() >= {"state": "purged", "answers": 0, "submissions": 0, "case_keys": 0}.items()
    again = app.open_reports(there)
    assert _told(desk, again, kept) == "kept"
    assert [entry.hashed for entry in again.purge.log.entries()] == [
        entry.hashed for entry in reports.purge.log.entries()
    ]
    assert verify(again.store, again.keys, again.purge.log).findings == ()
    again.close()


def test_a_case_purged_between_the_records_and_the_keys_of_one_backup_fits(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    """As when the purge happens in the middle of the backup: its content is in the one, its key not in the other."""
    reference = received(desk).reference
    happen(reports, reference, "closed")
    _back_up(reports, folder, clock)
    reports.purge.purge(reference, Reason.RETENTION)
    _back_up(reports, folder / "rest", clock)
    for name in (KEYS, DELETIONS):
        shutil.copy(folder / "rest" / name, folder / name)
    restored = _restore(folder, _elsewhere(settings, tmp_path), clock)
    assert (restored.purged, restored.found.findings) == (1, ())


def test_the_wrong_master_key_is_said_before_anything_is_touched(
    desk: Desk, reports: Reports, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    received(desk)
    _back_up(reports, folder, clock)
    there = Settings(var=tmp_path / "elsewhere")
    MasterKeys.create(there.key_file)
    with pytest.raises(MasterKeyWrong, match="put the right one back"):
        _archives(folder, there)
    assert {path.name for path in there.var.rglob("*")} == {"keys", "master.key"}


def test_an_earlier_master_key_of_the_file_opens_a_backup_made_before_the_rotation(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    reference = received(desk).reference
    _back_up(reports, folder, clock)
    rotate(settings.key_file, reports.keys)
    there = _elsewhere(settings, tmp_path)
    assert _restore(folder, there, clock).found.findings == ()
    again = app.open_reports(there)
    assert _told(desk, again, reference) == CANARY
    again.close()
    drop_earlier(settings.key_file, reports.keys)
    with pytest.raises(MasterKeyWrong):
        _archives(folder, settings)


def _damaged(path: Path, how: str) -> None:
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    header = json.loads(lines[0])
    match how:
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "cut at a line":
            path.write_bytes(b"".join(lines[:-2]))
        case "a bit":
            at = len(content) // 2
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        case "a line less":
            path.write_bytes(b"".join(lines[:2] + lines[3:]))
        case "empty":
            path.write_bytes(b"")
        case "garbage":
            path.write_bytes(b"garbage \xff" * 1000)
        case "made anew":
            path.write_bytes(_made_anew(lines[:1] + lines[2:-1]))
        case "the other part":
            path.write_bytes(_made_anew([json.dumps({**header, "part": "other"}).encode() + b"\n", *lines[1:-1]]))
        case "version":
            path.write_bytes(
                _made_anew([json.dumps({**header, "touchstone-backup": 9}).encode() + b"\n", *lines[1:-1]])
            )


def _made_anew(lines: list[bytes]) -> bytes:
    """With a digest that fits, as somebody would who has no key."""
    content = b"".join(lines)
    end = {"rows": len(lines) - 1, "sha256": sha256(content).hexdigest(), "mac": "00" * 32}
    return content + json.dumps(end).encode() + b"\n"


DAMAGES = ["cut", "cut at a line", "a bit", "a line less", "empty", "garbage", "made anew", "the other part"]


@pytest.mark.parametrize("part", [RECORDS, KEYS])
@pytest.mark.parametrize("how", [*DAMAGES, "version"])
def test_a_damaged_or_foreign_archive_is_said_so_before_anything_is_touched(
    desk: Desk,
    reports: Reports,
    settings: Settings,
    clock: FixedClock,
    folder: Path,
    part: str,
    how: str,
) -> None:
    received(desk)
    _back_up(reports, folder, clock)
    _damaged(folder / part, how)
    there = _elsewhere(settings, folder)
    with pytest.raises(ArchiveNewer if how == "version" else ArchiveDamaged, match=part):
        _restore(folder, there, clock)
    assert {path.name for path in there.var.rglob("*")} == {"keys", "master.key"}


def test_records_of_a_version_that_is_not_known_here_are_said_so(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    received(desk)
    with reports.store.writing() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
        connection.commit()
    _back_up(reports, folder, clock)
    there = _elsewhere(settings, tmp_path)
    with pytest.raises(ArchiveNewer, match="9999"):
        _restore(folder, there, clock)
    assert {path.name for path in there.var.rglob("*")} == {"keys", "master.key"}


LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("cases", sa.Column("later", sa.String(8), nullable=False, server_default="new"))
"""


def test_a_backup_of_an_earlier_version_is_restored_and_brought_to_the_newest(
    desk: Desk,
    reports: Reports,
    settings: Settings,
    clock: FixedClock,
    tmp_path: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = received(desk).reference
    _back_up(reports, folder, clock)
    newest = Archive.read(folder / RECORDS, "records").header.revision
    shutil.copytree(records.MIGRATIONS, tmp_path / "migrations")
    (tmp_path / "migrations" / "versions" / "9999_later.py").write_text(LATER.format(before=newest))
    monkeypatch.setattr(records, "MIGRATIONS", tmp_path / "migrations")
    there = _elsewhere(settings, tmp_path)
    assert _restore(folder, there, clock).found.findings == ()
    with closing(sqlite3.connect(there.records)) as connection:
        assert connection.execute("select reference, later from cases").fetchall() == [(reference, "new")]
    again = app.open_reports(there)
    assert _told(desk, again, reference) == CANARY
    again.close()


def test_what_is_not_there_is_said_so(settings: Settings, reports: Reports, tmp_path: Path) -> None:
    assert reports
    with pytest.raises(ArchiveMissing):
        _archives(tmp_path / "nowhere", settings)


def test_keys_of_another_installation_are_said_so(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    received(desk)
    _back_up(reports, folder, clock)
    there = _elsewhere(settings, tmp_path)
    other = app.open_reports(there)
    _back_up(other, folder / "other", clock)
    other.close()
    with pytest.raises(KeysOfAnother):
        _archives(folder, settings, folder / "other")


def test_a_log_of_another_installation_is_said_so_and_nothing_is_touched(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    received(desk)
    _back_up(reports, folder, clock)
    there = _elsewhere(settings, tmp_path)
    there.deletions.write_text("touchstone-deletions 1 abc\n1 2026-11-22T09:30:00+00:00 aa bb\n")
    with pytest.raises(DeletionsDamaged):
        _restore(folder, there, clock)
    assert {path.name for path in there.var.rglob("*")} == {"keys", "master.key", "deletions.log"}


def test_over_reports_that_are_there_nothing_is_restored_unless_that_is_said(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, folder: Path
) -> None:
    received(desk)
    _back_up(reports, folder, clock)
    later = received(desk, {**ANSWERS, "what": "later"}, "draft-2").reference
    reports.close()
    before = _rows(settings)
    with pytest.raises(NotEmpty, match="--replace"):
        _restore(folder, settings, clock)
    assert _rows(settings) == before
    restored = _restore(folder, settings, clock, replace=True)
    assert (restored.found.cases, restored.found.findings) == (1, ())
    assert restored.kept is not None
    with closing(sqlite3.connect(restored.kept / "records.sqlite3")) as connection:
        kept = connection.execute("select reference from cases where reference = ?", (later,)).fetchall()
    assert kept == [(later,)]
    assert {path.name for path in restored.kept.iterdir()} == {"records.sqlite3", "keys.sqlite3"}


def test_while_somebody_has_the_records_open_nothing_is_replaced(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, folder: Path
) -> None:
    received(desk)
    _back_up(reports, folder, clock)
    with pytest.raises(StillRunning, match="stop Touchstone"):
        _restore(folder, settings, clock, replace=True)
    received(desk, {**ANSWERS, "what": "another"}, "draft-2")
    assert verify(reports.store, reports.keys, reports.purge.log, contents=True).findings == ()


@pytest.mark.parametrize("damage", [b"garbage " * 1000, b""])
def test_databases_that_are_damaged_are_replaced_and_kept(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, folder: Path, damage: bytes
) -> None:
    reference = received(desk).reference
    _back_up(reports, folder, clock)
    reports.close()
    settings.records.write_bytes(damage)
    settings.records.with_name("records.sqlite3-wal").write_bytes(b"left behind")
    restored = _restore(folder, settings, clock, replace=True)
    assert restored.found.findings == ()
    assert restored.kept is not None
    again = app.open_reports(settings)
    assert _told(desk, again, reference) == CANARY
    again.close()


@contextmanager
def _files_up_to(size: int) -> Iterator[None]:
    """No file may become larger: what writing meets then is what it meets on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _contents(folder: Path) -> Mapping[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("size", [0, 100, 2000, 8000])
def test_a_disk_that_is_full_in_the_middle_leaves_the_backup_that_was_there(
    desk: Desk, reports: Reports, clock: FixedClock, folder: Path, size: int
) -> None:
    received(desk)
    _back_up(reports, folder, clock)
    before = _contents(folder)
    for number in range(5):
        received(desk, {**ANSWERS, "what": f"more {number}"}, f"more-{number}")
    with _files_up_to(size), pytest.raises(OSError, match="too large"):
        _back_up(reports, folder, clock)
    assert _contents(folder) == before


@pytest.mark.parametrize("size", [0, 5000, 30000])
def test_a_disk_that_is_full_in_the_middle_of_a_restore_leaves_what_was_there(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, folder: Path, size: int
) -> None:
    for number in range(40):
        received(desk, {**ANSWERS, "what": f"more {number}"}, f"more-{number}")
    _back_up(reports, folder, clock)
    reports.close()
    before = _rows(settings)
    with _files_up_to(size), pytest.raises((OSError, CannotRestore)):
        _restore(folder, settings, clock, replace=True)
    assert _rows(settings) == before
    assert not app.places(settings).aside.exists()
    again = app.open_reports(settings)
    assert verify(again.store, again.keys, again.purge.log, contents=True).findings == ()
    again.close()


STEPS = [
    "begun", "prepared", "aside keys", "aside records", "placed records", "placed keys", "done",
]  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_restore_killed_at_any_step_leaves_what_was_or_is_finished_by_the_next_start(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, folder: Path, step: str
) -> None:
    reference = received(desk).reference
    _back_up(reports, folder, clock)
    later = received(desk, {**ANSWERS, "what": "later"}, "draft-2").reference
    reports.close()
    assert run_until(settings, step, "restore", str(folder)) == -SIGKILL
    again = app.open_reports(settings)
    found = verify(again.store, again.keys, again.purge.log, contents=True)
    assert (found.findings, found.cases) == ((), 2 if step in {"begun", "prepared"} else 1)
    assert _told(desk, again, reference) == CANARY
    if step in {"begun", "prepared"}:
        assert _told(desk, again, later) == "later"
    again.close()


def test_records_that_were_cut_before_the_backup_still_show_after_the_restore(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    received(desk)
    with closing(sqlite3.connect(settings.records)) as connection:
        (last,) = connection.execute("select max(number) from anchors").fetchone()
        connection.execute("delete from chronology where number = (select max(number) from chronology)")
        connection.execute("delete from anchors where number = ?", (last,))
        connection.commit()
    assert not _back_up(reports, folder, clock).is_whole
    found = _restore(folder, _elsewhere(settings, tmp_path), clock).found.findings
    assert found == (Finding(Fault.CUT, None, last),)


def test_what_cannot_be_made_aside_is_filled_in_its_place_and_is_empty_again_when_that_fails(
    desk: Desk, reports: Reports, settings: Settings, clock: FixedClock, tmp_path: Path, folder: Path
) -> None:
    """As on a server; here in files, to see every row."""
    reference = received(desk).reference
    _back_up(reports, folder / "old", clock)
    received(desk, {**ANSWERS, "what": "another"}, "draft-2")
    clock.go_on(timedelta(hours=1))
    _back_up(reports, folder, clock)
    there = _elsewhere(settings, tmp_path)
    app.open_reports(there).close()
    told, keys = Store(there.records), Store(there.keys / "keys.sqlite3")

    def fill(keys_folder: Path) -> Restored:
        archives = _archives(folder, there, keys_folder)
        return restore_into(
            archives,
            lambda to: open_records(there.records, to),
            (told, keys),
            (there.deletions, there.attached),
            [],
            clock,
        )

    with pytest.raises(KeysTooOld):
        fill(folder / "old")
    assert _rows(there) == {}
    assert fill(folder).found.findings == ()
    assert _rows(there) == _rows(settings)
    with pytest.raises(NotEmpty):
        fill(folder)
    told.close()
    keys.close()
    again = app.open_reports(there)
    assert _told(desk, again, reference) == CANARY
    again.close()


# ------------------------------------------------------------------------------- who is signed in, who may open


def test_no_backup_holds_a_session(reports: Reports, folder: Path, clock: FixedClock) -> None:
    session_id = reports.sessions.begin(Proof("demo-dsl", "link", clock.now()))
    assert reports.sessions.find(session_id) is not None
    _back_up(reports, folder, clock)
    assert not [table for table, _ in Archive.read(folder / RECORDS, "records").lines() if table == "sessions"]


def test_a_restore_goes_back_to_who_might_open_cases_then(
    settings: Settings, folder: Path, clock: FixedClock, tmp_path: Path
) -> None:
    """The keys are backed up after the records, and may remember a confirmation that these do not have."""
    _own(settings, (("dan", "dsl"), ("hal", "headteacher"), ("cat", "chair_of_governors")))
    reports = app.open_reports(settings)
    _back_up(reports, folder, clock)
    records_then = (folder / RECORDS).read_bytes()
    reports.close()
    _own(settings, (("dan", "dsl"), ("hal", "headteacher"), ("cat", "chair_of_governors"), ("eve", "deputy_dsl")))
    reports = app.open_reports(settings)
    reports.appointments.confirm(ConfirmHolder("hal", "eve", "deputy_dsl"))
    _back_up(reports, folder, clock)
    reports.close()
    (folder / RECORDS).write_bytes(records_then)
    other = _elsewhere(settings, tmp_path)
    _own(other, (("dan", "dsl"), ("hal", "headteacher"), ("cat", "chair_of_governors"), ("eve", "deputy_dsl")))
    assert _restore(folder, other, clock).found.findings == ()
    again = app.open_reports(other)
    assert [one.person.id for one in again.appointments.waiting()] == ["eve"]
    again.close()


def _own(settings: Settings, held: tuple[tuple[str, str], ...]) -> None:
    people = "".join(
        f'[[person]]\nid = "{person}"\nname = "{person} name"\n[[person.holds]]\nschool = "oak"\nrole = "{role}"\n'
        for person, role in held
    )
    office = '{ name = "office", telephone = "01632 960411", out_of_hours = "01632 960412" }'
    school = f'[[school]]\nid = "oak"\nname = "Oak"\noffice = "01632 960401"\nsocial_care = {office}\nlado = {office}\n'
    settings.directory.parent.mkdir(parents=True, exist_ok=True)
    settings.directory.write_text(school + people, encoding="utf-8")
