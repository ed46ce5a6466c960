"""The buttons under "it depends", as they are posted: what they carry, what they count, and what rubbish does."""

from collections.abc import Iterator, Mapping

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from bot.desk import Desk
from bot.messages import Ask, Incoming, Reply, TellFact
from bot.testing import FixedClock
from bot.wording import say
from integrations.web.inbound import MAX_FIELDS, asked, pressed, tell_fact
from tests.web.conftest import House, Visitor
from tests.web.markup import Page, read
from tests.web.real import application
from tests.web.ruled import GONE, MEANT, POLICY, RULING, WHICH, ruled

CONVERSATION = "c" * 32
RULED = {"policy": POLICY, "ruling": RULING, "conversation": CONVERSATION}
CANARY = "zebra-canary-71"
HTMX = {"HX_Request": "true"}


def _heard(house: House) -> TellFact:
    (told,) = (heard for heard in house.desk.heard if isinstance(heard, TellFact))
    return told


def _posted_by(page: Page, name: str, value: str) -> dict[str, str]:
    """The fields that a browser posts when a button of the one form of facts is pressed."""
    page.one("button", name=name, value=value)
    hidden = page.elements[page.elements.index(page.one("form", class_="facts")) :]
    ending = next(place for place, one in enumerate(hidden) if one.attributes.get("data-gone"))
    fields = {one.attributes["name"]: one.attributes["value"] for one in hidden[:ending] if one.tag == "input"}
    return {**fields, name: value}


# ------------------------------------------------------------------------------------------------- inbound


def test_what_is_pressed_takes_the_place_of_what_was_known() -> None:
    fields = {**RULED, "known.age": "under 18", "known.relative": "no", "fact.age": "18 or over"}
    facts = (("age", "18 or over"), ("relative", "no"))
    assert tell_fact(fields) == TellFact(POLICY, RULING, facts, CONVERSATION)
    assert pressed(fields) == (("age", "18 or over"),)


@pytest.mark.parametrize("conversation", ["", "c" * 31, "c" * 33, "C" * 32, "../" * 11, "c" * 31 + "\n", CANARY])
def test_a_conversation_that_we_did_not_name_is_none(conversation: str) -> None:
    assert not tell_fact({**RULED, "conversation": conversation}).conversation


def test_nothing_of_the_fields_goes_along_but_ruling_facts_and_conversation() -> None:
    typed = {"text": CANARY, "about": CANARY, "question": CANARY, "age": CANARY, "answer.age": CANARY}
    assert tell_fact({**RULED, **typed}) == TellFact(POLICY, RULING, (), CONVERSATION)


@pytest.mark.parametrize("name", ["fact.", "fact.shoe_size", "fact.age.age", "fact.AGE", f"fact.{CANARY}"])
def test_what_is_no_fact_was_not_pressed(name: str) -> None:
    assert pressed({**RULED, name: "under 18"}) == ()
    assert asked({name.replace("fact", "asked", 1): "1"}) == ()


@pytest.mark.parametrize("value", ["17", "UNDER 18", "under 18 ", CANARY])
def test_what_is_no_choice_was_not_pressed(value: str) -> None:
    assert pressed({**RULED, "fact.age": value}) == ()


# -------------------------------------------------------------------------------------------- scripted desk


def test_a_question_stands_over_its_choices_and_is_posted_with_what_was_known(house: House, visitor: Visitor) -> None:
    ruled(house)
    page = read(visitor.post("/ask", {"text": "Can I?", "conversation": CONVERSATION}).text)
    assert [one.text for one in page.all("legend")] == ["How old are they?", "Are they related to you?"]
    page = read(visitor.post("/facts", _posted_by(page, "fact.age", "under 18")).text)
    assert _heard(house) == TellFact(POLICY, RULING, (("age", "under 18"),), CONVERSATION)
    assert page.one("h2", class_="headline").text == "Not under 18."
    assert "How old are they? Under 18" in page.one("div", class_="counted").text
    assert page.one("p", class_="question").text == "You pressed: How old are they? Under 18."
    (current,) = page.all("button", aria_pressed="true")
    assert current.text == "Under 18"


def test_what_was_asked_first_can_still_be_told_after_a_verdict(house: House, visitor: Visitor) -> None:
    ruled(house)
    page = read(visitor.ask("Can I?").text)
    page = read(visitor.post("/facts", _posted_by(page, "fact.age", "under 18")).text)
    page = read(visitor.post("/facts", _posted_by(page, "fact.relative", "yes")).text)
    assert page.one("h2", class_="headline").text == "A relative is the exception."
    page = read(visitor.post("/facts", _posted_by(page, "fact.relative", "")).text)
    assert page.one("h2", class_="headline").text == "Not under 18."
    assert page.one("p", class_="question").text == "You pressed: Are they related to you? I do not know."
    assert [one.text for one in page.all("legend")] == ["How old are they?", "Are they related to you?"]


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_nothing_that_was_typed_stands_in_the_form_of_facts(
    house: House, visitor: Visitor, headers: Mapping[str, str]
) -> None:
    ruled(house)
    html = visitor.ask(CANARY, **headers).text
    form = html.split('class="facts"')[1].split("</form>")[0]
    assert "How old are they?" in form
    assert CANARY not in form
    page = visitor.post("/facts", _posted_by(read(html), "fact.age", "under 18"), **headers)
    assert CANARY not in page.text


def test_the_conversation_goes_on_from_a_page_without_script(house: House, visitor: Visitor) -> None:
    ruled(house)
    page = read(visitor.post("/facts", {**RULED, "fact.age": "under 18"}).text)
    assert len(page.all("html")) == 1
    ids = {one.attributes["value"] for one in page.all("input", name="conversation")}
    assert ids == {CONVERSATION}
    page.one("textarea", name="text")
    for path, fields in (("/ask", {"text": " "}), ("/ratings", {"answer": "a" * 32, "helpful": "yes"})):
        page = read(visitor.post(path, {**fields, "conversation": CONVERSATION}).text)
        assert {one.attributes["value"] for one in page.all("input", name="conversation")} == {CONVERSATION}


def test_only_what_the_page_may_show_of_rubbish_is_shown(house: House, visitor: Visitor) -> None:
    ruled(house)
    fields = {**RULED, "fact.age": CANARY, f"known.{CANARY}": "yes", f"asked.{CANARY}": "1", f"fact.{CANARY}": "yes"}
    response = visitor.post("/facts", fields)
    assert response.status_code == 200
    assert CANARY not in response.text
    assert not read(response.text).all("p", class_="question")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_ruling_that_is_gone_is_refused_in_words_among_the_answers(
    house: House, visitor: Visitor, headers: Mapping[str, str]
) -> None:
    ruled(house)
    page = read(visitor.post("/facts", {**RULED, "ruling": CANARY, "fact.age": "under 18"}, **headers).text)
    assert page.one("h2", class_="headline").text == GONE.headline
    assert not page.all("form", class_="feedback")
    assert len(page.all("h1")) == (0 if headers else 1)


def test_a_foreign_token_counts_nothing_and_the_same_can_be_pressed_again(house: House, visitor: Visitor) -> None:
    ruled(house)
    fields = {**RULED, "known.relative": "no", "fact.age": "under 18"}
    response = visitor.post("/facts", {**fields, "csrf": "0" * 64})
    assert response.status_code == 403
    assert house.desk.heard == []
    page = read(response.text)
    assert say("answer.renewed") in page.one("p", role="alert").text
    sent = {one.attributes["name"]: one.attributes["value"] for one in page.all("input")}
    assert page.one("button", name="about").text == "How old are they? Under 18."
    again = read(visitor.client.post("/facts", data=sent, headers={"Sec-Fetch-Site": "same-origin"}).text)
    assert again.one("h2", class_="headline").text == "Not under 18."
    assert _heard(house) == TellFact(POLICY, RULING, (("relative", "no"), ("age", "under 18")), CONVERSATION)


def test_to_the_open_chat_a_foreign_token_says_so_under_the_buttons(house: House, visitor: Visitor) -> None:
    response = visitor.post("/facts", {**RULED, "csrf": "0" * 64}, **HTMX)
    assert (response.status_code, response.headers["HX-Retarget"]) == (403, "find [data-gone]")
    assert say("answer.renewed") in response.text
    assert read(response.text).one("input", name="csrf").attributes["value"] == visitor.token()
    assert house.desk.heard == []


def test_from_another_website_nothing_is_counted(house: House, visitor: Visitor) -> None:
    response = visitor.post("/facts", {**RULED, "fact.age": "under 18"}, Sec_Fetch_Site="cross-site")
    assert response.status_code == 403
    assert house.desk.heard == []


def test_too_many_fields_are_refused_unread(house: House, visitor: Visitor) -> None:
    many = {f"fact.x{number}": "yes" for number in range(MAX_FIELDS)}
    assert visitor.post("/facts", {**RULED, **many}).status_code == 400
    assert house.desk.heard == []


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_when_the_desk_breaks_it_says_what_to_press(house: House, visitor: Visitor, headers: Mapping[str, str]) -> None:
    house.desk.instead[TellFact] = _broken
    response = visitor.post("/facts", {**RULED, "fact.age": "under 18"}, **headers)
    assert response.status_code == 500
    (said,) = [one.text for one in read(response.text).all("p") if "incident" in one.text]
    assert said.endswith("Press it again.")
    assert CANARY not in response.text


def _broken(_: Incoming) -> Reply:
    raise RuntimeError(CANARY)


def test_what_a_message_may_mean_is_chosen_by_buttons(house: House, visitor: Visitor) -> None:
    ruled(house)
    house.desk.instead[Ask] = lambda _: WHICH
    page = read(visitor.ask("Can I?").text)
    assert [one.text for one in page.all("button", name="about")] == list(MEANT)
    assert not page.all("form", class_="facts")
    fields = {**RULED, "ruling": page.all("input", name="ruling")[1].attributes["value"], "about": MEANT[1]}
    page = read(visitor.post("/facts", fields).text)
    assert _heard(house) == TellFact(POLICY, f"{RULING}-1", (), CONVERSATION)
    assert page.one("p", class_="question").text == f"You pressed: {MEANT[1]}"


def test_clauses_that_do_not_decide_stand_in_a_closed_part(house: House, visitor: Visitor) -> None:
    ruled(house)
    html = visitor.ask("Can I?").text
    part = read(html).one("details", class_="related")
    assert "open" not in part.attributes
    assert "5.3" in part.text
    assert "6.2(25)" not in part.text
    house.desk.instead[Ask] = lambda _: WHICH
    assert "6.2(25)" in read(visitor.ask("Can I?").text).one("details", class_="related").text


def test_markup_in_a_meaning_or_a_field_does_nothing(house: House, visitor: Visitor) -> None:
    ruled(house)
    page = read(visitor.post("/facts", {**RULED, "about": "<img src=x onerror=alert(1)>"}).text)
    assert not page.all("img")


def test_looked_at_the_address_of_facts_leads_to_the_chat(visitor: Visitor) -> None:
    response = visitor.get("/facts")
    assert (response.status_code, response.headers["Location"]) == (303, "/")


# ------------------------------------------------------------------------------------------------- real desk


@pytest.fixture
def asker(desk: Desk, clock: FixedClock) -> Iterator[Visitor]:
    with TestClient(application(desk, clock), base_url="http://localhost", follow_redirects=False) as client:
        yield Visitor(client)


def _headline(response: Response) -> str:
    assert response.status_code == 200
    return read(response.text).one("h2", class_="headline").text


def test_pressed_one_after_the_other_the_verdict_of_the_real_ruling_changes(asker: Visitor) -> None:
    page = read(asker.ask("can I accept a former pupil as a follower?").text)
    page.one("p", class_="verdict verdict-depends")
    page = read(asker.post("/facts", _posted_by(page, "fact.age", "under 18")).text)
    page.one("p", class_="verdict verdict-no")
    page = read(asker.post("/facts", _posted_by(page, "fact.relative", "yes")).text)
    page.one("p", class_="verdict verdict-yes")
    page = read(asker.post("/facts", _posted_by(page, "fact.relative", "no")).text)
    page.one("p", class_="verdict verdict-no")


@pytest.mark.parametrize(
    "names",
    [
        {"ruling": "no-such-ruling"},
        {"policy": "no-such-policy"},
        {"policy": "", "ruling": ""},
        {"ruling": "../../etc/passwd"},
        {"ruling": "x" * 10_000},
        {"ruling": "\0"},
    ],
)
def test_the_real_desk_refuses_a_ruling_that_there_is_not_in_words(asker: Visitor, names: dict[str, str]) -> None:
    assert _headline(asker.post("/facts", {**RULED, **names})) == say("refusal.NoSuchRuling")


@pytest.mark.parametrize(
    "rubbish",
    [{"fact.age": "17"}, {"fact.shoe_size": "9"}, {"known.age": CANARY}, {"fact.": ""}, {"fact.age": ""}, {}],
)
def test_the_real_desk_counts_no_rubbish(asker: Visitor, rubbish: dict[str, str]) -> None:
    page = read(asker.post("/facts", {**RULED, **rubbish}).text)
    page.one("p", class_="verdict verdict-depends")
    assert not page.all("div", class_="counted")
    assert CANARY not in page.text


def test_facts_that_the_ruling_does_not_turn_on_are_not_shown_as_counted(asker: Visitor) -> None:
    page = read(asker.post("/facts", {**RULED, "known.device": "own", "fact.age": "under 18"}).text)
    assert "device" not in page.one("div", class_="counted").text
    page.one("p", class_="verdict verdict-no")
