"""Puts everything together, once. Nothing here works at import."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from starlette.applications import Starlette

from bot.cases import records
from bot.cases.directory import Directory, load_directory
from bot.cases.drafts import Drafts
from bot.cases.filling import Filling
from bot.cases.forms.model import load_forms
from bot.cases.forms.view import FormViews
from bot.cases.inbox import Inbox
from bot.cases.intake import Intake
from bot.cases.records import open_records
from bot.cases.routing import load_routes
from bot.cases.sealing import KeyStore, MasterKey, open_keys
from bot.desk import Desk
from bot.engines import Store
from bot.ports import Clock, Milestones, Stage
from bot.talk.answers import Answers
from bot.talk.feedback import Feedback
from bot.talk.insights import Insights
from bot.talk.sections import Sections
from index import snapshot
from index.encoder import Encoder
from index.search import Searcher, Shelf
from index.snapshot import Progress
from integrations.settings import Settings
from integrations.web.attach import attach
from integrations.web.sign_in import OneTimeLinks
from knowledge.library import Library


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)


class Unwatched:
    """Nobody listens to how far a report has come."""

    def reached(self, stage: Stage) -> None:
        """Does nothing."""


@dataclass(frozen=True, slots=True)
class Reports:
    """The half that is told: its store, its keys, and who holds which role."""

    store: Store
    keys: KeyStore
    master: MasterKey
    directory: Directory

    def check(self) -> None:
        """Raises whatever would keep a report from being taken: it writes, and commits, in both stores."""
        self.keys.probe()
        self.store.probe()

    def without_key(self) -> int:
        """How many cases have no key, and cannot be opened."""
        with self.store.reading() as connection:
            return len(frozenset(connection.scalars(select(records.cases.c.id))) - self.keys.known())

    def close(self) -> None:
        """Closes the store and the keys."""
        self.store.close()
        self.keys.close()


def published(settings: Settings, encoder: Encoder, progress: Progress = lambda _done, _of: None) -> Shelf:
    """A shelf with the snapshot of the shipped policies on it: built now, if it is not there or out of date."""
    digest = snapshot.build(Library.shipped(), encoder, settings.snapshots, progress)
    try:
        is_current = snapshot.current(settings.snapshots) == digest
    except snapshot.SnapshotMissing:
        is_current = False
    if not is_current:
        snapshot.publish(settings.snapshots, digest)
    return Shelf(settings.snapshots, encoder)


def open_reports(settings: Settings) -> Reports:
    """Opens what was told, with the demonstration directory.

    A key whose case was never committed stays where it is: it opens nothing, and to take a records file that is
    missing or older for a reason to delete keys would destroy the cases in it.
    """
    store = open_records(settings.records)
    given = MasterKey.parse(settings.master_key.get_secret_value()) if settings.master_key else None
    with store.reading() as connection:
        is_first_start = connection.scalar(select(records.cases.c.id).limit(1)) is None
    keys, master = open_keys(settings.keys, given, settings.key_file, is_first_start=is_first_start)
    return Reports(store, keys, master, load_directory())


def web(  # noqa: PLR0913 (each is a part that is put together here)
    settings: Settings,
    shelf: Shelf,
    reports: Reports,
    clock: Clock,
    links: OneTimeLinks,
    *,
    insights: Insights,
    milestones: Milestones | None = None,
) -> Starlette:
    """The web application: chat, forms, inbox and policies."""

    def health() -> None:  # without the insights: asking and telling go on without them
        shelf.searcher()
        reports.check()

    return attach(
        desk(shelf.searcher, reports, insights, clock, milestones or Unwatched()),
        lambda: shelf.searcher().library.policies,
        csrf_key=reports.master.derive("csrf"),
        clock=clock,
        links=links,
        health=health,
        forms={name: form.title for name, form in load_forms().items()},
        hosts=(f"[{settings.host}]" if ":" in settings.host else settings.host,),
    )


def desk(
    searcher: Callable[[], Searcher], reports: Reports, insights: Insights, clock: Clock, milestones: Milestones
) -> Desk:
    """The desk over both halves."""
    forms = load_forms()
    routes = load_routes(forms)
    views = FormViews(forms, routes)
    drafts = Drafts(reports.store, reports.keys, reports.master.derive("drafts"), clock)
    intake = Intake(
        forms=forms,
        views=views,
        drafts=drafts,
        routes=routes,
        directory=reports.directory,
        store=reports.store,
        keys=reports.keys,
        fingerprint_key=reports.master.derive("submissions"),
        clock=clock,
        milestones=milestones,
    )
    inbox = Inbox(forms, reports.directory, reports.store, reports.keys, clock)
    filling = Filling(views, drafts, clock)
    feedback = Feedback(searcher, insights)
    return Desk(Answers(searcher, clock), Sections(searcher, clock), feedback, filling, intake, inbox)
