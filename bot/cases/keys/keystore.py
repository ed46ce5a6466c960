"""The key store: the data keys and the root secret, wrapped by the master key, in a database apart from the records."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Lock

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.keys.masterkey import KEY_BYTES, MasterKey, MasterKeyMissing, MasterKeys, derive
from bot.cases.keys.sealing import CaseKey, SealBroken
from bot.engines import Store, UtcTime, address, named
from knowledge.errors import TouchstoneError

metadata = MetaData()

case_keys = Table(
    "case_keys",
    metadata,
    Column("case_id", String(32), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("made_at", UtcTime, nullable=False),
)
"""A key for each case and each draft, under its id."""

identity = Table("identity", metadata, Column("master_key", String(64), primary_key=True))
"""One row: by which master key everything here is wrapped."""

root = Table(
    "root",
    metadata,
    Column("installation", String(32), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)
"""One row: whose keys these are (the records hold the same id), and the root secret, wrapped."""

heads = Table(
    "heads",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("mac", LargeBinary, nullable=False),
)
"""The newest link of each chain that is kept elsewhere, so that a chain that was cut short shows."""

ANCHORS = "anchors"
_ROOT = "touchstone/root"
"""The name under which the root secret is wrapped; no id of a case looks like it."""


class KeyStoreMissing(TouchstoneError):
    """There are reports here, and the store of their keys is not; put it back from its backup."""


class KeyStoreUnusable(TouchstoneError):
    """The store of the keys cannot be used: see to the file and its folder, or put it back from a backup."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of a chain that is remembered: its number and its mac."""

    number: int
    mac: bytes = field(repr=False)


class KeyStore:
    """The data keys, and the secret from which everything else is derived.

    The master key wraps and does nothing else. All that is derived (the keys of forms on pages, of submissions, of
    people's hashes, of the chains) comes from a root secret: 32 random bytes, made with the store, wrapped by the
    master key and kept here. So another master key changes the wrapping alone; no hash, no chain and no open page.
    A store of the version before this one gets its root secret when it is opened first. What that version derived
    from the master key itself changes once: a page that is open meanwhile has to be loaded again.
    """

    def __init__(self, store: Store, masters: Callable[[], MasterKeys], *, is_first_start: bool = True) -> None:
        """Opens it; on the first start it takes the current master key for its own.

        ``remembering`` is held by the one thread that remembers an anchor; ``to_remember`` is set when one is newer.

        Args:
            store: the database.
            masters: reads the master keys; again when another process has rotated them.
            is_first_start: whether nothing was ever sealed.

        Raises:
            MasterKeyWrong: the keys here were wrapped by another master key.
            KeyStoreMissing: it is empty though it is not the first start.
        """
        self._store = store
        self._read = masters
        self._masters = masters()
        self._derived: dict[str, bytes] = {}
        self.remembering = Lock()
        self.to_remember = Event()
        with store.writing() as connection:
            metadata.create_all(connection)
            known = connection.scalar(select(identity.c.master_key))
            if known is None:
                if not is_first_start:
                    raise KeyStoreMissing(store.name)
                known = self._masters.current.identity
                connection.execute(insert(identity).values(master_key=known))
            master = self._master(known)  # another process may have rotated them since they were read
            row = connection.execute(select(root)).one_or_none()
            if row is None:
                self.id, self._root = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
                wrapped = master.wrap(self._root, _ROOT)
                connection.execute(insert(root).values(installation=self.id, wrapped=wrapped))
            else:
                self.id, self._root = row.installation, unwrapped_root(master, row.wrapped)
            connection.commit()

    @property
    def store(self) -> Store:
        """The database that it is in."""
        return self._store

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose; the same after every rotation of the master key."""
        if purpose not in self._derived:
            self._derived[purpose] = derive(self._root, purpose)
        return self._derived[purpose]

    # ---------------------------------------------------------------------------------------- keys of cases

    def new(self, case_id: str, now: datetime) -> CaseKey:
        """Makes the key of a case or a draft and commits it, before anything is sealed under it.

        Raises:
            MasterKeyWrong: the store was wrapped anew by a master key that is not to be had here.
        """
        return self.new_for((case_id,), now)[case_id]

    def new_for(self, case_ids: Sequence[str], now: datetime) -> dict[str, CaseKey]:
        """Makes the keys of all cases of a report, by their ids, and commits them together.

        Raises:
            MasterKeyWrong: the store was wrapped anew by a master key that is not to be had here.
        """
        made = {case_id: CaseKey(secrets.token_bytes(KEY_BYTES)) for case_id in case_ids}
        with self._store.writing() as connection:
            master = self._master(str(connection.scalar(select(identity.c.master_key))))
            rows = [
                {"case_id": case_id, "wrapped": master.wrap(key.secret, case_id), "made_at": now}
                for case_id, key in made.items()
            ]
            connection.execute(insert(case_keys), rows)
            connection.commit()
        return made

    def key(self, case_id: str) -> CaseKey:
        """The key of a case or a draft.

        Raises:
            SealBroken: it is gone, or cannot be unwrapped.
            MasterKeyWrong: the store was wrapped anew by a master key that is not to be had here.
        """
        both = select(case_keys.c.wrapped, identity.c.master_key).select_from(
            case_keys.join(identity, onclause=_ALWAYS)
        )
        with self._store.reading() as connection:
            row = connection.execute(both.where(case_keys.c.case_id == case_id)).one_or_none()
        if row is None:
            raise SealBroken
        return CaseKey(self._master(row.master_key).unwrap(row.wrapped, case_id))

    def destroy(self, *case_ids: str) -> None:
        """Deletes keys for good: what was sealed under them can be read by nobody any more.

        The bytes are overwritten in the file (``secure_delete``) and what the write-ahead log still held is dropped.
        Copies in backups live as long as the backups do; on PostgreSQL the row's old bytes live until it is vacuumed.
        """
        with self._store.writing() as connection:
            for case_id in case_ids:
                connection.execute(delete(case_keys).where(case_keys.c.case_id == case_id))
            connection.commit()
        scrub(self._store)

    def known(self) -> frozenset[str]:
        """The ids of all cases and drafts that have a key here."""
        with self._store.reading() as connection:
            return frozenset(connection.scalars(select(case_keys.c.case_id)))

    def made_before(self, moment: datetime) -> frozenset[str]:
        """The ids whose keys were made before a moment."""
        with self._store.reading() as connection:
            rows = connection.execute(select(case_keys.c.case_id, case_keys.c.made_at))
            return frozenset(row.case_id for row in rows if row.made_at < moment)

    # ------------------------------------------------------------------------------------------ master keys

    @property
    def has_earlier(self) -> bool:
        """Whether there are master keys from before the current one."""
        return bool(self._masters.earlier)

    def is_in_use(self, master: MasterKey) -> bool:
        """Whether it is the master key by which everything here is wrapped."""
        with self._store.reading() as connection:
            return connection.scalar(select(identity.c.master_key)) == master.identity

    def rewrap(self, reached: Callable[[str], None] = lambda _step: None) -> int:
        """Wraps everything by the current master key, in one transaction: all of it or nothing.

        Gives how many data keys were wrapped anew; 0 where all were wrapped by the current one already.

        Raises:
            SealBroken: a key does not open under the master key that was current so far; nothing is changed.
            MasterKeyWrong: the store is wrapped by none of the master keys.
        """
        self._masters = self._read()
        new = self._masters.current
        with self._store.writing() as connection:
            known = connection.scalar(select(identity.c.master_key))
            old = self._masters.of(str(known))
            if old.identity == new.identity:
                return 0
            rows = connection.execute(select(case_keys.c.case_id, case_keys.c.wrapped)).all()
            for row in rows:
                again = new.wrap(old.unwrap(row.wrapped, row.case_id), row.case_id)
                connection.execute(update(case_keys).where(case_keys.c.case_id == row.case_id).values(wrapped=again))
            connection.execute(update(root).values(wrapped=new.wrap(self._root, _ROOT)))
            connection.execute(update(identity).values(master_key=new.identity))
            reached("wrapped")
            connection.commit()
            reached("committed")
        scrub(self._store)
        return len(rows)

    def is_wrapped_by(self, master: MasterKey) -> bool:
        """Whether everything here opens with that master key alone; every key is tried."""
        with self._store.reading() as connection:
            known = connection.scalar(select(identity.c.master_key))
            wrapped = connection.scalar(select(root.c.wrapped))
            if known != master.identity or wrapped is None:
                return False
            try:
                master.unwrap(wrapped, _ROOT)
                for row in connection.execute(select(case_keys.c.case_id, case_keys.c.wrapped)):
                    master.unwrap(row.wrapped, row.case_id)
            except SealBroken:
                return False
        return True

    def _master(self, known: str) -> MasterKey:
        """The master key of that identity; the file is read anew when another process has rotated it."""
        if known not in {key.identity for key in (self._masters.current, *self._masters.earlier)}:
            self._masters = self._read()
        return self._masters.of(known)

    # ---------------------------------------------------------------------------------- heads of the chains

    def head(self, name: str = ANCHORS) -> Head | None:
        """The newest link of a chain that is remembered; None when none ever was."""
        with self._store.reading() as connection:
            row = connection.execute(select(heads).where(heads.c.name == name)).one_or_none()
        return None if row is None else Head(row.number, row.mac)

    def remember_head(self, number: int, mac: bytes, name: str = ANCHORS) -> None:
        """Remembers the newest link of a chain; an older one than is remembered already changes nothing."""
        with self._store.writing() as connection:
            remember(connection, name, Head(number, mac))
            connection.commit()

    def reset_head(self, head: Head | None, name: str = ANCHORS) -> None:
        """Remembers another link than so far, older or newer, or none: for a restore, which goes back on purpose."""
        with self._store.writing() as connection:
            connection.execute(delete(heads).where(heads.c.name == name))
            if head is not None:
                remember(connection, name, head)
            connection.commit()

    def heads(self) -> frozenset[str]:
        """The names of the chains of which a link is remembered."""
        with self._store.reading() as connection:
            return frozenset(connection.scalars(select(heads.c.name)))

    # ------------------------------------------------------------------------------------------------------

    def probe(self) -> None:
        """Raises whatever would keep a new key from being stored."""
        self._store.probe()

    def close(self) -> None:
        """Closes its store."""
        self._store.close()


_ALWAYS = identity.c.master_key.is_not(None)


def unwrapped_root(master: MasterKey, wrapped: bytes) -> bytes:
    """The root secret of a key store.

    Raises:
        SealBroken: it was changed, or wrapped by another master key.
    """
    return master.unwrap(wrapped, _ROOT)


def remember(connection: Connection, name: str, head: Head) -> None:
    """Writes a head, within the caller's transaction, unless a newer one is there."""
    if connection.scalar(select(heads.c.name).where(heads.c.name == name)) is None:
        connection.execute(insert(heads).values(name=name, number=head.number, mac=head.mac))
    else:
        newer = update(heads).where(heads.c.name == name, heads.c.number < head.number)
        connection.execute(newer.values(number=head.number, mac=head.mac))


def scrub(store: Store) -> None:
    """Drops what the write-ahead log still holds of what was deleted, as far as nobody reads there now (SQLite)."""
    if store.engine.dialect.name != "sqlite":
        return
    connection = store.engine.raw_connection()  # outside of any transaction, where alone it can be done
    try:
        connection.cursor().execute("pragma wal_checkpoint(truncate)")
    finally:
        connection.close()


def open_keys(place: Path | URL, given: MasterKeys | None, key_file: Path, *, is_first_start: bool) -> KeyStore:
    """Opens the key store with the master keys: those given, else those in the file.

    On the first start, when nothing was ever sealed, both are made.

    Args:
        place: a folder for its file, or the address of its database.
        given: master keys from elsewhere than the file; None to use the file.
        key_file: the file of the master key.
        is_first_start: whether there are no sealed cases yet.

    Raises:
        KeyStoreMissing: there are sealed cases, and no key store is.
        MasterKeyMissing: there is a key store, and no master key is.
        MasterKeyWrong: the master key is another one.
        MasterKeyExposed: others can read the file.
        KeyStoreUnusable: it is damaged or locked.
    """
    url = address(place / "keys.sqlite3" if isinstance(place, Path) else place)

    def masters() -> MasterKeys:
        read = given or MasterKeys.read(key_file)
        if read is None:
            raise MasterKeyMissing(key_file)
        return read

    try:
        is_there = _is_there(url)
        if not is_there and not is_first_start:
            raise KeyStoreMissing(named(url))
        if given is None and MasterKeys.read(key_file) is None and not is_there:
            MasterKeys.create(key_file)
        store = Store(url)
        try:
            return KeyStore(store, masters, is_first_start=is_first_start)
        except BaseException:
            store.close()
            raise
    except SQLAlchemyError as failure:
        raise KeyStoreUnusable(f"{named(url)}: {type(failure).__name__}") from failure


def _is_there(url: URL) -> bool:
    """Whether there is a key store: the file, or in a database of a server its tables."""
    if url.get_backend_name() == "sqlite":
        return Path(str(url.database)).exists()
    store = Store(url)
    try:
        with store.reading() as connection:
            return inspect(connection).has_table(identity.name)
    finally:
        store.close()
