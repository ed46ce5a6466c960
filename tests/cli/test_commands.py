"""The command line is a contract: keys, order, one object a line, clear errors."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from integrations.cli.commands import COMMANDS
from integrations.settings import NotOnThisMachine, read_settings

REACH2 = "reach2-online-safety"
FOLLOWER = "can I accept a former pupil as a follower?"

Run = Callable[..., tuple[int, str, str]]


def test_ask_quotes_the_clause_with_its_place_and_the_edition(run: Run) -> None:
    status, output, _ = run("ask", FOLLOWER)
    assert status == 0
    for wanted in ("6.2(25)", "School-sanctioned use of social media", "any ex-pupil of the school under the age of 18",
                   "Online Safety and Social Media policy, version 2.0, July 2023"):  # fmt: skip
        assert wanted in output
    assert output.startswith("Not if they are under 18, unless they are related to you.")


def test_what_a_folder_has_that_cannot_be_read_is_named_each_with_its_reason(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.txt").write_text("Pets\n\nNo dog may enter the playground.\n")
    (folder / "linked.txt").symlink_to("/etc/hostname")
    (folder / "elsewhere").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.txt")
    (folder / "long.txt").write_text("Words. " * 100_000)
    Path(os.fsdecode(bytes(folder) + b"/\xff.txt")).write_text("Its name is no text.")
    status, output, error = run("clauses", "--library", str(folder))
    assert (status, output) == (0, "Pets \u00b61  No dog may enter the playground.\n")
    for name, reason in [("linked.txt", "link out of"), ("elsewhere", "link to a folder"), ("pipe.txt", "not a file"),
                         ("long.txt", "500,000 characters"), ("?.txt", "not UTF-8")]:  # fmt: skip
        assert re.search(rf"left out: {re.escape(name)}: .*{reason}", error), name


def test_a_folder_in_which_nothing_can_be_read_is_an_error(run: Run, tmp_path: Path) -> None:
    status, _, error = run("clauses", "--library", str(tmp_path / "var" / "keys" / ".."))
    assert status == 1
    assert "No document in that folder could be read" in error or "no folder of that name" in error


def test_a_list_of_policies_for_a_program_is_whole(run: Run) -> None:
    assert run("policies", "list")[1].split("\t")[0] == REACH2


def test_a_setting_that_is_empty_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_VAR", "")
    assert read_settings().var.name == "var"


def test_a_folder_that_is_not_there_is_said_so(run: Run, tmp_path: Path) -> None:
    status, _, error = run("clauses", "--json", "--library", str(tmp_path / "nowhere"))
    assert (status, "There is no folder of that name" in error) == (1, True)


def test_clauses_are_one_object_a_line_with_exactly_the_keys_of_the_contract(run: Run) -> None:
    status, output, _ = run("clauses", "--policy", REACH2, "--json")
    clauses = [json.loads(line) for line in output.splitlines()]
    assert status == 0
    assert len(clauses) == 120
    assert {tuple(clause) for clause in clauses} == {("policy", "label", "headings", "lead_in", "text", "page")}
    assert clauses[-1]["label"] == "17"


def test_a_question_set_gives_figures_and_its_misses(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    rows = [
        {"id": "a", "q": FOLLOWER, "gold": ["6.2.b25"], "verdict": "depends"},
        {"id": "b", "q": FOLLOWER, "gold": ["16.1"], "verdict": "info"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    status, output, _ = run("evaluate", str(path), "--worst", "5")
    first, _, misses = output.partition("\n")
    assert status == 0
    assert json.loads(first)["first"] == 50.0
    assert "b  can I accept" in misses
    assert "a  can I accept" not in misses
    path.write_text('{"id": "a"}\n')
    status, _, error = run("evaluate", str(path))
    assert (status, f"{path}:1" in error) == (1, True)


def test_build_says_what_it_built(run: Run) -> None:
    status, output, _ = run("build")
    assert status == 0
    assert "1 policies, 120 clauses" in output


def test_policies_are_listed_and_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert "July 2023" in run("policies", "list")[1]
    shown = run("policies", "show", REACH2)[1]
    assert "6.2(25)  Staff should not accept any current pupil" in shown
    assert "Signed:" in shown
    assert run("policies", "show", "nowhere")[0] == 1


def test_the_health_of_a_policy_is_told_with_place_and_reason(run: Run) -> None:
    status, output, _ = run("policies", "health")
    assert status == 0
    for wanted in ("A number is missing.", "  - 14 (line 260): 13", "  - 6.2(17) (line 129): Data Protection Act 1998",
                   "Nobody can say when the policy is overdue.", "http://reach2.org"):  # fmt: skip
        assert wanted in output
    report = (Path(__file__).parents[2] / "docs" / "health-report.md").read_text(encoding="utf-8")
    assert f"```text\n{output.rstrip()}\n```" in report
    assert run("policies", "health", "nowhere")[0] == 1


def test_check_says_that_all_is_well_or_what_is_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    status, output, _ = run("check")
    assert (status, "WRONG" in output) == (0, False)
    assert "review was due July 2026" in output
    assert "DEMONSTRATION" in output
    monkeypatch.setenv("TOUCHSTONE_PORT", "eighty")
    status, output, _ = run("check")
    assert status == 1
    assert "WRONG  settings" in output
    assert "TOUCHSTONE_PORT" in output


def test_a_key_that_is_gone_is_never_silently_made_anew(run: Run, tmp_path: Path) -> None:
    assert run("check")[0] == 0
    (tmp_path / "var" / "keys" / "master.key").unlink()
    status, output, _ = run("check")
    assert status == 1
    assert "put the key file back from its backup" in output


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_a_stream_that_is_closed_ends_nothing(closed: str) -> None:
    touchstone = Path(sys.executable).with_name("touchstone")
    command = f'"{touchstone}" policies show {REACH2} {closed}'
    result = subprocess.run(["sh", "-c", command], capture_output=True, check=False)  # noqa: S603, S607 (our own)
    assert (result.returncode, result.stderr) == (0, b"")


def test_it_does_not_listen_on_other_addresses_without_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOST", "0.0.0.0")  # noqa: S104 (that it is refused is the test)
    with pytest.raises(NotOnThisMachine):
        read_settings()


def test_a_port_that_is_taken_is_said_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("TOUCHSTONE_PORT", str(other.getsockname()[1]))
        status, _, error = run("serve")
    assert (status, "Touchstone cannot listen there" in error) == (1, True)


def test_a_conversation_in_the_terminal_ends_with_an_empty_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = iter([FOLLOWER, "what is for lunch today?", ""])
    monkeypatch.setattr("builtins.input", lambda *_: next(lines))
    output = run("ask")[1]
    assert "6.2(25)" in output
    assert "The policy does not say." in output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    status, output, _ = run(command, "--help")
    assert status == 0
    assert f"touchstone {command}" in output
    assert command in run("--help")[1]


def test_a_mistyped_command_is_told_what_was_meant(run: Run) -> None:
    status, _, error = run("aks")
    assert (status, "Did you mean 'ask'?" in error) == (2, True)


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        (["build"], {"onnxruntime", "sqlalchemy", "starlette", "docutils", "sqlite_utils"}),
        (["ask", "phones"], {"sqlalchemy", "alembic", "starlette", "uvicorn", "cryptography", "docutils"}),
        (["policies", "list"], {"onnxruntime", "sqlalchemy", "starlette"}),
    ],
)
def test_a_command_imports_only_what_it_needs(run: Run, command: list[str], unwanted: set[str]) -> None:
    """With a snapshot that stands: what is not imported is most of what a command would take of time and memory."""
    assert run("build")[0] == 0  # from here on it stands
    program = f"""if True:
        import sys
        sys.argv = ["touchstone", *{command!r}]
        from integrations.cli import main
        try:
            main()
        except SystemExit as end:
            assert not end.code, end.code
        sys.stderr.write(" ".join(sorted(sys.modules)))
    """
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 (ours)
    assert unwanted & set(ran.stderr.split()) == set()
