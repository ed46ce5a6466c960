"""Rotation: another master key takes the place of the current one, and nothing that is sealed has to be touched."""

from pathlib import Path

from bot.cases.keys.keystore import KeyStore
from bot.cases.keys.masterkey import MasterKey, MasterKeyMissing, MasterKeys, nobody_else_changes
from bot.cases.safekeeping.purge import Reached, nobody
from knowledge.errors import TouchstoneError


class NotRewrapped(TouchstoneError):
    """Not everything opens with the current master key, so the earlier ones are kept; run `touchstone keys rotate`."""


class GivenElsewhere(TouchstoneError):
    """The master key is set in the environment: put a new one before it there, with a space, and run this again."""


def rotate(path: Path, keys: KeyStore, *, reached: Reached = nobody) -> int:
    """Puts a new master key in front of those in the file, then wraps all keys by it; gives how many those were.

    The new key is on the disk before anything is wrapped by it, and the earlier ones stay in the file. So a process
    that dies anywhere leaves a file with the key that everything is wrapped by; the next rotation finds a first key
    that is not in use yet, and goes on with it instead of making another. Who runs several machines writes the new
    key into the file on each of them first, by hand, as its first line; then this wraps by it.

    A process that serves meanwhile reads the file anew when it meets a key that it does not know.

    Raises:
        MasterKeyMissing: there is no file.
        MasterKeyWrong: the keys are wrapped by none of those in the file.
        SealBroken: a key does not open; nothing was wrapped anew.
    """
    with nobody_else_changes(path):
        masters = _read(path)
        if keys.is_in_use(masters.current):
            masters = MasterKeys(MasterKey.random(), (masters.current, *masters.earlier))
            reached("begun")
            masters.write(path)
        reached("written")
        return keys.rewrap(reached)


def drop_earlier(path: Path, keys: KeyStore) -> int:
    """Takes the earlier master keys out of the file, once everything opens with the current one; gives how many.

    Raises:
        NotRewrapped: something does not; nothing was changed.
        MasterKeyMissing: there is no file.
    """
    with nobody_else_changes(path):
        masters = _read(path)
        if not keys.is_wrapped_by(masters.current):
            raise NotRewrapped
        MasterKeys(masters.current).write(path)
        return len(masters.earlier)


def _read(path: Path) -> MasterKeys:
    masters = MasterKeys.read(path)
    if masters is None:
        raise MasterKeyMissing(path)
    return masters
