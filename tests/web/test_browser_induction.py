"""A new starter's way in a real browser: from the first message, by steps, to the signature and the certificate."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.cases.reports.drafts import code_owner
from bot.messages import FinishStep, InductionStepView, JudgeSituation, OpenInductionStep
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock, Trail
from index.search import Searcher
from integrations import app
from integrations.web.sign_in import OneTimeLinks
from tests.bot.induction.walking import LEAD, School
from tests.browsing import Watch
from tests.web.real import application
from tests.web.serving import served

LAST = "judgement-and-breaches"


@pytest.fixture
def school(reports: app.Reports, insights: Insights, clock: FixedClock, searcher: Searcher) -> School:
    opened = School(reports, insights, clock, searcher.library)
    opened._desk = app.desk(lambda: searcher, reports, insights, clock, Trail())  # noqa: SLF001 (it can be asked too)
    return opened


@pytest.fixture
def links(clock: FixedClock) -> OneTimeLinks:
    return OneTimeLinks(clock)


@pytest.fixture
def origin(school: School, clock: FixedClock, links: OneTimeLinks) -> Iterator[str]:
    with served(application(school.desk, clock, links)) as origin:
        yield origin


def _judge(page: Page, situation: str, answer: str) -> None:
    part = page.locator(f"#{situation}")
    part.get_by_label(answer, exact=True).check()
    part.get_by_role("button", name="See what the policy says").click()
    expect(part.locator(".judged")).to_be_visible()


def _walk_to_the_last(school: School, owner: str) -> None:
    """What lies between, at the desk: it is the same on every page."""
    while True:
        at = school.hears(OpenInductionStep("", owner))
        assert isinstance(at, InductionStepView)
        if at.step == LAST:
            return
        for one in at.situations:
            school.hears(JudgeSituation(at.step, one.situation, one.choices[0].value, owner))
        school.hears(FinishStep(at.step, tuple(check.check for check in at.checks), owner=owner))


def _sign(page: Page) -> None:
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Name", exact=True).fill("Anna Example")
    page.get_by_label("Role", exact=True).fill("Class teacher")
    page.get_by_label("Signed", exact=True).fill("Anna Example")
    page.get_by_role("button", name="Sign", exact=True).click()


@pytest.mark.parametrize("width", [390])
def test_a_new_starter_comes_from_the_first_message_to_the_certificate_with_script_and_without(  # noqa: PLR0913, PLR0917 (fixtures)
    page: Page, plain: Page, origin: str, school: School, width: int, watch: Watch
) -> None:
    assert watch.complaints == []
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(origin)
    page.get_by_label("What do you want to know?", exact=False).or_(page.locator("#ask-text")).first.fill(
        "I'm new, where do I start?"
    )
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("link", name="Begin the induction").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Online safety and social media: your first walk through the policy"
    )
    page.get_by_role("button", name="Begin, with a code to come back").click()
    code = page.locator(".reference b").inner_text()
    page.get_by_role("button", name="Go on: Whom this policy is for").click()

    # with script the ruling comes into its place, and takes the focus
    _judge(page, "the-new-midday-supervisor", "No")
    judged = page.locator(".judged")
    expect(judged).to_be_focused()
    expect(judged).to_contain_text("Yes, it applies: to all REAch2 employees")
    expect(page.get_by_label("No", exact=True)).to_be_checked()
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Children on social media")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    # the next person at the computer finds nothing
    page.goto(f"{origin}/induction")
    expect(page.locator("main")).to_contain_text("0 of 13 steps.")
    page.go_back()
    expect(page.locator("main")).not_to_contain_text(code)

    # another browser, without script
    plain.goto(f"{origin}/induction")
    plain.get_by_label("Code").fill(code)
    plain.get_by_role("button", name="Open it").click()
    expect(plain.locator("main")).to_contain_text("1 of 13 steps.")
    plain.get_by_role("button", name="Go on: Children on social media").click()
    _judge(plain, "he-left-last-summer", "Yes")
    _judge(plain, "your-niece-is-in-year-six", "It depends")
    expect(plain.locator("#he-left-last-summer .judged")).to_be_visible()
    plain.get_by_role("button", name="Go on", exact=True).click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("When a child writes to you, or you hear of something")

    owner = code_owner(code)
    _walk_to_the_last(school, owner)
    page.goto(f"{origin}/induction")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Open it").click()
    page.get_by_role("button", name="Go on: Your judgement").click()
    _judge(page, "you-decided-otherwise", "Yes")
    page.get_by_role("button", name="Go on to the agreement").click()
    expect(page.locator(".agreement")).to_contain_text("I have read and understood the REAch2 Online Safety")
    _sign(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your signature is stored.")
    expect(page.locator(".certificate")).to_contain_text("Anna Example")
    with page.expect_download() as download:
        page.get_by_role("button", name="Certificate (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_whoever_looks_after_induction_reads_the_table_on_a_phone(
    page: Page, origin: str, links: OneTimeLinks, browser: Browser
) -> None:
    del browser
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{origin}/sign-in/{links.issue(LEAD)}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Induction", exact=True).click()
    page.get_by_role("link", name="Who is where with the induction").click()
    expect(page.locator(".standings")).to_contain_text("Demonstration deputy head")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Remind everybody who is behind").click()
    expect(page.get_by_role("status").first).to_contain_text("Asked to be reminded")
