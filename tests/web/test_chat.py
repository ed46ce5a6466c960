"""The chat: what is asked, what is shown, and that nothing typed is lost."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.messages import Answer, Ask, Intent, Step
from knowledge.rulings import Verdict
from tests.web.conftest import House, Visitor
from tests.web.markup import read
from tests.web.scripted import ANSWER, CLAUSE, URGENT

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{7*7}}"


def test_the_first_page_has_a_labelled_box_and_says_how_long_a_question_may_be(visitor: Visitor) -> None:
    page = visitor.look("/")
    box = page.one("textarea", name="text")
    assert page.one("label", for_=box.attributes["id"]).text == "Your question"
    assert "2,000 characters" in page.one("p", id=box.attributes["aria-describedby"]).text


def test_without_script_a_question_gives_a_whole_page_with_question_and_answer(house: House, visitor: Visitor) -> None:
    response = visitor.ask("Can I accept a former pupil?")
    page = read(response.text)
    assert response.status_code == 200
    assert house.desk.heard == [Ask("Can I accept a former pupil?")]
    assert page.one("p", class_="question").text == "You asked: Can I accept a former pupil?"
    assert page.one("h2", class_="headline").text == ANSWER.headline
    assert len(page.all("html")) == 1


def test_htmx_gets_only_the_exchange_to_append(visitor: Visitor) -> None:
    page = read(visitor.ask("Can I?", HX_Request="true").text)
    assert not page.all("html")
    assert page.elements[0].tag == "li"
    assert page.one("p", class_="question").text == "You asked: Can I?"


def test_a_citation_is_shown_word_for_word_with_all_that_places_it(visitor: Visitor) -> None:
    html = visitor.ask("Can I?", HX_Request="true").text
    page = read(html)
    first, second = page.all("figure")
    assert CLAUSE.lead_in is not None
    for words in ("6.2(25)", *CLAUSE.headings, CLAUSE.lead_in, CLAUSE.text, "version 2.0", "July 2023"):
        assert words in first.text
    assert "its review was due in July 2026" in first.text
    assert "page 4" in second.text
    assert page.all("p", class_="words")[0].text == CLAUSE.text
    assert page.all("a", class_="label")[0].attributes["href"] == "/policies/reach2-online-safety/2.0#6.2-25"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.YES, "Yes"),
        (Verdict.NO, "No"),
        (Verdict.DEPENDS, "It depends"),
        (Verdict.INFO, "What the policy says"),
        (Verdict.NOT_COVERED, "The policy does not say"),
    ],
)
def test_every_verdict_is_a_word_and_a_sign(house: House, visitor: Visitor, verdict: Verdict, words: str) -> None:
    house.desk.instead[Ask] = lambda _: replace(ANSWER, verdict=verdict)
    line = read(visitor.ask("Can I?").text).one("p", class_=f"verdict verdict-{verdict}").text
    assert line[1:] == words
    assert not line[0].isalnum()


def test_small_talk_has_no_verdict(house: House, visitor: Visitor) -> None:
    house.desk.instead[Ask] = lambda _: Answer(Intent.SMALLTALK, None, "Hello.")
    page = read(visitor.ask("hello").text)
    assert page.one("h2", class_="headline").text == "Hello."
    assert "verdict" not in page.text
    assert not [element for element in page.elements if "verdict" in element.attributes.get("class", "")]


def test_what_is_not_covered_is_shown_as_nearest_and_not_as_an_answer(house: House, visitor: Visitor) -> None:
    house.desk.instead[Ask] = lambda _: replace(ANSWER, verdict=Verdict.NOT_COVERED)
    page = read(visitor.ask("Can I?").text)
    assert "Nearest in the policy, not an answer" in page.one("h3", class_="nearest").text
    assert len(page.all("figure", class_="citation near")) == 2


def test_nearest_is_not_said_of_an_answer(visitor: Visitor) -> None:
    assert "not an answer" not in visitor.ask("Can I?").text


def test_offers_lead_to_their_forms(visitor: Visitor) -> None:
    page = read(visitor.ask("Can I?").text)
    (offer,) = page.all("button", formaction="/forms/disclose_contact/begin")
    assert offer.text == "Tell us of a contact"
    assert page.one("input", name="clause").attributes["value"] == str(ANSWER.citations[0].clause.label)


def test_a_clause_that_is_only_near_does_not_go_along_to_a_form(house: House, visitor: Visitor) -> None:
    house.desk.instead[Ask] = lambda _: replace(ANSWER, verdict=Verdict.NOT_COVERED)
    assert not read(visitor.ask("Can I?").text).all("input", name="clause")


def test_an_urgent_answer_begins_with_what_to_do_now(house: House, visitor: Visitor) -> None:
    assert not read(visitor.ask("Can I?").text).all("section", class_="urgent")
    house.desk.instead[Ask] = lambda _: URGENT
    html = visitor.ask("he is going to hurt her").text
    page = read(html)
    shown = page.one("section", class_="urgent").text
    order = [URGENT.headline, "ring 999", "guidance", "Ann Lee", "01632 960101", "01632 960111", "Report a concern"]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)
    assert html.index('class="urgent"') < html.index('class="citation')
    assert page.one("button", formaction="/forms/report_concern/begin")
    assert not page.all("p", class_="verdict verdict-info")


def test_a_number_is_dialled_only_where_it_is_nothing_but_one(house: House, visitor: Visitor) -> None:
    mixed = replace(URGENT.reach[0], telephone="01632 960101 ext 7", is_office=True)
    house.desk.instead[Ask] = lambda _: replace(URGENT, reach=(*URGENT.reach, mixed))
    page = read(visitor.ask("he is going to hurt her").text)
    dialled = [link.attributes["href"] for link in page.all("a", class_="telephone")]
    assert dialled == ["tel:01632960101", "tel:01632960110", "tel:01632960111"]
    assert "school office 01632 960101 ext 7" in page.one("section", class_="urgent").text


def test_what_was_told_in_danger_has_no_way_to_the_policy_owner(house: House, visitor: Visitor) -> None:
    house.desk.instead[Ask] = lambda _: URGENT
    page = read(visitor.ask("he is going to hurt her").text)
    assert not page.all("form", class_="feedback")
    assert not [one for one in page.all("input") if "hurt her" in one.attributes.get("value", "")]


def test_a_question_about_a_danger_keeps_one_line_of_safety(house: House, visitor: Visitor) -> None:
    assert not read(visitor.ask("Can I?").text).all("p", class_="safety")
    house.desk.instead[Ask] = lambda _: replace(ANSWER, safety=Step("Ring 999.", "guidance"))
    page = read(visitor.ask("what if").text)
    assert page.one("p", class_="safety").text == "Ring 999. guidance"
    assert page.one("p", class_="verdict verdict-depends")


def test_markup_in_a_question_is_shown_and_does_nothing(visitor: Visitor) -> None:
    for headers in ({}, {"HX_Request": "true"}):
        page = read(visitor.ask(MARKUP, **headers).text)
        assert page.one("p", class_="question").text == f"You asked: {MARKUP}"
        assert not page.all("img")
        assert all("src" in script.attributes for script in page.all("script"))


def test_markup_in_a_clause_is_shown_and_does_nothing(house: House, visitor: Visitor) -> None:
    citation = replace(ANSWER.citations[0], clause=replace(CLAUSE, text=MARKUP, lead_in=MARKUP), title=MARKUP)
    house.desk.instead[Ask] = lambda _: replace(ANSWER, headline=MARKUP, citations=(citation,), offers=(MARKUP,))
    page = read(visitor.ask("Can I?").text)
    assert page.one("p", class_="words").text == MARKUP
    assert page.one("h2", class_="headline").text == MARKUP
    assert not page.all("img")


@pytest.mark.parametrize("text", ["", " \r\n\t", "x" * 2001])
@pytest.mark.parametrize("headers", [{}, {"HX_Request": "true"}])
def test_a_question_that_cannot_be_asked_is_given_back_with_the_reason(
    house: House, visitor: Visitor, text: str, headers: dict[str, str]
) -> None:
    response = visitor.ask(text, **headers)
    assert response.status_code == 422
    assert house.desk.heard == []
    page = read(response.text)
    if headers:
        assert page.elements[0].tag == "p"
    else:
        assert page.typed("text") == text.replace("\r\n", "\n")
        assert page.one("div", id="ask-problem").text.strip()


def test_a_question_of_2000_characters_with_line_ends_as_browsers_send_them_is_asked(
    house: House, visitor: Visitor
) -> None:
    assert visitor.ask("a\r\n" * 999 + "bb").status_code == 200
    assert house.desk.heard == [Ask("a\n" * 999 + "bb")]


@pytest.mark.parametrize("headers", [{}, {"HX_Request": "true"}])
def test_when_the_desk_breaks_the_question_is_still_in_the_box(
    house: House, visitor: Visitor, headers: dict[str, str]
) -> None:
    house.desk.instead[Ask] = _broken
    response = visitor.ask("Can I?", **headers)
    assert response.status_code == 500
    assert "press Ask again" in response.text
    if headers:
        assert (response.headers["HX-Retarget"], response.headers["HX-Reswap"]) == ("#ask-problem", "innerHTML")
    else:
        assert read(response.text).typed("text") == "Can I?"


def test_an_answer_has_no_address_of_its_own(visitor: Visitor) -> None:
    response = visitor.get("/ask")
    assert (response.status_code, response.headers["Location"]) == (303, "/")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")))
def test_any_text_that_is_given_back_is_what_was_typed(visitor: Visitor, text: str) -> None:
    page = read(visitor.post("/ask", {"text": text, "csrf": "wrong"}).text)
    assert page.typed("text") == text


def _broken(_: object) -> Answer:
    raise RuntimeError


@pytest.mark.parametrize("headers", [{}, {"HX_Request": "true"}])
def test_a_question_of_10000_characters_is_refused_with_the_count_and_kept(
    house: House, visitor: Visitor, headers: dict[str, str]
) -> None:
    text = "can pupils use phones? " * 434 + "x" * 18
    response = visitor.ask(text, **headers)
    assert response.status_code == 422
    assert "10,000 characters; shorten it to 2,000" in response.text
    assert house.desk.heard == []
    if not headers:  # without script the page comes back with it; with script the box was never emptied
        assert read(response.text).typed("text") == text


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (b"%FF%FE+phones", "\ufffd\ufffd phones"),
        (b"%ED%A0%BD", "\ufffd\ufffd\ufffd"),
        (b"a%00b", "a\0b"),
        (b"\xff\xfe", "\u00ff\u00fe"),
        (b"%F0%9F%A4%B7", "\U0001f937"),
        (b"%1B%5B31m%E2%80%AEphones", "\x1b[31m\u202ephones"),
    ],
)
def test_bytes_that_are_no_text_are_asked_as_far_as_they_can_be_read(
    house: House, visitor: Visitor, sent: bytes, heard: str
) -> None:
    body = b"csrf=" + visitor.token().encode() + b"&text=" + sent
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    response = visitor.client.post("/ask", content=body, headers=form)
    assert response.status_code == 200
    assert house.desk.heard == [Ask(heard)]
    assert response.content.decode()
