"""What all tests share: the real encoder, the real policy, a desk on real files or a real PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser
from pydantic import SecretStr
from sqlalchemy import URL

from bot import sqlite
from bot.cases.records import open_records
from bot.desk import Desk
from bot.engines import Store
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock, Trail
from index import snapshot
from index.encoder import Encoder, MiniLM
from index.search import Searcher
from integrations import app
from integrations.settings import Settings
from knowledge.library import Library
from knowledge.model import Policy
from tests import postgresql
from tests.browsing import chromium
from tests.built import ENCODER, SNAPSHOTS, Knowing, known_from_before

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
REACH2 = "reach2-online-safety"
ENGINES = ("sqlite", "postgresql")

# How long an example takes depends on who works beside it.
hypothesis_settings.register_profile("touchstone", deadline=None)
hypothesis_settings.load_profile("touchstone")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs on both engines whatever asks for the address of one, and what is marked so and asks for anything kept."""
    marked = metafunc.definition.get_closest_marker("both_engines") is not None
    if "engine_url" in metafunc.fixturenames or (marked and "engine" in metafunc.fixturenames):
        metafunc.parametrize("engine", ENGINES)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module, no longer: while it is there an event loop runs in this thread, and other tests want their own."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The data folder in which the session's build stands; one for all workers, which a build can bear."""
    if worker_id == "master":
        return tmp_path_factory.mktemp("built")
    folder = tmp_path_factory.getbasetemp().parent / "built"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def encoder(built: Path) -> Encoder:
    encoder = MiniLM(kept=built / ENCODER)
    encoder.load()  # its weights are there for the commands that tests run
    return Knowing(encoder)


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.shipped()


@pytest.fixture(scope="session")
def policy(library: Library) -> Policy:
    return library.policy(REACH2)


@pytest.fixture(scope="session")
def snapshots(library: Library, encoder: Encoder, built: Path, pytestconfig: pytest.Config) -> Path:
    """A folder with the published snapshot of the shipped policies."""
    folder = built / SNAPSHOTS
    with known_from_before(pytestconfig.cache, encoder, folder):
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


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """One server for all tests of a session; it starts when the first one asks for it."""
    with postgresql.running() as server:
        yield server


@pytest.fixture
def engine() -> str:
    """The kind of database that a test runs on."""
    return "sqlite"


@pytest.fixture
def new_database(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], URL]]:
    """Gives the address of an empty database of a name, on the engine that the test runs on."""
    with ExitStack() as lent:

        def new(name: str) -> URL:
            if engine == "sqlite":
                return URL.create("sqlite", database=str(tmp_path / name / f"{name}.sqlite3"))
            server: postgresql.Server = request.getfixturevalue("postgresql_server")
            return lent.enter_context(server.lent())

        yield new


@pytest.fixture
def engine_url(new_database: Callable[[str], URL]) -> URL:
    """The address of an empty database: each test that asks for it runs once on each engine."""
    return new_database("records")


@pytest.fixture
def store(engine_url: URL) -> Iterator[Store]:
    """The records, empty, on each engine."""
    store = open_records(engine_url)
    yield store
    store.close()


@pytest.fixture
def settings(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    if engine == "sqlite":  # as it comes: nothing is set but where
        yield Settings(var=tmp_path / "var")
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    with server.lent(_make_tables) as records, server.lent() as keys:
        database, keys_database = (SecretStr(url.render_as_string(hide_password=False)) for url in (records, keys))
        yield Settings(var=tmp_path / "var", database=database, keys_database=keys_database)


def _make_tables(place: URL | Path) -> None:
    """Those of the records, which takes longer than most tests."""
    open_records(place).close()


@pytest.fixture(scope="session")
def no_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of records in which nothing is recorded."""
    file = tmp_path_factory.mktemp("no_records") / "records.sqlite3"
    _make_tables(file)
    return file


@pytest.fixture
def reports(engine: str, settings: Settings, no_records: Path) -> Iterator[app.Reports]:
    if engine == "sqlite" and not settings.records.exists():
        sqlite.make_ready(settings.records_address)
        shutil.copyfile(no_records, settings.records)
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
