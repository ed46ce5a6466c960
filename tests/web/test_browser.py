"""The pages in a real browser: by keyboard alone, with and without script, and when things go wrong.

Every test here also fails when the browser complains (console, content security policy), when a dialog opens, or when
a request leaves the origin.
"""

import re
import threading

import pytest
from playwright.sync_api import Page, Route, expect

from bot.messages import Ask, Incoming, Reply, SubmitForm
from integrations.web.guard import HEADERS
from tests.browsing import Watch
from tests.web.conftest import House
from tests.web.scripted import ANSWER, DSL, FORM, RECEIPT
from tests.web.serving import PATIENCE
from tests.web.watching import ask, can_be_seen

QUESTION = "ex pupil wants to add me on insta, can I follow her back?"
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script><b hx-get=/policies hx-trigger=load>"


def test_a_question_is_asked_by_keyboard_alone_and_the_next_can_be_typed_at_once(
    house: House, page: Page, origin: str
) -> None:
    page.goto(origin)
    expect(page.get_by_label("Your question")).to_be_focused()
    box = page.locator("#ask-text")
    page.keyboard.type("first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second line")
    assert house.desk.heard == []
    page.keyboard.press("Enter")
    expect(page.locator(".exchange")).to_have_count(1)
    assert _asked(house) == ["first line\nsecond line"]
    expect(page.locator(".headline")).to_have_text(ANSWER.headline)
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    expect(page.get_by_label("Ask something else or go on")).to_be_focused()
    assert page.url == f"{origin}/"
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".exchange")).to_have_count(2)
    expect(page.locator(".question").last).to_contain_text(QUESTION)


def test_an_answer_comes_into_sight_from_its_beginning_and_is_announced(page: Page, origin: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(origin)
    for count in (1, 2, 3):
        ask(page, QUESTION)
        expect(page.locator(".exchange")).to_have_count(count)
        for part in (".question", ".verdict", ".headline"):
            assert can_be_seen(page, f".exchange:last-child {part}")
        expect(page.locator("#ask-heard")).to_contain_text(ANSWER.headline)
    before = page.evaluate("scrollY")
    page.keyboard.type("typing does not move the answer away")
    assert page.evaluate("scrollY") == before


def test_nothing_that_has_the_focus_is_hidden_behind_header_or_box(page: Page, origin: str) -> None:
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(origin)
    for count in (1, 2, 3):
        ask(page, QUESTION)
        expect(page.locator(".exchange")).to_have_count(count)
    steps = page.locator(".exchange a").count() + 4
    for key in [*["Shift+Tab"] * steps, *["Tab"] * steps]:
        page.keyboard.press(key)
        assert can_be_seen(page, ":focus"), key + page.evaluate("document.activeElement.outerHTML")


def test_while_it_waits_it_says_so_and_a_second_enter_asks_nothing_twice(house: House, page: Page, origin: str) -> None:
    goes_on = threading.Event()

    def slow(_: Incoming) -> Reply:
        assert goes_on.wait(PATIENCE)
        return ANSWER

    house.desk.instead[Ask] = slow
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.locator("#ask-state")).to_have_text("Looking in the policy…")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_have_css("cursor", "progress")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()
    page.keyboard.press("Enter")
    page.keyboard.type(" and")
    goes_on.set()
    expect(page.locator(".exchange")).to_have_count(1)
    expect(page.locator("#ask-state")).to_have_text("")
    expect(page.locator("#ask-text")).to_have_value(f"{QUESTION} and")
    assert len(house.desk.heard) == 1


def test_when_the_desk_breaks_the_words_stay_and_the_next_try_is_answered(
    house: House, page: Page, origin: str, watch: Watch
) -> None:
    watch.expected = ("500",)
    house.desk.instead[Ask] = _broken
    page.goto(origin)
    ask(page, QUESTION)
    expect(page.get_by_role("alert")).to_contain_text("something went wrong here (incident")
    expect(page.get_by_label("Your question")).to_have_value(QUESTION)
    house.desk.instead.clear()
    page.keyboard.press("Enter")
    expect(page.locator(".exchange")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_text("")


def test_when_the_server_is_gone_the_words_stay_and_the_next_try_is_answered(
    page: Page, origin: str, watch: Watch
) -> None:
    watch.expected = ("ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
    page.goto(origin)
    page.route("**/ask", lambda route: route.abort())
    ask(page, QUESTION)
    expect(page.get_by_role("alert")).to_contain_text("the connection to Touchstone was lost")
    expect(page.get_by_label("Your question")).to_have_value(QUESTION)
    expect(page.get_by_label("Your question")).to_be_focused()
    page.unroute("**/ask")
    page.keyboard.press("Enter")
    expect(page.locator(".exchange")).to_have_count(1)


def test_an_error_page_of_something_in_between_is_not_put_into_the_chat(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("502",)
    page.goto(origin)
    page.route("**/ask", _bad_gateway)
    ask(page, QUESTION)
    expect(page.get_by_role("alert")).to_contain_text("the connection to Touchstone was lost")
    expect(page.locator("body")).not_to_contain_text("Bad Gateway")


def test_a_lost_cookie_costs_one_more_press(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("403",)
    page.goto(origin)
    page.context.clear_cookies()
    ask(page, QUESTION)
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent yet; press Ask again.")
    page.keyboard.press("Enter")
    expect(page.locator(".exchange")).to_have_count(1)


def test_markup_in_a_question_does_nothing_in_a_browser(page: Page, origin: str) -> None:
    page.goto(origin)
    ask(page, MARKUP)
    expect(page.locator(".question")).to_contain_text(MARKUP)
    assert page.locator(".exchange img, .exchange script, .exchange b").count() == 0


def test_without_script_questions_are_answered(house: House, plain: Page, origin: str) -> None:
    plain.goto(origin)
    plain.get_by_label("Your question").fill(QUESTION)
    plain.get_by_role("button", name="Ask", exact=True).click()
    expect(plain.locator(".headline")).to_have_text(ANSWER.headline)
    assert plain.url == f"{origin}/ask"
    assert _asked(house) == [QUESTION]
    assert "Enter sends" not in plain.inner_text("body")


def test_without_script_a_report_can_be_sent_and_the_receipt_loaded_again(
    house: House, plain: Page, origin: str
) -> None:
    plain.goto(f"{origin}/forms/report_concern")
    _fill(plain)
    plain.get_by_role("button", name=FORM.submit).click()
    expect(plain.locator(".receipt")).to_contain_text(RECEIPT.reference)
    plain.reload()
    expect(plain.locator(".receipt")).to_contain_text(RECEIPT.reference)
    first, second = (heard for heard in house.desk.heard if isinstance(heard, SubmitForm))
    assert first == second


def test_errors_in_a_form_are_come_to_first_and_lead_to_their_fields(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("422",)
    page.goto(f"{origin}/forms/report_concern")
    page.get_by_role("button", name=FORM.submit).click()
    summary = page.locator("#summary")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="A child")).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_label("What did you see or hear?").press_sequentially("He cried.")
    page.get_by_role("button", name=FORM.submit).click()
    expect(page.locator(".receipt")).to_be_visible()


def test_the_characters_left_are_counted_as_the_desk_counts_them(page: Page, origin: str) -> None:
    page.goto(f"{origin}/forms/report_concern")
    box = page.get_by_label("Which class?")
    hint = page.locator("#q-class-length")
    expect(hint).to_have_text("120 characters left")
    box.fill("🙂" * 119)
    expect(hint).to_have_text("1 character left")
    box.fill("🙂" * 122)
    expect(hint).to_have_text("2 characters too many")


def test_what_is_too_long_is_not_sent_and_stays(house: House, page: Page, origin: str) -> None:
    """Far too much would be refused unread, and after going back the form would be empty."""
    page.goto(f"{origin}/forms/report_concern")
    shown = len(house.desk.heard)
    box = page.locator("textarea").first
    box.fill("x" * 20001)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".hint.error").first).to_have_text("1 character too many")
    expect(box).to_be_focused()
    assert box.input_value() == "x" * 20001
    assert len(house.desk.heard) == shown
    box.fill("short")  # so that leaving the page asks nothing
    page.evaluate("document.querySelector('.questions').reset()")


def test_a_form_half_filled_in_is_not_left_by_accident(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("beforeunload",)
    page.goto(f"{origin}/forms/report_concern")
    page.get_by_label("What did you see or hear?").press_sequentially("He")
    with page.expect_event("dialog") as dialog:
        page.get_by_role("link", name="Policies").click()
    assert dialog.value.type == "beforeunload"


def test_the_running_server_sends_the_security_headers(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("404",)
    for path in ("/", "/nonsense", "/static/htmx.js"):
        response = page.goto(origin + path)
        assert response is not None
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= response.headers.items()


def test_a_clause_is_read_in_its_place_under_the_header(page: Page, origin: str) -> None:
    page.goto(f"{origin}/policies/reach2-online-safety/2.0#6.2-2")
    assert can_be_seen(page, ":target")
    expect(page.locator(":target")).to_contain_text("Ask first.")


def test_a_one_time_link_leads_to_the_inbox_and_signing_out_closes_it(
    house: House, page: Page, origin: str, watch: Watch
) -> None:
    watch.expected = ("403",)
    page.goto(f"{origin}/sign-in/{house.links.issue(DSL)}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{origin}/inbox")
    page.get_by_role("link", name="TS-7K3M-92QF").click()
    expect(page.get_by_role("heading", name="What was told")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{origin}/")
    page.goto(f"{origin}/inbox")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to see the inbox")


def test_who_goes_back_after_somebody_signed_out_sees_no_case(
    house: House, page: Page, origin: str, watch: Watch
) -> None:
    watch.expected = ("403", "404")
    page.goto(f"{origin}/sign-in/{house.links.issue(DSL)}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{origin}/inbox")
    page.get_by_role("link", name="TS-7K3M-92QF").click()
    expect(page.get_by_text("I don't want to go home")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{origin}/")
    for _ in range(3):
        page.go_back()
        page.wait_for_load_state()
        for secret in ("I don't want to go home", "TS-7K3M-92QF", "Demonstration DSL"):
            assert secret not in page.content(), page.url


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_the_window(house: House, page: Page, origin: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{origin}/sign-in/{house.links.issue(DSL)}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{origin}/inbox")
    for path in (
        "/",
        "/forms/report_concern",
        "/inbox",
        "/inbox/TS-7K3M-92QF",
        "/policies",
        "/policies/reach2-online-safety/2.0",
    ):
        page.goto(origin + path)
        if path == "/":
            ask(page, f"{QUESTION} {'x' * 200}")
            expect(page.locator(".exchange")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def _asked(house: House) -> list[str]:
    return [heard.text for heard in house.desk.heard if isinstance(heard, Ask)]


def _fill(page: Page) -> None:
    page.get_by_role("radio", name=re.compile("^A child")).check()
    page.get_by_label("What did you see or hear?").fill("He cried.")


def _bad_gateway(route: Route) -> None:
    route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")


def _broken(_: Incoming) -> Reply:
    raise RuntimeError
