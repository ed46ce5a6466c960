import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SUITE = """
import pytest

def test_runs():
    pass

def test_does_not_run():
    pytest.skip({reason!r})
"""


def _pytest(folder: Path, reason: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_suite.py").write_text(SUITE.format(reason=reason))
    clean = {name: value for name, value in os.environ.items() if name != "CI"}  # noqa: TID251 (for the process)
    return subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "pytest", "-p", "tests.skips", "-p", "no:cacheprovider", str(folder)],
        env={**clean, **environment, "PYTHONPATH": str(PROJECT)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_in_ci_a_skipped_test_is_a_failure_and_is_named(tmp_path: Path) -> None:
    result = _pytest(tmp_path, "no time", CI="true")
    assert result.returncode == 1
    assert "SKIPPED IN CI" in result.stdout
    assert "no time" in result.stdout


@pytest.mark.parametrize(
    ("reason", "environment"), [("shared documents are not here", {"CI": "true"}), ("no time", {})]
)
def test_an_allowed_reason_and_a_persons_own_machine_let_it_pass(
    tmp_path: Path, reason: str, environment: dict[str, str]
) -> None:
    result = _pytest(tmp_path, reason, **environment)
    assert result.returncode == 0, result.stdout
    assert "1 passed, 1 skipped" in result.stdout
