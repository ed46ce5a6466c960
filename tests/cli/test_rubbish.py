"""Rubbish in: what is hostile or broken is named and left out, or answered; the rest serves, and nothing steers."""

import gzip
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.wording import say
from index.encoder import DIGESTS, PACKAGE, packaged_model
from index.snapshot import current
from tests.built import stand

TOUCHSTONE = str(Path(sys.executable).with_name("touchstone"))
GOOD = "Pets\n\n1. Dogs\n\n1.1 No dog may enter the playground.\n"
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty.txt": (b"", "there are no words in it"),
    "empty.md": (b"\xef\xbb\xbf", "there are no words in it"),
    "spaces.rst": (b" \n\t\n", "there are no words in it"),
    "binary.txt": (bytes(range(256)) * 100, "it is not text"),
    "nul.md": (b"Staff must\0 wear a badge.", "it is not text"),
    "zip.rst": (b"PK\x03\x04" + bytes(100), "it is not text"),
    "bomb.md": (gzip.compress(bytes(10_000_000)), "it is not text"),
    "page.pdf": (b"%PDF-1.4", "is not a format we read"),
    "half.txt": ("Staff must.".encode("utf-16")[:-1], "save it as UTF-8"),
    "huge.txt": (b"Staff must wear a badge.\n" * 20_100, "500,000 characters"),
    "line.txt": (b"x" * 1_048_576, "500,000 characters"),
    "line.rst": (b"Staff must wear a badge. " * 1_000, "a line of it has more than 10,000 characters"),
    "line.md": (b"Staff must wear a badge. " * 19_000, "more markup than can be read within seconds"),
    "lines.md": (b"- a\n" * 20_001, "more than 20,000 lines"),
    "deep.md": (b">" * 10_000 + b" deep", "nested too deeply"),
    "deep.rst": (b"".join(b"  " * n + b"- a\n\n" for n in range(300)), "nested too deeply"),
    "brackets.md": (b"[" * 50_000, "more markup than can be read within seconds"),
    "entities.md": (b"&amp;" * 90_000, "more markup than can be read within seconds"),
    "links.md": (b"".join(b"[r%d]: <%s>\n" % (n, b"u" * 1_000) for n in range(200)) + b"[r0]" * 20_000, "markup"),
    "laughs.rst": (
        b".. |a0| replace:: lol lol\n"
        + b"".join(b".. |a%d| replace:: %s\n" % (n, b"|a%d| " % (n - 1) * 10) for n in range(1, 9))
        + b"\n|a8|\n",
        "more markup than can be read within seconds",
    ),
}  # fmt: skip

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good document, and room for others."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "pets.txt").write_text(GOOD)
    return folder


def _asked(run: Run, tmp_path: Path, folder: Path | None, *questions: object) -> tuple[list[dict[str, object]], str]:
    batch, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    batch.write_text("".join(json.dumps(question) + "\n" for question in questions))
    library = () if folder is None else ("--library", str(folder))
    status, _, error = run("answer", "--batch", str(batch), "--out", str(out), *library)
    assert status == 0, error
    return [json.loads(line) for line in out.read_text().splitlines()], error


def test_hostile_and_broken_documents_are_named_with_their_reason_and_the_rest_serves(
    run: Run, tmp_path: Path, folder: Path
) -> None:
    for name, (content, _) in REFUSED.items():
        (folder / name).write_bytes(content)
    began = time.perf_counter()
    (answer,), error = _asked(run, tmp_path, folder, {"id": 1, "q": "may my dog come into the playground?"})
    assert time.perf_counter() - began < 60
    assert answer["citations"] == [
        {"policy": "pets.txt", "label": "1.1", "lead_in": None, "text": "No dog may enter the playground."}
    ]
    lines = {line.split(": ")[1]: line for line in error.splitlines() if line.startswith("left out: ")}
    assert set(lines) == set(REFUSED)
    for name, (_, reason) in REFUSED.items():
        assert reason in lines[name]


def test_a_document_that_cannot_be_opened_is_named(run: Run, tmp_path: Path, folder: Path) -> None:
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    (folder / "round.txt").symlink_to(folder / "round.txt")
    _, error = _asked(run, tmp_path, folder, {"id": 1, "q": "dogs"})
    assert "left out: gone.txt: " in error
    assert "left out: round.txt: " in error


def test_signs_that_steer_a_terminal_or_turn_words_round_are_shown_as_replaced(run: Run, folder: Path) -> None:
    (folder / "steer.md").write_text("# Rules\n\nStaff \x1b[2J\x07must \u202enot\u202c \x9b31mwear\u2069 a badge.\n")
    (folder / "clear\x1b[2J\n.txt").write_text("")
    status, output, error = run("clauses", "--library", str(folder), "--policy", "steer.md")
    assert status == 0
    assert output == "Rules \u00b61  Staff \ufffd[2J\ufffdmust \ufffdnot\ufffd \ufffd31mwear\ufffd a badge.\n"
    assert "left out: clear\ufffd[2J\ufffd.txt: " in error
    for arguments in (["policies", "show", "steer.md"], ["policies", "list"], ["policies", "health"]):
        told = run(*arguments, "--library", str(folder))
        assert not set("\x1b\x07\x9b\u202e\u202c\u2069") & set(told[1] + told[2])
    row = json.loads(run("clauses", "--library", str(folder), "--policy", "steer.md", "--json")[1])
    assert row["text"] == "Staff \x1b[2J\x07must \u202enot\u202c \x9b31mwear\u2069 a badge."  # for programs: as it is


def test_a_document_that_only_asks_to_read_other_files_gives_its_own_words(run: Run, folder: Path) -> None:
    steal = ".. include:: /etc/passwd\n\n.. csv-table::\n   :file: /etc/passwd\n\n"
    source = f"Rules\n=====\n\n{steal}Staff must wear a badge.\n"
    (folder / "steal.rst").write_text(source)
    output = run("clauses", "--library", str(folder), "--policy", "steal.rst")[1]
    assert "Staff must wear a badge." in output
    assert "root:" not in output


QUESTIONS = {
    "10,000 characters": ("can pupils use phones? " * 500)[:10_000],
    "10,000 letters": "x" * 10_000,
    "10,000 words wrongly spelt": " ".join(f"pupyl{n}" for n in range(1_000)),
    "emoji only": "\U0001f937\U0001f3fd\u200d\u2640\ufe0f" * 10,
    "Chinese": "我可以加学生为好友吗",
    "Arabic": "هل يمكنني إضافة تلميذ؟",
    "French": "Puis-je accepter un ancien élève comme ami ?",
    "NUL": "can\0 pupils use phones\0",
    "control": "\x01\x02\x1b[31m\x7f\x9b phones",
    "turned round": "\u202ephones\u202c",
    "half an emoji": "phones \ud83d",
    "marks": "' OR 1=1; -- \" * NEAR( ) {answer.__class__} %s {0}",
    "line ends": "phones\r\n\r\n\u2028and\u2029tablets",
}  # fmt: skip

NOT_ENGLISH_AT_ALL = {"10,000 letters", "10,000 words wrongly spelt", "emoji only", "Chinese", "Arabic", "marks"}
"""What nobody here can read is never ruled on; the others ask of pupils, phones, or a former pupil."""


@pytest.mark.parametrize("kind", QUESTIONS)
def test_an_odd_question_is_answered_on_the_command_line(run: Run, kind: str) -> None:
    status, output, error = run("ask", QUESTIONS[kind])
    assert (status, error) == (0, "")
    assert output.rstrip("\n").endswith(say("terminal.tell_someone"))
    assert "\x1b" not in output


def test_odd_questions_are_answered_in_a_batch_each_in_its_place(run: Run, tmp_path: Path) -> None:
    sound = {kind: text for kind, text in QUESTIONS.items() if kind != "half an emoji"}
    answers, _ = _asked(run, tmp_path, None, *({"id": kind, "q": text} for kind, text in sound.items()))
    assert [answer["id"] for answer in answers] == list(sound)
    verdicts = {answer["id"]: answer["verdict"] for answer in answers}
    assert {verdicts[kind] for kind in sound if kind in NOT_ENGLISH_AT_ALL} <= {"not_covered", None}
    assert {verdicts[kind] for kind in sound if kind not in NOT_ENGLISH_AT_ALL} <= {
        "info",
        "no",
        "depends",
        "not_covered",
    }
    assert answers[list(sound).index("emoji only")]["citations"] == []


@pytest.mark.parametrize(
    "line",
    [b'{"id": 1, "q": "\xff"}', b'{"id": 1, "q": "\xed\xa0\xbd"}', b'{"id": 1, "q": "\\ud83d"}', b"\0\0", b"\x1f\x8b"],
)
def test_bytes_that_are_no_text_in_a_batch_are_an_error_that_names_the_file(
    run: Run, tmp_path: Path, line: bytes
) -> None:
    batch = tmp_path / "in.jsonl"
    batch.write_bytes(line + b"\n")
    status, _, error = run("answer", "--batch", str(batch), "--out", str(tmp_path / "out.jsonl"))
    assert status == 1
    assert f"{batch}" in error
    assert "Traceback" not in error
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("argument", [b"phones \xff\xfe", b"\xed\xa0\xbd", b"\x1b[31mphones", b"-- phones"])
def test_bytes_that_are_no_text_as_an_argument_are_a_question_too(
    snapshots: Path, tmp_path: Path, argument: bytes
) -> None:
    stand(tmp_path, snapshots)
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TOUCHSTONE_VAR": str(tmp_path)}  # noqa: TID251 (for the process)
    command = [TOUCHSTONE.encode(), b"ask", b"--", argument]
    ran = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 (our own)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.decode()


def test_a_name_that_is_no_text_is_an_error_in_words(run: Run) -> None:
    for arguments in (["clauses", "--policy", "\udcff"], ["clauses", "--library", "/nowhere\udcff\n\x1b"]):
        status, _, error = run(*arguments)
        assert (status, "There is no " in error) == (1, True)
        assert "\x1b" not in error


def test_answers_go_to_a_standard_output_that_is_a_pipe(snapshots: Path, tmp_path: Path) -> None:
    stand(tmp_path, snapshots)
    (tmp_path / "in.jsonl").write_text('{"id": 1, "q": "phones"}\n')
    command = [TOUCHSTONE, "answer", "--batch", str(tmp_path / "in.jsonl"), "--out", "/dev/stdout"]
    environment = {**os.environ, "TOUCHSTONE_VAR": str(tmp_path)}  # noqa: TID251 (for the process)
    ran = subprocess.run(command, env=environment, capture_output=True, check=True)  # noqa: S603 (our own)
    assert json.loads(ran.stdout)["id"] == 1


def test_a_question_about_nothing_changes_no_snapshot(run: Run, tmp_path: Path) -> None:
    before = current(tmp_path / "var" / "snapshots")
    run("ask", QUESTIONS["control"])
    assert current(tmp_path / "var" / "snapshots") == before


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's folder in a package that is found before the installed one, with links to the files of that."""
    folder = tmp_path / "packages" / PACKAGE / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    for name in DIGESTS:
        (folder / name).symlink_to(packaged_model() / name)
    return folder


@pytest.fixture
def outside(model: Path, snapshots: Path, tmp_path: Path) -> Run:
    """Runs a command in a process of its own, with that model and a snapshot that stands."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "snapshots").symlink_to(snapshots)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"TOUCHSTONE_VAR": str(tmp_path / "var"), "TOUCHSTONE_PORT": str(port)}
    paths = {"PYTHONPATH": f"{model.parents[1]}:{Path(__file__).parents[2]}"}

    def run(*command: str) -> tuple[int, str, str]:
        ran = subprocess.run(  # noqa: S603 (our own command)
            [TOUCHSTONE, *command],
            env={**os.environ, **settings, **paths},  # noqa: TID251 (for the process)
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return ran.returncode, ran.stdout, ran.stderr

    return run


@pytest.mark.parametrize("name", DIGESTS)
def test_without_its_model_every_command_that_needs_it_says_what_to_install(
    outside: Run, model: Path, name: str
) -> None:
    (model / name).unlink()
    for command in (["ask", "phones"], ["build"], ["serve"]):
        status, _, error = outside(*command)
        assert (status, "run `make setup`" in error, name in error) == (1, True, True)
        assert error.count("\n") == 1
    assert "WRONG  snapshot: The encoder's model is not on this machine" in outside("check")[1]


@pytest.mark.parametrize("name", DIGESTS)
def test_with_another_model_nothing_is_answered_and_nothing_served(outside: Run, model: Path, name: str) -> None:
    (model / name).unlink()
    (model / name).write_bytes(b"another model")
    for command in (["ask", "phones"], ["serve"]):
        status, _, error = outside(*command)
        assert (status, "is not the one Touchstone was tested with" in error, name in error) == (1, True, True)
        assert error.count("\n") == 1
    assert "WRONG  snapshot: The encoder's model is not the one" in outside("check")[1]
    assert outside("build")[0] == 0  # the snapshot stands: to find that out takes no model
