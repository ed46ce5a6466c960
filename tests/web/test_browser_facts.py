"""The buttons under "it depends" in a real browser: pressed, heard, counted, changed, and when things go wrong."""

import re
import threading
from dataclasses import replace

import pytest
from playwright.sync_api import Page, Request, expect

from bot.messages import Ask, Incoming, Reply, TellFact
from bot.wording import say
from knowledge.rulings import Verdict
from tests.browsing import Watch
from tests.web.conftest import House
from tests.web.ruled import CORRECTION, MEANT, OPEN, WHICH, counted, ruled
from tests.web.serving import PATIENCE
from tests.web.watching import ask, can_be_seen

QUESTION = "zebra ex pupil wants to add me on insta"
LAST = ".exchange:last-child"


@pytest.fixture(autouse=True)
def _by_the_ruling(house: House) -> None:
    ruled(house)


def _told(house: House) -> list[TellFact]:
    return [heard for heard in house.desk.heard if isinstance(heard, TellFact)]


def _press(page: Page, name: str, count: int) -> None:
    """Presses a button of the last answer; ``count`` exchanges there are then."""
    page.locator(LAST).get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".exchange")).to_have_count(count)


def _open(page: Page) -> None:
    page.locator(f"{LAST} .change summary").click()


def test_asked_pressed_pressed_and_corrected_the_verdict_changes_and_the_old_one_is_taken_back(
    house: House, page: Page, origin: str
) -> None:
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator(".verdict-words")).to_have_text("It depends")
    _press(page, "Under 18", 2)
    expect(page.locator(f"{LAST} .verdict-words")).to_have_text("No")
    expect(page.locator(f"{LAST} .counted")).to_contain_text("How old are they? Under 18")
    _open(page)
    _press(page, "Yes, a relative of mine", 3)
    expect(page.locator(f"{LAST} .verdict-words")).to_have_text("Yes")
    expect(page.locator(".withdrawn")).to_have_count(0)
    ask(page, CORRECTION)
    expect(page.locator(".exchange")).to_have_count(4)
    expect(page.locator(f"{LAST} .withdraws")).to_have_text(say("answer.withdraws"))
    expect(page.locator(f"{LAST} .verdict-words")).to_have_text("No")
    expect(page.locator(".exchange:nth-child(3) .withdrawn .taken-back")).to_have_text(say("answer.taken_back"))
    expect(page.locator(".withdrawn")).to_have_count(1)
    expect(page.locator("#ask-heard")).to_contain_text(say("answer.withdraws"))
    first, second = _told(house)
    assert dict(first.facts) == {"age": "under 18"}
    assert dict(second.facts) == {"age": "under 18", "relative": "yes"}
    assert {first.conversation, second.conversation} == {
        heard.conversation for heard in house.desk.heard if isinstance(heard, Ask)
    }
    assert re.fullmatch(r"[0-9a-f]{32}", first.conversation)


def test_nothing_that_was_typed_travels_with_a_press(page: Page, origin: str) -> None:
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/facts") else None)
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(1)
    page.locator("#ask-text").fill("zebra half a thought")
    _press(page, "Under 18", 2)
    _open(page)
    _press(page, "18 or over", 3)
    assert len(sent) == 2
    for request in sent:
        assert "zebra" not in f"{request.url} {request.post_data} {request.all_headers()}"
    expect(page.locator("#ask-text")).to_have_value("zebra half a thought")


def test_a_press_by_keyboard_is_announced_and_leads_to_the_new_answer(page: Page, origin: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator("#ask-heard")).to_contain_text("How old are they? Are they related to you?")
    page.get_by_role("button", name="Under 18").focus()
    page.keyboard.press("Enter")
    expect(page.locator(LAST)).to_be_focused()
    expect(page.locator("#ask-heard")).to_contain_text("No. Not under 18. How old are they? Under 18.")
    for part in (".question", ".verdict", ".headline", ".counted"):
        assert can_be_seen(page, f"{LAST} {part}")
    page.keyboard.press("Tab")
    expect(page.locator(f"{LAST} .change summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Under 18", pressed=True)).to_be_focused()
    expect(page.get_by_label("Ask something else or go on")).to_be_visible()


def test_while_it_waits_it_says_so_and_a_second_press_counts_nothing_twice(
    house: House, page: Page, origin: str
) -> None:
    goes_on = threading.Event()

    def slow(_: Incoming) -> Reply:
        assert goes_on.wait(PATIENCE)
        return counted({"age": "under 18"})

    house.desk.instead[TellFact] = slow
    page.goto(origin)
    ask(page, QUESTION)
    button = page.get_by_role("button", name="Under 18")
    button.click()
    expect(page.locator("#ask-state")).to_have_text("Looking in the policy…")
    button.click()
    page.get_by_role("button", name="No, not related").click()
    goes_on.set()
    expect(page.locator(".exchange")).to_have_count(2)
    expect(page.locator("#ask-state")).to_have_text("")
    assert len(_told(house)) == 1


def test_a_double_click_presses_nothing_of_the_answer_that_it_brings(house: House, page: Page, origin: str) -> None:
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(1)
    box = page.get_by_role("button", name="No, not related").bounding_box()
    assert box is not None
    place = (box["x"] + 5, box["y"] + 5)
    page.mouse.click(*place)
    expect(page.locator(".exchange")).to_have_count(2)
    under = page.get_by_role("button", name="Under 18").bounding_box()
    assert under is not None
    page.mouse.move(under["x"] + 5, under["y"] + 5)
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    page.get_by_role("button", name="18 or over").click()
    expect(page.locator(".exchange")).to_have_count(3)
    assert [dict(told.facts) for told in _told(house)] == [{"relative": "no"}, {"relative": "no", "age": "18 or over"}]
    assert page.url == f"{origin}/"


def test_what_is_counted_already_is_not_asked_again_and_what_is_not_known_can_be_taken_back(
    house: House, page: Page, origin: str
) -> None:
    page.goto(origin)
    ask(page, QUESTION)
    _press(page, "Under 18", 2)
    _open(page)
    page.get_by_role("button", name="Under 18", pressed=True).click()
    page.locator(f"{LAST} fieldset").first.get_by_role("button", name="I do not know").click()
    expect(page.locator(".exchange")).to_have_count(3)
    expect(page.locator(f"{LAST} .verdict-words")).to_have_text("It depends")
    expect(page.locator(f"{LAST} .question")).to_have_text("You pressed: How old are they? I do not know.")
    assert len(_told(house)) == 2


def test_the_newest_answer_alone_has_buttons_and_those_before_it_fold_to_their_verdicts(
    page: Page, origin: str
) -> None:
    page.goto(origin)
    ask(page, QUESTION)
    for count, name in enumerate(("Under 18", "18 or over", "Under 18", "18 or over", "Under 18"), 2):
        if count > 2:
            _open(page)
        _press(page, name, count)
    expect(page.locator("form.facts")).to_have_count(1)
    expect(page.locator(f"{LAST} form.facts")).to_have_count(1)
    expect(page.locator(".headline:visible")).to_have_count(6)
    expect(page.locator(".question:visible")).to_have_count(6)
    expect(page.locator(".citation:visible")).to_have_count(1)
    earlier = page.locator(".exchange").nth(1).locator(".rest")
    earlier.locator("summary").first.click()
    expect(earlier.locator(".citation").first).to_be_visible()
    earlier.get_by_role("button", name="Yes", exact=True).click()
    expect(earlier.locator(".kept")).to_be_visible()
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))


def test_an_answer_to_something_else_stays_as_it_is(house: House, page: Page, origin: str) -> None:
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(1)
    house.desk.instead[Ask] = lambda _: WHICH
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(2)
    expect(page.locator(".rest")).to_have_count(0)
    page.get_by_role("button", name="Under 18").click()
    expect(page.locator(".exchange")).to_have_count(3)
    expect(page.locator(f"{LAST} .verdict-words")).to_have_text("No")
    expect(page.locator(".exchange").first.locator(".rest")).to_have_count(1)


def test_an_answer_about_the_answer_leaves_its_buttons(house: House, page: Page, origin: str) -> None:
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(1)
    house.desk.instead[Ask] = lambda _: replace(OPEN, verdict=Verdict.INFO, headline="It stands in 6.2(25).", asks=())
    ask(page, "who says so?")
    expect(page.locator(".exchange")).to_have_count(2)
    page.get_by_role("button", name="Under 18").click()
    expect(page.locator(f"{LAST} .verdict-words")).to_have_text("No")


def test_a_clause_is_read_in_a_tab_of_its_own_and_the_conversation_stays(page: Page, origin: str) -> None:
    """Going back to a chat shows an empty one: at a shared computer nobody reads what the person before asked."""
    page.goto(origin)
    ask(page, QUESTION)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Clause 6.2(25) (opens in a new tab)").click()
    expect(opened.value).to_have_url(f"{origin}/policies/reach2-online-safety/2.0#6.2-25")
    assert opened.value.evaluate("opener") is None
    _press(page, "Under 18", 2)


def test_what_is_meant_is_chosen_marked_and_can_be_chosen_otherwise(house: House, page: Page, origin: str) -> None:
    house.desk.instead[Ask] = lambda _: WHICH
    page.goto(origin)
    ask(page, QUESTION)
    for count, about in enumerate(MEANT, 2):
        page.get_by_role("button", name=about).click()
        expect(page.locator(".exchange")).to_have_count(count)
        expect(page.locator(f"{LAST} .question")).to_have_text(f"You pressed: {about}")
        expect(page.locator(".means button[aria-pressed=true]")).to_have_text(about)
    assert [told.ruling[-1] for told in _told(house)] == ["0", "1"]


@pytest.mark.parametrize("how", ["lost", "bad gateway"])
def test_a_press_that_does_not_arrive_says_so_where_it_was_pressed_and_can_be_pressed_again(
    page: Page, origin: str, watch: Watch, how: str
) -> None:
    watch.expected = ("ERR_FAILED", "htmx:sendError", "htmx:afterRequest", "502")
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(1)
    page.route("**/facts", lambda route: route.abort() if how == "lost" else route.fulfill(status=502, body="<h1>Bad"))
    button = page.get_by_role("button", name="Under 18")
    button.click()
    expect(page.locator(".facts .problem")).to_have_text(say("answer.gone"))
    expect(page.locator("#ask-heard")).to_have_text(say("answer.gone"))
    expect(page.locator("#ask-state")).to_have_text("")
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    expect(button).to_be_focused()
    page.unroute("**/facts")
    button.click()
    expect(page.locator(f"{LAST} .verdict-words")).to_have_text("No")


def test_a_lost_cookie_costs_one_more_press_on_any_button(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("403",)
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(1)
    page.context.clear_cookies()
    page.get_by_role("button", name="Under 18").click()
    expect(page.locator(".facts .problem")).to_have_text(say("answer.renewed"))
    _press(page, "Under 18", 2)
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(3)


def test_without_script_facts_are_told_page_by_page_and_the_conversation_goes_on(
    house: House, plain: Page, origin: str
) -> None:
    plain.goto(origin)
    plain.get_by_label("Your question").fill(QUESTION)
    plain.get_by_role("button", name="Ask", exact=True).click()
    plain.get_by_role("button", name="Under 18").click()
    expect(plain.locator(".verdict-words")).to_have_text("No")
    expect(plain.locator(".exchange")).to_be_focused()
    expect(plain.locator(".counted")).to_contain_text("Under 18")
    assert plain.url == f"{origin}/facts"
    plain.locator(".change summary").click()
    plain.get_by_role("button", name="Yes, a relative of mine").click()
    expect(plain.locator(".verdict-words")).to_have_text("Yes")
    plain.get_by_label("Ask something else or go on").fill(CORRECTION)
    plain.get_by_role("button", name="Ask", exact=True).click()
    expect(plain.locator(".withdraws")).to_be_visible()
    assert len({heard.conversation for heard in house.desk.heard if isinstance(heard, Ask | TellFact)}) == 1


def test_without_script_a_lost_cookie_costs_one_more_press(plain: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("403",)
    plain.goto(origin)
    plain.get_by_label("Your question").fill(QUESTION)
    plain.get_by_role("button", name="Ask", exact=True).click()
    plain.context.clear_cookies()
    plain.get_by_role("button", name="Under 18").click()
    expect(plain.get_by_role("alert").first).to_have_text(say("answer.renewed"))
    plain.get_by_role("button", name="How old are they? Under 18.").click()
    expect(plain.locator(".verdict-words")).to_have_text("No")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_buttons_fit_the_window_and_can_be_touched(house: House, page: Page, origin: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(origin)
    ask(page, QUESTION)
    _press(page, "Under 18", 2)
    _open(page)
    house.desk.instead[Ask] = lambda _: WHICH
    ask(page, QUESTION)
    expect(page.locator(".exchange")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    buttons = page.locator(".facts button:visible, .means button:visible").all()
    assert len(buttons) == 7
    for button in buttons:
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24  # WCAG 2.2, 2.5.8
