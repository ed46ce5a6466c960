"""A day of a DSL in a real browser over the real desk: open, acknowledge, note, pass on, close; without script too."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bot.cases.delivery.timers import open_without_a_step
from bot.desk import Desk
from bot.messages import CaseAct
from bot.testing import FixedClock
from integrations.app import Reports
from integrations.web.sign_in import OneTimeLinks
from tests.bot.acting import done, sent_by
from tests.bot.reporting import ANSWERS, inbox
from tests.browsing import Watch
from tests.web.real import application
from tests.web.serving import served

MARKUP = "<script>document.title='taken'</script><b>Rang his mother.</b>"


@pytest.fixture
def links(clock: FixedClock) -> OneTimeLinks:
    return OneTimeLinks(clock)


@pytest.fixture
def origin(desk: Desk, clock: FixedClock, links: OneTimeLinks) -> Iterator[str]:
    with served(application(desk, clock, links)) as origin:
        yield origin


def _enter(page: Page, origin: str, links: OneTimeLinks, person: str) -> None:
    page.goto(f"{origin}/sign-in/{links.issue(person)}")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def _unfold(page: Page, title: str) -> None:
    page.locator("summary").get_by_text(title, exact=True).click()


def _a_day(page: Page, reference: str) -> None:
    """What a DSL does with a case on a day, ending with the case closed."""
    page.get_by_role("link", name=reference).click()
    page.get_by_role("button", name="I have it").click()
    expect(page.get_by_role("status").first).to_contain_text("You have acknowledged it.")
    _unfold(page, "Add a note")
    page.get_by_label("Your note").fill(MARKUP)
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator(".chronology")).to_contain_text(MARKUP)
    _unfold(page, "Pass it on")
    page.get_by_label("Demonstration headteacher", exact=False).check()
    page.get_by_role("button", name="Pass it on").click()
    expect(page.locator("#summary")).to_contain_text("Why? Write something here")
    page.locator("#act-pass_on-reason").fill("It may be an allegation.")
    page.get_by_role("button", name="Pass it on").click()
    expect(page.locator(".seen")).to_contain_text("Demonstration headteacher")
    _unfold(page, "Close it")
    page.locator("#act-close-decision").fill("Watch at lunch.")
    page.locator("#act-close-reason").fill("He eats well since.")
    page.get_by_label("Help or support by the school").check()
    page.get_by_role("button", name="Close the case").click()
    expect(page.get_by_role("status").first).to_contain_text("The case is closed.")
    expect(page.locator(".chronology")).to_contain_text("He eats well since.")
    expect(page).not_to_have_title("taken")
    page.get_by_role("link", name="Back to the inbox").click()
    page.locator("summary").get_by_text("Closed (1)").click()
    expect(page.get_by_role("link", name=reference)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_dsl_opens_acknowledges_notes_passes_on_and_closes(  # noqa: PLR0913, PLR0917 (fixtures)
    page: Page, watch: Watch, origin: str, links: OneTimeLinks, desk: Desk, reports: Reports, width: int
) -> None:
    watch.expected = ("status of 422",)
    reference = sent_by(desk, "demo-policy-owner").reference
    page.set_viewport_size({"width": width, "height": 844})
    _enter(page, origin, links, "demo-dsl")
    _a_day(page, reference)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert inbox(desk, "demo-headteacher") == [reference]
    with reports.store.reading() as connection:
        assert open_without_a_step(connection) == ()


def test_the_same_day_without_script(plain: Page, watch: Watch, origin: str, links: OneTimeLinks, desk: Desk) -> None:
    watch.expected = ("status of 422",)
    reference = sent_by(desk, "demo-policy-owner").reference
    _enter(plain, origin, links, "demo-dsl")
    _a_day(plain, reference)


def test_pressing_twice_does_it_once(page: Page, origin: str, links: OneTimeLinks, desk: Desk) -> None:
    reference = sent_by(desk, "demo-policy-owner").reference
    _enter(page, origin, links, "demo-dsl")
    page.goto(f"{origin}/inbox/{reference}")
    _unfold(page, "Add a note")
    page.get_by_label("Your note").fill("Rang his mother.")
    page.get_by_role("button", name="Add the note").dblclick()
    expect(page.locator(".chronology")).to_contain_text("Rang his mother.")
    page.goto(f"{origin}/inbox/{reference}")
    expect(page.locator(".chronology .said")).to_have_count(1)


def test_a_sender_answers_what_they_were_asked_and_the_dsl_reads_it(
    page: Page, origin: str, links: OneTimeLinks, desk: Desk
) -> None:
    reference = sent_by(desk, "demo-policy-owner", {**ANSWERS, "danger": "yes"}).reference
    done(desk, "demo-dsl", reference, CaseAct.ASK, {"text": "Who else was there?"})
    _enter(page, origin, links, "demo-policy-owner")
    page.get_by_role("link", name="What you reported yourself").click()
    expect(page.locator(".chronology")).to_contain_text("Who else was there?")
    page.get_by_label("Your answer").fill("Nobody else.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status").first).to_contain_text("Your answer was sent.")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take along all that you supplied").click()
    assert taken.value.suggested_filename == "what-you-supplied.json"
    page.get_by_role("button", name="Sign out").click()
    _enter(page, origin, links, "demo-dsl")
    expect(page.locator(".marks")).to_contain_text("The sender wrote something new")


def test_a_case_is_taken_out_by_its_buttons(page: Page, origin: str, links: OneTimeLinks, desk: Desk) -> None:
    reference = sent_by(desk, "demo-policy-owner").reference
    _enter(page, origin, links, "demo-dsl")
    page.goto(f"{origin}/inbox/{reference}")
    for as_what in ("PDF", "CSV", "JSON"):
        with page.expect_download() as taken:
            page.get_by_role("button", name=as_what).click()
        assert taken.value.suggested_filename == f"{reference}.{as_what.lower()}"
    page.reload()
    expect(page.locator(".chronology")).to_contain_text("as a PDF")
