"""The web application over a scripted desk, a visitor with a browser's habits, and pages of a real browser.

Every test with a real browser also fails when the browser complains (console, content security policy), when a dialog
opens, or when a request leaves the origin.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from httpx2 import Response
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.cases import records
from bot.cases.people.directory import Directory
from bot.cases.people.sessions import Sessions
from bot.engines import Store
from bot.testing import FixedClock
from integrations.web.attach import NOBODY, attach
from integrations.web.elsewhere import Provider
from integrations.web.sign_in import OneTimeLinks
from knowledge.model import Policy
from tests.browsing import Watch
from tests.web.markup import Page as Markup
from tests.web.markup import read
from tests.web.policies import POLICIES
from tests.web.scripted import DSL, NOW, ScriptedDesk
from tests.web.serving import PATIENCE, served

KEY = b"k" * 32
FORMS = {"report_concern": "Report a concern", "disclose_contact": "Tell us of a contact"}


@dataclass
class House:
    """The application and everything around it that a test may move."""

    kept: Path
    policies: tuple[Policy, ...] = POLICIES
    desk: ScriptedDesk = field(default_factory=ScriptedDesk)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    health: list[Exception] = field(default_factory=list)
    beats: bool = False

    directory: Directory = NOBODY
    providers: tuple[Provider, ...] = ()
    pauses: list[float] = field(default_factory=list)
    is_live: bool = True

    def __post_init__(self) -> None:
        self.links = OneTimeLinks(self.clock)
        self.store = Store(self.kept / "sessions.sqlite3")
        with self.store.writing() as connection:
            records.metadata.create_all(connection, tables=[records.sessions])
            connection.commit()
        self.sessions = Sessions(self.store, KEY, self.clock)

    def application(self) -> Starlette:
        """A new one, as after a restart or in another process: same key, same links, whoever is signed in."""
        return attach(
            self.desk,
            lambda: self.policies,
            csrf_key=KEY,
            clock=self.clock,
            links=self.links,
            sessions=self.sessions,
            health=self._check,
            heartbeat=lambda: self.beats,
            forms=FORMS,
            hosts=("touchstone.school.example",),
            providers=self.providers,
            directory=self.directory,
            pause=self._pause,
            is_live=self.is_live,
        )

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def _check(self) -> None:
        if self.health:
            raise self.health[0]


@dataclass
class Visitor:
    """A browser at the application: it keeps cookies, and posts the hidden fields of the page it looked at."""

    client: TestClient

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(path, headers=_spelt(headers))

    def look(self, path: str) -> Markup:
        return read(self.get(path).text)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Response:
        """Posts as a page of ours would; a field of the same name replaces the page's own token."""
        sent = {"csrf": self.token(), **fields}
        return self.client.post(path, data=sent, headers={"Sec-Fetch-Site": "same-origin", **_spelt(headers)})

    def ask(self, text: str, **headers: str) -> Response:
        return self.post("/ask", {"text": text}, **headers)

    def token(self) -> str:
        return self.look("/").one("input", name="csrf", id="ask-token").attributes["value"]

    def sign_in(self, token: str) -> Response:
        return self.post(f"/sign-in/{token}", {})


def _spelt(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.store.close()


@pytest.fixture
def arrive(house: House) -> Iterator[Callable[[], Visitor]]:
    """Makes visitors, each with cookies of their own, at one application, which is made when the first one comes."""
    applications: list[Starlette] = []
    clients: list[TestClient] = []

    def new() -> Visitor:
        if not applications:
            applications.append(house.application())
        client = TestClient(applications[0], base_url="http://localhost", follow_redirects=False)
        clients.append(client)
        return Visitor(client)

    yield new
    for client in clients:
        client.close()


@pytest.fixture
def visitor(arrive: Callable[[], Visitor]) -> Visitor:
    return arrive()


@pytest.fixture
def dsl(house: House, visitor: Visitor) -> Visitor:
    """A visitor who is signed in as the DSL."""
    assert visitor.sign_in(house.links.issue(DSL)).status_code == 303
    return visitor


@pytest.fixture
def origin(house: House) -> Iterator[str]:
    with served(house.application()) as origin:
        yield origin


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


@pytest.fixture
def watch(origin: str) -> Iterator[Watch]:
    watch = Watch(origin)
    yield watch
    assert watch.complaints == []


@pytest.fixture
def page(context: BrowserContext, watch: Watch) -> Page:
    page = context.new_page()
    watch.over(page)
    return page


@pytest.fixture
def plain(browser: Browser, watch: Watch) -> Iterator[Page]:
    """A page in a browser without script."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    watch.over(page)
    yield page
    context.close()
