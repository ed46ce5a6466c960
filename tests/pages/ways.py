"""The ways to pages that an address alone does not lead to: what a person presses and types."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.pages.house import LONG, NEWCOMER, House

Way = Callable[[Page, House], None]

DEPENDS = "can I accept a former pupil as a follower?"
FORBIDDEN = "can I give a pupil my own mobile number?"
NOT_COVERED = "what is for lunch today?"
URGENT = "a girl in my class says her stepdad hits her"


def at(route: str) -> Way:
    """An address; its blanks are those of the house."""

    def go(page: Page, house: House) -> None:
        page.goto(house.address(route))

    return go


def without_script(way: Way) -> Way:
    """The same way in a browser that has our pages without their scripts."""

    def go(page: Page, house: House) -> None:
        page.route("**/static/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
        way(page, house)

    return go


def asked(question: str) -> Way:
    """A question in the chat, answered."""

    def go(page: Page, house: House) -> None:
        page.goto(house.origin)
        page.get_by_role("textbox").fill(question)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator("article.answer")).to_be_visible()

    return go


def then(way: Way, *steps: Callable[[Page], object]) -> Way:
    """A way, and what is done at its end."""

    def go(page: Page, house: House) -> None:
        way(page, house)
        for step in steps:
            step(page)

    return go


def press(name: str) -> Callable[[Page], None]:
    """The button of that name."""
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def press_first(name: str) -> Callable[[Page], None]:
    """The first button whose name begins so."""
    return lambda page: page.get_by_role("button", name=name).first.click()


def unfold(title: str) -> Callable[[Page], None]:
    """What is folded away under a title."""
    return lambda page: page.locator("summary").get_by_text(title).first.click()


def tick(name: str) -> Callable[[Page], None]:
    """The choice of that name."""
    return lambda page: page.get_by_label(name, exact=True).first.check()


def write(field: str, words: str) -> Callable[[Page], None]:
    """Words into the field of that label."""
    return lambda page: page.get_by_label(field, exact=False).first.fill(words)


def see(selector: str) -> Callable[[Page], None]:
    """Waits until something is there."""
    return lambda page: expect(page.locator(selector).first).to_be_visible()


def cut_off(page: Page, house: House) -> None:
    """A question whose answer never comes."""
    page.goto(house.origin)
    page.route("**/ask", lambda route: route.abort())
    page.get_by_role("textbox").fill(DEPENDS)
    page.keyboard.press("Enter")
    expect(page.locator("#ask-problem")).not_to_be_empty()


def waiting(page: Page, house: House) -> None:
    """A question whose answer has not come yet."""
    page.goto(house.origin)
    house.bot.goes_on.clear()
    page.get_by_role("textbox").fill(DEPENDS)
    page.keyboard.press("Enter")
    expect(page.locator("#ask-state")).not_to_be_empty()


def broken(page: Page, house: House) -> None:
    """A page while something breaks below it."""
    house.bot.is_broken = True
    try:
        page.goto(house.address("/forms"))
    finally:
        house.bot.is_broken = False


def report(page: Page, house: House) -> None:
    """A report, filled in and not sent yet."""
    page.goto(house.address("/forms/report_concern"))
    page.get_by_label("A child", exact=True).check()
    page.get_by_label("What did you see or hear?").fill(f"She does not want to go home. {LONG}")


def safe(page: Page) -> None:
    """Nobody is in danger."""
    page.get_by_role("group", name="Is anyone in danger now?").get_by_label("No", exact=True).check()


def link(page: Page, house: House) -> None:
    """A sign-in link that is good."""
    page.goto(f"{house.origin}/sign-in/{house.links.issue(NEWCOMER)}")


def used_link(page: Page, house: House) -> None:
    """A sign-in link that was used while its page was open."""
    token = house.links.issue(NEWCOMER)
    page.goto(f"{house.origin}/sign-in/{token}")
    house.links.redeem(token)
    page.get_by_role("button", name="Sign in").click()


def back_from_elsewhere(page: Page, house: House) -> None:
    """The page between a platform and us, before it leads on."""
    page.route("**/done?*", lambda route: route.fulfill(status=204))
    page.goto(house.address("/sign-in/with/{platform}/back"))


def renewed(way: Way, *steps: Callable[[Page], object]) -> Way:
    """A way, and what is pressed at its end once the browser is another visitor than the page was made for."""

    def go(page: Page, house: House) -> None:
        way(page, house)
        kept = [one for one in page.context.cookies() if one.get("name") == "touchstone_session"]
        page.context.clear_cookies()
        page.context.add_cookies([{"name": one["name"], "value": one["value"], "url": house.origin} for one in kept])
        for step in steps:
            step(page)

    return go
