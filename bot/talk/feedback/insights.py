"""Insights: what of the answers was helpful, as counts, and what was sent to the policy owner; apart from the cases."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Lock

import structlog
from sqlalchemy import Connection, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.engines import Busy, Store, UnsafeDatabase, open_store
from bot.messages import Answer, Rate, SendQuestion
from bot.ports import Clock
from bot.talk.feedback.counting import Count, Counted, Key, Pending, of_answer, week_of
from bot.talk.feedback.sent import KEPT_OPEN, KEPT_WHEN_DONE, How, SentQuestion
from bot.talk.feedback.tables import counts as _counts
from bot.talk.feedback.tables import metadata
from bot.talk.feedback.tables import questions as _questions
from bot.talk.feedback.tables import ratings as _ratings
from knowledge.errors import TouchstoneError
from knowledge.rulings import Verdict

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = ["MIGRATIONS", "Insights", "InsightsUnusable", "NoSuchQuestion", "RatingCount", "SentQuestion", "metadata"]

_log = structlog.get_logger()

KEPT_COUNTS = timedelta(days=2 * 366)
"""How long counts and ratings are kept: long enough to hold one school year against the one before."""


class InsightsUnusable(TouchstoneError):
    """What is sent to the policy owner cannot be kept or read: see to the file; asking and telling go on without it."""


class NoSuchQuestion(TouchstoneError):
    """There is no such question any more: its words were deleted, or its time is over."""


@dataclass(frozen=True, slots=True)
class WeekOfRatings:
    """How often answers were called helpful, and not, in a week that begins on that Monday."""

    week: date
    helpful: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class RatingCount:
    """How often answers with one deciding clause and one verdict were called helpful, and not, and on which days."""

    policy: str
    label: str
    verdict: Verdict
    helpful: int
    unhelpful: int
    first: date
    last: date


class Insights:
    """Keeps both. The file is opened when it is first needed: a damaged one keeps nobody from asking or telling."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Opens nothing yet."""
        self._path = path
        self._clock = clock
        self._store: Store | None = None
        self._opening = Lock()
        self._pending = Pending()

    def rate(self, rating: Rate) -> None:
        """Counts a rating in the place of what was said of the same answer before.

        The caller has seen to it that policy and label are those of a clause, so that no text gets in here.

        Raises:
            InsightsUnusable: it cannot be kept.
        """
        shown = rating.shown
        row = {
            "answer": _hash(rating.answer),
            "policy": shown.policy or "",
            "label": shown.labels[0] if shown.labels else "",
            "verdict": shown.verdict.value,
            "helpful": rating.helpful,
            "day": self._clock.now().date(),
        }
        with self._writing() as connection:
            connection.execute(delete(_ratings).where(_ratings.c.answer == row["answer"]))
            connection.execute(insert(_ratings).values(row))

    def keep(self, question: SendQuestion) -> None:
        """Keeps a question in the place of what was sent under the same draft before.

        Raises:
            InsightsUnusable: it cannot be kept.
        """
        row = {
            "id": _hash(question.draft),
            "text": question.text,
            "reply_to": question.reply_to,
            "policy": question.shown.policy or "",
            "labels": list(question.shown.labels),
            "verdict": question.shown.verdict.value,
            "sent_at": self._clock.now(),
        }
        with self._writing() as connection:
            connection.execute(delete(_questions).where(_questions.c.id == row["id"]))
            connection.execute(insert(_questions).values(row))

    # --------------------------------------------------------------------------------------------- counting

    def answered(self, answer: Answer, *, further: bool = False) -> None:
        """Counts an answer, once, wherever it is shown. It takes no time and never fails: ``flush`` writes it.

        Args:
            answer: as it is shown.
            further: whether it came of a button under an answer before.
        """
        self._pending.add(of_answer(answer, self._clock.now().date(), further=further))

    def count(self, what: Counted) -> None:
        """Counts that something happened, of which nothing but that is kept."""
        self._pending.add([Key(week_of(self._clock.now().date()), what)])

    def flush(self) -> None:
        """Writes what was counted. What cannot be written now is held, and written the next time."""
        held = self._pending.take()
        if not held:
            return
        try:
            with self._writing() as connection:
                for key, times in held.items():
                    _add(connection, key, times)
        except InsightsUnusable:
            self._pending.give_back(held)

    def counts(self, since: date) -> tuple[Count, ...]:
        """How often each thing happened in each week from that of a day on, as far as it is written.

        Raises:
            InsightsUnusable: it cannot be read.
        """
        self.flush()
        rows = select(_counts).where(_counts.c.week >= week_of(since)).order_by(*_counts.primary_key.columns)
        with self._reading() as connection:
            return tuple(
                Count(Key(row.week, Counted(row.what), row.policy, row.name), row._mapping["count"])  # noqa: SLF001 (SQLAlchemy's public way; row.count is a method)
                for row in connection.execute(rows)
            )

    def weeks_of_ratings(self, since: date) -> tuple[WeekOfRatings, ...]:
        """How often answers were called helpful, and not, week by week from that of a day on.

        Raises:
            InsightsUnusable: it cannot be read.
        """
        rated: dict[date, list[int]] = {}
        with self._reading() as connection:
            for day, helpful in connection.execute(
                select(_ratings.c.day, _ratings.c.helpful).where(_ratings.c.day >= week_of(since))
            ):
                rated.setdefault(week_of(day), [0, 0])[0 if helpful else 1] += 1
        return tuple(WeekOfRatings(week, yes, no) for week, (yes, no) in sorted(rated.items()))

    # ---------------------------------------------------------------------------------------- what was sent

    def questions(self) -> tuple[SentQuestion, ...]:
        """All that were sent, the newest first.

        Raises:
            InsightsUnusable: they cannot be read.
        """
        newest_first = select(_questions).order_by(_questions.c.sent_at.desc(), _questions.c.id)
        with self._reading() as connection:
            return tuple(
                SentQuestion(
                    row.id,
                    row.sent_at,
                    row.text,
                    row.reply_to,
                    row.policy,
                    tuple(row.labels),
                    Verdict(row.verdict),
                    How(row.done_how) if row.done_how else None,
                    row.done_what,
                    row.done_at,
                    row.told_at,
                )
                for row in connection.execute(newest_first)
            )

    def question(self, question: str) -> SentQuestion:
        """One of them, by its id.

        Raises:
            NoSuchQuestion: it is not there any more.
            InsightsUnusable: it cannot be read.
        """
        for one in self.questions():
            if one.id == question:
                return one
        raise NoSuchQuestion

    def done(self, question: str, how: How | None, what: str = "") -> None:
        """Says what was done with a question; None where nothing holds any more, and it is new again.

        Raises:
            NoSuchQuestion: it is not there any more.
            InsightsUnusable: that cannot be kept.
        """
        at = None if how is None else self._clock.now()
        self._change(question, done_how=how.value if how else "", done_what=what, done_at=at)

    def told(self, question: str) -> None:
        """Says that its sender was answered.

        Raises:
            NoSuchQuestion: it is not there any more.
            InsightsUnusable: that cannot be kept.
        """
        self._change(question, told_at=self._clock.now())

    def delete(self, question: str) -> None:
        """Takes a question away, with its words and how to reach its sender.

        Raises:
            InsightsUnusable: it cannot be done now.
        """
        with self._writing() as connection:
            connection.execute(delete(_questions).where(_questions.c.id == question))

    def tidy(self) -> int:
        """Takes away what is kept no longer; how many questions that were.

        Raises:
            InsightsUnusable: it cannot be done now.
        """
        now = self._clock.now()
        sent, first = _questions.c, week_of((now - KEPT_COUNTS).date())
        over = or_(
            and_(sent.done_at.is_not(None), sent.done_at < now - KEPT_WHEN_DONE),
            and_(sent.told_at.is_not(None), sent.told_at < now - KEPT_WHEN_DONE, sent.done_at.is_(None)),
            sent.sent_at < now - KEPT_OPEN,
        )
        with self._writing() as connection:
            gone = connection.execute(delete(_questions).where(over)).rowcount
            connection.execute(delete(_counts).where(_counts.c.week < first))
            connection.execute(delete(_ratings).where(_ratings.c.day < first))
        return gone

    def ratings(self) -> tuple[RatingCount, ...]:
        """The counts for each deciding clause and verdict, what was most often not helpful first.

        Raises:
            InsightsUnusable: they cannot be read.
        """
        rated = _ratings.c
        helpful = func.sum(case((rated.helpful, 1), else_=0))
        unhelpful = func.sum(case((rated.helpful, 0), else_=1))
        counts = (
            select(
                rated.policy, rated.label, rated.verdict, helpful, unhelpful, func.min(rated.day), func.max(rated.day)
            )
            .group_by(rated.policy, rated.label, rated.verdict)
            .order_by(unhelpful.desc(), helpful.desc(), rated.policy, rated.label, rated.verdict)
        )
        with self._reading() as connection:
            return tuple(
                RatingCount(policy, label, Verdict(verdict), yes, no, first, last)
                for policy, label, verdict, yes, no, first, last in connection.execute(counts)
            )

    def probe(self) -> None:
        """Raises InsightsUnusable if nothing could be kept now: it commits a write that changes nothing."""
        try:
            self._opened().probe()
        except (SQLAlchemyError, OSError, Busy, UnsafeDatabase) as failure:
            raise InsightsUnusable(f"{self._path}: {type(failure).__name__}") from None

    def close(self) -> None:
        """Writes what was counted, and closes the file, if it was opened."""
        self.flush()
        if self._store is not None:
            self._store.close()

    def _change(self, question: str, **values: object) -> None:
        with self._writing() as connection:
            changed = connection.execute(update(_questions).where(_questions.c.id == question).values(**values))
            if changed.rowcount == 0:
                raise NoSuchQuestion

    def _opened(self) -> Store:
        with self._opening:
            if self._store is None:
                self._store = open_store(self._path, MIGRATIONS, InsightsUnusable)
            return self._store

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A connection to write with; all is committed at the end of the block, or nothing."""
        try:
            with self._opened().writing() as connection:
                yield connection
                connection.commit()
        except (SQLAlchemyError, OSError, Busy, UnsafeDatabase, InsightsUnusable) as failure:
            _log.error("insight not kept", cause=type(failure).__name__)  # no more: its words may hold what was sent
            raise InsightsUnusable(f"{self._path}: {type(failure).__name__}") from None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._opened().reading() as connection:
                yield connection
        except (SQLAlchemyError, OSError, UnsafeDatabase) as failure:
            raise InsightsUnusable(f"{self._path}: {type(failure).__name__}") from None


def _add(connection: Connection, key: Key, times: int) -> None:
    row = {"week": key.week, "what": key.what.value, "policy": key.policy, "name": key.name}
    where = and_(*(_counts.c[name] == value for name, value in row.items()))
    changed = connection.execute(update(_counts).where(where).values(count=_counts.c["count"] + times))
    if changed.rowcount == 0:
        connection.execute(insert(_counts).values(**row, count=times))


def _hash(given: str) -> str:
    """An id as it is stored: whatever a browser sends for one, no word of it gets into the file."""
    return hashlib.sha256(given.encode()).hexdigest()
