"""Merging: what came with the product and what a school added, of one policy in one version."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.changes import Side, labels_now, side_of
from knowledge.induction.locks import StepStanding, induction_standing
from knowledge.locks import Standing, Words
from knowledge.model import Policy
from knowledge.overlay.files import Phrasing
from knowledge.overlay.shelves import Shelved
from knowledge.rulings import FormName, Ruling
from knowledge.topics import Topic
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
