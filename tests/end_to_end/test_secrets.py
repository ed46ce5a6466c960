"""A running server: where its master key can be read, and where not; what its output says of whoever uses it."""

import base64
import json
import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx2
import pytest

from tests.built import stand

TOUCHSTONE = str(Path(sys.executable).with_name("touchstone"))
CANARY = "the quick canary sings behind the bicycle shed"

Start = Callable[[Mapping[str, str]], "subprocess.Popen[str]"]


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
    started: list[subprocess.Popen[str]] = []

    def start(given: Mapping[str, str]) -> "subprocess.Popen[str]":
        settings = {"TOUCHSTONE_VAR": str(var), "TOUCHSTONE_PORT": here.rpartition(":")[2], **given}
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


def _use(client: httpx2.Client, link: str) -> list[httpx2.Response]:
    """Reports, signs in, opens the case, guesses another, and sends what cannot be read."""
    page = client.get("/forms/report_concern").text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    answers = {"answer.about": "child", "answer.what": CANARY, "answer.danger": "no"}
    receipt = client.post("/forms/report_concern", data={**fields, **answers})
    (reference,) = re.findall(r"\bC-\w{4}-\w{4}", receipt.text)[:1]
    token = re.findall(r'name="csrf" value="([^"]*)"', client.get(f"/sign-in/{link}").text)[-1]
    signed_in = client.post(f"/sign-in/{link}", data={"csrf": token})
    case = client.get(f"/inbox/{reference}")
    assert CANARY in case.text
    return [
        signed_in,
        receipt,
        case,
        client.get("/inbox"),
        client.get("/inbox/C-2222-2222"),
        client.get("/inbox/C-2222%00-2222"),
        client.get("/healthz"),
        client.post("/forms/report_concern", content=b"\xff\x00" * 50, headers={"Content-Type": "multipart/form-data"}),
        client.request("TRACE", "/inbox", headers={"Cookie": CANARY}),
    ]


@pytest.mark.parametrize("place", ["environment", "file"])
def test_the_master_key_is_in_no_output_no_answer_no_argument_and_no_child_of_a_server(
    start: Start, var: Path, here: str, place: str
) -> None:
    text = base64.b64encode(secrets.token_bytes(32)).decode()
    if place == "file":
        (var / "keys").mkdir(mode=0o700)
        (var / "keys" / "master.key").touch(mode=0o600)
        (var / "keys" / "master.key").write_text(f"{text}\n")
    process = start({"TOUCHSTONE_MASTER_KEY": text} if place == "environment" else {})
    welcome = _welcome(process)
    link = re.findall(r"/sign-in/(\S+)", welcome)[0]
    with httpx2.Client(base_url=here, timeout=30) as client:
        answers = _use(client, link)
    for answer in answers:
        assert text not in answer.text + repr(answer.headers)
    running = Path(f"/proc/{process.pid}")
    assert text not in (running / "cmdline").read_text()
    assert (text in (running / "environ").read_text()) == (place == "environment")  # so the file is to be preferred
    children = [task.read_text() for task in (running / "task").glob("*/children")]
    assert children
    assert "".join(children).strip() == ""
    process.terminate()
    said, _ = process.communicate(timeout=30)
    raw = base64.b64decode(text)
    for shown in (welcome, said):
        assert text not in shown
        assert raw.hex() not in shown


def test_what_libraries_say_is_logged_by_whom_and_where_and_without_their_words() -> None:
    program = """
import logging, warnings
from integrations.logs import log_without_words
log_without_words()
logging.getLogger("library").error("told: %s", "canary")
try:
    raise ValueError("canary")
except ValueError:
    logging.getLogger("library").exception("canary")
warnings.warn("canary", stacklevel=1)
"""
    done = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert [json.loads(line)["logger"] for line in done.stderr.splitlines()] == ["library", "library", "py.warnings"]
    assert "canary" not in done.stderr + done.stdout


def test_what_a_server_says_names_no_case_no_address_and_no_word(start: Start, here: str) -> None:
    process = start({})
    welcome = _welcome(process)
    link = re.findall(r"/sign-in/(\S+)", welcome)[0]
    with httpx2.Client(base_url=here, timeout=30) as client:
        answers = _use(client, link)
        cookies = [value for value in client.cookies.values() if value]
    for answer in answers:
        assert CANARY not in str(answer.url) + repr(answer.headers)
    references = {one for answer in answers for one in re.findall(r"\bC-\w{4}-\w{4}", answer.text)}
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert references
    assert cookies
    for secret in (CANARY, "canary", link, "/inbox", *references, *cookies):
        assert secret not in said
