"""Leaving: when somebody is no longer in the directory, and what of theirs goes then, and when; nothing unseen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from bot.cases import records
from bot.cases.people.directory import Directory, day_at_school
from bot.cases.receiving.retention import Retention
from bot.cases.reports.drafts import PERSON
from bot.cases.safekeeping.purge import Purge
from bot.engines import Store
from bot.induction.signing import NoSuchSignOff, SignOffs
from bot.ports import Clock


@dataclass(frozen=True, slots=True)
class Due:
    """A signature whose period is over: its id, the policy, the days of signing and of leaving, and since when."""

    sign_off: str
    policy: str
    signed: date
    left: date
    since: date


@dataclass(frozen=True, slots=True)
class Leaving:
    """Notes who has left, and deletes what somebody has looked at.

    Attributes:
        sign_offs: what was signed.
        directory: gives the directory of now.
        store: the records.
        purge: deletes for good.
        retention: the school's periods.
        clock: what time it is.
    """

    sign_offs: SignOffs
    directory: Callable[[], Directory]
    store: Store
    purge: Purge
    retention: Retention
    clock: Clock

    def look(self) -> None:
        """What is done once a day: notes who is in the directory no more, and drops walks that nobody goes on with.

        Whoever comes back has not left. A walk is no record: of whoever is not in the directory, or has a code, it goes
        after the school's days without a step.

        Raises:
            Busy: the records cannot be written at the moment.
        """
        now, here = self.clock.now(), self._here()
        words, signed = records.sign_off_words, records.sign_offs
        mine = select(words.c.id, words.c.left_at, signed.c.owner_hash).join(signed, signed.c.id == words.c.id)
        with self.store.reading() as connection:
            rows = connection.execute(mine).all()
        left = [row.id for row in rows if row.left_at is None and row.owner_hash not in here]
        back = [row.id for row in rows if row.left_at is not None and row.owner_hash in here]
        if left or back:
            with self.store.writing() as connection:
                connection.execute(update(words).where(words.c.id.in_(left)).values(left_at=now))
                connection.execute(update(words).where(words.c.id.in_(back)).values(left_at=None))
                connection.commit()
        self._drop_old_walks(now, here)

    def due(self) -> tuple[Due, ...]:
        """The signatures whose period is over, what has waited longest first."""
        words, signed = records.sign_off_words, records.sign_offs
        columns = (signed.c.id, signed.c.policy, signed.c.signed_at, words.c.left_at)
        query = select(*columns).join(words, words.c.id == signed.c.id).where(words.c.left_at.is_not(None))
        today = day_at_school(self.clock.now())
        with self.store.reading() as connection:
            rows = connection.execute(query).all()
        found = []
        for row in rows:
            since = self.retention.signed_until(row.left_at)
            if since <= today:
                days = (day_at_school(row.signed_at), day_at_school(row.left_at), since)
                found.append(Due(row.id, row.policy, *days))
        return tuple(sorted(found, key=lambda one: (one.since, one.sign_off)))

    def delete(self, sign_off: str) -> None:
        """Deletes what was written with a signature whose period is over; that there was one stays in the chain.

        Raises:
            NoSuchSignOff: there is none of that id that is due.
            DeletionsDamaged: the log of deletions cannot be trusted, so nothing was deleted.
        """
        if sign_off not in {one.sign_off for one in self.due()}:
            raise NoSuchSignOff
        self.purge.forget((sign_off,))

    def _drop_old_walks(self, now: datetime, here: frozenset[str]) -> None:
        table = records.inductions
        old = now - timedelta(days=self.retention.signed.walk_days)
        with self.store.reading() as connection:
            rows = connection.execute(select(table.c.id, table.c.owner_hash).where(table.c.moved_at < old)).all()
        self.purge.forget([row.id for row in rows if row.owner_hash not in here])

    def _here(self) -> frozenset[str]:
        return frozenset(self.sign_offs.hash_of(PERSON + person.id) for person in self.directory().persons)
