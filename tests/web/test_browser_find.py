"""Finding words in a policy, and the policy on paper, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.web.conftest import House
from tests.web.policies import NUMBERED
from tests.web.watching import can_be_seen

PATH = "/policies/reach2-online-safety/2.0"
PAUSE = 1000
"""Longer than the page waits before it announces what was found, in milliseconds."""


def _find(page: Page, origin: str, words: str) -> None:
    page.goto(origin + PATH)
    page.get_by_label("Find in this policy").click()
    page.keyboard.type(words)


def test_words_are_found_as_they_are_typed_and_gone_through_by_keyboard(page: Page, origin: str) -> None:
    _find(page, origin, "KEEP")
    state, current = page.locator("#find-state"), page.locator(".current")
    expect(state).to_have_text("1 of 1")
    expect(current).to_contain_text("Keep records.")
    page.keyboard.press("Control+A")
    page.keyboard.type("p")
    expect(state).to_have_text(re.compile(r"^1 of \d+$"))
    several = int(state.inner_text().split(" of ")[1])
    page.keyboard.press("Enter")
    expect(state).to_have_text(f"2 of {several}")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(state).to_have_text(f"{several} of {several}")
    page.keyboard.press("Enter")
    expect(state).to_have_text(f"1 of {several}")
    expect(current).to_have_count(1)
    expect(page.locator("#find-text")).to_be_focused()


def test_what_is_found_is_announced_after_a_pause_and_each_step_at_once(page: Page, origin: str) -> None:
    _find(page, origin, "keep")
    expect(page.locator("#find-heard")).to_have_text("1 of 1")
    page.keyboard.press("Enter")
    expect(page.locator("#find-heard")).to_contain_text("1 of 1. 6.2(3) Keep records.")
    page.keyboard.type("xyz")
    expect(page.locator("#find-state")).to_have_text("Not found")
    expect(page.locator("#find-heard")).to_have_text("Not found")
    expect(page.locator(".found")).to_have_count(0)


def test_escape_clears(page: Page, origin: str) -> None:
    _find(page, origin, "keep")
    expect(page.locator(".found")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#find-text")).to_have_value("")
    expect(page.locator(".found, .current")).to_have_count(0)
    expect(page.locator("#find-state")).to_have_text("")
    expect(page.locator("#find-heard")).to_have_text("Cleared")
    page.wait_for_timeout(PAUSE)
    expect(page.locator("#find-heard")).to_have_text("Cleared")
    expect(page.get_by_role("button", name="Next place")).to_be_disabled()


def test_a_clause_is_found_by_its_label_and_a_list_item_not_by_the_words_of_those_below_it(
    page: Page, origin: str
) -> None:
    _find(page, origin, "6.2(1)(a)")
    expect(page.locator(".found")).to_have_count(1)
    expect(page.locator(".current")).to_have_attribute("id", "6.2-1-a")


def test_quotation_marks_and_apostrophes_are_found_however_they_are_typed(page: Page, origin: str) -> None:
    _find(page, origin, "the school\u2019s name")
    expect(page.locator(".current")).to_have_attribute("id", "5.1")


def test_the_place_that_is_found_can_be_seen_between_header_and_box(page: Page, origin: str) -> None:
    page.set_viewport_size({"width": 390, "height": 620})
    _find(page, origin, "e")
    for _ in range(30):
        page.keyboard.press("Enter")
        assert can_be_seen(page, ".current")


def test_the_buttons_go_on_and_back_and_have_names(page: Page, origin: str) -> None:
    _find(page, origin, "p")
    page.get_by_role("button", name="Next place").click()
    expect(page.locator("#find-state")).to_have_text(re.compile("^2 of"))
    page.get_by_role("button", name="Previous place").click()
    expect(page.locator("#find-state")).to_have_text(re.compile("^1 of"))


def test_what_is_typed_is_sent_nowhere_and_is_in_no_address(house: House, page: Page, origin: str) -> None:
    page.goto(origin + PATH)
    page.wait_for_load_state("networkidle")  # the icon comes late
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Find in this policy").click()
    page.keyboard.type("zebra")
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, history.state, document.cookie])")
    assert "zebra" not in kept
    for key in ("Enter", "Shift+Enter", "Escape"):
        page.keyboard.press(key)
    expect(page.locator("#find-heard")).to_have_text("Cleared")
    assert asked == []
    assert page.url == origin + PATH
    assert house.desk.heard == []


def test_without_script_there_is_no_box_that_does_nothing(plain: Page, origin: str) -> None:
    plain.goto(origin + PATH)
    expect(plain.locator("#find-text")).to_be_hidden()


def test_on_paper_there_is_the_policy_with_its_edition_and_labels_and_no_control(page: Page, origin: str) -> None:
    _find(page, origin, "keep")
    page.emulate_media(media="print", color_scheme="dark")
    for words in (NUMBERED.title, "Version 2.0, July 2023", "its review was due in July 2026", "6.2(1)(a)", "Signed:"):
        expect(page.get_by_text(words).first).to_be_visible()
    for hidden in (".masthead", ".foot", ".find", ".skip"):
        expect(page.locator(hidden)).to_be_hidden()
    colours = {link.evaluate("link => getComputedStyle(link).color") for link in page.locator(".policy a").all()}
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(253, 253, 251)"
    assert colours == {page.locator("main").evaluate("main => getComputedStyle(main).color")}
