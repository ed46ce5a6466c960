"""Forms: that they can be used by everybody, and that nothing filled in is ever lost."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.messages import OpenForm, Refusal, Reply, SubmitForm
from tests.web.conftest import House, Visitor
from tests.web.markup import Page, read
from tests.web.scripted import FORM, RECEIPT

MARKUP = "</textarea><script>alert(1)</script>\"'"
FILLED = {"answer.about": "child", "answer.what": "He said he is afraid.\r\nOf whom he would not say.", "draft": "d1"}


def test_a_form_shows_each_question_with_its_help_its_source_and_its_notes(visitor: Visitor) -> None:
    response = visitor.get("/forms/report_concern")
    page = read(response.text)
    assert response.status_code == 200
    assert page.one("h1").text == FORM.title
    for question in FORM.questions:
        for words in (question.ask, question.help, question.source, *(choice.note for choice in question.choices)):
            assert words in page.text
    assert [button.text for button in page.all("button")] == [FORM.submit, "Save and leave"]
    assert FORM.intro[0].source in page.text


def test_help_notes_and_errors_are_tied_to_what_they_are_about(visitor: Visitor) -> None:
    for page in (visitor.look("/forms/report_concern"), read(visitor.post("/forms/report_concern", {}).text)):
        described = [element.attributes["aria-describedby"] for element in page.elements if _describes(element)]
        assert described
        for names in described:
            assert set(names.split()) <= set(page.ids)
        assert len(set(page.ids)) == len(page.ids)


def test_every_field_has_a_label_and_every_group_of_choices_a_legend(visitor: Visitor) -> None:
    page = visitor.look("/forms/report_concern")
    labelled = {label.attributes["for"] for label in page.all("label")}
    fields = [*page.all("textarea"), *page.all("input", type="radio")]
    assert {element.attributes["id"] for element in fields} == labelled
    assert len(page.all("legend")) == len(page.all("fieldset"))
    assert "Which class? (optional)" in page.text


def test_a_complete_form_gives_the_receipt_at_the_same_address(house: House, visitor: Visitor) -> None:
    response = visitor.post("/forms/report_concern", FILLED)
    assert response.status_code == 200
    answers = {"about": "child", "what": "He said he is afraid.\nOf whom he would not say."}
    assert house.desk.heard == [SubmitForm("report_concern", "d1", answers)]
    for words in (RECEIPT.reference, RECEIPT.headline, *RECEIPT.recipients, *RECEIPT.steps, "20 November 2026, 15:10"):
        assert words in read(response.text).text


def test_a_receipt_says_the_time_of_the_school(house: House, visitor: Visitor) -> None:
    summer = replace(RECEIPT, received=RECEIPT.received.replace(month=7))
    house.desk.instead[SubmitForm] = lambda _: summer
    assert "20 July 2026, 16:10" in visitor.post("/forms/report_concern", FILLED).text


def test_the_receipt_loaded_again_sends_the_same_draft_again(house: House, visitor: Visitor) -> None:
    first, second = (visitor.post("/forms/report_concern", FILLED) for _ in range(2))
    assert first.text == second.text
    assert house.desk.heard[0] == house.desk.heard[1]


def test_an_incomplete_form_is_given_back_with_everything_filled_in(visitor: Visitor) -> None:
    response = visitor.post("/forms/report_concern", {**FILLED, "answer.about": "", "answer.what": MARKUP})
    page = read(response.text)
    assert response.status_code == 422
    assert page.typed("answer.what") == MARKUP
    assert page.one("input", name="draft").attributes["value"] == "d1"
    assert page.one("title").text.startswith("Error: ")
    assert all("src" in script.attributes for script in page.all("script"))


def test_a_choice_that_was_made_stays_made(visitor: Visitor) -> None:
    page = read(visitor.post("/forms/report_concern", {"answer.about": "unsure"}).text)
    assert [radio.attributes["value"] for radio in page.all("input", checked="")] == ["unsure"]


def test_the_summary_of_errors_links_to_each_field(visitor: Visitor) -> None:
    page = read(visitor.post("/forms/report_concern", {}).text)
    summary = page.one("div", id="summary")
    targets = re.findall(r'href="#(q-[^"]+)"', visitor.post("/forms/report_concern", {}).text)
    assert targets == ["q-about", "q-what"]
    assert set(targets) <= set(page.ids)
    assert "There is a problem" in summary.text


def test_a_form_that_there_is_not_is_refused_in_the_desks_words(visitor: Visitor) -> None:
    for response in (visitor.get("/forms/nonsense"), visitor.post("/forms/report_concern/x", {})):
        assert response.status_code == 404
    assert "There is no such form." in visitor.get("/forms/nonsense").text


def test_a_refused_submission_is_404(house: House, visitor: Visitor) -> None:
    house.desk.instead[SubmitForm] = lambda _: Refusal("There is no such form.")
    assert visitor.post("/forms/report_concern", FILLED).status_code == 404


def test_a_form_that_could_not_be_stored_is_given_back_with_the_reason(house: House, visitor: Visitor) -> None:
    house.desk.instead[SubmitForm] = lambda _: replace(FORM, notice="Your report was NOT stored.")
    response = visitor.post("/forms/report_concern", FILLED)
    assert response.status_code == 503
    assert "Your report was NOT stored." in read(response.text).one("div", id="summary").text


@pytest.mark.parametrize(
    "spoil",
    [lambda visitor: visitor.client.cookies.clear(), lambda _: None],
    ids=["the cookie was lost", "the token is another's"],
)
def test_a_failed_check_keeps_what_was_typed_and_the_second_try_is_taken(
    house: House, visitor: Visitor, spoil: Callable[[Visitor], None]
) -> None:
    shown = visitor.look("/forms/report_concern")
    assert _token(shown)
    spoil(visitor)
    fields = {**FILLED, "answer.what": MARKUP, "csrf": "0" * 64}
    refused = visitor.client.post("/forms/report_concern", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    page = read(refused.text)
    assert refused.status_code == 403
    renewed = "For your safety this page had to be renewed. Nothing was sent yet; press Send again."
    assert renewed in page.one("div", id="summary").text
    assert page.typed("answer.what") == MARKUP
    assert [radio.attributes["value"] for radio in page.all("input", checked="")] == ["child"]
    assert page.one("input", name="draft").attributes["value"] == "d1"
    assert not any(isinstance(heard, SubmitForm) for heard in house.desk.heard)

    taken = visitor.client.post("/forms/report_concern", data={**fields, "csrf": _token(page)})
    assert taken.status_code == 200
    assert house.desk.heard[-1] == SubmitForm("report_concern", "d1", {"about": "child", "what": MARKUP})


def test_when_the_desk_breaks_what_was_typed_is_shown_again_under_the_same_draft(
    house: House, visitor: Visitor
) -> None:
    house.desk.instead[SubmitForm] = _broken
    response = visitor.post("/forms/report_concern", FILLED)
    page = read(response.text)
    assert response.status_code == 500
    assert "could not be sent just now" in page.one("div", id="summary").text
    assert page.typed("answer.what") == "He said he is afraid.\nOf whom he would not say."
    assert page.one("input", name="draft").attributes["value"] == "d1"


def test_a_new_form_has_the_draft_that_the_desk_gave_it(house: House, visitor: Visitor) -> None:
    house.desk.instead[OpenForm] = lambda _: replace(FORM, draft="made-by-the-desk")
    page = visitor.look("/forms/report_concern")
    assert page.one("input", name="draft").attributes["value"] == "made-by-the-desk"


def _token(page: Page) -> str:
    return page.one("input", name="csrf").attributes["value"]


def _describes(element: object) -> bool:
    return "aria-describedby" in getattr(element, "attributes", {})


def _broken(_: object) -> Reply:
    raise RuntimeError
