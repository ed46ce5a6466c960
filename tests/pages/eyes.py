"""Looks at a page in a real browser, once, as everybody sees it: what is wrong comes back as sentences.

axe-core's rules for WCAG 2.2 AA and its best practices, light and dark, on a phone and at a desk; without a mouse;
enlarged; printed; with less motion and without colours. Nothing here gets round the content security policy: what is
asked in the page is asked through the browser's debugger, which scripts of a page cannot be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import CDPSession, Page, Request, ViewportSize

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
EYES = Path(__file__).with_name("eyes.js").read_text(encoding="utf-8")

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ["color-contrast"]
"""The rules that what is dark in one place and light in another changes."""

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
SMALL = ViewportSize(width=320, height=256)
"""1280 by 1024 at 400 % (WCAG 2.2, 1.4.10)."""
DOUBLED = ViewportSize(width=640, height=450)
"""The desk at 200 %."""
PAPER = ViewportSize(width=672, height=950)
"""What is left between the margins of A4."""

SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"
"""How much room between letters and lines a reader may ask for (WCAG 2.2, 1.4.12)."""

MOST_BYTES = 100_000
MOST_STOPS = 400

_SPACE = (
    """css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet]; }"""
)
_FROM_THE_TOP = (
    """() => { const body = document.body; body.tabIndex = -1; body.focus(); body.removeAttribute("tabindex"); }"""
)
"""Tab begins where the focus was last; a way to a page may have left it anywhere."""

_RUN = """async tags => (await axe.run(document, { runOnly: tags, resultTypes: ["violations"] })).violations
    .map(one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.target.join(" ")).slice(0, 4).join(", ")}`)"""


@dataclass
class Loaded:
    """What came over the wire for a page, from its first request on."""

    requests: list[Request] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("requestfinished", self._finished)

    def _finished(self, request: Request) -> None:
        self.requests.append(request)

    @property
    def document(self) -> Request:
        """The last whole page."""
        return next(one for one in reversed(self.requests) if one.resource_type == "document" and _stays(one))

    def bytes(self) -> int:
        """Of the last whole page and of all that a browser that was never here loads with it: bodies and headers."""
        wanted = {one.url: one for one in self.requests if "/static/" in one.url and _comes(one)}
        sizes = [one.sizes() for one in (self.document, *wanted.values())]
        return sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)

    def milliseconds(self) -> float:
        """From when the last whole page was asked for to its first byte."""
        timing = self.document.timing
        return timing["responseStart"] - timing["requestStart"]


def _stays(request: Request) -> bool:
    answer = request.response()
    return answer is not None and not 300 <= answer.status < 400


def _comes(request: Request) -> bool:
    answer = request.response()
    return answer is not None and not answer.from_service_worker and request.sizes()["responseBodySize"] > 0


def looked_over(page: Page) -> list[str]:
    """All that is wrong with a page, as it stands now."""
    eyes = page.evaluate_handle(EYES)

    def asked(question: str) -> Any:  # noqa: ANN401 (whatever a page says)
        return page.evaluate("([eyes, question]) => eyes[question]()", [eyes, question])

    wrong = []
    page.set_viewport_size(DESK)
    wrong += _walked(page, asked)
    page.evaluate(AXE)
    wrong += _by_axe(page, DESK, "light", TAGS) + _by_axe(page, PHONE, "dark", TAGS)
    wrong += _by_axe(page, DESK, "dark", COLOURS) + _by_axe(page, PHONE, "light", COLOURS)
    wrong += asked("tooSmall")
    for size in (DOUBLED, SMALL):
        page.set_viewport_size(size)
        wrong += [f"at {size['width']} pixels {one}" for one in asked("tooWide")]
    page.evaluate(_SPACE, SPACED)
    wrong += [f"spaced {one}" for one in asked("tooWide")]
    page.evaluate(_SPACE, "")
    page.set_viewport_size(PHONE)
    page.emulate_media(reduced_motion="reduce")
    wrong += asked("moving")
    page.emulate_media(reduced_motion="no-preference", forced_colors="active")
    wrong += asked("edgeless")
    wrong += [f"without colours {one}" for one in page.evaluate(_RUN, COLOURS)]
    page.emulate_media(forced_colors="none", media="print")
    page.set_viewport_size(PAPER)
    wrong += asked("pressedOnPaper")
    wrong += [f"on paper {one}" for one in asked("tooWide")]
    page.emulate_media(media="screen")
    page.set_viewport_size(DESK)
    return wrong


def _by_axe(page: Page, size: ViewportSize, scheme: Literal["light", "dark"], rules: Sequence[str]) -> list[str]:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.evaluate("scrollTo(0, 0)")  # what lies under the masthead counts as too small to be pressed
    found: list[str] = page.evaluate(_RUN, list(rules))
    page.emulate_media(color_scheme="light")
    return [f"{scheme}, {size['width']} pixels: {one}" for one in found]


def _walked(page: Page, asked: Any) -> list[str]:  # noqa: ANN401 (as above)
    """By Tab alone: to everything, in order, in sight, and shown."""
    stops: list[str] = asked("stops")
    keyboard: CDPSession = page.context.new_cdp_session(page)
    tab = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
    reached: list[int] = []
    wrong: list[str] = []
    before: Any = None
    page.evaluate(_FROM_THE_TOP)
    for _ in range(MOST_STOPS):
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **tab})
        keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **tab})
        now = asked("focused")
        if now is None or (reached and now["at"] == 0):
            break
        if reached and now["at"] == reached[-1]:  # a field for a date has several places in it
            continue
        reached.append(now["at"])
        wrong += now["wrong"]
        if before is not None and _goes_back(before["place"], now["place"]):
            wrong.append(f"the focus goes back from {before['name']} to {now['name']}")
        before = now
    if reached != list(range(len(stops))):
        missed = [name for at, name in enumerate(stops) if at not in reached]
        wrong.append(f"Tab goes {reached} of {len(stops)}; it does not come to {missed[:5]}")
    keyboard.detach()
    return wrong


def _goes_back(one: Any, other: Any) -> bool:  # noqa: ANN401 (as above)
    """Whether the next place lies above the one before, or left of it on the same line."""
    if one["sticks"] or other["sticks"]:
        return bool(
            one["sticks"]
            and other["sticks"]
            and one["top"] < other["bottom"]
            and other["top"] < one["bottom"]
            and other["right"] <= one["left"]
        )
    is_above = other["bottom"] <= one["top"]
    is_beside = one["top"] < other["bottom"] and other["top"] < one["bottom"]
    return bool(is_above or (is_beside and other["right"] <= one["left"]))
