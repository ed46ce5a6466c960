"""What all tests share: the real encoder, the real policy, a desk on real files."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bot.desk import Desk
from bot.talk.insights import Insights
from bot.testing import FixedClock, Trail
from index import snapshot
from index.encoder import Encoder, MiniLM
from index.search import Searcher
from integrations import app
from integrations.settings import Settings
from knowledge.library import Library
from knowledge.model import Policy
from tests.browsing import chromium

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
REACH2 = "reach2-online-safety"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module, no longer: while it is there an event loop runs in this thread, and other tests want their own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return MiniLM()


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.shipped()


@pytest.fixture(scope="session")
def policy(library: Library) -> Policy:
    return library.policy(REACH2)


@pytest.fixture(scope="session")
def snapshots(library: Library, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the published snapshot of the shipped policies."""
    folder = tmp_path_factory.mktemp("snapshots")
    snapshot.publish(folder, snapshot.build(library, encoder, folder))
    return folder


@pytest.fixture(scope="session")
def searcher(snapshots: Path, encoder: Encoder) -> Searcher:
    return Searcher(snapshot.load(snapshots, snapshot.current(snapshots), encoder), encoder)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def trail() -> Trail:
    return Trail()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var")


@pytest.fixture
def reports(settings: Settings) -> Iterator[app.Reports]:
    opened = app.open_reports(settings)
    yield opened
    opened.close()


@pytest.fixture
def insights(settings: Settings, clock: FixedClock) -> Iterator[Insights]:
    insights = Insights(settings.insights, clock)
    yield insights
    insights.close()


@pytest.fixture
def desk(searcher: Searcher, reports: app.Reports, insights: Insights, clock: FixedClock, trail: Trail) -> Desk:
    return app.desk(lambda: searcher, reports, insights, clock, trail)
