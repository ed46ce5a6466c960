"""Locks: the words of each cited clause when a ruling was reviewed; it decides only while they stand."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import ConfigDict

from knowledge.datafile import BadDataFile, line_of, read_data
from knowledge.model import Clause, Policy
from knowledge.relabelling import relabel
from knowledge.rulings import Ruling, read_rulings

FILE = "locks.toml"
_HEAD = "# Written by `touchstone rulings review --accept`, not by hand; docs/rulings.md says what it is for.\n"
_DIGITS = 32
"""Of a digest: 128 bits tell two texts apart."""


@dataclass(frozen=True, slots=True)
class Words:
    """All of a clause that a review rests on: its headings, lead-in and text."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    label: str
    headings: tuple[str, ...]
    text: str
    digest: str
    lead_in: str | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """One ruling's review.

    Attributes:
        ruling: its id.
        reviewed: the day.
        reviewer: who read the ruling against its clauses.
        table: digest of what was reviewed: cites, rows and otherwise, without phrasings.
        clauses: digests of the cited clauses' words.
        labels: for labels as the ruling cites them, those that the clauses bore at the review, where they were others.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    ruling: str
    reviewed: date
    reviewer: str
    table: str
    clauses: tuple[str, ...]
    labels: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Locks:
    """The locks of a policy's rulings, and the words that they hold."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    lock: tuple[Lock, ...] = ()
    clause: tuple[Words, ...] = ()

    def standing(self, ruling: Ruling, policy: Policy) -> "Standing":
        """Whether a ruling's review still holds for this version of its policy.

        Where the words of its clauses stand as they were under other labels, it cites those. Of several reviews, of
        several versions, any will do; if none does, the newest says what changed.
        """
        latest = Standing(ruling, None, (), changed_itself=False)
        for lock in (one for one in self.lock if one.ruling == ruling.id):
            latest = self._under(lock, ruling, policy)
            if latest.decides:
                return latest
        return latest

    def _under(self, lock: Lock, ruling: Ruling, policy: Policy) -> "Standing":
        as_read = relabel(ruling, lock.labels or {})
        held = [one for one in self.clause if one.digest in lock.clauses]
        changes = tuple(_changes(as_read, held, policy))
        changed_itself = lock.table != table_digest(ruling)
        moved = {one.label: one.moved for one in changes if one.moved is not None}
        if len(moved) == len(changes):  # every word that was read stands, under another number
            return Standing(relabel(as_read, moved), lock, (), changed_itself)
        return Standing(as_read, lock, changes, changed_itself)

    def renewed(self, ruling: Ruling, policy: Policy, reviewed: date, reviewer: str) -> "Locks":
        """The same with a ruling locked anew; each clause that it cites must be in the policy.

        Raises:
            KeyError: one is not.
        """
        others = Locks(tuple(one for one in self.lock if one.ruling != ruling.id), self.clause)
        return others.with_another(ruling, policy, reviewed, reviewer)

    def with_another(
        self,
        ruling: Ruling,
        policy: Policy,
        reviewed: date,
        reviewer: str,
        labels: Mapping[str, str] | None = None,
    ) -> "Locks":
        """The same with one review more, for this version of the policy; those for other versions stay.

        Args:
            ruling: as it stands in its file.
            policy: the version that it was read against.
            reviewed: the day.
            reviewer: who read it.
            labels: for what it cites, the labels that the clauses bear in that version, where they are others.

        Raises:
            KeyError: a clause that it cites is not there.
        """
        clauses = {str(clause.label): clause for clause in policy.clauses}
        words = [words_of(clauses[label]) for label in relabel(ruling, labels or {}).cites]
        digests = tuple(dict.fromkeys(one.digest for one in words))
        lock = Lock(ruling.id, reviewed, reviewer, table_digest(ruling), digests, labels or None)
        same = (lock.ruling, lock.table, lock.clauses)
        locks = [*(one for one in self.lock if (one.ruling, one.table, one.clauses) != same), lock]
        needed = {digest for one in locks for digest in one.clauses}
        known = {(one.label, one.digest): one for one in (*self.clause, *words)}
        return Locks(
            tuple(sorted(locks, key=lambda one: one.ruling)),
            tuple(
                sorted((one for one in known.values() if one.digest in needed), key=lambda one: (one.label, one.digest))
            ),
        )

    def beside(self, others: "Locks") -> "Locks":
        """These and others after them."""
        return Locks((*self.lock, *others.lock), tuple(dict.fromkeys((*self.clause, *others.clause))))


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a cited clause since the review.

    Attributes:
        label: as the ruling cites it.
        old: its words at the review; None where it was not cited then.
        new: the clause that now bears the label; None where there is none.
        moved: the label under which exactly the old words now stand, if another does.
    """

    label: str
    old: Words | None
    new: Clause | None
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ruling stands: it decides only as it was reviewed, with the clauses as they were.

    Attributes:
        ruling: the ruling, with the labels that its clauses bear now, or where it does not decide, bore at the review.
        lock: its review; None where it was never reviewed.
        changes: the cited clauses that are not what they were.
        changed_itself: whether cites or rows were changed after the review.
    """

    ruling: Ruling
    lock: Lock | None
    changes: tuple[Change, ...]
    changed_itself: bool

    @property
    def decides(self) -> bool:
        """Whether it may give verdicts; else the bot falls back to the clause itself."""
        return self.lock is not None and not self.changes and not self.changed_itself


def standings(policy_folder: Path, policy: Policy) -> tuple[Standing, ...]:
    """Every ruling of a policy, in order, and how it stands.

    Raises:
        BadDataFile: a file of rulings, or the locks, cannot be used.
    """
    locks = read_locks(policy_folder)
    return tuple(locks.standing(ruling, policy) for file in read_rulings(policy_folder) for ruling in file.rulings)


def words_of(clause: Clause) -> Words:
    """What a lock keeps of a clause."""
    said = json.dumps([clause.headings, clause.lead_in, clause.text], ensure_ascii=False)
    return Words(str(clause.label), clause.headings, clause.text, _digest(said), clause.lead_in)


def table_digest(ruling: Ruling) -> str:
    """The digest of what a review of a ruling covers; phrasings may come and go."""
    otherwise = None if ruling.otherwise is None else asdict(ruling.otherwise)
    reviewed = [ruling.cites, [asdict(row) for row in ruling.row], otherwise]
    return _digest(json.dumps(reviewed, ensure_ascii=False, sort_keys=True))


def read_locks(policy_folder: Path) -> Locks:
    """The locks of a policy's rulings; none where there is no file.

    Raises:
        BadDataFile: it is not of that shape, or somebody edited the words in it.
    """
    path = policy_folder / FILE
    if not path.exists():
        return Locks()
    locks = read_data(path, Locks)
    for number, one in enumerate(locks.clause):
        if one.digest != _digest(json.dumps([one.headings, one.lead_in, one.text], ensure_ascii=False)):
            place = line_of(path, ("clause", number))
            raise BadDataFile(path, place, f"the words of {one.label} were edited; take the file from its last commit")
    return locks


def write_locks(policy_folder: Path, locks: Locks) -> None:
    """Writes the file whole, aside and then into its place."""
    path = policy_folder / FILE
    aside = path.with_suffix(".part")
    aside.write_text(locks_text(locks), encoding="utf-8")
    aside.replace(path)


def locks_text(locks: Locks) -> str:
    """The file that holds these locks."""
    return "\n".join(_lines(locks))


def _changes(ruling: Ruling, held: Sequence[Words], policy: Policy) -> Iterator[Change]:
    now = _with_digests(policy.clauses)
    for label in ruling.cites:
        new, digest = now.get(label, (None, ""))
        stood = [one for one in held if one.label == label]  # of several reviews, so that there may be several
        if digest in {one.digest for one in stood}:
            continue
        old = stood[-1] if stood else None
        yield Change(label, old, new, None if old is None else _label_now(old, policy))


def _label_now(words: Words, policy: Policy) -> str | None:
    """The label under which these words stand; looked for only where something changed: it takes every clause's."""
    now = _with_digests(policy.clauses)
    return next((label for label, (_, digest) in now.items() if digest == words.digest), None)


@lru_cache(maxsize=4)
def _with_digests(clauses: tuple[Clause, ...]) -> Mapping[str, tuple[Clause, str]]:
    """Clauses by label, each with the digest of its words; the same for all rulings of a policy."""
    return {str(clause.label): (clause, words_of(clause).digest) for clause in clauses}


def _lines(locks: Locks) -> Iterator[str]:
    yield _HEAD
    for lock in locks.lock:
        yield "[[lock]]"
        yield f"ruling = {toml_string(lock.ruling)}"
        yield f"reviewed = {lock.reviewed.isoformat()}"
        yield f"reviewer = {toml_string(lock.reviewer)}"
        yield f"table = {toml_string(lock.table)}"
        yield f"clauses = [{', '.join(map(toml_string, lock.clauses))}]"
        if lock.labels:
            pairs = ", ".join(f"{toml_string(old)} = {toml_string(new)}" for old, new in lock.labels.items())
            yield f"labels = {{ {pairs} }}"
        yield ""
    for one in locks.clause:
        yield "[[clause]]"
        yield f"label = {toml_string(one.label)}"
        yield f"headings = [{', '.join(map(toml_string, one.headings))}]"
        if one.lead_in is not None:
            yield f"lead_in = {toml_string(one.lead_in)}"
        yield f"text = {toml_string(one.text)}"
        yield f"digest = {toml_string(one.digest)}\n"


def toml_string(text: str) -> str:
    """A text as TOML writes it: JSON's way, but that TOML wants the sign DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
