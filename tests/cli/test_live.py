"""Live mode: refused, in words that say what to do, until the school has its directory and its papers."""

from pathlib import Path

import pytest

from integrations.settings import Settings
from tests.cli.conftest import Run
from tests.cli.test_directory import EXAMPLE
from tests.house.test_data_protection import PAPERS

GOOD = PAPERS["README"].split("```toml\n")[1].split("```", maxsplit=1)[0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOUCHSTONE_MODE", "live")
    made = Settings(var=tmp_path / "var").papers.parent
    made.mkdir(parents=True)
    return made


def _refused(run: Run) -> str:
    status, _, errors = run("serve")
    assert status == 1
    assert errors.count("\n") <= 1
    return errors


def test_live_does_not_start_with_the_invented_people(run: Run, folder: Path) -> None:
    (folder / "data-protection.toml").write_text(GOOD)
    assert "directory.toml is not there" in _refused(run)


def test_live_does_not_start_without_the_papers_and_says_what_to_do(run: Run, folder: Path) -> None:
    (folder / "directory.toml").write_text(EXAMPLE)
    said = _refused(run)
    assert "data-protection.toml:1: cannot be read" in said
    assert "docs/data-protection/README.md" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[privacy_notice]", "[privacy]"), "'privacy_notice' is missing"),
        (("date = 2026-11-02", "date = 2099-11-02"), "dated in the future"),
        (("review = 2027-11-02", "review = 2026-11-01"), "to be reviewed before it was approved"),
        (('by = "Headteacher"', 'by = " "'), "approved by nobody"),
        (("date = 2026-11-02", ""), "'impact_assessment.date' is missing"),
        (("date = 2026-11-02", 'date = "soon"'), "impact_assessment.date"),
    ],
)
def test_what_is_wrong_in_them_is_named_with_its_line(
    run: Run, folder: Path, change: tuple[str, str], said: str
) -> None:
    (folder / "directory.toml").write_text(EXAMPLE)
    (folder / "data-protection.toml").write_text(GOOD.replace(*change, 1))
    assert said in _refused(run)


def test_check_says_in_demonstration_mode_what_live_would_want(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOUCHSTONE_MODE", raising=False)
    status, output, _ = run("check")
    assert status == 0
    assert (
        "data protection: demonstration mode: nothing about real people may be put in. Before TOUCHSTONE_MODE" in output
    )


def test_check_says_that_live_is_ready_or_that_a_review_is_overdue(run: Run, folder: Path) -> None:
    (folder / "directory.toml").write_text(EXAMPLE)
    assert "WRONG  data protection" in run("check")[1]
    (folder / "data-protection.toml").write_text(GOOD)
    assert "ok     data protection: live; the school says that it has its papers" in run("check")[1]
    old = GOOD.replace("2026-11-02", "2024-11-02").replace("2027-11-02", "2025-11-02")
    (folder / "data-protection.toml").write_text(old)
    output = run("check")[1]
    assert "REVIEW OVERDUE: impact assessment, privacy notice, appropriate policy document" in output


def test_a_mode_that_there_is_not_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_MODE", "production")
    assert "TOUCHSTONE_MODE" in _refused(run)
