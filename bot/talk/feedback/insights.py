"""Insights: what of the answers was helpful, as counts, and what was sent to the policy owner; apart from the cases."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Lock

import structlog
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    MetaData,
    String,
    Table,
    Text,
    case,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from bot.engines import Busy, Store, UnsafeDatabase, UtcTime, open_store
from bot.messages import Rate, SendQuestion
from bot.ports import Clock
from knowledge.errors import TouchstoneError
from knowledge.rulings import Verdict

MIGRATIONS = Path(__file__).parent / "migrations"

_log = structlog.get_logger()

metadata = MetaData()

_ratings = Table(
    "ratings",
    metadata,
    Column("answer", String(64), primary_key=True),
    Column("policy", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("day", Date, nullable=False),
    sqlite_with_rowid=False,
)
"""One row an answer that somebody rated, under a hash of the answer's random id: no word of theirs, no name, no time of
the day, and no row numbers that would tell the order they came in."""

_questions = Table(
    "questions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("reply_to", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("sent_at", UtcTime, nullable=False),
)
"""What was sent to the policy owner, under a hash of its draft's id."""


class InsightsUnusable(TouchstoneError):
    """What is sent to the policy owner cannot be kept or read: see to the file; asking and telling go on without it."""


@dataclass(frozen=True, slots=True)
class SentQuestion:
    """A question that was sent to the policy owner.

    Attributes:
        sent: when, in UTC.
        text: its words.
        reply_to: how to reach whoever sent it; empty where they want no answer.
        policy: the slug of the policy that was answered from; empty where no clause was shown.
        labels: the clauses that were shown.
        verdict: the answer's.
    """

    sent: datetime
    text: str = field(repr=False)
    reply_to: str = field(repr=False)
    policy: str
    labels: tuple[str, ...]
    verdict: Verdict


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

    def questions(self) -> tuple[SentQuestion, ...]:
        """All that were sent, the newest first.

        Raises:
            InsightsUnusable: they cannot be read.
        """
        newest_first = select(_questions).order_by(_questions.c.sent_at.desc(), _questions.c.id)
        with self._reading() as connection:
            return tuple(
                SentQuestion(row.sent_at, row.text, row.reply_to, row.policy, tuple(row.labels), Verdict(row.verdict))
                for row in connection.execute(newest_first)
            )

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
        """Closes the file, if it was opened."""
        if self._store is not None:
            self._store.close()

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


def _hash(given: str) -> str:
    """An id as it is stored: whatever a browser sends for one, no word of it gets into the file."""
    return hashlib.sha256(given.encode()).hexdigest()
