"""What an administrator types about cases: taken out and purged as somebody who may, and what goes by itself."""

import json
import stat
from pathlib import Path

from tests.cli.conftest import Run, Tell


def test_cases_are_taken_out_into_a_file_for_its_owner_alone(run: Run, tell: Tell, tmp_path: Path) -> None:
    one, two = tell("one"), tell("two")
    to = tmp_path / "cases.json"
    status, output, error = run("cases", "export", "--as", "demo-dsl", "--to", str(to))
    assert (status, error) == (0, "")
    assert str(to) in output
    assert "one" not in output.replace(str(to), "").split()
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    whole = json.loads(to.read_text(encoding="utf-8"))
    assert {case["columns"]["Reference"] for case in whole["cases"]} == {one, two}
    assert "Demonstration DSL" in whole["watermark"]
    status, _, error = run("cases", "export", "--as", "demo-dsl", "--to", str(to))
    assert status == 1, "never written over another"
    pdf = tmp_path / "one.pdf"
    assert run("cases", "export", "--as", "demo-dsl", "--to", str(pdf), one)[0] == 0
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert run("cases", "verify", "--contents")[0] == 0


def test_the_command_line_asks_the_table_of_access_for_whoever_is_named(
    run: Run,
    tell: Tell,
    tmp_path: Path,
) -> None:
    closed = tell(closed=True)
    for person in ("demo-administrator", "demo-chair", "nobody"):
        to = tmp_path / f"{person}.csv"
        assert run("cases", "export", "--as", person, "--to", str(to), closed)[0] == 1
        assert not to.exists()
        assert run("cases", "purge", closed, "--reason", "mistake", "--as", person)[0] == 1
    status, _, error = run("cases", "export", "--as", "demo-dsl", "--to", str(tmp_path / "cases.xlsx"))
    assert (status, ".csv, .json or .pdf" in error) == (1, True)
    assert run("cases", "purge", closed, "--reason", "mistake", "--as", "demo-dsl")[0] == 0


def test_nothing_goes_by_itself_where_nothing_is_due(run: Run, tell: Tell) -> None:
    tell(closed=True)
    status, output, _ = run("cases", "purge-due")
    assert (status, output.strip().endswith("over: 0.")) == (0, True)
