"""Renewal: how what is answered follows what is known: a snapshot built aside, tried, taken up only when no worse."""

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from index import snapshot
from index.encoder import Encoder
from index.snapshot import Progress, Snapshot, SnapshotDamaged, SnapshotMissing
from index.trial import Figures, Judge, figures, lost, trial
from knowledge.datafile import BadDataFile
from knowledge.disk import flush
from knowledge.library import Library
from knowledge.overlay.files import own_slugs
from knowledge.overlay.writing import fingerprint

__all__ = ["Figures", "Renewal", "Renewals", "State"]

MOST_LOST = 10
"""How many of the phrasings that would be wrong are named."""

_FILE, _LOCK = "renewal.json", ".renewing"


class State(StrEnum):
    """How the knowledge that there is stands to what is answered."""

    ANSWERED = "answered"
    """All that is known is answered from."""
    BUILDING = "building"
    """Something was changed, and is on its way; some seconds."""
    KEPT_OUT = "kept_out"
    """What was changed makes answers worse, by the figures; the snapshot of before goes on."""
    BROKEN = "broken"
    """A file cannot be used; ``problem`` says which, where, and what to do. The snapshot of before goes on."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """How the last change of the knowledge fared.

    Attributes:
        state: how it stands.
        at: since when, in UTC; None where nothing was ever changed.
        before: figures of what was answered from, on the messages that both know; None where nothing was tried.
        after: figures of what was built, on the same.
        lost: some phrasings that were right before and would be wrong, or are where it was taken up all the same.
        problem: for BROKEN, what is wrong, with file and line.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    state: State
    at: datetime | None = None
    before: Figures | None = None
    after: Figures | None = None
    lost: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Record:
    """What is kept of it: how it fared, of which files, what was built and what that was held against."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    renewal: Renewal
    files: str
    built: str
    against: str


_RECORD = TypeAdapter(_Record)


class Renewals:
    """Builds, tries and takes up what is known, one process at a time; and says in any of them how it fared."""

    def __init__(self, own: Path, folder: Path, now: Callable[[], datetime]) -> None:
        """Takes the folder of the overlay, that of the snapshots, and what time it is in UTC."""
        self._own = own
        self._folder = folder
        self._now = now

    def standing(self) -> Renewal:
        """How it stands now; a look at a few small files, so that a page may ask each time."""
        record = self._record()
        files = fingerprint(self._own)
        if record is None:
            return Renewal(State.BUILDING if own_slugs(self._own) else State.ANSWERED)
        return record.renewal if record.files == files else Renewal(State.BUILDING, record.renewal.at)

    def renew(
        self,
        read: Callable[[], Library],
        encoder: Encoder,
        judge: Judge,
        progress: Progress = lambda _done, _of: None,
        fallback: Callable[[], Library] | None = None,
    ) -> Renewal:
        """Builds what is known now, unless it is answered from already, and takes it up if answers are no worse.

        Where a policy is in force in another version than before it is taken up in any case: an answer from a version
        that is in force no longer is wrong, whatever the figures.

        Args:
            read: reads all that is known, as it is in force today.
            encoder: the encoder.
            judge: answers a message from a snapshot.
            progress: hears how far a build is.
            fallback: what is answered from where the overlay cannot be used and no snapshot can; the shipped knowledge.

        Raises:
            SnapshotNotWritten: there is no room.
        """
        if self._record() is None and not own_slugs(self._own):
            return self._as_shipped(read(), encoder, progress)
        if self._is_answered(read, encoder):
            return self.standing()
        with self._alone():
            files = fingerprint(self._own)
            try:
                library = read()
            except BadDataFile as error:
                renewal = Renewal(State.BROKEN, self._now(), problem=str(error))
                self._keep(_Record(renewal, files, "", ""))
                if fallback is not None and self._answered_from(encoder) is None:
                    snapshot.publish(self._folder, snapshot.build(fallback(), encoder, self._folder, progress))
                return renewal
            digest = snapshot.build(library, encoder, self._folder, progress)
            return self._taken_up(digest, files, encoder, judge)

    def _as_shipped(self, library: Library, encoder: Encoder, progress: Progress) -> Renewal:
        """Where a school added nothing: what is shipped was tried before it was shipped."""
        digest = snapshot.build(library, encoder, self._folder, progress)
        try:
            is_current = snapshot.current(self._folder) == digest
        except SnapshotMissing:
            is_current = False
        if not is_current:
            snapshot.publish(self._folder, digest)
        return Renewal(State.ANSWERED)

    def _is_answered(self, read: Callable[[], Library], encoder: Encoder) -> bool:
        """Whether all is as it should be, so that nothing need be written: in a folder that can only be read, too."""
        record = self._record()
        if record is None or record.files != fingerprint(self._own) or record.renewal.state is State.BROKEN:
            return False
        try:
            return snapshot.is_published(self._folder, snapshot.digest_of(read(), encoder), encoder)
        except BadDataFile:
            return False

    def prepare(self, library: Library, encoder: Encoder) -> None:
        """Builds what will be in force, so that it is there when it is; it is answered from no sooner."""
        with self._alone():
            snapshot.build(library, encoder, self._folder)

    def _taken_up(self, digest: str, files: str, encoder: Encoder, judge: Judge) -> Renewal:
        record = self._record()
        before = self._answered_from(encoder)
        if before is None or before.digest == digest:
            is_known = record is not None and record.renewal.state is State.ANSWERED and record.built == digest
            renewal = record.renewal if record is not None and is_known else Renewal(State.ANSWERED, self._now())
        elif record is not None and (record.built, record.against) == (digest, before.digest):
            renewal = record.renewal  # it was tried, and kept out
        else:
            renewal = self._tried(before, snapshot.load(self._folder, digest, encoder), encoder, judge)
        if renewal.state is State.ANSWERED and (before is None or before.digest != digest):
            snapshot.publish(self._folder, digest)
        written = _Record(renewal, files, digest, before.digest if before and before.digest != digest else "")
        if written != record:
            self._keep(written)
        return renewal

    def _tried(self, before: Snapshot, built: Snapshot, encoder: Encoder, judge: Judge) -> Renewal:
        then, now = trial(before, encoder, judge), trial(built, encoder, judge)
        both = [text for text in then if text in now]
        old, new = figures(then, both), figures(now, both)
        must = _versions(before) != _versions(built)
        state = State.ANSWERED if must or new.no_worse_than(old) else State.KEPT_OUT
        return Renewal(state, self._now(), old, new, tuple(lost(then, now, both))[:MOST_LOST])

    def _answered_from(self, encoder: Encoder) -> Snapshot | None:
        try:
            return snapshot.load(self._folder, snapshot.current(self._folder), encoder)
        except (SnapshotMissing, SnapshotDamaged):
            return None

    def _record(self) -> _Record | None:
        try:
            return _RECORD.validate_json((self._folder / _FILE).read_bytes())
        except (OSError, ValidationError):
            return None

    def _keep(self, record: _Record) -> None:
        """Written aside and moved into place; where it cannot be written, it is found out again next time."""
        path = self._folder / _FILE
        aside = self._folder / f".{_FILE}"
        try:
            aside.write_bytes(_RECORD.dump_json(record))
            flush(aside)
            aside.replace(path)
        except OSError:
            return

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with snapshot.writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = (self._folder / _LOCK).open("w")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _versions(loaded: Snapshot) -> Mapping[str, str]:
    """The documents that are answered from, by policy."""
    return {one.slug: json.dumps(asdict(one), default=str, sort_keys=True) for one in loaded.library.policies}
