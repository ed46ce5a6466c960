"""Puts together the half that answers. It does without web and records, so that a question asked alone is quick."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from bot.cases.people.contacts import DirectoryContacts
from bot.cases.people.directory import day_at_school, load_directory
from bot.messages import Ask
from bot.ports import Clock
from bot.talk.answering.answers import Answers
from index.encoder import Encoder
from index.renewal import Renewal, Renewals
from index.search import Searcher, Shelf
from index.snapshot import Progress
from index.trial import Judged
from integrations.settings import Settings
from knowledge.datafile import BadDataFile
from knowledge.library import Library
from knowledge.overlay import Overlay

AHEAD = timedelta(days=1)
"""How long before it takes effect a version is built."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)


def own_contacts(settings: Settings, clock: Clock) -> DirectoryContacts | None:
    """Whom to ring by the school's own directory; None without one: at a terminal invented numbers help nobody.

    It is read when somebody has to be rung, not before.
    """
    own = settings.directory
    return DirectoryContacts(lambda: load_directory(own), clock) if own.exists() else None


def today(clock: Clock) -> date:
    """What day it is at school."""
    return day_at_school(clock.now())


def own_overlay(settings: Settings, clock: Clock) -> Overlay:
    """What the school adds to the shipped knowledge: to be read and to be changed."""
    return Overlay(settings.overlay, lambda: today(clock), clock.now)


def renewals(settings: Settings, clock: Clock) -> Renewals:
    """How what is answered follows what is known, and how the last change fared."""
    return Renewals(settings.overlay, settings.snapshots, clock.now)


def published(settings: Settings, encoder: Encoder, progress: Progress = lambda _done, _of: None) -> Shelf:
    """A shelf with the snapshot of all that is known on it: built now, if it is not there or out of date.

    A change that makes answers worse, or cannot be used, stays out, and the snapshot of before goes on (``renewed``).
    """
    renewed(settings, encoder, SystemClock(), progress)
    return Shelf(settings.snapshots, encoder)


def renewed(
    settings: Settings, encoder: Encoder, clock: Clock, progress: Progress = lambda _done, _of: None
) -> Renewal:
    """Sees to it that what is known is answered from, as far as it may be; says how that fared."""

    def read() -> Library:
        return Library.in_force(settings.overlay, today(clock))

    def judge(searcher: Searcher, message: str) -> Judged:
        answer = Answers(lambda: searcher, clock).answer(Ask(message))
        labels = tuple((one.clause.policy, str(one.clause.label)) for one in answer.citations)
        return Judged(labels, answer.verdict.value if answer.verdict else None, answer.intent.value, answer.urgent)

    return renewals(settings, clock).renew(read, encoder, judge, progress, Library.shipped)


def prepared(settings: Settings, encoder: Encoder, clock: Clock) -> None:
    """Builds ahead what takes effect within a day, so that it is there at the school's midnight."""
    overlay, now = own_overlay(settings, clock), today(clock)
    with suppress(BadDataFile):  # it is told of when it is to be answered from
        days = {
            day
            for slug in overlay.versions.policies()
            for day, _ in overlay.versions.scheduled(slug)
            if day - now <= AHEAD
        }
        for day in sorted(days):
            renewals(settings, clock).prepare(Library.in_force(settings.overlay, day), encoder)
