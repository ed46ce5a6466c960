"""Purge: what was told in a case is deleted and its key destroyed; that there was a case, and what happened, stays."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Connection, Table, delete, select, update

from bot.cases import records
from bot.cases.chronology import Event, record_event, remember_newest
from bot.cases.delivery.timers import done_with
from bot.cases.keys.keystore import KeyStore, scrub
from bot.cases.reports.attachments import AttachedFiles
from bot.cases.safekeeping.deletions import DeletionLog
from bot.engines import Store
from bot.ports import Clock
from knowledge.errors import TouchstoneError


class NoSuchCase(TouchstoneError):
    """There is no case of that reference."""


class StillOpen(TouchstoneError):
    """This case is not closed; what was told in it is purged only after it was closed."""


class OnHold(TouchstoneError):
    """This case is under a legal hold; release it first, if those who asked for the hold agree."""


class Reason(StrEnum):
    """Why what was told is deleted; it stands in the chronology, so there are no free words."""

    RETENTION = "retention"
    """The school's retention period for this outcome is over."""
    ELSEWHERE = "elsewhere"
    """It was entered in the school's case system, and the grace period is over."""
    MISTAKE = "mistake"
    """It was sent by mistake, or to try things out."""
    RESTORED = "restored"
    """It had been purged before, and a restore brought it back for a moment."""


Reached = Callable[[str], None]
"""Hears how far a purge has come, so that tests can end the process there."""


def nobody(_step: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Purge:
    """Deletes for good, in an order in which a process that dies anywhere leaves a purge that is finished later.

    1. logged in the file of deletions, on the disk; from here on there is no way back
    2. the content deleted, the event recorded, one transaction, overwritten in the file (``secure_delete``)
    3. the files that came with it removed, then the key destroyed
    4. remembered that the log was carried out

    Attributes:
        store: the records.
        keys: their keys.
        log: the deletions of this machine.
        clock: what time it is.
        reached: hears of each step.
        files: where the files lie that came with reports.
    """

    store: Store
    keys: KeyStore
    log: DeletionLog
    clock: Clock
    reached: Reached = nobody
    files: AttachedFiles | None = None

    def purge(self, reference: str, reason: Reason, by: tuple[str, str] | None = None) -> None:
        """Purges a closed case; one that is purged already stays as it is.

        Args:
            reference: of the case.
            reason: why; it stands in the chronology.
            by: who confirmed it, by their id, and in which role, to stand there too; None where nobody did.

        Raises:
            NoSuchCase: there is none of that reference.
            StillOpen: it is not closed.
            OnHold: a legal hold is on it.
            DeletionsDamaged: the log of deletions cannot be trusted, so nothing was deleted.
        """
        cases = records.cases
        with self.store.writing() as connection:
            found = select(cases.c.id, cases.c.state).where(cases.c.reference == reference)
            case = connection.execute(found).one_or_none()
            if case is None:
                raise NoSuchCase(reference)
            if case.state == "purged":
                return
            if is_held(connection, case.id):
                raise OnHold(reference)
            if case.state != "closed":
                raise StillOpen(reference)
            now = self.clock.now()
            self.log.append(self.log.hashed(case.id), at=now)
            self.reached("logged")
            self._delete(connection, case.id, now, reason, by)
            self.reached("deleted")
            connection.commit()
        self.reached("committed")
        self._destroy((case.id,), frozenset({self.log.hashed(case.id)}))

    def finish(self) -> int:
        """Carries out what was logged and not carried out, because the process died; gives how many cases that were.

        To be called at each start. It costs nothing while nothing is pending.

        Raises:
            DeletionsDamaged: the log of deletions cannot be trusted.
        """
        pending = frozenset(entry.hashed for entry in self.log.undone())
        return self.carry_out(pending, Reason.RETENTION) if pending else 0

    def carry_out(self, hashes: frozenset[str], reason: Reason) -> int:
        """Purges whatever is here under these hashes of ids, whatever its state: that was decided when it was logged.

        Gives how many cases and drafts had something left to delete.
        """
        with self.store.reading() as connection:
            ids = ids_with_content(connection) | self.keys.known()
        gone = [one for one in sorted(ids) if self.log.hashed(one) in hashes]
        for case_id in gone:
            with self.store.writing() as connection:
                self._delete(connection, case_id, self.clock.now(), reason)
                connection.commit()
        self._destroy(gone, hashes)
        return len(gone)

    def forget(self, ids: Sequence[str]) -> None:
        """Deletes for good what is sealed under these ids and belongs to no case; logged first, as a case's purge is.

        Raises:
            DeletionsDamaged: the log of deletions cannot be trusted, so nothing was deleted.
        """
        if ids:
            hashes = [self.log.hashed(one) for one in ids]
            self.log.append(*hashes, at=self.clock.now())
            self.reached("logged")
            self.carry_out(frozenset(hashes), Reason.RETENTION)

    def _destroy(self, case_ids: Iterable[str], hashes: frozenset[str]) -> None:
        """The files before the keys: while there is a key, a start that finds this unfinished knows of the case."""
        case_ids = tuple(case_ids)
        scrub(self.store)
        if self.files is not None:
            for case_id in case_ids:
                self.files.remove(case_id)
        self.reached("files removed")
        self.keys.destroy(*case_ids)
        self.reached("destroyed")
        self.log.carried_out(hashes)
        remember_newest(self.store, self.keys)

    def _delete(
        self,
        connection: Connection,
        case_id: str,
        now: datetime,
        reason: Reason,
        by: tuple[str, str] | None = None,
    ) -> None:
        """Everything sealed, and the fingerprint of what was sent; then the event, once."""
        for table in sealed_tables():
            connection.execute(delete(table).where(_id_of(table) == case_id))
        connection.execute(delete(records.submissions).where(records.submissions.c.case_id == case_id))
        cases = records.cases
        state = connection.scalar(select(cases.c.state).where(cases.c.id == case_id))
        if state is not None and state != "purged":
            connection.execute(update(cases).where(cases.c.id == case_id).values(state="purged", purged_at=now))
            done_with(connection, case_id, now)
            person, role = by or (None, None)
            record_event(connection, self.keys, Event(case_id, now, "purged", person, role, reason.value))


def is_held(connection: Connection, case_id: str) -> bool:
    """Whether a legal hold is on a case: of the events ``held`` and ``released`` in its chronology, the last counts."""
    table = records.chronology
    holds = select(table.c.event).where(table.c.case_id == case_id, table.c.event.in_(("held", "released")))
    return connection.scalar(holds.order_by(table.c.number.desc()).limit(1)) == "held"


def sealed_tables() -> tuple[Table, ...]:
    """Every table of the records with content that is sealed under a key of the key store, whoever adds one.

    What passes (``records.PASSING``) is sealed under keys that are derived, and belongs to no case.
    """
    lasting = (table for table in records.metadata.sorted_tables if table.name not in records.PASSING)
    return tuple(table for table in lasting if "sealed" in table.c)


def ids_with_content(connection: Connection) -> frozenset[str]:
    """The ids of all cases that are not purged, and of whatever else has something sealed (drafts)."""
    ids = set(connection.scalars(select(records.cases.c.id).where(records.cases.c.state != "purged")))
    for table in sealed_tables():
        ids |= set(connection.scalars(select(_id_of(table)).distinct()))
    return frozenset(ids)


def _id_of(table: Table) -> Column[str]:
    """The column with the id under which the key store has the key: that of the case, else the row's own."""
    return table.c.case_id if "case_id" in table.c else table.c.id
