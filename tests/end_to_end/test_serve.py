"""The command `touchstone serve` as an administrator meets it: starting, stopping, two at once, no terminal."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.built import stand

TOUCHSTONE = str(Path(sys.executable).with_name("touchstone"))
CANARY = "the quick canary sings behind the bicycle shed"

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def var(tmp_path: Path, snapshots: Path) -> Path:
    folder = tmp_path / "var"
    stand(folder, snapshots)
    return folder


@pytest.fixture
def here() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def start(var: Path, here: str) -> Iterator[Start]:
    """Starts a server; everything it says goes to its standard output."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        settings = {"TOUCHSTONE_VAR": str(var), "TOUCHSTONE_PORT": here.rpartition(":")[2]}
        started.append(
            subprocess.Popen(  # noqa: S603 (our own command)
                [TOUCHSTONE, "serve"],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, **settings},  # noqa: TID251 (for the process)
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _welcome(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return "".join(iter(process.stdout.readline, "Stop it with Ctrl-C. What was reported stays.\n"))


def _report(here: str) -> httpx2.Response:
    with httpx2.Client(base_url=here, timeout=30) as client:
        page = client.get("/forms/report_concern").text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        answers = {"answer.about": "child", "answer.what": CANARY, "answer.danger": "no"}
        return client.post("/forms/report_concern", data={**fields, **answers})


def _question(here: str) -> httpx2.Response:
    with httpx2.Client(base_url=here, timeout=30) as client:
        (token,) = re.findall(r'id="ask-token" name="csrf" value="([^"]*)"', client.get("/").text)
        fields = {"csrf": token, "draft": "d" * 32, "verdict": "not_covered", "words": CANARY, "reply_to": CANARY}
        return client.post("/questions", data=fields)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_leaves_whole_files_that_can_be_copied(
    start: Start, var: Path, here: str, tmp_path: Path, end: signal.Signals
) -> None:
    process = start()
    _welcome(process)
    assert _report(here).status_code == 200
    assert _question(here).status_code == 200
    process.send_signal(end)
    assert process.wait(timeout=30) == 0
    for name in ("records/records.sqlite3", "keys/keys.sqlite3", "insights/insights.sqlite3"):
        assert not (var / f"{name}-wal").exists()
        shutil.copy(var / name, tmp_path)
    with closing(sqlite3.connect(tmp_path / "records.sqlite3")) as copy:
        assert copy.execute("select count(*) from cases").fetchone() == (1,)


def test_a_half_sent_request_does_not_keep_it_from_stopping(start: Start, here: str) -> None:
    process = start()
    _welcome(process)
    host, _, port = here.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as half:
        half.sendall(b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
        assert httpx2.get(f"{here}/healthz").status_code == 200
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_it_answers_as_soon_as_it_says_where_it_is(start: Start, here: str) -> None:
    process = start()
    assert process.stdout is not None
    assert process.stdout.readline() == f"Touchstone is at {here}/\n"
    assert httpx2.get(f"{here}/healthz", timeout=30).text.startswith("ok")


def test_a_second_server_says_that_the_place_is_taken(start: Start, here: str) -> None:
    _welcome(start())
    second = start()
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert said.startswith("touchstone: Touchstone cannot listen there")
    assert here.rpartition(":")[2] in said
    assert said.count("\n") <= 1


def test_whoever_used_a_link_is_given_the_next_one_and_no_link_is_logged_by_a_request(start: Start, here: str) -> None:
    process = start()
    first = re.findall(r"/sign-in/(\S+)", _welcome(process))[0]
    with httpx2.Client(base_url=here) as client:
        page = client.get(f"/sign-in/{first}").text
        token = re.findall(r'name="csrf" value="([^"]*)"', page)[-1]
        assert client.post(f"/sign-in/{first}", data={"csrf": token}).status_code == 303
    assert process.stdout is not None
    next_line = process.stdout.readline()
    assert next_line.startswith("  Demonstration DSL:  ")
    process.terminate()
    rest, _ = process.communicate(timeout=30)
    assert first not in next_line + rest


def test_a_terminal_that_is_gone_loses_no_report_and_no_text(start: Start, var: Path, here: str) -> None:
    """Nobody reads what the server says any more, and the records are locked: the form comes back with its text."""
    process = start()
    _welcome(process)
    assert process.stdout is not None
    process.stdout.close()
    with closing(sqlite3.connect(var / "records" / "records.sqlite3", isolation_level=None)) as other:
        other.execute("begin immediate")
        refused = _report(here)
        other.execute("rollback")
    assert refused.status_code == 503
    assert CANARY in refused.text
    assert "NOT stored" in refused.text
    assert _report(here).status_code == 200
    process.kill()
    process.wait()
    process.stdout = None


def test_insights_that_are_damaged_stop_nobody_and_no_word_gets_into_the_log(
    start: Start, var: Path, here: str
) -> None:
    (var / "insights").mkdir()
    (var / "insights" / "insights.sqlite3").write_bytes(b"garbage " * 1000)
    process = start()
    _welcome(process)
    refused = _question(here)
    assert refused.status_code == 503
    assert refused.text.count(CANARY) == 2
    assert "NOT sent" in refused.text
    assert httpx2.get(f"{here}/healthz", timeout=30).text.startswith("ok")
    assert _report(here).status_code == 200
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert "insight not kept" in said
    assert CANARY not in said


def test_while_slack_cannot_be_reached_everything_else_is_there_and_no_token_is_said(
    start: Start, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"BOT_TOKEN": "xoxb-canary", "APP_TOKEN": "xapp-1-A1-2-canary", "WORKSPACES": "T0SCHOOL"}
    for name, value in settings.items():
        monkeypatch.setenv(f"TOUCHSTONE_SLACK_{name}", value)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # whatever network there is, nobody answers
    process = start()
    _welcome(process)
    assert httpx2.get(f"{here}/healthz").status_code == 200
    assert _report(here).status_code == 200
    assert httpx2.post(f"{here}/slack/events").status_code == 404
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "canary" not in said
    assert "Traceback" not in said
