"""The forms in a real browser over the real desk: each kind of answer, what answers open, and who comes after.

Every test here also fails when the browser complains (console, content security policy), when a dialog opens, or when
a request leaves the origin.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect
from sqlalchemy import select

from bot.cases import records
from bot.cases.contents import read_answers
from bot.cases.forms.kinds import Lookup
from bot.desk import Desk
from bot.messages import MEANS, CaseView, InboxView, OpenCase, OpenInbox
from bot.testing import FixedClock
from integrations.app import Reports
from tests.browsing import Watch
from tests.web.real import application
from tests.web.serving import served
from tests.web.watching import can_be_seen

CANARY = "He said he is afraid."
CONCERN = "/forms/report_concern"


@pytest.fixture
def origin(desk: Desk, clock: FixedClock) -> Iterator[str]:
    with served(application(desk, clock)) as origin:
        yield origin


def _told(desk: Desk, person: str) -> dict[str, str]:
    """What the newest case of a person says, by question as it was asked."""
    (inbox,) = desk.receive(OpenInbox(person))
    assert isinstance(inbox, InboxView)
    (case,) = desk.receive(OpenCase(person, inbox.rows[0].reference))
    assert isinstance(case, CaseView)
    return {answer.ask: answer.answer for answer in case.answers}


def _item(key: str) -> str:
    return f"#asked-{key}"


def _required(page: Page) -> None:
    page.get_by_label("A child", exact=True).check()
    page.get_by_label("What did you see or hear?").fill(CANARY)
    page.locator(_item("danger")).get_by_label("No", exact=True).check()


def test_the_concern_is_two_taps_away_from_every_page(page: Page, origin: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{origin}/")
    page.get_by_role("link", name="Tell someone").click()
    assert can_be_seen(page, ".first a")
    page.get_by_role("link", name="Report a concern").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Report a concern")


def test_what_an_answer_opens_is_there_at_once_and_what_it_closes_is_not_sent(
    desk: Desk, page: Page, origin: str
) -> None:
    page.goto(origin + CONCERN)
    for key in ("also", "adult", "child_too"):
        expect(page.locator(_item(key))).to_be_hidden()
    _required(page)
    expect(page.locator("#asked-state")).to_contain_text("Asked now: Does it concern an adult who works here as well?")
    page.locator(_item("also")).get_by_label("Yes, an adult who works here").check()
    page.get_by_label("Which adult who works here?").fill("Jo Smith")
    page.locator(_item("also")).get_by_label("No", exact=True).check()
    expect(page.locator(_item("adult"))).to_be_hidden()
    expect(page.locator("#asked-state")).to_contain_text("Not asked any more: Which adult who works here?")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator(".receipt")).to_be_visible()
    assert _told(desk, "demo-dsl") == {
        "Who is it about?": "A child",
        "Does it concern an adult who works here as well?": "No",
        "What did you see or hear?": CANARY,
        "Is anyone in danger now?": "No",
    }


def test_every_kind_of_answer_is_filled_in_by_keyboard_and_arrives_word_for_word(
    desk: Desk, page: Page, origin: str
) -> None:
    page.goto(origin + CONCERN)
    _required(page)
    page.get_by_text("More, if you know it").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Which child or children?").press_sequentially("A. B., Year 3")
    page.locator("#q-moment").fill("2026-11-20")
    page.locator("#q-moment-time").fill("15:10")
    page.get_by_label("It is rough").focus()
    page.keyboard.press("Space")
    page.get_by_label("Where was it?").press_sequentially("By the bicycle shed")
    page.locator(_item("online")).get_by_label("Yes").focus()
    page.keyboard.press("Space")
    page.get_by_label("On which app, game or site?").press_sequentially("A game")
    for label in ("I came across something", "I saw or heard it myself"):
        page.get_by_label(label).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Send the report").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".receipt")).to_be_visible()
    told = _told(desk, "demo-dsl")
    assert told["Which child or children?"] == "A. B., Year 3"
    assert told["When was it?"] == "about 20 November 2026, 15:10"
    assert told["Where was it?"] == "By the bicycle shed"
    assert told["Has it to do with something online, or on a phone?"] == "Yes"
    assert told["On which app, game or site?"] == "A game"
    assert told["How do you know of it?"] == "I saw or heard it myself\nI came across something"


def test_an_agreement_is_signed_with_a_date(desk: Desk, page: Page, origin: str) -> None:
    page.goto(f"{origin}/forms/sign_agreement")
    page.get_by_label("The Online Safety and Social Media Policy").check()
    for label in ("Name", "Signed"):
        page.get_by_label(label, exact=True).fill("Ann Lee")
    page.get_by_label("Role", exact=True).fill("Teaching assistant")
    page.get_by_label("Date", exact=True).fill("2026-11-22")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.locator(".receipt")).to_contain_text("Your signature is stored.")
    assert _told(desk, "demo-headteacher")["Date"] == "22 November 2026"


def test_without_script_continue_asks_what_the_answers_open_and_it_can_be_sent(
    desk: Desk, plain: Page, origin: str
) -> None:
    plain.goto(f"{origin}/forms/explain_judgement")
    plain.get_by_label("Your name").fill("Ann Lee")
    plain.get_by_label("Yes, I acted").check()
    expect(plain.get_by_label("Day")).to_be_hidden()
    plain.get_by_role("button", name="Continue").click()
    plain.get_by_label("Day").fill("2026-11-20")
    plain.get_by_label("What did you do, or what do you mean to do?").fill("I rang her mother from my own phone.")
    plain.get_by_label("Why?", exact=True).fill("The school's line was dead.")
    plain.get_by_role("button", name="Send it").click()
    expect(plain.locator(".receipt")).to_contain_text("What you told us is stored.")
    assert _told(desk, "demo-headteacher")["When was it?"] == "20 November 2026"


def test_without_script_a_question_that_must_be_answered_and_was_not_seen_is_asked_before_it_is_sent(
    plain: Page, origin: str, watch: Watch
) -> None:
    watch.expected = ("422",)
    plain.goto(f"{origin}/forms/explain_judgement")
    plain.get_by_label("Your name").fill("Ann Lee")
    plain.get_by_label("Yes, I acted").check()
    plain.get_by_role("button", name="Send it").click()
    expect(plain.locator("#summary")).to_contain_text("When was it? Give the day")
    expect(plain.get_by_label("Day")).to_be_visible()
    expect(plain.get_by_label("Your name")).to_have_value("Ann Lee")


def test_a_form_is_left_and_come_back_to_with_its_code(page: Page, origin: str) -> None:
    page.goto(origin + CONCERN)
    page.get_by_label("A child", exact=True).check()
    page.get_by_label("What did you see or hear?").fill(CANARY)
    page.get_by_role("button", name="Save and leave").click()
    code = page.locator(".draft-kept b").inner_text()
    page.get_by_role("link", name="Leave this page").click()
    page.get_by_role("link", name="Tell someone").click()
    page.get_by_label("Your code").fill(code.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_label("What did you see or hear?")).to_have_value(CANARY)
    expect(page.get_by_label("A child", exact=True)).to_be_checked()
    expect(page.locator(_item("also"))).to_be_visible()
    page.evaluate("document.querySelector('.questions').reset()")


@pytest.mark.parametrize("end", ["Save and leave", "Send the report"])
def test_who_goes_back_at_a_shared_computer_finds_empty_forms_alone(
    page: Page, origin: str, watch: Watch, end: str
) -> None:
    watch.expected = ("422", "beforeunload")
    page.goto(f"{origin}/forms")
    page.goto(origin + CONCERN)
    page.get_by_label("A child", exact=True).check()
    page.get_by_label("What did you see or hear?").fill(CANARY)
    page.get_by_role("button", name="Send the report").click()  # with an answer missing: a page that has all of it
    expect(page.locator("#summary")).to_be_visible()
    page.locator(_item("danger")).get_by_label("No", exact=True).check()
    page.get_by_role("button", name=end).click()
    expect(page.locator(".receipt")).to_be_visible()
    secrets = [CANARY, *page.locator(".draft-kept b").all_inner_texts()]
    page.goto(f"{origin}/")
    for _ in range(3):
        with suppress(Error):  # the receipt is the answer to a post: the browser asks before it sends that again
            page.go_back()
        content = _all_of(page)
        for secret in secrets:
            assert secret not in content, page.url


def _all_of(page: Page) -> str:
    """A page's source and what is in its boxes, once it stays: going back may lead on to another page."""
    for _ in range(9):
        page.wait_for_load_state()
        with suppress(Error):
            boxes = page.locator("textarea").evaluate_all("boxes => boxes.map(box => box.value)")
            return page.content() + str(boxes)
    return page.content()


def test_a_page_of_errors_loaded_anew_is_an_empty_form(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("422", "beforeunload")
    page.goto(origin + CONCERN)
    page.get_by_label("What did you see or hear?").fill(CANARY)
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("#summary")).to_be_visible()
    page.reload()
    expect(page.locator("#summary")).to_have_count(0)
    expect(page.get_by_label("What did you see or hear?")).to_have_value("")


def test_a_wrong_date_leads_from_the_summary_to_its_field(page: Page, origin: str, watch: Watch) -> None:
    watch.expected = ("422",)
    page.goto(origin + CONCERN)
    _required(page)
    page.get_by_text("More, if you know it").click()
    page.locator("#q-moment").fill("2027-01-01")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("#summary")).to_be_focused()
    page.get_by_role("link", name="When was it? 1 January 2027 is still to come").click()
    expect(page.locator("#q-moment")).to_be_focused()
    assert can_be_seen(page, "#q-moment")
    page.locator("#q-moment").fill("2026-01-01")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator(".receipt")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_form_is_wider_than_the_window_with_all_of_it_open(
    page: Page, origin: str, width: int, watch: Watch
) -> None:
    watch.expected = ("422", "beforeunload")
    page.set_viewport_size({"width": width, "height": 700})
    names = ("report_concern", "disclose_contact", "ask_permission", "explain_judgement", "sign_agreement")
    for path in ("/forms", *(f"/forms/{name}" for name in names)):
        page.goto(origin + path)
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        page.evaluate("document.querySelectorAll('.item').forEach(item => item.hidden = false)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_every_field_of_every_form_has_a_name_for_a_screen_reader(page: Page, origin: str) -> None:
    for name in ("report_concern", "disclose_contact", "ask_permission", "explain_judgement", "sign_agreement"):
        page.goto(f"{origin}/forms/{name}")
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll("main :is(input:not([type=hidden]), textarea)")]
                .filter(field => !field.labels[0]?.textContent.trim())
                .map(field => field.name)"""
        )
        assert unnamed == [], name
        groups = page.locator("main fieldset")
        assert groups.locator("legend").count() == groups.count()


@dataclass(frozen=True)
class _Somebody:
    id: str
    name: str


@dataclass(frozen=True)
class _Match:
    close: tuple[_Somebody, ...]
    is_asked: bool = True


def _two_smiths(_name: str) -> _Match:
    return _Match((_Somebody("p-1", "Jo Smith"), _Somebody("p-2", "Joan Smith")))


def test_a_name_that_may_be_two_people_is_asked_about_by_radio_and_the_answer_is_kept(
    desk: Desk, reports: Reports, clock: FixedClock, context: BrowserContext
) -> None:
    views = replace(desk.filling.views, lookup=Lookup(_two_smiths))
    asking = replace(desk, filling=replace(desk.filling, views=views), intake=replace(desk.intake, views=views))
    with served(application(asking, clock)) as origin:
        page = context.new_page()
        page.goto(origin + CONCERN)
        page.get_by_label("An adult who works here", exact=True).check()
        page.get_by_label("Which adult who works here?").fill("J Smith")
        page.get_by_label("What did you see or hear?").fill(CANARY)
        page.locator(_item("danger")).get_by_label("No", exact=True).check()
        page.get_by_role("button", name="Send the report").click()
        expect(page.locator("#summary")).to_contain_text("Which adult who works here? Say below who is meant")
        page.get_by_role("group", name="Who is J Smith?").get_by_label("Joan Smith").check()
        page.get_by_role("button", name="Send the report").click()
        expect(page.locator(".receipt")).to_be_visible()
    with reports.store.reading() as connection:
        case_id = connection.scalars(select(records.cases.c.id)).one()
        assert read_answers(connection, case_id, reports.keys.key(case_id))["adult"] == f"J Smith{MEANS}p-2"
    assert _told(desk, "demo-headteacher")["Which adult who works here?"] == "J Smith"
