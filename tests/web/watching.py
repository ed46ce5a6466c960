"""What tests in a browser do again and again: ask, and look whether something can be seen."""

from playwright.sync_api import Page


def ask(page: Page, text: str) -> None:
    page.locator("#ask-text").fill(text)
    page.keyboard.press("Enter")


def can_be_seen(page: Page, selector: str) -> bool:
    """Whether the top left of an element lies in the window, with nothing over it."""
    script = """element => {
        const box = element.getClientRects()[0];
        const front = document.elementFromPoint(box.left + 2, box.top + 2);
        return front !== null && (element.contains(front) || front.contains(element)) && front !== document.body;
    }"""
    seen: bool = page.locator(selector).evaluate(script)
    return seen
