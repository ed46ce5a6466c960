"""How far a form is filled in: the same whatever the order, and nothing kept that is not asked."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.forms import progress
from bot.cases.forms.kinds import Lookup
from bot.cases.forms.model import Form, QuestionSpec, load_forms
from bot.cases.forms.view import Filled, FormViews
from bot.cases.routes.routing import load_routes
from bot.messages import MEANS, QuestionKind

FORMS = load_forms()
CONCERN = FORMS["report_concern"]
NOW = datetime(2026, 11, 20, 15, 10, tzinfo=UTC)
WHOLE = {"about": "child", "what": "He cried.", "danger": "no"}


@dataclass(frozen=True)
class Somebody:
    id: str
    name: str


@dataclass(frozen=True)
class Match:
    close: tuple[Somebody, ...] = ()
    is_asked: bool = False


SMITHS = Match((Somebody("p-1", "Jo Smith"), Somebody("p-2", "Joan Smith")), is_asked=True)


def _value(question: QuestionSpec) -> st.SearchStrategy[str]:
    """Answers to a question, right ones and wrong ones."""
    if question.kind is QuestionKind.CHOICES:
        return st.lists(st.sampled_from([*question.labels]), max_size=4).map("\n".join)
    if question.labels:
        return st.sampled_from([*question.labels, "", "nonsense"])
    return st.sampled_from(["", "some words", "2026-11-01", "about 3/11/2026 10:00", "31 June 2026"])


@st.composite
def _pages(draw: st.DrawFn) -> tuple[Form, dict[str, str]]:
    form = draw(st.sampled_from([*FORMS.values()]))
    keys = draw(st.lists(st.sampled_from([question.key for question in form.question]), unique=True))
    return form, {question.key: draw(_value(question)) for question in form.question if question.key in keys}


def _one_by_one(form: Form, given_last: Mapping[str, str], order: list[str]) -> Mapping[str, str]:
    """Gives the answers in an order in which each is asked when it is given; what never is asked is left over."""
    answers: Mapping[str, str] = {}
    waiting = list(order)
    while turn := next((key for key in waiting if _is_asked(form, answers, key)), None):
        waiting.remove(turn)
        answers = progress.take(form, answers, turn, given_last[turn]).answers
    return answers


def _is_asked(form: Form, answers: Mapping[str, str], key: str) -> bool:
    return key in {question.key for question in progress.asked(form, answers)}


@given(_pages(), st.randoms(use_true_random=False))
def test_any_order_of_answers_ends_in_the_same_and_so_does_the_page_at_once(
    page: tuple[Form, dict[str, str]], shuffler: random.Random
) -> None:
    form, values = page
    order = [*values]
    shuffler.shuffle(order)
    at_once = progress.take_page(form, {}, values)
    assert dict(_one_by_one(form, values, order)) == dict(at_once.answers)
    assert progress.take_page(form, {}, {key: values[key] for key in order}) == at_once


@given(st.lists(_pages(), min_size=1, max_size=4))
def test_nothing_is_kept_that_is_not_asked_and_what_is_dropped_is_said(
    pages: list[tuple[Form, dict[str, str]]],
) -> None:
    form = pages[0][0]
    answers: Mapping[str, str] = {}
    for _, values in pages:
        before = {**answers, **{key: value for key, value in values.items() if form.find(key)}}
        taken = progress.take_page(form, answers, values)
        answers = taken.answers
        asked = {question.key for question in progress.asked(form, answers)}
        assert set(answers) <= asked
        assert set(progress.cleaned(form, answers)) <= asked
        for key, value in before.items():
            assert not value.strip() or answers.get(key) or key in taken.dropped or not values.get(key, "x").strip()
        for key in taken.dropped:
            assert not answers.get(key)


@given(_pages())
def test_a_conversation_asks_each_question_once_and_ends(page: tuple[Form, dict[str, str]]) -> None:
    form, values = page
    answers: Mapping[str, str] = {}
    heard: list[str] = []
    while question := progress.next_question(form, answers):
        heard.append(question.key)
        answers = progress.take(form, answers, question.key, values.get(question.key, "")).answers
        assert len(heard) <= len(form.question)
    assert heard == [question.key for question in progress.asked(form, answers)]
    assert progress.cleaned(form, answers) == progress.cleaned(form, progress.take_page(form, {}, values).answers)


@given(_pages())
def test_a_form_is_complete_when_nothing_is_missing_and_nothing_wrong(page: tuple[Form, dict[str, str]]) -> None:
    form, values = page
    errors = progress.errors(form, values, NOW)
    assert set(progress.missing(form, values)) <= set(errors)
    assert set(errors) <= {question.key for question in progress.asked(form, values)}


def test_an_answer_that_closes_a_question_drops_its_answer_and_says_so() -> None:
    filled = {**WHOLE, "also": "adult_here", "adult": "Jo Smith"}
    assert _is_asked(CONCERN, filled, "adult")
    taken = progress.take(CONCERN, filled, "about", "myself")
    assert taken.answers == {**WHOLE, "about": "myself"}
    assert taken.dropped == ("also", "adult")
    assert progress.take(CONCERN, taken.answers, "about", "child").answers == WHOLE


def test_an_answer_to_what_is_not_asked_is_left_out_and_said_to_be() -> None:
    taken = progress.take_page(CONCERN, {}, {**WHOLE, "adult": "Jo Smith", "nonsense": "x"})
    assert taken == progress.Taken(WHOLE, ("adult",))
    assert progress.cleaned(CONCERN, {**WHOLE, "adult": "Jo Smith"}) == WHOLE


def test_one_step_back_asks_the_same_question_again() -> None:
    answers: Mapping[str, str] = {}
    for key, value in {"about": "child", "also": "", "what": "He cried."}.items():
        answers = progress.take(CONCERN, answers, key, value).answers
    assert _next(answers) == "danger"
    answers = progress.back(CONCERN, answers).answers
    assert _next(answers) == "what"
    answers = progress.back(CONCERN, answers).answers
    assert _next(answers) == "also"
    assert progress.back(CONCERN, {}).answers == {}


def _next(answers: Mapping[str, str]) -> str | None:
    question = progress.next_question(CONCERN, answers)
    return question.key if question else None


def test_what_must_be_answered_is_missing_until_it_is() -> None:
    assert progress.missing(CONCERN, {}) == ("about", "what", "danger")
    assert progress.missing(CONCERN, {"about": "child", "what": "  "}) == ("what", "danger")
    assert progress.missing(CONCERN, WHOLE) == ()
    contact = FORMS["disclose_contact"]
    assert "under_18" in progress.missing(contact, {"with_whom": "parent\nformer_pupil"})
    assert "under_18" not in progress.missing(contact, {"with_whom": "parent"})


@pytest.mark.parametrize(("danger", "is_urgent"), [("yes", True), ("unsure", True), ("no", False), ("", False)])
def test_danger_or_not_being_sure_of_it_makes_a_case_urgent(danger: str, *, is_urgent: bool) -> None:
    assert progress.is_urgent(CONCERN, {**WHOLE, "danger": danger}) == is_urgent


@pytest.mark.parametrize(
    ("said", "is_settled"), [("", False), (f"{MEANS}p-1", True), (f"{MEANS}-", True), (f"{MEANS}somebody-else", False)]
)
def test_a_name_that_is_close_to_two_people_is_asked_about_until_the_sender_says_who(
    said: str, *, is_settled: bool
) -> None:
    answers = {**WHOLE, "also": "adult_here", "adult": f"J Smith{said}"}
    errors = progress.errors(CONCERN, answers, NOW, Lookup(lambda _name: SMITHS))
    assert errors == ({} if is_settled else {"adult": "Say below who is meant"})


def test_a_name_that_is_sure_or_like_nobodys_is_not_asked_about_nor_is_a_childs() -> None:
    answers = {**WHOLE, "also": "adult_here", "adult": "Jo Smith"}
    assert progress.errors(CONCERN, answers, NOW, Lookup(lambda _name: Match())) == {}
    assert progress.errors(CONCERN, {**WHOLE, "children": "J Smith"}, NOW, Lookup(lambda _name: SMITHS)) == {}


def test_a_role_that_nobody_is_known_to_hold_is_asked_about_too() -> None:
    answers = {**WHOLE, "not_to": "my line manager"}
    lookup = Lookup(lambda _name: Match(is_asked=True))
    assert progress.errors(CONCERN, answers, NOW, lookup) == {"not_to": "Say below who is meant"}


def test_several_names_in_a_line_are_each_asked_about_and_each_gets_a_line() -> None:
    lookup = Lookup(lambda name: SMITHS if "Smith" in name else Match(), lambda line: tuple(line.split(" and ")))
    values = {**WHOLE, "not_to": f"J Smith and Ann Lee\nBen{MEANS}-"}
    view = FormViews(FORMS, load_routes(FORMS), lookup).view("report_concern", Filled("d", values), NOW)
    (asked,) = (question for question in view.questions if question.key == "not_to")
    assert asked.value == f"J Smith\nAnn Lee\nBen{MEANS}-"
    assert [(doubt.name, [choice.value for choice in doubt.choices]) for doubt in asked.doubts] == [
        ("J Smith", ["p-1", "p-2", "-"])
    ]
    assert [one.name for one in progress.names_apart(values["not_to"], lookup)] == ["J Smith", "Ann Lee", "Ben"]
