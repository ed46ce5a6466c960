"""`touchstone answer`: a file of questions in, a file of answers out, exactly as the contract has it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REACH2 = "reach2-online-safety"
FOLLOWER = "can I accept a former pupil as a follower?"

Run = Callable[..., tuple[int, str, str]]


def _batch(tmp_path: Path, *questions: object) -> tuple[str, Path]:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(question) + "\n" for question in questions), encoding="utf-8")
    return str(path), tmp_path / "out.jsonl"


def _objects(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_a_batch_is_answered_line_by_line_in_order_with_exactly_the_keys_of_the_contract(
    run: Run, tmp_path: Path
) -> None:
    batch, out = _batch(
        tmp_path, {"id": "b", "q": FOLLOWER}, {"id": 1, "turns": ["hello", FOLLOWER]}, {"id": "c", "q": "\U0001f937"}
    )
    assert run("answer", "--batch", batch, "--out", str(out))[0] == 0
    first, second, third = _objects(out)
    keys = ["id", "intent", "verdict", "citations", "asks", "offers", "urgent", "ms"]
    assert list(first) == list(third) == keys
    assert list(first["citations"][0]) == ["policy", "label", "lead_in", "text"]
    assert (first["id"], first["intent"], first["verdict"], first["asks"], first["offers"], first["urgent"]) == (
        "b", "question", "depends", ["age", "relative"], [], False,
    )  # fmt: skip
    assert first["citations"][0]["policy"] == REACH2
    assert first["citations"][0]["label"] == "6.2(25)"
    assert first["citations"][0]["lead_in"] == "Schools should also adhere to these guidelines:"
    assert first["citations"][0]["text"].endswith("with the exception of relatives.")
    assert len(first["citations"]) <= 5
    assert first["ms"] > 0
    assert list(second) == ["id", "turns"]
    assert [list(turn) for turn in second["turns"]] == [keys, keys]
    assert second["turns"][1]["citations"] == first["citations"]
    assert (third["verdict"], third["citations"]) == ("not_covered", [])


def test_the_same_batch_gives_the_same_answers(run: Run, tmp_path: Path) -> None:
    batch, out = _batch(tmp_path, *({"id": n, "q": f"question {n} about phones"} for n in range(20)))
    answers = []
    for _ in range(2):
        run("answer", "--batch", batch, "--out", str(out))
        answers.append([{**answer, "ms": 0} for answer in _objects(out)])
    assert answers[0] == answers[1]


def test_a_question_can_name_the_policy_to_search(run: Run, tmp_path: Path) -> None:
    batch, out = _batch(tmp_path, {"id": 1, "q": "phones", "policy": REACH2})
    assert run("answer", "--batch", batch, "--out", str(out))[0] == 0
    batch, out = _batch(tmp_path, {"id": 1, "q": "phones", "policy": "nowhere"})
    status, _, error = run("answer", "--batch", batch, "--out", str(out))
    assert (status, "There is no policy of that name" in error) == (1, True)


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[" * 100_000,
        '{"id": NaN, "q": "x"}',
        '{"id": "\\ud800", "q": "x"}',
        "[]",
        '{"id": 1}',
        '{"q": "x"}',
        '{"id": 1, "q": 5}',
        '{"id": 1, "q": "x", "turns": ["y"]}',
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_nothing_is_written(run: Run, tmp_path: Path, line: str) -> None:
    batch = tmp_path / "in.jsonl"
    batch.write_text(f'{{"id": 0, "q": "phones"}}\n\n{line}\n')
    out = tmp_path / "out.jsonl"
    out.write_text("what was there before")
    status, _, error = run("answer", "--batch", str(batch), "--out", str(out))
    assert status == 1
    assert f"{batch}:3" in error
    assert out.read_text() == "what was there before"


def test_a_folder_of_documents_is_a_library_without_configuration(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    (folder / "staff").mkdir(parents=True)
    (folder / "dress.md").write_text("# Dress\n\nStaff must:\n\n- wear a badge\n- not wear flip-flops\n")
    (folder / "staff" / "leave.rst").write_text("Leave\n=====\n\nLeave is asked for four weeks ahead.\n")
    (folder / "pets.txt").write_text("Pets\n\n1. Dogs\n\n1.1 No dog may enter the playground.\n")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\0\0")
    (folder / "empty.txt").write_text("")
    batch, out = _batch(
        tmp_path, {"id": 1, "q": "may I wear flip-flops?"}, {"id": 2, "q": "can I bring my dog to the playground"},
        {"id": 3, "q": "may I wear flip-flops?", "policy": "staff/leave.rst"},
    )  # fmt: skip
    status, _, error = run("answer", "--batch", batch, "--out", str(out), "--library", str(folder))
    assert status == 0
    assert "left out: photo.jpg: " in error
    assert "left out: empty.txt: " in error
    flip_flops, dog, leave = _objects(out)
    assert flip_flops["citations"][0] == {
        "policy": "dress.md", "label": "Dress \u00b61(2)", "lead_in": "Staff must:", "text": "not wear flip-flops",
    }  # fmt: skip
    assert (dog["citations"][0]["policy"], dog["citations"][0]["label"]) == ("pets.txt", "1.1")
    assert {citation["policy"] for citation in leave["citations"]} == {"staff/leave.rst"}


def test_answers_are_written_to_what_is_no_plain_file_as_it_is(run: Run, tmp_path: Path) -> None:
    batch, out = _batch(tmp_path, {"id": 1, "q": "phones"})
    link = tmp_path / "link.jsonl"
    link.symlink_to(out)
    assert run("answer", "--batch", batch, "--out", str(link))[0] == 0
    assert link.is_symlink()
    assert len(_objects(out)) == 1
    assert run("answer", "--batch", batch, "--out", "/dev/null")[0] == 0
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize("out", [".", "nowhere/out.jsonl"])
def test_a_place_that_cannot_be_written_to_is_said_so(run: Run, tmp_path: Path, out: str) -> None:
    batch, _ = _batch(tmp_path, {"id": 1, "q": "phones"})
    status, _, error = run("answer", "--batch", batch, "--out", str(tmp_path / out))
    assert (status, "The answers cannot be written there" in error) == (1, True)


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", None])
def test_a_file_of_questions_that_cannot_be_read_is_said_so(run: Run, tmp_path: Path, content: bytes | None) -> None:
    batch = tmp_path / "in.jsonl"
    if content:
        batch.write_bytes(content)
    status, _, error = run("answer", "--batch", str(batch), "--out", str(tmp_path / "out.jsonl"))
    assert (status, "The file of questions cannot be read" in error) == (1, True)


def test_a_byte_order_mark_windows_line_ends_and_odd_line_separators_are_taken(run: Run, tmp_path: Path) -> None:
    batch, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    batch.write_bytes(b"\xef\xbb\xbf" + '{"id": 1, "q": "pho\u2028nes"}\r\n{"id": 2, "q": "x"}\r\n'.encode())
    assert run("answer", "--batch", str(batch), "--out", str(out))[0] == 0
    assert [answer["id"] for answer in _objects(out)] == [1, 2]


def test_an_unknown_policy_is_found_before_anything_is_answered_and_its_line_is_named(run: Run, tmp_path: Path) -> None:
    batch, out = _batch(tmp_path, {"id": 1, "q": "phones"}, {"id": 2, "q": "phones", "policy": "./nowhere"})
    status, _, error = run("answer", "--batch", batch, "--out", str(out))
    assert status == 1
    assert f"{batch}:2" in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "var"]


def test_what_cannot_wait_is_urgent_and_offers_the_form(run: Run, tmp_path: Path) -> None:
    batch, out = _batch(
        tmp_path,
        {"id": 1, "q": "a pupil sent me a naked picture of a girl in her class"},
        {"id": 2, "q": "what would I do if I found indecent images"},
    )
    assert run("answer", "--batch", batch, "--out", str(out))[0] == 0
    told, asked = _objects(out)
    assert (told["intent"], told["verdict"], told["offers"], told["urgent"]) == (
        "report_concern", "info", ["report_concern"], True,
    )  # fmt: skip
    assert told["citations"][0]["label"] == "10.3"
    assert (asked["intent"], asked["urgent"]) == ("question", False)
