"""A build encodes what changed, whatever has happened to the file in which vectors are remembered."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import remembered, snapshot
from index.encoder import Encoder
from index.remembered import remembering
from knowledge.library import Library
from knowledge.model import Policy

TEXTS = [f"Clause {number} is about something of its own." for number in range(6)]


class Listening:
    """The real encoder, and what it was asked."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.dimensions = encoder.dimensions
        self.digest = encoder.digest
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return self._encoder.encode(texts)


@pytest.fixture
def listening(encoder: Encoder) -> Listening:
    return Listening(encoder)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vectors.sqlite3"


def _encoded(encoder: Encoder, file: Path, texts: Sequence[str]) -> NDArray[np.float32]:
    with remembering(encoder, file) as cached:
        return cached.encode(texts)


def test_a_text_is_encoded_once_and_its_vector_is_the_same_to_the_bit(listening: Listening, file: Path) -> None:
    first = _encoded(listening, file, TEXTS)
    assert listening.asked == TEXTS
    assert np.array_equal(_encoded(listening, file, TEXTS[::-1]), first[::-1])
    assert listening.asked == TEXTS


def test_only_what_is_new_is_encoded_and_each_once(listening: Listening, file: Path) -> None:
    _encoded(listening, file, TEXTS[:3])
    listening.asked.clear()
    vectors = _encoded(listening, file, [TEXTS[4], TEXTS[0], TEXTS[4], TEXTS[5]])
    assert listening.asked == [TEXTS[4], TEXTS[5]]
    assert np.array_equal(vectors[0], vectors[2])
    np.testing.assert_allclose(vectors[1], listening.encode([TEXTS[0]])[0], rtol=0, atol=1e-6)


def test_no_texts_give_no_rows_of_full_width(listening: Listening, file: Path) -> None:
    assert _encoded(listening, file, []).shape == (0, 384)


def test_another_encoder_does_not_get_the_vectors_of_this_one(listening: Listening, file: Path) -> None:
    _encoded(listening, file, TEXTS)
    listening.digest = "another"
    listening.asked.clear()
    _encoded(listening, file, TEXTS)
    assert listening.asked == TEXTS


def test_half_an_emoji_is_remembered_too(listening: Listening, file: Path) -> None:
    for _ in range(2):
        _encoded(listening, file, ["may I \ud83d"])
    assert listening.asked == ["may I \ud83d"]


def test_what_was_not_used_for_longest_is_forgotten_first(
    listening: Listening, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MOST", 4)
    _encoded(listening, file, TEXTS[:4])
    _encoded(listening, file, TEXTS[:2])
    _encoded(listening, file, TEXTS[4:])
    listening.asked.clear()
    _encoded(listening, file, TEXTS)
    assert listening.asked == TEXTS[2:4]


def test_a_vector_that_the_disk_has_changed_is_encoded_anew(listening: Listening, file: Path) -> None:
    right = _encoded(listening, file, TEXTS)
    with closing(sqlite3.connect(file)) as connection, connection:
        (vector,) = connection.execute("select vector from vectors where rowid = 2").fetchone()
        changed = vector[:100] + bytes([vector[100] ^ 1]) + vector[101:]
        connection.execute("update vectors set vector = ? where rowid = 2", (changed,))
        connection.execute("update vectors set vector = 'no bytes' where rowid = 3")
        connection.execute("update vectors set vector = substr(vector, 5) where rowid = 4")
    listening.asked.clear()
    np.testing.assert_allclose(_encoded(listening, file, TEXTS), right, rtol=0, atol=1e-6)
    assert listening.asked == TEXTS[1:4]


@pytest.mark.parametrize("keep", [0, 1, 100, 4096, 6000, -1])
def test_a_file_that_is_cut_off_costs_time_and_nothing_else(listening: Listening, file: Path, keep: int) -> None:
    right = _encoded(listening, file, TEXTS)
    file.write_bytes(file.read_bytes()[:keep])
    np.testing.assert_allclose(_encoded(listening, file, TEXTS), right, rtol=0, atol=1e-6)
    listening.asked.clear()
    _encoded(listening, file, TEXTS)  # it may have been taken away in the middle of the build before
    listening.asked.clear()
    assert np.allclose(_encoded(listening, file, TEXTS), right, rtol=0, atol=1e-6)
    assert listening.asked == []


@pytest.mark.parametrize("place", [*range(0, 24_000, 1997), 4060])
def test_a_byte_that_is_changed_anywhere_costs_time_and_nothing_else(
    listening: Listening, file: Path, place: int
) -> None:
    right = _encoded(listening, file, TEXTS)
    content = bytearray(file.read_bytes())
    content[place % len(content)] ^= 0xFF
    file.write_bytes(content)
    np.testing.assert_allclose(_encoded(listening, file, TEXTS), right, rtol=0, atol=1e-6)


def test_what_is_no_file_of_ours_is_replaced(listening: Listening, file: Path) -> None:
    file.write_bytes(b"something else entirely, " * 1000)
    _encoded(listening, file, TEXTS)
    listening.asked.clear()
    _encoded(listening, file, TEXTS)
    assert listening.asked == []


def test_where_nothing_can_be_remembered_all_is_encoded(listening: Listening, tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "nowhere" / "vectors.sqlite3"):
        listening.asked.clear()
        assert _encoded(listening, file, TEXTS).shape == (6, 384)
        assert listening.asked == TEXTS


def test_a_build_that_dies_has_not_encoded_for_nothing(listening: Listening, file: Path) -> None:
    def die() -> None:
        with remembering(listening, file) as cached:
            cached.encode(TEXTS[:4])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    listening.asked.clear()
    _encoded(listening, file, TEXTS)
    assert listening.asked == TEXTS[4:]


def test_a_build_of_a_changed_document_encodes_its_changed_clauses_alone(
    listening: Listening, tmp_path: Path, policy: Policy
) -> None:
    first = Library((policy, replace(policy, slug="other", clauses=policy.clauses[:3])))
    snapshot.build(first, listening, tmp_path)
    listening.asked.clear()
    changed = (replace(policy.clauses[40], text="Staff must feed the school's tortoise."),)
    clauses = policy.clauses[:40] + changed + policy.clauses[41:]
    digest = snapshot.build(Library((replace(policy, clauses=clauses), first.policies[1])), listening, tmp_path)
    assert listening.asked
    assert all("tortoise" in text for text in listening.asked)
    built = snapshot.load(tmp_path, digest, listening)
    again = tmp_path / "without memory"
    whole = snapshot.load(again, snapshot.build(built.library, listening, again), listening)
    query = listening.encode(["who feeds the tortoise?"])[0]
    one, other = built.vectors.nearness(query), whole.vectors.nearness(query)
    np.testing.assert_allclose(one.whole, other.whole, rtol=0, atol=1e-5)
    np.testing.assert_allclose(one.best, other.best, rtol=0, atol=1e-5)
