"""A server of ours with Slack over HTTP, put together as ``touchstone serve`` does it, for a process of its own."""

from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection

from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.cases.arrivals import Arrivals
from bot.engines import Store
from bot.messages import Ask, Incoming, Reply
from bot.ports import Clock, Milestones
from bot.talk.answering import answers
from bot.talk.feedback.insights import Insights
from index.encoder import MiniLM
from index.search import Shelf
from integrations import app
from integrations.answering import SystemClock
from integrations.settings import Settings
from integrations.slack import room, serving
from integrations.ways import Ways
from integrations.web.sign_in import OneTimeLinks
from integrations.worker import Worker
from tests.apart import listen
from tests.slack.fake.slack import FakeSlack

Passes = Callable[[str], None]
"""Told of each named point that a message passes."""

TAKEN = "message_taken"
"""It is kept; Slack was not answered yet."""
THOUGHT = "message_thought_about"
"""There is an answer, which Slack has not got yet."""
ANSWERED = "message_answered"
"""Slack took the answer; that is not stored yet."""
MARKED = "message_marked"
"""That is stored."""
POINTS = (TAKEN, THOUGHT, ANSWERED, MARKED)


class _Arrivals(Arrivals):
    """Says how far each message has come."""

    def __init__(self, passes: Passes, store: Store, key: bytes, clock: Clock) -> None:
        super().__init__(store, key, clock)
        self._passes = passes

    def take(self, platform: str, message_id: str, body: str) -> str | None:
        taken = super().take(platform, message_id, body)
        if taken is not None:
            self._passes(TAKEN)
        return taken

    def handled(self, id_hash: str) -> None:
        self._passes(ANSWERED)
        super().handled(id_hash)
        self._passes(MARKED)


class _Desk:
    """Says when it has thought about a message."""

    def __init__(self, desk: room.Desk, passes: Passes) -> None:
        self._desk = desk
        self._passes = passes

    def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
        replies = self._desk.receive(incoming)
        if isinstance(incoming, Ask):
            self._passes(THOUGHT)
        return replies


def settings_for(slack: FakeSlack, settings: Settings, team: str = "T1") -> Settings:
    """The settings by which a server is in a fake Slack over HTTP, in one workspace."""
    return settings.model_copy(
        update={
            "address": "https://touchstone.school.example",
            "slack_bot_token": SecretStr(slack.bot_token),
            "slack_signing_secret": SecretStr(slack.signing_secret),
            "slack_workspaces": team,
        }
    )


def watched(settings: Settings, base_url: str, clock: Clock, milestones: Milestones, passes: Passes) -> ASGIApp:
    """Slack alone, without pages and delivery.

    Args:
        settings: where everything is.
        base_url: of the fake's Web API.
        clock: by which it is known what other processes left.
        milestones: hear of each stage of a report.
        passes: hears of each point of ``POINTS``.
    """
    reports = app.open_reports(settings)
    shelf, own = _shelf(settings), SystemClock()
    desk = app.desk(shelf.searcher, reports, Insights(settings.insights, own), own, milestones)
    vars(serving)["Arrivals"] = partial(_Arrivals, passes)  # in this process, which ends with it
    made = serving.slack(settings, _Desk(desk, passes), reports, clock, base_url)  # type: ignore[arg-type]
    assert made is not None
    return made.beside(Starlette())


def whole(settings: Settings, base_url: str, ready: Connection) -> None:
    """All of ``touchstone serve``, with the worker at work, until the process ends."""
    clock, unwatched, shelf = SystemClock(), app.Unwatched(), _shelf(settings)
    reports = app.open_reports(settings)
    insights = Insights(settings.insights, clock)
    desk = app.desk(shelf.searcher, reports, insights, clock, unwatched)
    made = serving.slack(settings, desk, reports, clock, base_url)
    assert made is not None
    worker = Worker(reports, Ways(lambda: reports.directory, (made.way,)), clock, unwatched)
    links, beats = OneTimeLinks(clock), worker.is_beating
    pages = app.web(settings, shelf, reports, clock, links, insights=insights, heartbeat=beats, bot=desk)
    worker.start()
    listen(made.beside(pages), ready, "on")


def _shelf(settings: Settings) -> Shelf:
    """With all that is loaded before a server says that it is there."""
    encoder = MiniLM(kept=settings.encoder)
    shelf = Shelf(settings.snapshots, encoder)
    shelf.searcher()
    encoder.load()
    answers.load()
    return shelf
