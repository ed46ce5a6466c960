import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ranking import best_first, fuse
from index.search import Searcher
from index.vectors import Nearness
from index.words import Spelling
from knowledge.library import NoSuchPolicy

REACH2 = "reach2-online-safety"


def _labels(searcher: Searcher, question: str) -> list[str]:
    return [str(hit.clause.label) for hit in searcher.search(question).hits]


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("can I accept a former pupil as a follower?", "6.2(25)"),
        ("a parent asked for my private email address, may I give it out?", "9.1"),
        ("who responds to Senso?", "12.3"),
        ("do phones have to be switched off during contact time?", "7.2(1)"),
        ("may I lend a colleague my password", "9.2"),
    ],
)
def test_a_plain_question_finds_its_clause_among_the_first_three(searcher: Searcher, question: str, label: str) -> None:
    assert label in _labels(searcher, question)[:3]


def test_the_same_question_gives_the_same_hits_in_the_same_order(searcher: Searcher) -> None:
    first = searcher.search("can pupils use my phone")
    assert all(searcher.search("can pupils use my phone") == first for _ in range(5))


def test_a_policy_can_be_searched_alone(searcher: Searcher) -> None:
    assert {hit.policy.slug for hit in searcher.search("phones", REACH2).hits} == {REACH2}
    with pytest.raises(NoSuchPolicy, match="policies list"):
        searcher.search("phones", "no-such-policy")


@pytest.mark.parametrize("question", ["", "   ", "\U0001f937\U0001f937", "?!", "\0", "\ud83d"])
def test_a_message_without_words_finds_nothing_and_is_not_covered(searcher: Searcher, question: str) -> None:
    found = searcher.search(question)
    assert (found.hits, found.covered) == ((), False)


@pytest.mark.parametrize(
    "question", ['"; drop table clauses; --', "NEAR(a b)", "text:staff AND (", "*", "a* OR b", "x" * 9000]
)
def test_signs_that_mean_something_to_the_full_text_search_are_only_words(searcher: Searcher, question: str) -> None:
    assert len(searcher.search(question).hits) in {0, 5}


def test_a_question_about_something_else_is_not_covered(searcher: Searcher) -> None:
    assert not searcher.search("how much annual leave do I get").covered
    assert searcher.search("can I accept a former pupil as a follower?").covered


def test_a_typing_error_counts_as_the_word_that_was_meant() -> None:
    spelling = Spelling(["password", "pupil", "photographs"])
    assert spelling.meant("pasword") == "password"
    assert spelling.meant("photogrpahs") == "photographs"
    assert spelling.meant("password") is None
    assert spelling.meant("niece") is None
    assert spelling.meant("2026a") is None


@given(
    st.lists(st.tuples(st.floats(-1, 1, width=32), st.floats(-1, 1, width=32)), min_size=1, max_size=50),
    st.dictionaries(st.integers(0, 50), st.floats(0, 1)),
    st.dictionaries(st.integers(0, 50), st.floats(0, 20)),
)
def test_ranking_keeps_every_clause_once_best_first(
    cosines: list[tuple[float, float]], concepts: dict[int, float], full_text: dict[int, float]
) -> None:
    count = len(cosines)
    whole, best = (np.array(column, dtype=np.float32) for column in zip(*cosines, strict=True))
    near = Nearness(np.arange(count), whole, best, np.zeros(count, dtype=np.int64))
    scores = fuse(near, concepts, full_text)
    order = best_first(near, scores)
    assert sorted(order) == list(range(count))
    assert list(np.round(scores[order], 6)) == sorted(np.round(scores, 6), reverse=True)


def test_words_of_another_kind_find_the_clause(searcher: Searcher) -> None:
    """Neither "niece" nor "insta" stands in the policy: the vocabulary knows what they are words for."""
    assert "6.2(25)" in _labels(searcher, "my niece is in y4, can she follow me on insta")[:3]


def test_the_sentence_that_comes_nearest_is_told(searcher: Searcher) -> None:
    hit = searcher.search("do I have to tell SLT that I play football with a dad from school?").hits[0]
    assert str(hit.clause.label) == "9.1"
    assert hit.sentence in hit.clause.sentences


def test_a_label_in_a_question_leads_to_the_clause(searcher: Searcher) -> None:
    found = searcher.search("what does 10.3 say")
    assert found.covered
    assert [str(hit.clause.label) for hit in found.hits] == ["10.3"]
    missing = searcher.search("what does clause 9.9 say")
    assert not missing.covered
    assert {hit.clause.label.number[0] for hit in missing.hits} == {"9"}


def test_a_section_half_remembered_leads_to_its_clauses(searcher: Searcher) -> None:
    found = searcher.search("the bit about phones")
    assert found.covered
    assert {hit.clause.headings[-1] for hit in found.hits[:4]} == {"Mobile Phones/Camera/Video Recorder Usage"}
