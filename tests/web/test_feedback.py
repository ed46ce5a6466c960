"""What is said of an answer: rated once, and sent to the policy owner only as the sender saw it."""

import re

import pytest

from bot.messages import (
    Answer,
    Ask,
    Incoming,
    Intent,
    OpenQuestion,
    QuestionView,
    Rate,
    Refusal,
    Reply,
    SendQuestion,
)
from knowledge.rulings import Verdict
from tests.web.conftest import House, Visitor
from tests.web.markup import Element, Page, read
from tests.web.scripted import ANSWER, SENT, SHOWN, question_view, scripted

QUESTION = 'may I "keep" the <b>hamster</b>?\nreally?'
HTMX = {"HX_Request": "true"}
FORMS = {"/ratings": "feedback", "/questions": "owner-question"}


def _hidden(page: Page, form: str) -> dict[str, str]:
    """What a form of the page would send besides what is typed or pressed."""
    at = page.elements.index(page.one("form", class_=form))
    inputs: list[Element] = []
    for element in page.elements[at + 1 :]:
        if element.tag == "form":
            break
        if element.attributes.get("type") == "hidden":
            inputs.append(element)
    return {element.attributes["name"]: element.attributes["value"] for element in inputs}


def _answered(visitor: Visitor) -> dict[str, str]:
    return _hidden(read(visitor.ask(QUESTION).text), "feedback")


def _heard(house: House, kind: type[Incoming]) -> list[Incoming]:
    return [incoming for incoming in house.desk.heard if isinstance(incoming, kind)]


def test_every_answer_can_be_called_helpful_or_not_and_offers_to_tell_someone(visitor: Visitor) -> None:
    page = read(visitor.ask(QUESTION, **HTMX).text)
    assert [button.attributes["value"] for button in page.all("button", name="helpful")] == ["yes", "no"]
    assert page.one("p", class_="tell-line").text.strip().endswith("Tell someone")
    assert not page.all("button", formaction="/questions/new")


def test_small_talk_is_not_rated(house: House, visitor: Visitor) -> None:
    house.desk.instead[Ask] = lambda _: Answer(Intent.SMALLTALK, None, "Hello.")
    page = read(visitor.ask("hello").text)
    assert not page.all("form", class_="feedback")
    assert page.all("p", class_="tell-line")


def test_where_the_policy_does_not_say_the_way_to_its_owner_is_open_at_once(house: House, visitor: Visitor) -> None:
    house.desk.instead[Ask] = lambda _: Answer(Intent.QUESTION, Verdict.NOT_COVERED, "The policy does not say.")
    page = read(visitor.ask(QUESTION).text)
    button = page.one("button", formaction="/questions/new")
    assert button.attributes["class"] == ""
    assert page.elements.index(button) < page.elements.index(page.all("button", name="helpful")[0])


def test_each_answer_has_a_random_id_of_its_own(visitor: Visitor) -> None:
    ids = {_answered(visitor)["answer"] for _ in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("helpful", ["yes", "no"])
def test_a_rating_carries_what_was_shown_and_no_word_of_the_question(
    house: House, visitor: Visitor, headers: dict[str, str], helpful: str
) -> None:
    fields = _answered(visitor)
    response = visitor.post("/ratings", {**fields, "helpful": helpful}, **headers)
    assert response.status_code == 200
    assert _heard(house, Rate) == [Rate(fields["answer"], SHOWN, helpful == "yes")]
    page = read(response.text)
    (pressed,) = page.all("button", aria_pressed="true")
    assert pressed.attributes["value"] == helpful
    assert "Noted." in page.one("span", class_="kept").text
    assert bool(page.all("button", formaction="/questions/new")) == (helpful == "no")
    assert _hidden(page, "feedback") == {**fields, "csrf": _hidden(page, "feedback")["csrf"]}
    assert bool(page.all("html")) == (not headers)


def test_without_script_a_rating_gives_a_page_to_go_on_from(visitor: Visitor) -> None:
    page = read(visitor.post("/ratings", {**_answered(visitor), "helpful": "no"}).text)
    assert page.one("p", class_="question").text == f"You asked: {QUESTION}"
    assert page.one("li", class_="exchange").attributes["autofocus"] == ""
    assert page.one("label", for_="ask-text").text == "Ask something else or go on"


def _refused(_: Incoming) -> Reply:
    return Refusal("This cannot be noted now.")


def _broken(_: Incoming) -> Reply:
    raise RuntimeError


@pytest.mark.parametrize(("script", "status"), [(_refused, 503), (_broken, 500)])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_rating_that_cannot_be_counted_says_so_and_can_be_pressed_again(
    house: House, visitor: Visitor, script: object, status: int, headers: dict[str, str]
) -> None:
    fields = _answered(visitor)
    house.desk.instead[Rate] = script  # type: ignore[assignment]
    response = visitor.post("/ratings", {**fields, "helpful": "no"}, **headers)
    page = read(response.text)
    assert response.status_code == status
    assert page.one("form", class_="feedback").attributes["data-heard"]
    assert not page.all("button", aria_pressed="true")
    assert not page.all("span", class_="kept")
    if headers:
        assert response.headers["HX-Retarget"] == f"#feedback-{fields['answer']}"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_before_sending_the_words_are_shown_as_they_were_asked(
    house: House, visitor: Visitor, headers: dict[str, str]
) -> None:
    response = visitor.post("/questions/new", _answered(visitor), **headers)
    page = read(response.text)
    assert _heard(house, OpenQuestion) == [OpenQuestion(SHOWN, QUESTION)]
    assert _heard(house, SendQuestion) == []
    assert page.typed("words") == QUESTION
    assert page.typed("reply_to") == ""
    form = page.one("form", class_="owner-question").text
    for words in (
        "No name goes with it.",
        "This goes along: 6.2(25).",
        "A concern about a child does not belong here.",
    ):
        assert words in form
    assert "/forms/report_concern" in [link.attributes["href"] for link in page.all("a")]
    assert bool(page.all("html")) == (not headers)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_sent_is_what_stands_in_the_box(house: House, visitor: Visitor, headers: dict[str, str]) -> None:
    fields = _hidden(read(visitor.post("/questions/new", _answered(visitor)).text), "owner-question")
    response = visitor.post("/questions", {**fields, "words": "other\r\nwords", "reply_to": "room 4"}, **headers)
    assert _heard(house, SendQuestion) == [SendQuestion("d" * 32, SHOWN, "other\nwords", "room 4")]
    page = read(response.text)
    assert response.status_code == 200
    assert SENT.headline in page.text
    assert not page.all("form", class_="owner-question")
    assert bool(page.all("html")) == (not headers)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_empty_question_comes_back_with_the_reason_at_its_box(visitor: Visitor, headers: dict[str, str]) -> None:
    fields = _hidden(read(visitor.post("/questions/new", _answered(visitor)).text), "owner-question")
    response = visitor.post("/questions", {**fields, "words": " ", "reply_to": "room 4"}, **headers)
    page = read(response.text)
    box = page.one("textarea", name="words")
    assert response.status_code == 422
    assert box.attributes["aria-invalid"] == "true"
    assert "autofocus" in box.attributes
    assert page.typed("reply_to") == "room 4"
    assert page.one("p", id=f"{box.attributes['id']}-error").text == "Error: Write something here"
    if headers:
        assert response.headers["HX-Retarget"] == f"#question-{'d' * 32}"


def _not_kept(incoming: Incoming) -> Reply:
    assert isinstance(incoming, SendQuestion)
    view = question_view(incoming)
    return QuestionView(view.draft, view.shown, view.title, view.says, view.instead, view.text, view.reply_to,
                        view.submit, "Your question was NOT sent.")  # fmt: skip


@pytest.mark.parametrize(
    ("script", "csrf", "status", "words"),
    [
        (_not_kept, None, 503, "NOT sent"),
        (_broken, None, 500, "NOT sent"),
        (scripted, "wrong", 403, "Nothing was sent yet; press Send again."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_whatever_fails_the_words_and_the_draft_are_still_there(  # noqa: PLR0913, PLR0917 (each a case of the table)
    house: House, visitor: Visitor, script: object, csrf: str | None, status: int, words: str, headers: dict[str, str]
) -> None:
    fields = _hidden(read(visitor.post("/questions/new", _answered(visitor)).text), "owner-question")
    house.desk.instead[SendQuestion] = script  # type: ignore[assignment]
    sent = {**fields, "words": QUESTION, "reply_to": "room 4", **({"csrf": csrf} if csrf else {})}
    response = visitor.post("/questions", sent, **headers)
    page = read(response.text)
    assert response.status_code == status
    assert words in page.one("div", class_="summary").text
    assert (page.typed("words"), page.typed("reply_to")) == (QUESTION, "room 4")
    again = _hidden(page, "owner-question")
    assert again == {**fields, "csrf": again["csrf"]}
    house.desk.instead.clear()
    assert visitor.post("/questions", {**again, "words": QUESTION}, **headers).status_code == 200


@pytest.mark.parametrize("path", ["/ratings", "/questions/new"])
def test_without_a_token_of_this_browser_nothing_is_heard(house: House, visitor: Visitor, path: str) -> None:
    fields = _answered(visitor)
    heard = len(house.desk.heard)
    response = visitor.post(path, {**fields, "csrf": "wrong", "helpful": "yes"}, **HTMX)
    assert response.status_code == 403
    assert len(house.desk.heard) == heard
    renewed = _hidden(read(response.text), "feedback")
    assert visitor.post(path, {**renewed, "helpful": "yes"}, **HTMX).status_code == 200


@pytest.mark.parametrize("path", ["/ratings", "/questions/new", "/questions"])
def test_these_pages_have_no_address_and_take_nothing_from_elsewhere(house: House, visitor: Visitor, path: str) -> None:
    response = visitor.get(path)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert visitor.post(path, {}, Sec_Fetch_Site="cross-site").status_code == 403
    assert house.desk.heard == []


def test_fields_that_no_page_of_ours_sends_do_no_harm(house: House, visitor: Visitor) -> None:
    odd = {"answer": "'x' \r\n", "verdict": "maybe", "policy": "", "helpful": "perhaps", "label.9": "x"}
    response = visitor.post("/ratings", odd, **HTMX)
    assert response.status_code == 200
    (rating,) = _heard(house, Rate)
    assert isinstance(rating, Rate)
    assert (rating.answer, rating.shown.verdict, rating.shown.policy, rating.shown.labels) == ("", "info", None, ())
    assert rating.helpful is False


@pytest.mark.parametrize("draft", ["afraid", "x\r\nSet-Cookie: a=b", "Zoë 🦓"])
def test_no_field_gets_into_a_header(visitor: Visitor, draft: str) -> None:
    response = visitor.post("/questions", {"draft": draft, "words": "", "verdict": "info"}, **HTMX)
    assert response.status_code == 422
    assert response.headers["HX-Retarget"] == "#question-"


def test_a_policy_whose_name_has_markup_in_it_is_carried_as_it_is(house: House, visitor: Visitor) -> None:
    shown = ANSWER.citations[0]
    assert shown.clause.policy in _answered(visitor).values()
    visitor.post("/ratings", {**_answered(visitor), "policy": '"><b>', "helpful": "yes"})
    (rating,) = _heard(house, Rate)
    assert isinstance(rating, Rate)
    assert rating.shown.policy == '"><b>'
