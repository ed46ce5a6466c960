"""Opening: what has to hold, and to be finished, whenever the records and their keys are opened together."""

from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from bot.cases import records
from bot.cases.chronology import chain_earlier, holds, remember_newest
from bot.cases.keys.keystore import KeyStore
from bot.cases.reports.attachments import AttachedFiles
from bot.cases.safekeeping.purge import Purge, ids_with_content
from bot.engines import Store
from knowledge.errors import TouchstoneError

ORPHANED = timedelta(days=1)
"""How old a key must be before it can count as an orphan. A report or a draft is committed seconds after its key."""


class KeysOfAnother(TouchstoneError):
    """These keys belong to the reports of another installation; put back those that belong to these records."""


class NotSurelyOrphans(TouchstoneError):
    """Keys are swept only where these records are surely the ones that the keys belong to, and nothing is missing."""


def join(store: Store, keys: KeyStore, purge: Purge) -> None:
    """Makes sure that records and keys are those of one installation, and finishes what a process left unfinished.

    Raises:
        KeysOfAnother: they are not.
        DeletionsDamaged: the log of deletions cannot be trusted.
    """
    _pair(store, keys)
    chain_earlier(store, keys)
    purge.finish()
    remember_newest(store, keys)


def _pair(store: Store, keys: KeyStore) -> None:
    """Writes the id of the installation into records that have none, where it is plain that the two belong together.

    That is so when both are new, and when every case has its key here (records of the version before this one).
    Empty records beside keys stay without an id: the folder of the records may not be mounted.
    """
    table = records.installation
    with store.writing() as connection:
        known = connection.scalar(select(table.c.id))
        if known is None:
            cases = frozenset(connection.scalars(select(records.cases.c.id)))
            having_keys = keys.known()
            if not cases <= having_keys and not cases & having_keys:
                raise KeysOfAnother
            if bool(cases) == bool(having_keys) and cases <= having_keys and keys.head() is None:
                connection.execute(insert(table).values(id=keys.id))
                connection.commit()
        elif known != keys.id:
            raise KeysOfAnother


def sweep_files(store: Store, keys: KeyStore, files: AttachedFiles, now: datetime) -> int:
    """Deletes the files of reports that were never committed; gives of how many cases.

    To be called after ``sweep``, which sees to it that these records are surely the ones, and that nothing is missing.
    What has neither a case nor a key, and is older than a day, belongs to nothing.
    """
    old = [one for one in files.cases() if files.changed(one) < (now - ORPHANED).timestamp()]
    with store.reading() as connection:
        needed = ids_with_content(connection) | keys.known()
    gone = [one for one in old if one not in needed]
    for case_id in gone:
        files.remove(case_id)
    return len(gone)


def sweep(store: Store, keys: KeyStore, now: datetime) -> int:
    """Destroys the keys of cases and drafts that were never committed; gives how many.

    A key is an orphan when it is older than a day, nothing in the records has its id, the records carry the id of
    this key store, and they have the newest anchor that the key store remembers. So neither a folder that is not
    mounted nor an older copy of the records makes an orphan of a key that is needed.

    Raises:
        NotSurelyOrphans: one of the last two does not hold; nothing was destroyed.
    """
    remembered = keys.head()
    old = keys.made_before(now - ORPHANED)  # before the records are read: what has a key now may have a case then
    with store.reading() as connection:
        is_ours = connection.scalar(select(records.installation.c.id)) == keys.id
        if not is_ours or remembered is None or not holds(connection, remembered):
            raise NotSurelyOrphans
        if remembered.number == 0 and connection.scalar(select(func.count()).select_from(records.cases)):
            raise NotSurelyOrphans
        orphans = old - ids_with_content(connection)
    keys.destroy(*orphans)
    return len(orphans)
