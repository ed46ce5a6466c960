"""`touchstone policies` for what a school adds, as a policy owner types it; nothing is built here."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.overlay.exporting import ArchiveUnusable, KnowledgeThere, require_room, take_back
from tests.cli.conftest import REACH2, Run
from tests.invented import VERSION, invented

AS = ("--as", "demo-policy-owner")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "policy.txt"
    path.write_bytes(invented())
    return path


def _add(run: Run, document: Path) -> None:
    status, said, errors = run("policies", "add", str(document), "--policy", REACH2, "--version", VERSION, *AS)
    assert (status, errors) == (0, "")
    assert "120 clauses. Nothing is answered from it until it is published." in said


def test_two_versions_side_by_side_and_the_rulings_that_one_touches(run: Run, document: Path) -> None:
    _add(run, document)
    status, said, _ = run("policies", "diff", f"{REACH2}@2.0", f"{REACH2}@{VERSION}")
    assert status == 0
    assert said.startswith("93 the same, 23 moved, 3 reworded, 1 new, 1 gone.")
    assert "6.2(25) -> 6.2(24)  reworded" in said
    assert "under the age of [-18-] {+21+} as a friend" in said
    assert "44 rulings would not decide until they are reviewed; 379 would go on." in said
    assert "  former-pupil-follows-me: 6.2(25)\n" in said
    of_files = run("policies", "diff", str(document), str(document))[1]
    assert of_files.startswith("120 the same, 0 moved")


def test_a_version_is_published_rolled_back_and_all_of_it_is_in_the_log(run: Run, document: Path) -> None:
    _add(run, document)
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert run("policies", "publish", REACH2, VERSION, "--from", tomorrow, *AS)[0] == 0
    assert "in force" in run("policies", "versions")[1].split("\n")[0]
    assert run("policies", "withdraw", REACH2, VERSION, *AS)[0] == 0
    assert run("policies", "publish", REACH2, VERSION, *AS)[0] == 0
    assert run("policies", "list")[1].split("\t")[2] == VERSION
    assert "under the age of 21" in run("policies", "show", REACH2)[1]
    status, said, _ = run("rulings", "check")
    assert (status, said.split("\n")[-2]) == (0, f"{REACH2}: 423 rulings, 379 decide.")
    assert run("rulings", "review", "--accept", "former-pupil-follows-me", "--reviewer", AS[1])[0] == 0
    assert "379" not in run("rulings", "check")[1].split("\n")[-2]
    assert run("policies", "roll-back", REACH2, *AS)[1] == f"{REACH2}: 2.0 is in force again, from today on.\n"
    rows = [line.split("\t") for line in run("policies", "changes")[1].splitlines()]
    assert [row[4] for row in reversed(rows)] == [
        "version added",
        "published",
        "withdrawn",
        "published",
        "review accepted",
        "rolled back",
    ]
    assert {row[2] for row in rows} == {AS[1]}
    assert run("policies", "changes", "--verify") == (
        0,
        "The log is whole, and the files are as it left them: 6 changes.\n",
        "",
    )


def test_a_file_changed_by_hand_is_named(run: Run, document: Path, tmp_path: Path) -> None:
    _add(run, document)
    path = tmp_path / "var" / "library" / "policies" / REACH2 / "versions" / VERSION / "policy.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    status, _, errors = run("policies", "changes", "--verify")
    assert status == 1
    assert f"{REACH2}/versions/{VERSION}/policy.toml" in errors


@pytest.mark.parametrize("who", ["", "demo-dsl", "nobody"])
def test_only_a_policy_owner_of_the_directory_changes_knowledge(run: Run, document: Path, who: str) -> None:
    command = ("policies", "add", str(document), "--policy", REACH2, "--version", VERSION)
    status, _, errors = run(*command, *(("--as", who) if who else ()))
    assert status == 1
    assert errors.startswith("touchstone: Knowledge is changed by a policy owner")


def test_what_is_wrong_in_the_overlay_is_named_with_file_and_line_by_both_checks(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "var" / "library" / "policies" / REACH2 / "phrasings.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[[phrasing]]\ntext = "work email for facebook"\ntopic = "gifts"\nmood = 1\n', encoding="utf-8")
    for command in (("rulings", "check"), ("check",)):
        status, said, errors = run(*command)
        assert status == 1
        assert f"{path}:4: unknown key 'phrasing.0.mood'; take it out or correct its spelling" in said + errors


def test_an_export_is_a_zip_or_a_diff_and_never_written_over_another(run: Run, document: Path, tmp_path: Path) -> None:
    _add(run, document)
    for name in ("out.zip", "out.diff"):
        assert run("policies", "export", "--to", str(tmp_path / name))[0] == 0
    assert "under the age of 21" in (tmp_path / "out.diff").read_text(encoding="utf-8")
    for name in ("out.zip", "out.txt"):
        assert run("policies", "export", "--to", str(tmp_path / name))[0] == 1


def test_a_backup_has_what_the_school_added_and_a_restore_puts_it_back(
    run: Run, document: Path, tmp_path: Path
) -> None:
    _add(run, document)
    backup = tmp_path / "backup"
    assert run("backup", str(backup))[0] == 0
    own = tmp_path / "var" / "library" / "policies"
    added = (own / REACH2 / "versions" / VERSION / "policy.txt").read_bytes()
    (own / "changes.jsonl").unlink()
    status, _, errors = run("restore", str(backup))
    assert status == 1
    assert "`--replace`" in errors
    status, said, _ = run("restore", str(backup), "--replace")
    assert status == 0
    assert f"What the school had added to the knowledge before lies in {own}-before-1." in said
    assert (own / REACH2 / "versions" / VERSION / "policy.txt").read_bytes() == added
    assert run("policies", "changes", "--verify")[0] == 0


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a\\..\\x"])
def test_an_archive_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, b"x")
    for content in (packed.getvalue(), b"", b"PK", packed.getvalue()[:-9]):
        with pytest.raises(ArchiveUnusable):
            take_back(content, tmp_path / "own")
    assert list(tmp_path.iterdir()) == []


def test_an_archive_of_what_is_there_changes_nothing_and_another_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("doors/phrasings.toml", b"")
    root = tmp_path / "own"
    require_room(packed.getvalue(), root, replace=False)
    assert take_back(packed.getvalue(), root) is None
    require_room(packed.getvalue(), root, replace=False)
    assert take_back(packed.getvalue(), root) is None
    (root / "doors" / "phrasings.toml").write_bytes(b"#")
    with pytest.raises(KnowledgeThere):
        require_room(packed.getvalue(), root, replace=False)
