"""What an administrator types: verify, purge, backup, restore, keys; and what they read then."""

import re
import shutil
import sqlite3
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest

from bot.cases.keys.masterkey import MasterKeys
from integrations.settings import Settings
from tests.cli.conftest import Run, Tell


def test_verify_says_that_all_is_whole(run: Run, tell: Tell) -> None:
    tell()
    for arguments in ((), ("--contents",)):
        status, output, error = run("cases", "verify", *arguments)
        assert (status, error) == (0, "")
        assert re.fullmatch(
            r"Every chronology is whole, and every .* \(cases: 1, entries: \d, anchors: \d\)\.\n", output
        )


def test_verify_names_reference_and_entry_of_the_first_broken_link_and_nothing_of_what_was_told(
    run: Run, tell: Tell, var: Settings
) -> None:
    tell("another")
    reference = tell()
    with closing(sqlite3.connect(var.records)) as connection:
        last = "case_id = (select id from cases where reference = ?)"
        connection.execute(f"update chronology set person = 'somebody' where number >= 2 and {last}", (reference,))  # noqa: S608
        connection.commit()
    status, output, error = run("cases", "verify", "--contents")
    assert (status, error) == (1, "")
    assert output.splitlines()[1:] == [
        f"{reference}, entry 2: it was changed, moved, or put in by somebody who has not the key."
    ]
    assert "canary" not in output


def test_verify_shows_a_tail_that_was_cut_off(run: Run, tell: Tell, var: Settings) -> None:
    tell()
    tell("another")
    with closing(sqlite3.connect(var.records)) as connection:
        connection.execute("delete from anchors where number > 2")
        anchored = "select case_id, chronology_number from anchors"
        connection.execute(f"delete from chronology where (case_id, number) not in ({anchored})")  # noqa: S608
        connection.commit()
    status, output, _ = run("cases", "verify")
    assert status == 1
    assert "the key store remembers it, and the records end before it" in output


def test_purge_deletes_a_closed_case_and_no_other(run: Run, tell: Tell) -> None:
    closed, still_open = tell(closed=True), tell("another")
    status, output, error = run("cases", "purge", closed, "--reason", "retention", "--as", "demo-dsl")
    assert (status, error) == (0, "")
    assert output.startswith(f"{closed} was purged")
    status, _, error = run("cases", "purge", still_open, "--reason", "retention", "--as", "demo-dsl")
    assert (status, "not closed" in error) == (1, True)
    status, _, error = run("cases", "purge", "C-2222-2222", "--reason", "retention", "--as", "demo-dsl")
    assert (status, "no such case" in error) == (1, True)
    assert run("cases", "purge", still_open, "--reason", "because", "--as", "demo-dsl")[0] == 2
    assert run("cases", "verify", "--contents")[0] == 0


def test_backup_and_restore_on_another_machine(
    run: Run, tell: Tell, var: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = tell(), tell("another", closed=True)
    status, output, error = run("backup", str(tmp_path / "told"), "--keys", str(tmp_path / "keys"))
    assert (status, error) == (0, "")
    assert "Backed up, cases: 2." in output
    assert "The master key is in neither" in output
    run("cases", "purge", gone, "--reason", "elsewhere", "--as", "demo-dsl")
    there = tmp_path / "there"
    monkeypatch.setenv("TOUCHSTONE_VAR", str(there))
    restore = ("restore", str(tmp_path / "told"), "--keys", str(tmp_path / "keys"), "--deletions", str(var.deletions))
    status, _, error = run(*restore)
    assert (status, "master key" in error) == (1, True)
    assert not (there / "records").exists()
    (there / "keys").mkdir(parents=True)
    shutil.copy(var.key_file, there / "keys" / "master.key")
    status, output, error = run(*restore)
    assert (status, error) == (0, "")
    assert "Restored, cases: 2." in output
    assert "purged again now: 1." in output
    assert "Every chronology is whole" in output
    assert run("cases", "verify", "--contents")[0] == 0
    status, _, error = run(*restore)
    assert (status, "--replace" in error) == (1, True)
    status, output, _ = run(*restore, "--replace")
    assert (status, "What was here before lies in" in output) == (0, True)
    with closing(sqlite3.connect(there / "records" / "records.sqlite3")) as connection:
        states = dict(connection.execute("select reference, state from cases").fetchall())
    assert states == {kept: "open", gone: "purged"}


def test_restore_with_the_wrong_master_key_says_so(
    run: Run, tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell()
    run("backup", str(tmp_path / "backup"))
    there = tmp_path / "there"
    monkeypatch.setenv("TOUCHSTONE_VAR", str(there))
    MasterKeys.create(there / "keys" / "master.key")
    status, _, error = run("restore", str(tmp_path / "backup"))
    assert (status, "not the master key that the reports here are sealed under" in error) == (1, True)
    assert [path.name for path in there.iterdir()] == ["keys"]


def test_a_master_key_that_others_can_read_is_refused_by_every_command(run: Run, tell: Tell, var: Settings) -> None:
    tell()
    var.key_file.chmod(0o644)
    for command in (("cases", "verify"), ("backup", "nowhere"), ("keys", "rotate")):
        status, _, error = run(*command)
        assert (status, f"chmod 600 {var.key_file}" in error) == (1, True)


def test_rotate_then_drop_the_old_key(run: Run, tell: Tell, var: Settings) -> None:
    tell()
    status, output, error = run("keys", "rotate")
    assert (status, error) == (0, "")
    assert "by the new master key now (keys of cases and drafts: 1)" in output
    assert len(var.key_file.read_text().split()) == 2
    status, output, _ = run("keys", "rotate", "--drop-old")
    assert (status, "Earlier master keys dropped: 1." in output) == (0, True)
    assert len(var.key_file.read_text().split()) == 1
    assert run("cases", "verify", "--contents")[0] == 0


def test_rotate_a_master_key_of_the_environment(
    run: Run, tell: Tell, var: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell()
    old = var.key_file.read_text().strip()
    var.key_file.unlink()
    monkeypatch.setenv("TOUCHSTONE_MASTER_KEY", old)
    status, _, error = run("keys", "rotate")
    assert (status, "set in the environment" in error) == (1, True)
    new = b64encode(bytes(range(32))).decode()
    monkeypatch.setenv("TOUCHSTONE_MASTER_KEY", f"{new} {old}")
    assert "by the new master key now (keys of cases and drafts: 1)" in run("keys", "rotate")[1]
    monkeypatch.setenv("TOUCHSTONE_MASTER_KEY", new)
    assert run("cases", "verify", "--contents")[0] == 0


def test_sweep_leaves_what_is_new(run: Run, tell: Tell) -> None:
    tell()
    assert run("keys", "sweep")[:2] == (0, "Keys without a case, older than a day, destroyed: 0.\n")


def test_check_names_what_nobody_was_told_of_and_is_wrong_where_nothing_is_to_happen(
    run: Run, tell: Tell, var: Settings
) -> None:
    reference = tell()
    assert "TOLD TO NOBODY" not in run("check")[1]
    with closing(sqlite3.connect(var.records)) as database:
        database.execute("delete from deliveries")
        database.commit()
        status, output, _ = run("check")
        assert status == 0
        assert reference in next(line for line in output.split("\n") if "TOLD TO NOBODY" in line)
        database.execute("update timers set done_at = set_at")
        database.commit()
    status, output, _ = run("check")
    assert status == 1
    assert "nobody would be reminded of: see to them, then report this fault. (1 cases)" in output
