"""Two versions of a policy side by side, clause by clause: what is the same, moved, reworded, new or gone."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from rapidfuzz import fuzz

from knowledge.model import Clause, Policy

ALIKE_FROM = 60.0
"""From which likeness (rapidfuzz's ratio, 0 to 100) a clause counts as another one reworded, whatever its label."""
ALIKE_IN_PLACE = 40.0
"""The same for a clause that bears the other's label: there it takes less."""
SAME_LABEL, SAME_HEADINGS = 15.0, 5.0
"""What it counts besides, when several come into question, that a clause stands where the other one stood."""

_WORD = re.compile(r"\S+\s*")


class Fate(StrEnum):
    """What became of a clause from one version to another."""

    SAME = "same"
    MOVED = "moved"
    """All its words (headings, lead-in, text) stand as they were, under another label."""
    REWORDED = "reworded"
    """Some of its words are others; its label may be another too."""
    NEW = "new"
    GONE = "gone"


class Mark(StrEnum):
    """What a piece of a reworded clause is."""

    KEPT = "kept"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a clause that stayed, went or came; all pieces that are not IN are the old text, not OUT the new."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """A clause in one of two versions."""

    label: str
    headings: tuple[str, ...]
    lead_in: str | None
    text: str

    @property
    def words(self) -> tuple[tuple[str, ...], str | None, str]:
        """All of it but the label."""
        return self.headings, self.lead_in, self.text


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause in two versions.

    Attributes:
        fate: what became of it.
        old: as it was; None for a new one.
        new: as it is; None for one that is gone.
        text: word by word, what stayed, went and came of its text; for a clause that is the same, one piece.
        lead_in: the same of its lead-in; empty where neither version has one.
        headings: the same of its headings, joined by " / ".
    """

    fate: Fate
    old: Side | None
    new: Side | None
    text: tuple[Piece, ...]
    lead_in: tuple[Piece, ...]
    headings: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side.

    Attributes:
        old: the version compared from.
        new: the version compared to.
        clauses: every clause of either, in the order of the new one, each that is gone where it stood.
    """

    old: Policy
    new: Policy
    clauses: tuple[ClauseChange, ...]

    @property
    def changed(self) -> tuple[ClauseChange, ...]:
        """All that are not the same."""
        return tuple(one for one in self.clauses if one.fate is not Fate.SAME)

    @property
    def counts(self) -> Mapping[Fate, int]:
        """How many clauses of each fate."""
        return {fate: sum(one.fate is fate for one in self.clauses) for fate in Fate}

    @property
    def touched(self) -> frozenset[str]:
        """Labels in the old version of every clause whose words are not what they were: what sign-offs go by."""
        fates = (Fate.REWORDED, Fate.GONE)
        return frozenset(one.old.label for one in self.clauses if one.old is not None and one.fate in fates)

    @property
    def labels(self) -> Mapping[str, str]:
        """For each label in the old version, that of the same clause in the new one, where it stands."""
        return {one.old.label: one.new.label for one in self.clauses if one.old is not None and one.new is not None}


def compare(old: Policy, new: Policy) -> Comparison:
    """Two versions side by side, whatever was renumbered."""
    was, now = tuple(map(side_of, old.clauses)), tuple(map(side_of, new.clauses))
    pairs = pair(was, now)
    came_from = {there: here for here, there in pairs.items()}
    after: dict[int, list[int]] = defaultdict(list)
    last = -1
    for here in range(len(was)):
        if here in pairs:
            last = pairs[here]
        else:
            after[last].append(here)
    changes = [_change(was[here], None) for here in after[-1]]
    for there, side in enumerate(now):
        changes.append(_change(was[came_from[there]] if there in came_from else None, side))
        changes += [_change(was[here], None) for here in after[there]]
    return Comparison(old, new, tuple(changes))


def side_of(clause: Clause) -> Side:
    """A clause as it is compared."""
    return Side(str(clause.label), clause.headings, clause.lead_in, clause.text)


def labels_now(old: Sequence[Side], new: Sequence[Side]) -> dict[str, str]:
    """For the label of each old clause that still stands, reworded or not, the label that it bears in the new ones."""
    return {old[here].label: new[there].label for here, there in pair(old, new).items()}


def pair(old: Sequence[Side], new: Sequence[Side]) -> dict[int, int]:
    """Which old clause, by its place, became which new one; what is gone and what is new is not in it.

    What stands word for word comes first: with its label, then under another one, then with other headings around it.
    Of the rest those that are most alike belong together.
    """
    pairs: dict[int, int] = {}
    keys: tuple[Callable[[Side], Hashable], ...] = (
        lambda side: (side.label, side.words),
        lambda side: side.words,
        lambda side: (side.label, side.text),
        lambda side: side.text,
    )
    for key in keys:
        _pair_equal(old, new, pairs, key)
    taken = frozenset(pairs.values())
    rest = [there for there in range(len(new)) if there not in taken]
    alike = [one for here in range(len(old)) if here not in pairs for one in _alike(old, here, new, rest)]
    used: set[int] = set()
    for _, here, there in sorted(alike, key=lambda one: (-one[0], one[1], one[2])):
        if here not in pairs and there not in used:
            pairs[here] = there
            used.add(there)
    return dict(sorted(pairs.items()))


def _pair_equal(
    old: Sequence[Side], new: Sequence[Side], pairs: dict[int, int], key: Callable[[Side], Hashable]
) -> None:
    """Pairs what is equal by a key and not paired yet, in order."""
    taken = frozenset(pairs.values())
    free: dict[Hashable, list[int]] = defaultdict(list)
    for there, side in enumerate(new):
        if there not in taken:
            free[key(side)].append(there)
    for here, side in enumerate(old):
        if here not in pairs and (there_is := free.get(key(side))):
            pairs[here] = there_is.pop(0)


def _alike(
    old: Sequence[Side], here: int, new: Sequence[Side], rest: Sequence[int]
) -> Iterator[tuple[float, int, int]]:
    """How alike an old clause is to each of those that are left, where it may have become that one."""
    for there in rest:
        in_place = old[here].label == new[there].label
        likeness = fuzz.ratio(old[here].text, new[there].text, score_cutoff=ALIKE_IN_PLACE if in_place else ALIKE_FROM)
        if likeness:
            same_headings = old[here].headings == new[there].headings
            yield likeness + SAME_LABEL * in_place + SAME_HEADINGS * same_headings, here, there


def _change(old: Side | None, new: Side | None) -> ClauseChange:
    return ClauseChange(
        _fate(old, new),
        old,
        new,
        _pieces(old.text if old else "", new.text if new else ""),
        _pieces((old.lead_in if old else None) or "", (new.lead_in if new else None) or ""),
        _pieces(" / ".join(old.headings) if old else "", " / ".join(new.headings) if new else ""),
    )


def _fate(old: Side | None, new: Side | None) -> Fate:
    if old is None:
        return Fate.NEW
    if new is None:
        return Fate.GONE
    if old.words != new.words:
        return Fate.REWORDED
    return Fate.SAME if old.label == new.label else Fate.MOVED


def _pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Word by word, with the white space after each."""
    if old == new:
        return (Piece(Mark.KEPT, old),) if old else ()
    was, now = _WORD.findall(old), _WORD.findall(new)
    pieces: list[Piece] = []
    # Words are held against each other without their white space, or the last one would differ from one in the middle.
    matcher = SequenceMatcher(None, [word.rstrip() for word in was], [word.rstrip() for word in now], autojunk=False)
    for what, begin, end, from_new, to_new in matcher.get_opcodes():
        if what == "equal":
            pieces.append(Piece(Mark.KEPT, "".join(now[from_new:to_new])))
            continue
        if end > begin:
            pieces.append(Piece(Mark.OUT, "".join(was[begin:end])))
        if to_new > from_new:
            pieces.append(Piece(Mark.IN, "".join(now[from_new:to_new])))
    return tuple(pieces)
