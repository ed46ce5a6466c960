"""kill -9 at every step of a change of the knowledge leaves all of it or nothing, and a log that agrees."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_a_change_that_is_killed_at_any_step_is_done_in_whole_or_not_at_all(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.crash.doomed_overlay", str(tmp_path)]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 (ours)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 50
