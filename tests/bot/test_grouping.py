"""Questions are grouped by meaning, each once, and their vectors are held no longer than they are there."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.owning.grouping import ALIKE, Meanings, Vectors, together
from index.encoder import Encoder

WORDS = {"east": (1, 0), "east too": (0.9, 0.1), "north": (0, 1), "north too": (0.1, 0.9), "up": (-1, -1)}


class _Compass:
    """Knows a few directions, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        rows = np.array([WORDS[text] for text in texts], dtype=np.float32)
        scaled: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return scaled


def test_those_that_mean_the_like_come_together_the_largest_group_first() -> None:
    meanings = Meanings(_Compass().encode)
    assert meanings.groups(["up", "north", "east", "north too"]) == ((1, 3), (0,), (2,))
    assert meanings.groups([]) == ()


def test_a_text_is_encoded_once_and_forgotten_when_it_is_gone() -> None:
    compass = _Compass()
    meanings = Meanings(compass.encode)
    meanings.groups(["east", "north"])
    meanings.groups(["east", "north", "up"])
    assert compass.asked == ["east", "north", "up"]
    meanings.groups(["up"])
    meanings.groups(["east"])
    assert compass.asked == ["east", "north", "up", "east"]


@given(st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), max_size=12))
def test_every_question_is_in_one_group_and_no_two_groups_are_still_alike(rows: list[list[float]]) -> None:
    vectors = np.array(rows, dtype=np.float32).reshape(len(rows), 3)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    near = vectors @ vectors.T
    found = together(near)
    assert sorted(place for group in found for place in group) == list(range(len(rows)))
    for number, group in enumerate(found):
        for other in found[:number]:
            assert near[np.ix_(group, other)].mean() < ALIKE + 1e-4


@pytest.mark.parametrize(
    ("alike", "other"),
    [
        (("can I bring my dog to school", "is it ok to bring my dog into school"), "who pays for the printer ink"),
        (("where do I park my car", "is there parking for staff"), "how long is the lunch break"),
    ],
)
def test_the_shipped_encoder_tells_questions_of_staff_apart(
    encoder: Encoder, alike: tuple[str, str], other: str
) -> None:
    assert Meanings(encoder.encode).groups([*alike, other]) == ((0, 1), (2,))
