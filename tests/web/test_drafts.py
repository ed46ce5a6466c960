"""Forms that are left and come back, over HTTP and the real desk: to their owner, and to nobody who comes after."""

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.cases import records
from bot.desk import Desk
from bot.testing import FixedClock
from integrations.app import Reports
from integrations.web.once import LASTS
from integrations.web.sign_in import OneTimeLinks
from tests.web.conftest import Visitor
from tests.web.markup import Page, read
from tests.web.real import application
from tests.web.scripted import DSL

CANARY = "the zebra hides a canary"
CONCERN = "/forms/report_concern"
HALF = {"answer.about": "child", "answer.what": CANARY}
WHOLE = {**HALF, "answer.danger": "no"}

Arrive = Callable[[], Visitor]


@pytest.fixture
def links(clock: FixedClock) -> OneTimeLinks:
    return OneTimeLinks(clock)


@pytest.fixture
def arrive(desk: Desk, clock: FixedClock, links: OneTimeLinks) -> Iterator[Arrive]:
    whole = application(desk, clock, links)
    clients: list[TestClient] = []

    def new() -> Visitor:
        clients.append(TestClient(whole, base_url="http://localhost", follow_redirects=False))
        return Visitor(clients[-1])

    yield new
    for client in clients:
        client.close()


def _hidden(page: Page) -> dict[str, str]:
    names = ("draft", "clause", "code")
    return {name: one.attributes["value"] for name in names for one in page.all("input", type="hidden", name=name)}


def _follow(visitor: Visitor, response: Response, to: str) -> Response:
    assert (response.status_code, response.headers["location"]) == (303, to)
    return visitor.get(to)


def _save(visitor: Visitor, fields: Mapping[str, str] = HALF) -> tuple[str, Response]:
    """Saves and leaves: the code, and the page that tells it."""
    hidden = _hidden(visitor.look(CONCERN))
    kept = _follow(visitor, visitor.post(f"{CONCERN}/save", {**hidden, **fields}), "/drafts/kept")
    return re.findall(r"<b>([0-9A-Z-]+)</b>", kept.text)[0], kept


def _open(visitor: Visitor, code: str) -> Response:
    return _follow(visitor, visitor.post("/drafts", {"code": code}), "/drafts")


def test_a_form_that_is_left_comes_back_with_its_code_in_any_browser_and_is_sent_from_there(arrive: Arrive) -> None:
    code, kept = _save(arrive())
    assert "NOT sent" in read(kept.text).text
    elsewhere = arrive()
    page = read(_open(elsewhere, code.lower().replace("-", " ")).text)
    assert page.typed("answer.what") == CANARY
    assert [radio.attributes["value"] for radio in page.all("input", checked="")] == ["child"]
    receipt = elsewhere.post(CONCERN, {**_hidden(page), **WHOLE})
    assert "Your report is stored." in receipt.text
    assert _open(arrive(), code).status_code == 404


def test_the_code_is_shown_once_and_the_next_person_sees_neither_code_nor_draft(arrive: Arrive) -> None:
    shared = arrive()
    code, _ = _save(shared)
    for path in ("/drafts/kept", "/drafts", "/forms", CONCERN, f"{CONCERN}/save", f"{CONCERN}/continue", "/"):
        response = shared.get(path)
        page = shared.get(response.headers.get("location", path)).text
        for secret in (code, code.replace("-", ""), CANARY):
            assert secret not in response.text + page


def test_a_draft_that_came_back_is_not_shown_again_by_loading_the_page_anew(arrive: Arrive) -> None:
    shared = arrive()
    code, _ = _save(shared)
    assert CANARY in _open(shared, code).text
    again = shared.get("/drafts")
    assert (again.status_code, again.headers["location"]) == (303, "/forms")


def test_what_was_not_come_for_at_once_is_not_shown_later(arrive: Arrive, clock: FixedClock) -> None:
    shared = arrive()
    code, _ = _save(shared)
    assert shared.post("/drafts", {"code": code}).status_code == 303
    clock.go_on(LASTS)
    assert shared.get("/drafts").headers["location"] == "/forms"


def test_one_browser_does_not_get_what_another_one_came_for(arrive: Arrive) -> None:
    mine, other = arrive(), arrive()
    code, _ = _save(mine)
    assert mine.post("/drafts", {"code": code}).status_code == 303
    assert other.get("/drafts").headers["location"] == "/forms"
    assert CANARY in mine.get("/drafts").text


def test_saving_again_keeps_the_code_and_the_changes(arrive: Arrive) -> None:
    visitor = arrive()
    code, _ = _save(visitor)
    page = read(_open(visitor, code).text)
    changed = {**_hidden(page), **HALF, "answer.what": "changed"}
    kept = _follow(visitor, visitor.post(f"{CONCERN}/save", changed), "/drafts/kept")
    assert "You come back to it with the code that you have." in kept.text
    assert read(_open(visitor, code).text).typed("answer.what") == "changed"


def test_a_draft_is_discarded_with_its_code(arrive: Arrive) -> None:
    visitor = arrive()
    code, _ = _save(visitor)
    assert read(visitor.post("/drafts/discard", {"code": code}).text).one("h1").text == "It is gone."
    assert _open(visitor, code).status_code == 404
    assert visitor.post("/drafts/discard", {"code": code}).status_code == 404


@pytest.mark.parametrize("code", ["", "7KQ4", "7KQ4-2M9X-PDH3", "x" * 1000])
def test_a_wrong_code_is_answered_in_words_that_tell_nothing(arrive: Arrive, code: str) -> None:
    visitor = arrive()
    _save(visitor)
    response = _open(visitor, code)
    assert response.status_code == 404
    assert "There is nothing kept under this code." in response.text


def test_whoever_is_signed_in_finds_their_drafts_and_whoever_signed_out_leaves_none(
    arrive: Arrive, links: OneTimeLinks
) -> None:
    visitor = arrive()
    visitor.sign_in(links.issue(DSL))
    hidden = _hidden(visitor.look(CONCERN))
    kept = _follow(visitor, visitor.post(f"{CONCERN}/save", {**hidden, **HALF}), "/drafts/kept")
    assert "You find it under “Tell someone” when you are signed in" in kept.text
    assert "Your code" not in read(kept.text).text
    listed = visitor.look("/forms")
    assert "What you left" in listed.text
    draft = listed.one("input", name="draft").attributes["value"]
    assert CANARY in _follow(visitor, visitor.post("/drafts", {"draft": draft}), "/drafts").text

    assert visitor.post("/sign-out", {}).status_code == 303
    assert "What you left" not in visitor.look("/forms").text
    assert _follow(visitor, visitor.post("/drafts", {"draft": draft}), "/drafts").status_code == 404
    assert visitor.post("/drafts/discard", {"draft": draft}).status_code == 404


def test_someone_who_is_signed_in_opens_with_a_code_what_they_left_before(arrive: Arrive, links: OneTimeLinks) -> None:
    visitor = arrive()
    code, _ = _save(visitor)
    visitor.sign_in(links.issue(DSL))
    page = read(_open(visitor, code).text)
    assert page.typed("answer.what") == CANARY
    assert "stored" in visitor.post(CONCERN, {**_hidden(page), **WHOLE}).text
    assert _open(visitor, code).status_code == 404


def test_without_our_token_nothing_is_kept_and_what_was_typed_is_there(arrive: Arrive) -> None:
    visitor = arrive()
    response = visitor.post(f"{CONCERN}/save", {**_hidden(visitor.look(CONCERN)), **HALF, "csrf": "0" * 64})
    assert response.status_code == 403
    assert read(response.text).typed("answer.what") == CANARY
    assert "press Save and leave again" in response.text


# ------------------------------------------------------------------------------- steps of a form, without script


def test_continue_asks_what_the_answers_open_and_keeps_what_was_typed(arrive: Arrive) -> None:
    visitor = arrive()
    assert "hidden" in visitor.look(CONCERN).one("div", id="asked-also").attributes
    response = visitor.post(f"{CONCERN}/continue", HALF)
    page = read(response.text)
    assert response.status_code == 200
    assert "hidden" not in page.one("div", id="asked-also").attributes
    assert "hidden" in page.one("div", id="asked-adult").attributes
    assert "disabled" in page.one("textarea", name="answer.adult").attributes
    assert page.typed("answer.what") == CANARY


def test_an_answer_that_closes_a_question_says_what_is_left_out_before_anything_is_sent(arrive: Arrive) -> None:
    visitor = arrive()
    fields = {**WHOLE, "answer.about": "myself", "answer.also": "adult_here", "answer.adult": "Jo Smith"}
    for path, status in ((f"{CONCERN}/continue", 200), (CONCERN, 422)):
        response = visitor.post(path, fields)
        page = read(response.text)
        assert response.status_code == status
        summary = page.one("div", id="summary").text
        assert "Nothing was sent." in summary
        assert "Which adult who works here?" in summary
        assert "Jo Smith" not in page.text
        assert page.typed("answer.what") == CANARY


def test_several_boxes_a_rough_moment_and_names_come_back_as_they_were_filled_in(arrive: Arrive) -> None:
    visitor = arrive()
    fields = {
        **HALF,
        "answer.how": ["saw", "found"],
        "answer.moment": "2026-11-19",
        "answer.moment.time": "15:10",
        "answer.moment.about": "about",
        "answer.children": "A. B., Year 3\r\nC. D.",
    }
    response = visitor.client.post(f"{CONCERN}/continue", data={"csrf": visitor.token(), **fields})
    page = read(response.text)
    assert page.one("input", name="answer.moment").attributes["value"] == "2026-11-19"
    assert page.one("input", name="answer.moment.time").attributes["value"] == "15:10"
    checked = {one.attributes["value"] for one in page.all("input", type="checkbox", checked="")}
    assert checked == {"saw", "found", "about"}
    assert page.typed("answer.children") == "A. B., Year 3\nC. D."
    assert "open" in page.one("details", class_="more").attributes


@pytest.mark.parametrize(
    ("day", "time", "said", "type_"),
    [
        ("31/06/2026", "", "June 2026 has 30 days", "text"),
        ("", "15:10", "Give the day as well", "date"),
        ("2026-11-23", "", "23 November 2026 is still to come", "date"),
        ("soon", "25:99", "Write a time such as 15:10", "text"),
    ],
)
def test_a_moment_that_is_wrong_is_said_to_be_and_stands_there_as_it_was_typed(
    arrive: Arrive, day: str, time: str, said: str, type_: str
) -> None:
    response = arrive().post(CONCERN, {**WHOLE, "answer.moment": day, "answer.moment.time": time})
    page = read(response.text)
    assert response.status_code == 422
    assert said in page.one("div", id="summary").text
    field = page.one("input", name="answer.moment")
    assert (field.attributes["value"], field.attributes["type"]) == (day, type_)
    assert page.one("input", name="answer.moment.time").attributes["value"] == time


def test_what_the_conversation_knows_is_marked_and_its_clause_goes_along(arrive: Arrive) -> None:
    known = {"clause": "6.3(7)", "answer.with_whom": "parent", "answer.touch": "social_media", "answer.occasion": "new"}
    page = read(arrive().post("/forms/disclose_contact/begin", known).text)
    assert "goes along that you came from clause 6.3(7)" in page.text
    assert _hidden(page)["clause"] == "6.3(7)"
    taken = [one.attributes["id"] for one in page.all("p", class_="taken")]
    assert taken == ["q-with_whom-taken", "q-touch-taken", "q-occasion-taken"]
    assert "open" in page.one("details", class_="more").attributes, "nothing is taken over where nobody sees it"
    assert "nothing is sent until you press the button" in page.text


def test_another_websites_answers_are_not_taken_over(arrive: Arrive) -> None:
    response = arrive().post("/forms/disclose_contact/begin", {"answer.sender": CANARY, "csrf": "0" * 64})
    assert response.status_code == 403
    assert CANARY not in response.text


def test_tell_someone_offers_the_forms_the_concern_first(arrive: Arrive) -> None:
    page = arrive().look("/forms")
    forms = [link.attributes["href"] for link in page.all("a") if link.attributes["href"].startswith("/forms/")]
    assert forms == [
        "/forms/report_concern", "/forms/disclose_contact", "/forms/ask_permission", "/forms/explain_judgement",
        "/forms/sign_agreement",
    ]  # fmt: skip
    assert page.one("li", class_="first").text.strip().startswith("Report a concern")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("disclose_contact", "member of the senior leadership team for outside contacts"),
        ("ask_permission", "headteacher"),
        ("explain_judgement", "headteacher"),
        ("sign_agreement", "headteacher"),
    ],
)
def test_every_other_form_says_who_reads_it(arrive: Arrive, name: str, role: str) -> None:
    assert arrive().look(f"/forms/{name}").one("p", class_="readers").text == f"Read by: {role}."


# ------------------------------------------------------------------------------------ who sits there afterwards


def test_what_waits_for_one_person_is_not_shown_to_whoever_comes_after_they_signed_out(
    arrive: Arrive, links: OneTimeLinks
) -> None:
    """The redirect was not followed: the connection was gone, or they were quicker."""
    visitor = arrive()
    visitor.sign_in(links.issue(DSL))
    hidden = _hidden(visitor.look(CONCERN))
    assert visitor.post(f"{CONCERN}/save", {**hidden, **HALF}).status_code == 303
    draft = visitor.look("/forms").one("input", name="draft").attributes["value"]
    assert visitor.post("/drafts", {"draft": draft}).status_code == 303
    assert visitor.post("/sign-out", {}).status_code == 303
    for path in ("/drafts", "/drafts/kept"):
        assert visitor.get(path).headers["location"] == "/forms"


def test_what_waits_for_whoever_was_there_is_not_shown_to_the_person_who_signs_in(
    arrive: Arrive, links: OneTimeLinks
) -> None:
    visitor = arrive()
    code, _ = _save(visitor)
    assert visitor.post("/drafts", {"code": code}).status_code == 303
    assert visitor.sign_in(links.issue(DSL)).status_code == 303
    assert visitor.get("/drafts").headers["location"] == "/forms"


def test_a_page_from_before_somebody_signed_in_or_out_costs_one_more_press_and_no_word(
    arrive: Arrive, links: OneTimeLinks
) -> None:
    visitor = arrive()
    before = visitor.token()
    visitor.sign_in(links.issue(DSL))
    refused = visitor.post(CONCERN, {**_hidden(visitor.look(CONCERN)), **WHOLE, "csrf": before})
    assert refused.status_code == 403
    assert read(refused.text).typed("answer.what") == CANARY


def test_who_is_signed_in_is_the_sender_of_what_they_kept_under_a_code(
    arrive: Arrive, links: OneTimeLinks, reports: Reports
) -> None:
    visitor = arrive()
    code, _ = _save(visitor)
    visitor.sign_in(links.issue(DSL))
    page = read(_open(visitor, code).text)
    assert "stored" in visitor.post(CONCERN, {**_hidden(page), **WHOLE}).text
    with reports.store.reading() as connection:
        assert connection.scalar(select(records.cases.c.sender_hash)) is not None
