"""What can be done under an answer, in a real browser: by keyboard, heard, without script, on a phone."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from bot.messages import Answer, Ask, Incoming, Intent, OpenQuestion, Rate, Reply, SendQuestion, ShowSection
from knowledge.rulings import Verdict
from tests.browsing import Watch
from tests.web.conftest import House
from tests.web.scripted import CLAUSE, SENT, SHOWN, URGENT, question_view
from tests.web.watching import ask, can_be_seen

QUESTION = "ex pupil wants to add me on insta, can I follow her back?"
NOT_COVERED = Answer(Intent.QUESTION, Verdict.NOT_COVERED, "The policy does not say.")


def _not_covered(_: Incoming) -> Reply:
    return NOT_COVERED


def _answered(page: Page, origin: str) -> None:
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(1)


def _heard(house: House, kind: type[Incoming]) -> list[Incoming]:
    return [incoming for incoming in house.desk.heard if isinstance(incoming, kind)]


def test_a_section_is_opened_in_place_by_keyboard_and_fetched_once(house: House, page: Page, origin: str) -> None:
    _answered(page, origin)
    summary = page.locator("details.whole summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".section .asked")).to_contain_text(CLAUSE.text)
    expect(page.locator("#ask-heard")).to_have_text("The section is shown below the clause: 4 clauses.")
    expect(page.locator("details.whole[open] summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".section")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator(".section")).to_be_visible()
    assert len(_heard(house, ShowSection)) == 1
    assert page.url == f"{origin}/"


def test_a_section_that_does_not_come_says_so_and_comes_when_it_is_opened_again(
    page: Page, origin: str, watch: Watch
) -> None:
    watch.expected = ("ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
    _answered(page, origin)
    page.route("**/section*", lambda route: route.abort())
    summary = page.locator("details.whole summary").first
    summary.click()
    expect(page.locator("details[open] .problem")).to_have_text("The section could not be fetched.")
    expect(page.locator("#ask-heard")).to_have_text("The section could not be fetched.")
    expect(page.get_by_role("link", name="Read it in the policy")).to_be_visible()
    page.unroute("**/section*")
    summary.click()
    summary.click()
    expect(page.locator(".section")).to_be_visible()
    expect(page.locator("details[open] .problem")).to_be_hidden()


def test_a_rating_is_given_and_changed_by_keyboard_and_heard(house: House, page: Page, origin: str) -> None:
    _answered(page, origin)
    page.get_by_role("button", name="No", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ask-heard")).to_have_text("Noted.")
    no = page.get_by_role("button", name="No", exact=True)
    expect(no).to_be_focused()
    expect(no).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Send your question to the policy owner")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Yes", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Send your question")).to_have_count(0)
    first, second = _heard(house, Rate)
    assert isinstance(first, Rate)
    assert isinstance(second, Rate)
    assert (first.answer, first.helpful, second.helpful) == (second.answer, False, True)
    assert first.shown == SHOWN


def test_a_rating_that_does_not_arrive_says_so_and_stays_to_be_pressed(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
    _answered(page, origin)
    page.route("**/ratings", lambda route: route.abort())
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator(".feedback .problem")).to_contain_text("could not be noted")
    page.unroute("**/ratings")
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator(".kept")).to_be_visible()


def test_a_lost_cookie_costs_a_rating_one_more_press(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("403",)
    _answered(page, origin)
    page.context.clear_cookies()
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator(".feedback .problem")).to_contain_text("Nothing was sent yet")
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator(".kept")).to_be_visible()


def test_a_question_is_sent_to_the_policy_owner_by_keyboard_after_it_was_seen(
    house: House, page: Page, origin: str
) -> None:
    house.desk.instead[Ask] = _not_covered
    _answered(page, origin)
    page.get_by_role("button", name="Send your question to the policy owner").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Send your question to the policy owner")).to_be_focused()
    assert can_be_seen(page, ".owner-question h2")
    box = page.get_by_label("The words that will be sent")
    expect(box).to_have_value(QUESTION)
    assert _heard(house, SendQuestion) == []
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(box).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("May I?")
    expect(page.locator(".owner-question .hint").first).to_have_text("1,994 characters left")
    page.get_by_role("button", name="Send", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".noted")).to_contain_text(SENT.headline)
    expect(page.locator(".noted")).to_be_focused()
    (sent,) = _heard(house, SendQuestion)
    assert isinstance(sent, SendQuestion)
    assert (sent.text, sent.reply_to) == ("May I?", "")
    assert page.url == f"{origin}/"


def test_a_question_that_is_not_to_be_sent_is_put_away_and_nothing_was_sent(
    house: House, page: Page, origin: str
) -> None:
    house.desk.instead[Ask] = _not_covered
    _answered(page, origin)
    opener = page.get_by_role("button", name="Send your question to the policy owner")
    opener.click()
    page.get_by_role("button", name="Do not send").click()
    expect(page.locator(".owner-question")).to_have_count(0)
    expect(opener).to_be_focused()
    opener.click()
    expect(page.locator(".owner-question")).to_have_count(1)
    opener.click()
    expect(page.locator(".owner-question")).to_have_count(1)
    assert _heard(house, SendQuestion) == []


def test_an_empty_question_leads_back_to_its_box_and_a_lost_connection_keeps_the_words(
    house: House, page: Page, origin: str, watch: Watch
) -> None:
    watch.expected = ("422", "ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
    house.desk.instead[Ask] = _not_covered
    _answered(page, origin)
    page.get_by_role("button", name="Send your question").click()
    box = page.get_by_label("The words that will be sent")
    expect(box).to_have_value(QUESTION)
    page.wait_for_function("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')")
    box.fill("")
    expect(box).to_have_value("")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".owner-question .error")).to_contain_text("Write something here")
    expect(box).to_be_focused()
    page.keyboard.type("May I?")
    page.route("**/questions", lambda route: route.abort())
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".owner-question .problem")).to_contain_text("What you wrote is still here")
    expect(box).to_have_value("May I?")
    page.unroute("**/questions")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".noted")).to_be_visible()


def test_without_script_an_answer_is_rated_and_a_question_sent(house: House, plain: Page, origin: str) -> None:
    plain.goto(origin)
    plain.get_by_label("Your question").fill(QUESTION)
    plain.get_by_role("button", name="Ask", exact=True).click()
    expect(plain.locator(".exchange")).to_be_focused()
    expect(plain.get_by_role("link", name="Show the whole section").first).to_be_visible()
    expect(plain.locator("details.whole").first).to_be_hidden()
    plain.get_by_role("button", name="No", exact=True).click()
    expect(plain.locator(".kept")).to_have_text("Noted.")
    plain.get_by_role("button", name="Send your question to the policy owner").click()
    expect(plain.get_by_label("The words that will be sent")).to_have_value(QUESTION)
    assert "Do not send" not in plain.inner_text("body")
    plain.get_by_role("button", name="Send", exact=True).click()
    expect(plain.locator(".noted")).to_contain_text(SENT.headline)
    assert _heard(house, OpenQuestion) == [OpenQuestion(SHOWN, QUESTION)]
    assert _heard(house, SendQuestion) == [SendQuestion("d" * 32, SHOWN, QUESTION)]
    assert plain.url == f"{origin}/questions"


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_what_to_do_now_is_seen_first_and_the_form_is_one_press_away(
    house: House, page: Page, origin: str, width: int
) -> None:
    house.desk.instead[Ask] = lambda _: URGENT
    page.set_viewport_size({"width": width, "height": 800})
    _answered(page, origin)
    assert can_be_seen(page, ".urgent h2")
    expect(page.get_by_role("link", name="01632 960111")).to_have_attribute("href", "tel:01632960111")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    heights = page.locator(".telephone, .urgent button").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert min(heights) >= 24
    page.get_by_role("button", name="Report a concern").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{origin}/forms/report_concern/begin")
    assert QUESTION not in page.content()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_under_an_answer_is_wider_than_the_window_or_too_small_to_touch(
    house: House, page: Page, origin: str, width: int
) -> None:
    house.desk.instead[Ask] = _not_covered
    page.set_viewport_size({"width": width, "height": 800})
    _answered(page, origin)
    page.get_by_role("button", name="Send your question").click()
    expect(page.locator(".owner-question")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator(".exchange button").all():
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24  # WCAG 2.2, 2.5.8


def test_who_writes_to_the_policy_owner_is_not_covered_by_the_box_for_questions(
    house: House, page: Page, origin: str
) -> None:
    house.desk.instead[Ask] = _not_covered
    page.set_viewport_size({"width": 390, "height": 700})
    _answered(page, origin)
    page.get_by_role("button", name="Send your question").click()
    for name in ("The words that will be sent", "How to reach you (optional)"):
        page.get_by_label(name).focus()
        assert can_be_seen(page, ":focus")


def test_in_a_long_conversation_every_control_has_a_name_and_every_id_is_there_once(
    house: House, page: Page, origin: str
) -> None:
    drafts = iter(("1" * 32, "2" * 32))
    house.desk.instead[OpenQuestion] = lambda _: question_view(SendQuestion(next(drafts), SHOWN, QUESTION))
    _answered(page, origin)
    house.desk.instead[Ask] = _not_covered
    for count in (2, 3):
        ask(page, QUESTION)
        expect(page.locator(".exchange")).to_have_count(count)
    page.locator("details.whole summary").first.click()
    expect(page.locator(".section")).to_be_visible()
    for button in page.get_by_role("button", name="Send your question").all():
        button.click()
    expect(page.locator(".owner-question")).to_have_count(2)
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, a, textarea, summary")]
        .filter(one => !one.textContent.trim() && !one.labels?.length).map(one => one.outerHTML)""")
    assert nameless == []
    lost = page.evaluate("""() => [...document.querySelectorAll("[aria-describedby], label[for]")]
        .flatMap(one => (one.getAttribute("aria-describedby") ?? one.htmlFor).split(" "))
        .filter(id => !document.getElementById(id))""")
    assert lost == []
    levels = [
        int(tag[1]) for tag in page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => one.tagName)")
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))
