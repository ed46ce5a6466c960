"""Knowledge changed while a real server answers: taken up within a minute; killed in the middle, and all is usable."""

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from index import snapshot
from index.renewal import Renewals, State
from knowledge.overlay import Overlay, ToRuling
from tests.built import remember
from tests.invented import REACH2, VERSION, invented
from tests.knowledge.overlays import OWNER

TOUCHSTONE = str(Path(sys.executable).with_name("touchstone"))
NEW = "am I allowed to keep Year 7s on my Letterboxd"
RULING = "former-pupil-follows-me"
PATIENCE = 300
A_MINUTE = 60


@pytest.fixture
def var(tmp_path: Path, snapshots: Path) -> Path:
    """A data folder with snapshots of its own, in which nothing need be encoded twice."""
    remember(tmp_path, snapshots)
    shipped = snapshot.current(snapshots)
    (tmp_path / "snapshots" / shipped).symlink_to(snapshots / shipped)
    snapshot.publish(tmp_path / "snapshots", shipped)
    return tmp_path


@pytest.fixture
def overlay(var: Path) -> Overlay:
    return Overlay(var / "library" / "policies", lambda: datetime.now(UTC).date(), lambda: datetime.now(UTC))


def _environment(var: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "TOUCHSTONE_VAR": str(var), **more}  # noqa: TID251 (for the process)


@contextmanager
def _serving(var: Path) -> Iterator[tuple[httpx2.Client, "subprocess.Popen[str]"]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [TOUCHSTONE, "serve"],
        env=_environment(var, TOUCHSTONE_PORT=str(port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in iter(process.stdout.readline, ""):
            if line.startswith("Stop it with Ctrl-C."):
                break
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            yield client, process
    finally:
        process.kill()
        process.communicate()


def _answer(client: httpx2.Client, question: str) -> str:
    (token,) = re.findall(r'id="ask-token" name="csrf" value="([^"]*)"', client.get("/").text)
    return client.post("/ask", data={"csrf": token, "text": question}).text


def _until(holds: Callable[[], bool], process: "subprocess.Popen[str]") -> float:
    """Seconds until it holds; it is looked at five times a second, as long as the process lives."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
            raise AssertionError(process.returncode)
    return time.monotonic() - began


def _worked() -> float:
    """Seconds that processors worked for the processes that we started and that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_question_made_a_phrasing_is_answered_by_the_running_server_and_a_version_published_there(
    var: Path, overlay: Overlay, capsys: pytest.CaptureFixture[str]
) -> None:
    with _serving(var) as (client, process):
        assert RULING not in _answer(client, NEW)
        overlay.phrasings.add(REACH2, NEW, ToRuling(RULING), OWNER)
        seconds = _until(lambda: RULING in _answer(client, NEW), process)
        with capsys.disabled():
            sys.stdout.write(f"\na phrasing added is answered by the running server after {seconds:.1f} s\n")

        address = f"/policies/{REACH2}/{VERSION}"
        overlay.versions.upload(REACH2, VERSION, "policy.txt", invented(), OWNER)
        assert client.get(address).status_code == 404  # nobody reads as policy what was never published
        overlay.versions.publish(REACH2, VERSION, datetime.now(UTC).date(), OWNER)
        _until(lambda: "under the age of 21" in _answer(client, NEW), process)
        for version, words in ((VERSION, "under the age of 21"), ("2.0", "under the age of 18 as")):
            page = client.get(f"/policies/{REACH2}/{version}")
            assert page.status_code == 200
            assert words in page.text
            assert ("not in force today" in page.text) == (version == "2.0")
        assert client.get("/healthz").status_code == 200


def test_a_build_that_is_killed_leaves_what_was_answered_and_the_next_command_takes_the_change_up(
    var: Path, overlay: Overlay
) -> None:
    snapshots = var / "snapshots"
    before = snapshot.current(snapshots)
    overlay.phrasings.add(REACH2, NEW, ToRuling(RULING), OWNER)
    process = subprocess.Popen([TOUCHSTONE, "build"], env=_environment(var), stderr=subprocess.DEVNULL, text=True)  # noqa: S603 (ours)
    _until(lambda: bool(list(snapshots.glob(".building-*/snapshot.sqlite3"))), process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert snapshot.current(snapshots) == before
    renewals = Renewals(overlay.root, snapshots, lambda: datetime.now(UTC))
    assert renewals.standing().state is State.BUILDING
    worked = _worked()
    ran = subprocess.run(  # noqa: S603 (our own command)
        [TOUCHSTONE, "ask", NEW], env=_environment(var), capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    # A minute of an idle machine; how long a busy one takes is no matter of ours.
    assert _worked() - worked < A_MINUTE / 2
    assert "How old are they?" in ran.stdout
    assert renewals.standing().state is State.ANSWERED
    assert not list(snapshots.glob(".building-*"))
