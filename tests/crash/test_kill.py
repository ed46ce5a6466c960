"""A server killed with SIGKILL at every named point: each receipt shown has exactly one readable case.

It shows process death, not power loss. TOUCHSTONE_CRASH_CYCLES says how often each point is tried (make crash: 20).
"""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

import httpx2
import pytest

from bot.desk import Desk
from bot.messages import CaseView, InboxView, OpenCase, OpenInbox
from bot.ports import RECEIVING, Stage
from bot.talk.insights import Insights
from bot.testing import FixedClock
from index.search import Searcher
from index.snapshot import SnapshotMissing
from integrations import app
from integrations.settings import Settings

CYCLES = int(os.environ.get("TOUCHSTONE_CRASH_CYCLES", "3"))  # noqa: TID251 (tests, not the product)
SENDERS = 3
"""How many send at the same time in each cycle."""


@dataclass(slots=True)
class Report:
    """One person with one form open in one browser."""

    text: str
    client: httpx2.Client
    fields: dict[str, str]
    receipt: str | None = None

    @classmethod
    def open(cls, base: str, text: str) -> "Report":
        client = httpx2.Client(base_url=base, timeout=30)
        page = client.get("/forms/report_concern").text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        return cls(text, client, fields)

    def send(self, base: str) -> None:
        """Sends it, or sends it again: to a server that may die meanwhile."""
        answers = {"answer.about": "child", "answer.what": self.text, "answer.danger": "no"}
        try:
            page = self.client.post(f"{base}/forms/report_concern", data={**self.fields, **answers})
        except httpx2.TransportError:
            return
        assert page.status_code == 200, page.status_code
        found = re.search(r"C-\w{4}-\w{4}", page.text)
        assert found is not None
        self.receipt = found[0]


@contextmanager
def _server(var: Path, orders: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, str(Path(__file__).with_name("doomed_server.py")), str(var), str(orders)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}  # noqa: TID251 (for the process)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}", process
        finally:
            process.kill()


def _told(settings: Settings, clock: FixedClock) -> dict[str, str]:
    """Every case in the DSL's inbox, opened: what was told by reference."""
    reports = app.open_reports(settings)
    desk: Desk = app.desk(_no_policies, reports, Insights(settings.insights, clock), clock, app.Unwatched())
    (inbox,) = desk.receive(OpenInbox("demo-dsl"))
    assert isinstance(inbox, InboxView)
    told: dict[str, str] = {}
    for row in inbox.rows:
        (case,) = desk.receive(OpenCase("demo-dsl", row.reference))
        assert isinstance(case, CaseView)
        told[row.reference] = case.answers[1].answer
    reports.close()
    return told


def _no_policies() -> Searcher:
    raise SnapshotMissing


@pytest.mark.parametrize("stage", RECEIVING)
def test_a_receipt_shown_has_exactly_one_readable_case_wherever_the_process_died(
    tmp_path: Path, clock: FixedClock, stage: Stage
) -> None:
    settings = Settings(var=tmp_path / "var")
    orders = tmp_path / "orders"
    sent: list[Report] = []
    for cycle in range(CYCLES):
        with _server(settings.var, orders) as (base, process):
            waiting = [report for report in sent if report.receipt is None]
            for report in waiting:  # whoever saw no receipt presses Send again: the form in the tab is still good
                report.send(base)
                assert report.receipt is not None
            fresh = [Report.open(base, f"{stage} {cycle} {number}") for number in range(SENDERS)]
            sent += fresh
            orders.write_text(stage.value)
            with ThreadPoolExecutor(SENDERS) as senders:
                list(senders.map(lambda report, base=base: report.send(base), fresh))
            assert process.wait(timeout=30) == -SIGKILL
            orders.unlink()
        told = _told(settings, clock)
        for report in sent:
            if report.receipt is not None:
                assert told[report.receipt] == report.text
        assert max(Counter(told.values()).values(), default=1) == 1
    with _server(settings.var, orders) as (base, _):
        for report in sent:
            before = report.receipt
            report.send(base)
            assert report.receipt is not None
            assert before in {None, report.receipt}
    assert Counter(_told(settings, clock).values()) == Counter(report.text for report in sent)
    for report in sent:
        report.client.close()
