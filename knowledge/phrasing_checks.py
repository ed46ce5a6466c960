"""What is wrong in topics and in kinds of message that their shape cannot say: each with file, line and what to do."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.datafile import Location, line_of
from knowledge.kinds import KindFile
from knowledge.model import Policy
from knowledge.ruling_checks import Problem
from knowledge.rulings import RulingFile
from knowledge.topics import TopicFile
from knowledge.words import tokens

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_kinds(files: Iterable[KindFile]) -> tuple[Problem, ...]:
    """Every problem of the kinds of message in themselves, in the order of the files."""
    return tuple(_among_themselves(list(_of_kinds(files))))


def check_topics(
    files: Iterable[TopicFile], policy: Policy, rulings: Iterable[RulingFile], kinds: Iterable[KindFile]
) -> tuple[Problem, ...]:
    """Every problem of a policy's topics, and every phrasing of a kind or a topic that something else has as well.

    Args:
        files: the topics of the policy.
        policy: the policy, whose clauses ``near`` names.
        rulings: its rulings: what one of them answers belongs to no kind and no topic.
        kinds: the kinds of message.
    """
    files = tuple(files)
    topics = list(_of_topics(files))
    return (
        *_near(files, policy),
        *_among_themselves(topics),
        *_had_by_others([*_of_rulings(rulings)], [*_of_kinds(kinds)], topics),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One table of a file: a ruling, a topic or a kind."""

    path: Path
    table: str
    number: int
    id: str
    phrasings: tuple[str, ...]

    def problem(self, place: Location, what: str) -> Problem:
        return Problem(self.path, line_of(self.path, (self.table, self.number, *place)), f"{self.id}: {what}")

    def line_problem(self, phrasing: str, what: str) -> Problem:
        """As ``problem``, at the line of a phrasing where it stands on one of its own."""
        begin = line_of(self.path, (self.table, self.number, "phrasings"))
        lines = self.path.read_text(encoding="utf-8").split("\n")[begin - 1 :]
        at = next((number for number, line in enumerate(lines) if f'"{phrasing}"' in line), 0)
        return Problem(self.path, begin + at, f"{self.id}: {what}")


def _of_rulings(files: Iterable[RulingFile]) -> Iterator[_Entry]:
    for file in files:
        for number, ruling in enumerate(file.rulings):
            yield _Entry(file.path, "ruling", number, ruling.id, ruling.phrasings)


def _of_kinds(files: Iterable[KindFile]) -> Iterator[_Entry]:
    for file in files:
        for number, kind in enumerate(file.kinds):
            yield _Entry(file.path, "kind", number, kind.id, kind.phrasings)


def _of_topics(files: Iterable[TopicFile]) -> Iterator[_Entry]:
    for file in files:
        for number, topic in enumerate(file.topics):
            yield _Entry(file.path, "topic", number, topic.id, topic.phrasings)


def _near(files: Iterable[TopicFile], policy: Policy) -> Iterator[Problem]:
    labels = {str(clause.label) for clause in policy.clauses}
    for file in files:
        for number, topic in enumerate(file.topics):
            for label in topic.near:
                if label not in labels:
                    what = f"{topic.id}: there is no clause {label}; `touchstone clauses` shows those there are"
                    yield Problem(file.path, line_of(file.path, ("topic", number, "near")), what)


def _among_themselves(entries: Iterable[_Entry]) -> Iterator[Problem]:
    """Ids and phrasings, of topics or of kinds."""
    ids: set[str] = set()
    had: dict[tuple[str, ...], str] = {}
    for entry in entries:
        if not _ID.fullmatch(entry.id):
            yield entry.problem(("id",), "this is no id; use small letters, digits and hyphens")
        if entry.id in ids:
            yield entry.problem(("id",), f"another {entry.table} has this id; rename one of them")
        ids.add(entry.id)
        if not entry.phrasings:
            yield entry.problem(("phrasings",), "has no phrasing; write some, in the words of different people")
        own: set[tuple[str, ...]] = set()
        for phrasing in entry.phrasings:
            words = tokens(phrasing)
            if not words:
                yield entry.line_problem(phrasing, "a phrasing has no words; take it out")
                continue
            if words in own:
                yield entry.line_problem(phrasing, f"'{phrasing}' stands here twice; take one of them out")
            elif words in had:
                what = f"'{phrasing}' is a phrasing of '{had[words]}' too; leave it with one of them"
                yield entry.line_problem(phrasing, what)
            own.add(words)
            had.setdefault(words, entry.id)


def _had_by_others(*groups: Iterable[_Entry]) -> Iterator[Problem]:
    """What an earlier group has as well: what is answered is not uncovered, and no report."""
    had: dict[tuple[str, ...], _Entry] = {}
    for group in groups:
        own: dict[tuple[str, ...], _Entry] = {}
        for entry in group:
            for phrasing in entry.phrasings:
                words = tokens(phrasing)
                other = had.get(words) if words else None
                if other is not None:
                    what = f"'{phrasing}' is a phrasing of the {other.table} '{other.id}' too; leave it with one"
                    yield entry.line_problem(phrasing, what)
                own.setdefault(words, entry)
        had = own | had


def places_of(
    rulings: Iterable[RulingFile], kinds: Iterable[KindFile], topics: Iterable[TopicFile]
) -> Iterator[tuple[str, tuple[str, ...], Path]]:
    """Each ruling, kind and topic as ``ruling x``, with its phrasings and its file."""
    for entry in (*_of_rulings(rulings), *_of_kinds(kinds), *_of_topics(topics)):
        yield f"{entry.table} {entry.id}", entry.phrasings, entry.path
