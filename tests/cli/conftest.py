"""Runs `touchstone` as a shell would."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from integrations import cli
from tests.built import stand

REACH2 = "reach2-online-safety"
FOLLOWER = "can I accept a former pupil as a follower?"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, snapshots: Path) -> Run:
    """Runs `touchstone` with a data folder of its own, and gives exit status, output and errors."""
    var = tmp_path / "var"
    stand(var, snapshots)
    monkeypatch.setenv("TOUCHSTONE_VAR", str(var))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["touchstone", *arguments])
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
            if isinstance(end.code, str):
                sys.stderr.write(end.code)
        output = capsys.readouterr()
        return status, output.out, output.err

    return run
