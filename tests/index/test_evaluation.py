import pytest

from index.evaluation import Expected, Given, figures, label_of, worst


def _pair(gold: str, verdict: str, cited: str, said: str, ms: float = 10) -> tuple[Expected, Given]:
    expected = Expected("id", "a question", frozenset(gold.split()), frozenset({"1.2"}), verdict)
    return expected, Given(tuple(cited.split()), said, ms)


PAIRS = [
    _pair("6.1", "info", "6.1 6.2", "info"),
    _pair("6.1 6.3", "no", "1.2 6.3", "yes", 20),
    _pair("6.1", "yes", "7.1 7.2 7.3 6.1", "not_covered", 30),
    _pair("", "not_covered", "9.1", "not_covered", 40),
    _pair("", "not_covered", "9.1", "info", 50),
]


def test_the_figures_are_those_that_one_counts_by_hand() -> None:
    assert figures(PAIRS) == {
        "n": 5, "first": 33.3, "top3": 66.7, "top5": 100.0, "first_or_also": 66.7, "mean_reciprocal_rank": 0.583,
        "verdict": 40.0, "yes_no_depends": 0.0, "flips": 1, "answers_covered": 66.7, "declines_uncovered": 50.0,
        "ms_p50": 30.0, "ms_p95": 48.0,
    }  # fmt: skip


def test_an_empty_set_has_no_shares() -> None:
    assert figures([])["first"] is None


def test_a_verdict_turned_round_is_the_worst_miss_and_what_was_right_is_none() -> None:
    assert worst(PAIRS, 9) == [PAIRS[1], PAIRS[2]]
    assert worst(PAIRS, 1) == [PAIRS[1]]


@pytest.mark.parametrize(
    ("clause_id", "label"),
    [("6.2.b25", "6.2(25)"), ("12.5(second)", "12.5 (second)"), ("17.p", "17"), ("9.1", "9.1"), ("6.2(25)", "6.2(25)")],
)
def test_ids_of_question_sets_are_read_as_labels(clause_id: str, label: str) -> None:
    assert label_of(clause_id) == label
