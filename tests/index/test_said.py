from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.said import DOUBT, Said, SaidDamaged, Traits, traits
from knowledge.vocabulary import Vocabulary

GROUPS = ("can i use my phone", "may i use my mobile", "post a picture", "put a picture up", "post the picture online")
OWN = np.array([0, 0, 1, 1, 1])
MESSAGES = tuple(frozenset(message.split()) for message in GROUPS)
SAID = Said.fit(MESSAGES, OWN, 2)

_messages = st.lists(
    st.tuples(st.frozensets(st.sampled_from("abcdefgh")), st.integers(0, 2)), min_size=3, max_size=30
).map(lambda rows: [*rows, *((frozenset("ab"), group) for group in range(3))])


def test_words_pairs_of_neighbours_and_concepts_are_counted() -> None:
    found = traits("My niece's phone", Vocabulary.shipped())
    assert {"my", "niece's", "phone", "my niece's", "niece's phone"} <= found
    assert any(trait.startswith("#") for trait in found)


def test_a_message_speaks_for_the_group_whose_words_it_has() -> None:
    assert SAID.scores(frozenset({"my", "use"})).argmax() == 0
    assert SAID.scores(frozenset({"picture", "post"})).argmax() == 1


def test_a_word_that_nobody_or_one_message_alone_said_says_nothing() -> None:
    assert (SAID.scores(frozenset({"phone", "zebra"})) == 0).all()
    assert (SAID.scores(frozenset()) == 0).all()


@given(_messages)
def test_a_score_is_what_bayes_says(rows: list[tuple[Traits, int]]) -> None:
    messages, own = [message for message, _ in rows], np.array([group for _, group in rows])
    said = Said.fit(messages, own, 3)
    message = messages[0]
    counted = [trait for trait in message if sum(trait in other for other in messages) > 1]
    for group in range(3):
        members = [other for other, one in rows if one == group]
        expected = 0.0
        for trait in counted:
            anywhere = sum(trait in other for other in messages) / len(messages)
            here = (sum(trait in other for other in members) + DOUBT * anywhere) / (len(members) + DOUBT)
            expected += np.log(here / anywhere)
        assert said.scores(message)[group] == pytest.approx(expected / max(len(counted), 1) ** 0.5, abs=1e-4)


@given(_messages)
def test_a_message_does_not_count_for_itself(rows: list[tuple[Traits, int]]) -> None:
    """What is said of one left out is what its group would say without it; how frequent words are stays as it is."""
    messages, own = [message for message, _ in rows], np.array([group for _, group in rows])
    said = Said.fit(messages, own, 3)
    without = said.without_themselves(messages, own)
    for at, (message, group) in enumerate(rows):
        others = [other for place, (other, one) in enumerate(rows) if one == group and place != at]
        counted = [trait for trait in message if trait in said.known]
        expected = 0.0
        for trait in counted:
            anywhere = sum(trait in other for other in messages) / len(messages)
            here = (sum(trait in other for other in others) + DOUBT * anywhere) / (len(others) + DOUBT)
            expected += np.log(here / anywhere)
        assert without[at, group] == pytest.approx(expected / max(len(counted), 1) ** 0.5, abs=1e-3)
        elsewhere = np.arange(3) != group
        assert np.array_equal(without[at, elsewhere], said.scores(message)[elsewhere])


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    SAID.write(tmp_path / "said.npz")
    read = Said.read(tmp_path / "said.npz")
    assert read.known == SAID.known
    for message in MESSAGES:
        assert np.array_equal(read.scores(message), SAID.scores(message))


@pytest.mark.parametrize("left", [0, 10, 300])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, left: int) -> None:
    path = tmp_path / "said.npz"
    SAID.write(path)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(SaidDamaged):
        Said.read(path)


def test_messages_without_words_can_be_learned_from() -> None:
    said = Said.fit([frozenset(), frozenset()], np.array([0, 1]), 2)
    assert (said.scores(frozenset({"word"})) == 0).all()
    assert said.without_themselves([frozenset(), frozenset()], np.array([0, 1])).shape == (2, 2)
