"""`touchstone rulings` as the policy's owner uses it, and docs/rulings.md taken at its word."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from knowledge.library import SHIPPED
from knowledge.rulings import Ruling, read_rulings
from tests.cli.conftest import REACH2, Run

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "rulings.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)[0]
NAME = "download-a-program"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A folder with the shipped policy, and the guide's example as its only ruling, not yet reviewed."""
    folder = tmp_path / "policies" / REACH2
    shutil.copytree(SHIPPED / REACH2, folder, ignore=shutil.ignore_patterns("rulings", "locks.toml", "induction*"))
    (folder / "rulings").mkdir()
    (folder / "rulings" / "own.toml").write_text(EXAMPLE, encoding="utf-8")
    return folder.parent


def _change(policies: Path, old: str, new: str) -> None:
    (path,) = (policies / REACH2).glob("*.txt")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _example(policies: Path) -> Ruling:
    return read_rulings(policies / REACH2)[0].rulings[0]


def test_the_guides_example_decides_as_its_table_says(policies: Path) -> None:
    rows = re.findall(r"^\| (nothing|\w+ = \".*?\") \| (\w+) \| (.*?) \|$", GUIDE, re.MULTILINE)
    assert len(rows) == 3
    for known, verdict, says in rows:
        decision = _example(policies).decide({} if known == "nothing" else tomllib.loads(known))
        assert (decision.verdict, decision.says) == (verdict, says)


def test_the_guides_commands_say_what_it_says(run: Run, policies: Path) -> None:
    session = re.findall(r"```\n(\$ touchstone rulings .*?)```", GUIDE, re.DOTALL)[0]
    commands = re.findall(r"^\$ touchstone (.*)$", session, re.MULTILINE)
    assert [command.split()[1] for command in commands] == ["check", "review", "check"]
    option = ("--policies", str(policies))
    status, output, _ = run("rulings", "check", *option)
    assert status == 0
    assert output.split("\n")[0] in session
    assert run("rulings", "review", "--accept", NAME, "--reviewer", "A. Owner", *option)[0] == 0
    status, output, _ = run("rulings", "check", *option)
    assert (status, output) == (0, f"{REACH2}: 1 rulings, 1 decide.\n")


def test_every_key_of_the_format_is_in_the_guide() -> None:
    rows = re.findall(r"^\| `(?:\[+ruling\.)?(\w+)\]*`", GUIDE, re.MULTILINE)
    fields = {"id", "about", "cites", "phrasings", "row", "otherwise"}
    assert fields | {"when", "verdict", "says", "exception", "unless", "asks", "argued", "who", "offers"} == set(rows)


def test_a_mistake_is_named_with_file_and_line_and_exit_status_1(run: Run, policies: Path) -> None:
    path = policies / REACH2 / "rulings" / "own.toml"
    path.write_text(EXAMPLE.replace('asker = "it"', 'asker = "technician"'), encoding="utf-8")
    status, output, _ = run("rulings", "check", "--policies", str(policies))
    assert status == 1
    line = EXAMPLE.split("\n").index('when = { asker = "it" }') + 1
    assert output.startswith(f"{path}:{line}: {NAME}: 'technician' is no value of 'asker'; it has: teacher")


def test_a_topic_that_a_ruling_answers_is_named_and_exit_status_1(run: Run, policies: Path) -> None:
    path = policies / REACH2 / "not_covered" / "own.toml"
    answered = _example(policies).phrasings[0]
    path.write_text(f'[[topic]]\nid = "own"\nabout = "Own"\nphrasings = ["{answered}"]\n', encoding="utf-8")
    status, output, _ = run("rulings", "check", "--policies", str(policies))
    assert status == 1
    assert f"{path}:4: own: '{answered}' is a phrasing of the ruling '{NAME}' too" in output


def test_a_file_that_cannot_be_read_is_one_line_on_standard_error(run: Run, policies: Path) -> None:
    path = policies / REACH2 / "rulings" / "own.toml"
    path.write_text(EXAMPLE + 'mood = "good"\n', encoding="utf-8")
    status, output, errors = run("rulings", "check", "--policies", str(policies))
    assert (status, output) == (1, "")
    assert "own.toml:" in errors
    assert "unknown key" in errors


def test_a_new_version_ends_the_review_and_both_wordings_are_shown(run: Run, policies: Path) -> None:
    option = ("--policies", str(policies))
    run("rulings", "review", "--accept", NAME, "--reviewer", "A. Owner", *option)
    _change(policies, "The ICT technician or leader should", "The ICT technician should")
    status, output, _ = run("rulings", "review", *option)
    assert status == 0
    assert f"{NAME}: Download a program from the internet" in output
    assert "by A. Owner" in output
    assert "7.1(5) has other words." in output
    assert "then: Internet Access | The ICT technician or leader should carry out" in output
    assert "now:  Internet Access | The ICT technician should carry out" in output
    assert "rulings, 0 decide" in run("rulings", "check", *option)[1]


def test_a_bullet_put_in_front_ends_no_review_and_the_ruling_cites_the_new_number(run: Run, policies: Path) -> None:
    option = ("--policies", str(policies))
    run("rulings", "review", "--accept", NAME, "--reviewer", "A. Owner", *option)
    _change(policies, "- The ICT technician or leader", "- Pupils ask first;\n- The ICT technician or leader")
    assert run("rulings", "review", *option)[1] == f"{REACH2}: every ruling stands as it was reviewed.\n"
    assert "7.1(6)" in run("rulings", "table", *option)[1]


def test_what_was_read_again_decides_again_as_far_as_it_was_read(run: Run, policies: Path) -> None:
    option = ("--policies", str(policies))
    run("rulings", "review", "--accept", NAME, "--reviewer", "A. Owner", *option)
    path = policies / REACH2 / "rulings" / "own.toml"
    path.write_text(EXAMPLE.replace("No, not yourself.", "No."), encoding="utf-8")
    assert "changed after its review" in run("rulings", "review", *option)[1]
    _, output, _ = run("rulings", "review", "--accept", NAME, "--reviewer", "B. Owner", *option)
    assert f"{REACH2}: every ruling stands as it was reviewed." in output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("review", "--accept", NAME), "A review is somebody's"),
        (("review", "--accept", NAME, "--reviewer", "  "), "A review is somebody's"),
        (("review", "--accept", "nothing", "--reviewer", "A"), "No policy has a ruling of that id"),
        (("draft", "99.9"), "No policy has a clause of that label"),
    ],
)
def test_what_is_not_there_is_said(run: Run, policies: Path, arguments: tuple[str, ...], complaint: str) -> None:
    status, _, errors = run("rulings", *arguments, "--policies", str(policies))
    assert status == 1
    assert complaint in errors
    assert not (policies / REACH2 / "locks.toml").exists()


def test_a_ruling_on_a_clause_that_is_not_there_cannot_be_accepted(run: Run, policies: Path) -> None:
    path = policies / REACH2 / "rulings" / "own.toml"
    path.write_text(EXAMPLE.replace('"7.1(5)"', '"7.1(50)"'), encoding="utf-8")
    status, _, errors = run("rulings", "review", "--accept", NAME, "--reviewer", "A", "--policies", str(policies))
    assert status == 1
    assert "7.1(50)" in errors


def test_a_draft_has_the_clause_and_its_ways_out_and_is_no_ruling_yet(run: Run, policies: Path) -> None:
    status, output, _ = run("rulings", "draft", "6.2(25)")
    assert status == 0
    assert "# with the exception of relatives" in output
    assert 'cites = ["6.2(25)"]' in output
    tomllib.loads(output)
    (policies / REACH2 / "rulings" / "own.toml").write_text(output, encoding="utf-8")
    assert run("rulings", "check", "--policies", str(policies))[0] == 1


@pytest.mark.parametrize("label", ["7.1(5)", "9.2", "7.2(4)", "12.5 (second)"])
def test_a_draft_as_it_stands_is_refused(run: Run, policies: Path, label: str) -> None:
    _, output, _ = run("rulings", "draft", label)
    (policies / REACH2 / "rulings" / "own.toml").write_text(output, encoding="utf-8")
    assert run("rulings", "check", "--policies", str(policies))[0] == 1


def test_the_page_of_the_tables_is_what_the_shipped_rulings_say(run: Run) -> None:
    status, output, _ = run("rulings", "table")
    assert status == 0
    assert output == (DOCS / "rulings-table.md").read_text(encoding="utf-8")


@pytest.fixture
def walked(tmp_path: Path) -> Path:
    """A folder with the shipped policy and its induction, as they are reviewed."""
    folder = tmp_path / "walked" / REACH2
    shutil.copytree(SHIPPED / REACH2, folder)
    return folder.parent


def test_a_mistake_in_an_induction_is_named_with_file_and_line_and_exit_status_1(run: Run, walked: Path) -> None:
    path = walked / REACH2 / "induction.toml"
    text = path.read_text(encoding="utf-8").replace('ruling = "phone-at-break"', 'ruling = "phone-at-brake"')
    path.write_text(text, encoding="utf-8")
    status, output, _ = run("rulings", "check", "--policies", str(walked))
    assert status == 1
    line = text.split("\n").index('ruling = "phone-at-brake"') + 1
    assert f"{path}:{line}: your-phone: there is no ruling 'phone-at-brake'" in output


def test_a_step_waits_when_a_clause_of_it_changed_until_somebody_has_read_it_again(run: Run, walked: Path) -> None:
    option = ("--policies", str(walked))
    _change(walked, "switched off and not be accessed", "switched off and never be accessed")
    status, output, _ = run("rulings", "review", *option)
    assert status == 0
    assert "induction/your-phone: Your phone, and the pupils'" in output
    assert "7.2(1) has other words." in output
    assert "induction/your-phone shows its clauses alone" in run("rulings", "check", *option)[1]
    _, output, _ = run("rulings", "review", "--accept", "induction/your-phone", "--reviewer", "B. Owner", *option)
    assert "induction/your-phone: reviewed by B. Owner" in output
    assert "induction/your-phone:" not in run("rulings", "review", *option)[1]


def test_the_shipped_rulings_are_right_and_all_in_force(run: Run) -> None:
    status, output, _ = run("rulings", "check")
    assert (status, output) == (0, f"{REACH2}: 423 rulings, 423 decide.\n")
