"""What an answer says first, on the real policy."""

from pathlib import Path

import pytest

from bot.messages import Answer, Ask, Condition, ConditionKind
from bot.talk.answering.answers import Answers
from bot.talk.answering.headlines import LONGEST, shortened
from bot.testing import FixedClock
from index import snapshot
from index.encoder import Encoder
from index.search import Searcher
from knowledge.library import Library
from knowledge.model import Policy
from knowledge.rulings import Verdict
from tests.built import SNAPSHOTS, remember


@pytest.fixture
def answers(searcher: Searcher, clock: FixedClock) -> Answers:
    return Answers(lambda: searcher, clock)


def _answer(answers: Answers, text: str) -> Answer:
    return answers.answer(Ask(text))


def test_of_a_clause_of_one_sentence_the_headline_says_whom_it_binds_and_how(answers: Answers) -> None:
    answer = _answer(answers, "9.2")
    assert answer.headline == "9.2 says what staff should not do."
    assert answer.verdict is Verdict.INFO
    assert _answer(answers, "7.2(1)").headline == "7.2(1) says what must be done."
    assert _answer(answers, "12.3").headline == "12.3 comes nearest."


def test_of_a_long_clause_without_a_ruling_the_sentence_that_was_asked_about_is_said(
    policy: Policy, encoder: Encoder, clock: FixedClock, tmp_path: Path, snapshots: Path
) -> None:
    remember(tmp_path, snapshots)
    folder = tmp_path / SNAPSHOTS
    digest = snapshot.build(Library((policy,)), encoder, folder)
    searcher = Searcher(snapshot.load(folder, digest, encoder), encoder)
    answer = _answer(
        Answers(lambda: searcher, clock),
        "I am a friend of a parent, must I make such social contacts known to the leadership team?",
    )
    assert answer.headline.startswith("9.1 says: “Staff have a responsibility to make any such contact known")


def test_exceptions_and_approvals_are_shown_as_conditions(answers: Answers) -> None:
    follower = _answer(answers, "6.2(25)")
    assert Condition(ConditionKind.EXCEPTION, "with the exception of relatives") in follower.conditions
    logo = _answer(answers, "6.3(1)")
    assert logo.conditions == (
        Condition(ConditionKind.APPROVAL, "without written prior permission from the Head of School"),
    )


def test_a_rule_for_pupils_is_not_told_to_staff_as_theirs(answers: Answers) -> None:
    answer = _answer(answers, "11.1")
    assert answer.headline == "11.1 says what pupils must not do. It is a rule for pupils, not for staff."
    assert _answer(answers, "6.2(17)").headline.startswith("6.2(17) is a rule for parents and visitors, not for staff")


def test_a_bullet_under_what_is_not_acceptable_is_not_told_as_if_it_were_wanted(answers: Answers) -> None:
    assert _answer(answers, "6.3(4)").headline == "6.3(4) says what must not be done."
    assert _answer(answers, "6.3(2)").headline.startswith("6.3(2) is listed as something not to be done: “The posting")
    assert _answer(answers, "6.3(5)").headline.startswith("6.3(5) says: “The Trust accepts that some sites may be used")


def test_a_clause_that_does_not_exist_is_said_not_to(answers: Answers) -> None:
    answer = _answer(answers, "what does clause 9.9 say?")
    assert answer.verdict is Verdict.NOT_COVERED
    assert answer.headline == (
        "There is no clause 9.9 in the Online Safety and Social Media policy. The nearest are 9.1 to 9.4."
    )
    assert [str(citation.clause.label) for citation in answer.citations] == ["9.1", "9.2"]
    nowhere = _answer(answers, "section 40")
    assert nowhere.headline == "There is no clause 40 in the Online Safety and Social Media policy."
    assert nowhere.citations == ()


def test_a_section_that_is_asked_for_is_named_with_what_is_in_it(answers: Answers) -> None:
    assert _answer(answers, "section 12").headline == (
        "12 is “Filtering and Monitoring”: 7 clauses, from 12.1 to 12.6."
    )
    assert _answer(answers, "the bit about phones").headline == (
        "The section “Mobile Phones/Camera/Video Recorder Usage” has 8 clauses, from 7.2 to 7.3."
    )


def test_a_long_sentence_is_cut_between_words() -> None:
    sentence = "word " * 100
    cut = shortened(sentence)
    assert len(cut) <= LONGEST + 1
    assert cut.endswith("word…")
    assert shortened("As it is;") == "As it is"


@pytest.mark.parametrize("text", ["\U0001f600\U0001f600", "???", "", "\x00\x01", "日本語の質問"])
def test_what_holds_no_word_is_not_answered(answers: Answers, text: str) -> None:
    answer = _answer(answers, text)
    assert (answer.verdict, answer.citations) == (Verdict.NOT_COVERED, ())
