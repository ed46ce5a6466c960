"""The tables of what was told, and the store that holds them, brought to the newest version when it is opened."""

from pathlib import Path

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table

from bot.engines import Store, UtcTime, open_store
from knowledge.errors import TouchstoneError

MIGRATIONS = Path(__file__).parent / "migrations"

metadata = MetaData()


class RecordsUnusable(TouchstoneError):
    """The records cannot be used: see to the file and its folder, or put it back from a backup."""


cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("reference", String(16), nullable=False, unique=True),
    Column("form", String(64), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("received_at", UtcTime, nullable=False),
)
"""One row a case: nothing that was written, but whether it is urgent, and by its deliveries whose job it is."""

submissions = Table(
    "submissions",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
)
"""Which submissions were seen: a keyed hash of draft and answers, so that a repeated one finds its case."""

answers = Table(
    "answers",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("question", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""What was told, each answer sealed on its own."""

chronology = Table(
    "chronology",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("event", String(64), nullable=False),
    Column("person", String(64)),
    Column("role", String(64)),
)
"""All that happened to a case, in order, without its content."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("person", String(64), nullable=False, index=True),
    Column("role", String(64), nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("opened_at", UtcTime),
)
"""One thing owed to one person; it lies in their inbox from the moment the case is committed."""

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner_hash", String(64), nullable=False, index=True),
    Column("form", String(64), nullable=False),
    Column("school", String(64)),
    Column("clause", String(32)),
    Column("started_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
)
"""What was begun and not sent: all of it sealed in one piece, under a key of its own; emptied when it is closed."""


def open_records(path: Path) -> Store:
    """Opens the records, making them or bringing them to the newest version first.

    Raises:
        UnsafeDatabase: a setting on which durability rests does not hold.
        RecordsUnusable: the file is damaged, locked, of a newer version, or cannot be written.
    """
    return open_store(path, MIGRATIONS, RecordsUnusable)
