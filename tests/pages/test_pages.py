"""Every page of the product, looked over in a real browser: readable, operable and quick for everybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext
from starlette.routing import Match

from integrations.web.sign_in import COOKIE
from tests.browsing import Watch
from tests.pages.eyes import DESK, MOST_BYTES, Loaded, looked_over
from tests.pages.house import House, routes
from tests.pages.listed import NO_PAGES, PAGES, Listed, State
from tests.pages.tour import FOLDER, take
from tests.pages.ways import at
from tests.web.serving import PATIENCE

MOST_MILLISECONDS = 2000
"""Where other tests want the processor too. What it is on a quiet machine stands in docs/performance.md."""


@pytest.fixture
def context(browser: Browser, house: House) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="en-GB")
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    house.bot.goes_on.set()
    context.close()


def test_every_route_is_on_the_list_of_pages_or_is_none(house: House) -> None:
    listed = {page.shows for page in PAGES}
    assert routes(house.application) == listed | set(NO_PAGES)
    assert not listed & set(NO_PAGES)
    assert len({page.name for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("listed", PAGES, ids=lambda page: page.name)
def test_a_page_is_for_everybody(context: BrowserContext, house: House, listed: Listed) -> None:
    refused = (f"status of {listed.status}",) if listed.state is State.ERROR else ()
    watch, loaded = Watch(house.origin, (*refused, *listed.complains)), Loaded()
    page = context.new_page()
    watch.over(page)
    loaded.over(page)
    if listed.who:
        context.add_cookies([{"name": COOKIE, "value": house.enter(listed.who), "url": house.origin}])
    way = listed.way or at(listed.address or listed.shows.partition(" ")[2])
    way(page, house)
    page.wait_for_load_state()
    document = loaded.document
    answer = document.response()
    assert answer is not None
    assert (_route(house, document.method, document.url), answer.status) == (listed.shows, listed.status)
    if FOLDER and listed.says:
        take(page, FOLDER / f"{listed.name}.webp")
    wrong = looked_over(page)
    if loaded.bytes() > MOST_BYTES:
        wrong.append(f"{loaded.bytes()} bytes come over the wire")
    if loaded.milliseconds() > MOST_MILLISECONDS:
        wrong.append(f"{loaded.milliseconds():.0f} ms until the first byte")
    wrong += watch.complaints
    assert not wrong, "\n".join(wrong)


def _route(house: House, method: str, url: str) -> str:
    """Which route answers an address."""
    path = url.removeprefix(house.origin).partition("?")[0]
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    found = (route for route in house.application.routes if route.matches(scope)[0] is Match.FULL)
    return f"{method} {next(found).path}"  # type: ignore[attr-defined] # they are all routes with a path


FAULTS = {
    "color-contrast": '<p style="color: #aaa">pale</p>',
    "image-alt": '<img src="data:,">',
    "label": "<input>",
    "target-size": '<a href="#a" style="font-size: 5px">a</a><a href="#b" style="font-size: 5px">b</a>',
    "does not show it": '<button style="outline: none">Go</button>',
    "is out of sight": '<button style="position: fixed; left: -200px">Go</button>',
    "goes back": '<div style="display: flex; flex-direction: row-reverse"><button>A</button><button>B</button></div>',
    "smaller than 24 pixels": '<button style="font-size: 5px">x</button>',
    "is cut off": f'<p style="overflow-x: hidden; white-space: nowrap">{"long " * 300}</p>',
    "would move": '<p style="transition: color 1s">slow</p>',
    "no edge without colours": '<button style="border: 0">Go</button>',
    "is printed": "<button>Go</button>",
    "does not come to": '<button onfocus="this.blur()">Go</button>',
}
IN_ONE_STATE = {
    "dark, 1280 pixels": "<style>@media (prefers-color-scheme: dark) { p { background: #333; color: #444 } }</style>",
    "light, 390 pixels": "<style>@media (max-width: 400px) { p { color: #aaa } }</style>",
    "at 320 pixels the page scrolls": '<p style="width: 25rem">wide</p>',
    "spaced the page scrolls": '<p style="font: 16px monospace; white-space: nowrap">here is no room left to spare</p>',
}


@pytest.mark.parametrize(
    ("told", "faults"), [(list(FAULTS), [*FAULTS.values()]), *(([one], [it]) for one, it in IN_ONE_STATE.items())]
)
def test_what_is_wrong_is_seen(context: BrowserContext, told: list[str], faults: list[str]) -> None:
    page = context.new_page()
    frame = "<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1><p>Some words</p>{}</main>"
    page.set_content(frame.format("".join(faults)))
    wrong = looked_over(page)
    assert [one for one in told if one not in "\n".join(wrong)] == []
