"""Merging: what came with the product and what a school added, of one policy in one version."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from knowledge.changes import Side, labels_now, side_of
from knowledge.datafile import BadDataFile, line_of
from knowledge.described import FILE as DESCRIPTION
from knowledge.described import read_about, read_described
from knowledge.induction.locks import StepStanding, induction_standing
from knowledge.kinds import FOLDER as KINDS
from knowledge.kinds import read_kind_files
from knowledge.locks import FILE as LOCKS
from knowledge.locks import Locks, Standing, Words, read_locks, toml_string
from knowledge.model import Policy
from knowledge.own import PHRASINGS, VERSIONS, Own, Phrasing
from knowledge.phrasing_checks import places_of
from knowledge.readers.errors import UnreadableDocument
from knowledge.rulings import FOLDER as RULINGS
from knowledge.rulings import FormName, Ruling, RulingFile, read_rulings
from knowledge.topics import FOLDER as TOPICS
from knowledge.topics import Topic, TopicFile, read_topic_files
from knowledge.words import tokens


@dataclass(frozen=True, slots=True)
class Fallback:
    """Messages for which a clause is right, though no ruling decides on them.

    Attributes:
        name: the id of the ruling that does not decide as it stands, or ``clause`` and a label.
        cites: labels of the clauses, the foremost first.
        phrasings: the messages.
        offers: the forms that the ruling offers.
    """

    name: str
    cites: tuple[str, ...]
    phrasings: tuple[str, ...]
    offers: tuple[FormName, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """Messages that are for one thing, and the file in which they stand.

    Attributes:
        name: what they are for: ``ruling x``, ``topic y``, ``kind z``, ``clause 6.2(25)``.
        phrasings: the messages.
        path: the file.
        is_own: whether that is the school's.
    """

    name: str
    phrasings: tuple[str, ...]
    path: Path
    is_own: bool

    def line_of(self, phrasing: str) -> int:
        """The line of a phrasing in the file, from 1; the first where it does not stand on a line as it is."""
        lines = self.path.read_text(encoding="utf-8").split("\n")
        quoted = toml_string(phrasing)
        return next((number for number, line in enumerate(lines, start=1) if quoted in line), 1)


@dataclass(frozen=True, slots=True)
class Shelved:
    """Two folders of one policy: the shipped one, which may be missing, and the school's own, which may be too."""

    slug: str
    shipped: Path | None
    own: Own

    def shipped_version(self) -> str | None:
        """What the shipped document calls itself; None where nothing is shipped.

        Raises:
            BadDataFile: the shipped ``policy.toml`` is wrong.
        """
        return None if self.shipped is None else read_about(self.shipped).version or ""

    def folder_of(self, version: str | None) -> Path | None:
        """Where a version lies, the school's own copy first; None where there is none such. None: the shipped one."""
        if version is None:
            return self.shipped
        if version in self.own.versions:
            return self.own.folder / VERSIONS / version
        return self.shipped if version == self.shipped_version() else None

    def read(self, version: str | None) -> Policy | None:
        """A version, whole; None where there is none such. None: the shipped one.

        Raises:
            BadDataFile: its ``policy.toml`` is wrong, or its document cannot be read.
        """
        folder = self.folder_of(version)
        try:
            return None if folder is None else read_described(folder, self.slug)
        except UnreadableDocument as error:
            raise BadDataFile(folder or self.own.folder, 1, f"the document cannot be read: {error}") from None

    def ruling_files(self) -> tuple[RulingFile, ...]:
        """The shipped files of rulings, then the school's."""
        return (*(_rulings(self.shipped, _as_it_lies(self.shipped)) if self.shipped else ()), *self.own.rulings)

    def topic_files(self) -> tuple[TopicFile, ...]:
        """The shipped files of topics, then the school's."""
        return (*(_topics(self.shipped, _as_it_lies(self.shipped)) if self.shipped else ()), *self.own.topics)

    def locks(self) -> Locks:
        """The shipped reviews, then the school's."""
        return (_locks(self.shipped, _as_it_lies(self.shipped)) if self.shipped else Locks()).beside(self.own.locks)


def _as_it_lies(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes whenever a file of a policy does."""
    files = (folder / LOCKS, *(folder / RULINGS).glob("*.toml"), *(folder / TOPICS).glob("*.toml"))
    stats = ((path.name, path.stat()) for path in sorted(files) if path.exists())
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


@lru_cache(maxsize=2)
def _rulings(folder: Path, _as_it_lay: tuple[tuple[str, int, int], ...]) -> tuple[RulingFile, ...]:
    """What is shipped is read once, for it takes a second, and not again until an upgrade changes it."""
    return read_rulings(folder)


@lru_cache(maxsize=2)
def _topics(folder: Path, _as_it_lay: tuple[tuple[str, int, int], ...]) -> tuple[TopicFile, ...]:
    return read_topic_files(folder)


@lru_cache(maxsize=2)
def _locks(folder: Path, _as_it_lay: tuple[tuple[str, int, int], ...]) -> Locks:
    return read_locks(folder)


def standings_in(shelved: Shelved, policy: Policy) -> tuple[Standing, ...]:
    """Every ruling, with the school's phrasings, and how it stands in a version; by file, shipped ones first.

    A school's ruling stands in the place of a shipped one of its id. Where it does not decide and the shipped one does,
    both are given: that one goes on until this one is read.
    """
    locks = shelved.locks()
    added = _by_target(shelved.own.phrasings, lambda one: one.ruling)
    all_of_them = [
        locks.standing(_with(ruling, added), policy) for file in shelved.ruling_files() for ruling in file.rulings
    ]
    last = {one.ruling.id: one for one in all_of_them}
    return tuple(
        one for one in all_of_them if one is last[one.ruling.id] or (one.decides and not last[one.ruling.id].decides)
    )


def steps_in(shelved: Shelved, policy: Policy) -> tuple[StepStanding, ...]:
    """Every step of the induction, and how it stands in a version; nothing for a policy that has none.

    Raises:
        BadDataFile: the file of the induction, or of its locks, cannot be used.
    """
    if shelved.shipped is None:
        return ()
    deciding = (one.ruling for one in standings_in(shelved, policy) if one.decides)
    standing = induction_standing(shelved.shipped, policy, deciding, shelved.own.step_locks)
    return () if standing is None else standing.steps


def topics_in(shelved: Shelved, policy: Policy) -> tuple[Topic, ...]:
    """Every topic, with the school's phrasings, and the clauses near it as they are labelled in a version."""
    added = _by_target(shelved.own.phrasings, lambda one: one.topic)
    shipped = shelved.shipped_version()
    files = [(file, file.version or shipped) for file in shelved.topic_files()]
    labels = _labels_from(shelved, policy, [version for _, version in files])
    return tuple(
        replace(
            topic,
            phrasings=_together(topic.phrasings, added.get(topic.id, ())),
            near=tuple(now for label in topic.near if (now := labels.get((version, label), ""))),
        )
        for file, version in files
        for topic in file.topics
    )


def fallbacks_in(shelved: Shelved, policy: Policy, standings: Sequence[Standing]) -> tuple[Fallback, ...]:
    """For what no ruling decides in a version: the clauses that are right all the same, wherever they stand now."""
    sides = tuple(map(side_of, policy.clauses))
    decided = {one.ruling.id for one in standings if one.decides}
    stopped = (
        Fallback(one.ruling.id, labels, one.ruling.phrasings, one.ruling.offers)
        for one in standings
        if one.ruling.id not in decided and (labels := _still_cited(one, sides))
    )
    return (*stopped, *_of_clauses(shelved, policy, sides))


def clause_labels(shelved: Shelved, policy: Policy) -> Mapping[tuple[str | None, str], str]:
    """For a label in a version, as a phrasing names them, the label that the clause bears in this one, if it stands."""
    return _labels_from(shelved, policy, [one.version for one in shelved.own.phrasings if one.clause is not None])


def _labels_from(
    shelved: Shelved, policy: Policy, versions: Iterable[str | None]
) -> Mapping[tuple[str | None, str], str]:
    sides = tuple(map(side_of, policy.clauses))
    labels: dict[tuple[str | None, str], str] = {}
    for version in dict.fromkeys(versions):
        is_this = (version or None) == policy.version
        was = policy if is_this else shelved.read(version)
        then = tuple(map(side_of, was.clauses)) if was else ()
        now = {side.label: side.label for side in sides} if is_this else labels_now(then, sides)
        labels |= {(version, old): new for old, new in now.items()}
    return labels


def require_once(shelved: Shelved) -> None:
    """Refuses a message that stands in two places, one of them the school's.

    The same message twice in one place does no harm: an upgrade may bring what a school added before.

    Raises:
        BadDataFile: one does; both places are named.
    """
    own = shelved.own
    if not (own.phrasings or own.rulings or own.topics):
        return
    had: dict[tuple[str, ...], Message] = {}
    for one in messages_of(shelved):
        for phrasing in one.phrasings:
            words = tokens(phrasing)
            if not words and one.is_own:
                raise BadDataFile(one.path, one.line_of(phrasing), "a phrasing has no words; take it out")
            other = had.setdefault(words, one)
            if one.is_own and other.name != one.name:
                there = f"{other.path}:{other.line_of(phrasing)}"
                what = f"'{phrasing}' is a phrasing of the {other.name} too ({there}); leave it in one place"
                raise BadDataFile(one.path, one.line_of(phrasing), what)


def messages_of(shelved: Shelved) -> tuple[Message, ...]:
    """What every message of a policy is for: shipped ones, then the kinds of any policy, then the school's.

    A shipped ruling in whose place the school's stands has none.
    """
    own = shelved.own
    replaced = {ruling.id for file in own.rulings for ruling in file.rulings}
    rulings = shelved.ruling_files()[: -len(own.rulings) or None]
    topics = shelved.topic_files()[: -len(own.topics) or None]
    kept = [RulingFile(file.path, tuple(one for one in file.rulings if one.id not in replaced)) for file in rulings]
    of_phrasings = (Message(target_of(one), (one.text,), own.folder / PHRASINGS, is_own=True) for one in own.phrasings)
    return (
        *(Message(*place, is_own=False) for place in places_of(kept, read_kind_files(KINDS), topics)),
        *(Message(*place, is_own=True) for place in places_of(own.rulings, (), own.topics)),
        *of_phrasings,
    )


def target_of(phrasing: Phrasing) -> str:
    """What a phrasing is for, in words: ``ruling x``, ``clause 6.2(25)``, ``topic y``."""
    if phrasing.ruling is not None:
        return f"ruling {phrasing.ruling}"
    return f"topic {phrasing.topic}" if phrasing.topic is not None else f"clause {phrasing.clause}"


def require_versions(shelved: Shelved) -> None:
    """Refuses a schedule that names a version which is not there.

    Raises:
        BadDataFile: it does.
    """
    path = shelved.own.folder / DESCRIPTION
    for one in shelved.own.schedule:
        if shelved.folder_of(one.version) is None:
            what = f"there is no version {one.version}; put it into {VERSIONS}/{one.version}, or take it out here"
            raise BadDataFile(path, line_of(path, ("in_force",)), what)
    if shelved.shipped is None and not (shelved.own.schedule or shelved.own.versions):
        raise BadDataFile(shelved.own.folder, 1, "there is no policy of that name to add to; correct the folder's name")


def _still_cited(standing: Standing, sides: Sequence[Side]) -> tuple[str, ...]:
    """The clauses of a ruling that does not decide, as they stand now; what was never read, by its labels."""
    there = {side.label for side in sides}
    held = {change.label: _side(change.old) for change in standing.changes if change.old is not None}
    now = labels_now(tuple(held.values()), sides)
    labels = (now.get(label, "") if label in held else label for label in standing.ruling.cites)
    return tuple(dict.fromkeys(label for label in labels if label in there))


def _side(words: Words) -> Side:
    return Side(words.label, words.headings, words.lead_in, words.text)


def _of_clauses(shelved: Shelved, policy: Policy, sides: Sequence[Side]) -> list[Fallback]:
    """The school's phrasings for clauses."""
    labels = clause_labels(shelved, policy)
    by_label: dict[str, list[str]] = {}
    for one in shelved.own.phrasings:
        if one.clause is not None and one.version is not None and (now := labels.get((one.version, one.clause))):
            by_label.setdefault(now, []).append(one.text)
    order = {side.label: place for place, side in enumerate(sides)}
    return [
        Fallback(f"clause {label}", (label,), tuple(by_label[label]))
        for label in sorted(by_label, key=lambda label: order[label])
    ]


def _with(ruling: Ruling, added: Mapping[str, Sequence[str]]) -> Ruling:
    more = added.get(ruling.id)
    return replace(ruling, phrasings=_together(ruling.phrasings, more)) if more else ruling


def _together(phrasings: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    had = set(map(tokens, phrasings))
    return (*phrasings, *(one for one in more if tokens(one) not in had))


def _by_target(phrasings: Sequence[Phrasing], target: Callable[[Phrasing], str | None]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in phrasings:
        name = target(one)
        if name is not None:
            found.setdefault(name, []).append(one.text)
    return found
