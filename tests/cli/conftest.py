"""Runs `touchstone` as a shell would."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.messages import Receipt, SubmitForm
from bot.testing import Trail
from index.search import Searcher
from index.snapshot import SnapshotMissing
from integrations import app, cli
from integrations.answering import SystemClock
from integrations.settings import Settings
from tests.bot.closing import happen
from tests.bot.reporting import ANSWERS, CANARY
from tests.built import stand

REACH2 = "reach2-online-safety"
FOLLOWER = "can I accept a former pupil as a follower?"

Run = Callable[..., tuple[int, str, str]]
Tell = Callable[..., str]


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


def _no_policies() -> Searcher:
    raise SnapshotMissing


@pytest.fixture
def var(tmp_path: Path) -> Settings:
    """The data folder of ``run``."""
    return Settings(var=tmp_path / "var")


@pytest.fixture
def tell(run: Run, var: Settings) -> Tell:
    """Sends a report and gives its reference, closed or not."""
    del run

    def tell(words: str = CANARY, *, closed: bool = False) -> str:
        reports = app.open_reports(var)
        desk = app.desk(_no_policies, reports, None, SystemClock(), Trail())  # type: ignore[arg-type]  # no insights
        (receipt,) = desk.receive(SubmitForm("report_concern", words, {**ANSWERS, "what": words}))
        assert isinstance(receipt, Receipt)
        if closed:
            happen(reports, receipt.reference, "closed")
        reports.close()
        return receipt.reference

    return tell
