"""Fifty people who press Send in the same moment: each gets a receipt, and how long they wait is measured.

TOUCHSTONE_CROWD_ROUNDS says how often they do (make crowd: 20, and prints the times with -s). The real server, in a
process of its own; those who send share the machine with it, and with PostgreSQL.
"""

import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from threading import Barrier
from urllib.parse import urlencode

import pytest

from benchmarks.processes import served
from bot.cases.safekeeping.verification import verify
from integrations import app
from integrations.settings import Settings
from tests.built import stand

ROUNDS = int(os.environ.get("TOUCHSTONE_CROWD_ROUNDS", "1"))  # noqa: TID251 (tests, not the product)
SENDERS = 50
FORM = "/forms/report_concern"
TYPICAL = {
    "answer.about": "child",
    "answer.what": "She said that she did not want to go home, and would not say why. " * 8,
    "answer.danger": "no",
    "answer.child": "K. O., year 4",
    "answer.known": "saw",
}


class Sender:
    """One browser with one form open."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._connection.request("GET", FORM)
        response = self._connection.getresponse()
        page = response.read().decode()
        cookie = (response.headers["Set-Cookie"] or "").partition(";")[0]
        self._headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        self._body = urlencode(
            {**dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)), **TYPICAL}
        )

    def send(self, together: Barrier) -> tuple[float, str]:
        """Seconds from the press of the button to the last byte of the receipt, and the reference."""
        together.wait()
        began = time.perf_counter()
        self._connection.request("POST", FORM, self._body, self._headers)
        response = self._connection.getresponse()
        page = response.read().decode()
        took = time.perf_counter() - began
        self._connection.close()
        found = re.search(r"\bC-\w{4}-\w{4}", page)
        assert response.status == 200, response.status
        assert found is not None
        return took, found[0]


@pytest.mark.both_engines
@pytest.mark.alone
def test_fifty_who_send_at_once_each_get_a_receipt_of_their_own(
    settings: Settings, snapshots: Path, engine: str
) -> None:
    """A second is the target, which `make crowd` shows; a machine that is busy with other tests has five."""
    stand(settings.var, snapshots)
    databases = {"TOUCHSTONE_DATABASE": settings.database, "TOUCHSTONE_KEYS_DATABASE": settings.keys_database}
    told = {name: address.get_secret_value() for name, address in databases.items() if address}
    times: list[float] = []
    references: set[str] = set()
    with served(settings.var, told) as (_, port, _), ThreadPoolExecutor(SENDERS) as threads:
        for _ in range(ROUNDS):
            together = Barrier(SENDERS)
            crowd = [Sender(port) for _ in range(SENDERS)]
            for took, reference in threads.map(lambda one, start=together: one.send(start), crowd):
                times.append(took)
                references.add(reference)
    assert len(references) == ROUNDS * SENDERS
    percent = quantiles(times, n=100, method="inclusive")
    figures = f"p50 {percent[49] * 1000:.0f} ms, p99 {percent[98] * 1000:.0f} ms, longest {max(times) * 1000:.0f} ms"
    sys.stdout.write(f"\n{len(times):,} receipts, {SENDERS} senders at once, {engine}: {figures}\n")
    assert percent[98] < 5
    reports = app.open_reports(settings)
    assert verify(reports.store, reports.keys, reports.purge.log, contents=True).findings == ()
    reports.close()
