"""Answers that rest on a ruling: said with its words and clauses, and only where it is surely what was asked."""

from dataclasses import replace

import pytest

from bot.messages import Ask, Intent
from bot.talk.answering.answers import Answers
from bot.testing import FixedClock
from bot.wording import say
from index.search import Searcher
from knowledge.library import SHIPPED, Library
from knowledge.locks import standings
from knowledge.rulings import Verdict


@pytest.fixture
def answers(searcher: Searcher, clock: FixedClock) -> Answers:
    return Answers(lambda: searcher, clock)


def test_a_ruling_gives_the_verdict_its_words_and_its_clauses_first(answers: Answers) -> None:
    answer = answers.answer(Ask("phone in my pocket on silent while I teach, is that ok?"))
    assert answer.ruling is not None
    assert answer.ruling.id == "phone-in-my-pocket"
    assert answer.verdict is Verdict.NO
    assert answer.headline.startswith("No: ")
    assert str(answer.citations[0].clause.label) == "7.2(1)"


def test_what_it_turns_on_is_asked_back(answers: Answers) -> None:
    answer = answers.answer(Ask("can I accept a former pupil as a follower?"))
    assert answer.ruling is not None
    assert (answer.verdict, answer.asks) == (Verdict.DEPENDS, ("age", "relative"))


def test_whoever_is_new_is_told_where_to_begin_and_no_clause_that_comes_near_stands_in_the_way(
    answers: Answers,
) -> None:
    answer = answers.answer(Ask("I'm new, where do I start?"))
    assert (answer.intent, answer.ruling, answer.decisive) == (Intent.INDUCTION, None, ())
    assert answer.headline == say("intent.induction")
    phone = answers.answer(Ask("I'm new here, can I have my phone in my pocket while I teach?"))
    assert (phone.intent, phone.verdict) == (Intent.QUESTION, Verdict.NO)


@pytest.mark.parametrize("text", ["9.2", "the bit about phones", "how much annual leave do I get", "\U0001f600"])
def test_a_place_that_is_named_and_what_is_not_covered_rest_on_no_ruling(answers: Answers, text: str) -> None:
    assert answers.answer(Ask(text)).ruling is None


def test_a_ruling_whose_clause_was_changed_decides_no_more(library: Library) -> None:
    """Its lock is broken, so the library leaves it out; whatever is asked, the clause itself is quoted."""
    ids = {one.ruling.id for one in library.rulings}
    assert "phone-in-my-pocket" in ids
    (policy,) = library.policies
    changed = tuple(
        replace(clause, text=clause.text + " Always.") if str(clause.label) == "7.2(1)" else clause
        for clause in policy.clauses
    )
    of_now = standings(SHIPPED / policy.slug, replace(policy, clauses=changed))
    left = {one.ruling.id for one in of_now if one.decides}
    assert "phone-in-my-pocket" not in left
    assert "former-pupil-follows-me" in left


def test_the_snapshot_gives_every_ruling_back(searcher: Searcher, library: Library) -> None:
    assert searcher.library.rulings == library.rulings


@pytest.mark.parametrize(
    ("text", "facts", "verdict"),
    [
        ("can I accept a former pupil as a follower? she is 19", {"age": "18 or over"}, Verdict.YES),
        ("can I accept a former pupil as a follower? he is only 15", {"age": "under 18"}, Verdict.NO),
        ("can I accept a former pupil as a follower? not sure how old she is", {}, Verdict.DEPENDS),
    ],
)
def test_what_is_surely_said_counts_and_is_shown(
    answers: Answers, text: str, facts: dict[str, str], verdict: Verdict
) -> None:
    answer = answers.answer(Ask(text))
    assert answer.ruling is not None
    assert (dict(answer.facts), answer.verdict) == (facts, verdict)
