"""The school's own phrasings, and what it marked as not covered: added, and taken out again."""

from pathlib import Path

from knowledge.locks import toml_string
from knowledge.overlay.changelog import Act, By
from knowledge.overlay.crossing import (
    NoSuchPhrasing,
    NothingToAttachTo,
    OwnPhrasing,
    Refused,
    Target,
    ToClause,
    ToRuling,
    ToTopic,
)
from knowledge.overlay.files import PHRASINGS, Phrasing
from knowledge.overlay.messages import elsewhere, messages_of, target_of
from knowledge.overlay.opened import Opened
from knowledge.overlay.shelves import Shelved
from knowledge.overlay.text import HEADING, free_id, one_line, phrasing_lines, toml_list
from knowledge.overlay.writing import reading, writing
from knowledge.ruling_checks import Problem
from knowledge.topics import FOLDER as TOPICS
from knowledge.words import tokens

_LONGEST = 500
"""Characters of a phrasing: as many as anybody asks in."""
_MOST_NEAR = 3


class Phrasings:
    """The doors to what the school says that a message is for."""

    def __init__(self, opened: Opened) -> None:
        """Takes the overlay, opened."""
        self._opened = opened

    def own(self, slug: str) -> tuple[OwnPhrasing, ...]:
        """The phrasings that the school added."""
        with reading(self._opened.root):
            return tuple(OwnPhrasing(one.text, _target(one)) for one in self._opened.shelved(slug).own.phrasings)

    def add(self, slug: str, phrasing: str, to: Target, by: By) -> None:
        """Adds a phrasing to a ruling, a clause or a topic.

        Raises:
            NothingToAttachTo: there is no such ruling, clause or topic.
            Refused: it has no words, or stands somewhere already: both places are named.
        """
        with writing(self._opened.root) as pen:
            shelved = self._opened.shelved(slug)
            text = one_line(phrasing)
            entry, subject = self._entry(shelved, text, to)
            path = shelved.own.folder / PHRASINGS
            self._require_new(shelved, text, path)
            before = path.read_bytes() if path.exists() else HEADING.encode()
            files = {f"{slug}/{PHRASINGS}": before.rstrip(b"\n") + b"\n\n" + phrasing_lines(entry)}
            pen.change(files, Act.PHRASING_ADDED, (slug, subject, text), by, self._opened.now())

    def take_out(self, slug: str, phrasing: str, by: By) -> None:
        """Takes one of the school's own phrasings out again.

        Raises:
            NoSuchPhrasing: it is none of the school's own.
        """
        with writing(self._opened.root) as pen:
            own = self._opened.shelved(slug).own
            out = next((one for one in own.phrasings if one.text == phrasing), None)
            if out is None:
                raise NoSuchPhrasing(slug)
            kept = [one for one in own.phrasings if one != out]
            content = (HEADING.encode() + b"\n" + b"\n".join(map(phrasing_lines, kept))) if kept else None
            told = (slug, target_of(out), phrasing)
            pen.change({f"{slug}/{PHRASINGS}": content}, Act.PHRASING_TAKEN_OUT, told, by, self._opened.now())

    def add_topic(self, slug: str, about: str, phrasing: str, near: tuple[str, ...], by: By) -> str:
        """Marks something as not covered: a new topic with its first phrasing; gives the topic's id.

        Args:
            slug: the policy.
            about: the topic in a few words; its id is made of them.
            phrasing: a message that asks about it.
            near: labels of up to three clauses that may be shown as nearest.
            by: who.

        Raises:
            Refused: the words stand somewhere already, or a label is none.
        """
        with writing(self._opened.root) as pen:
            shelved = self._opened.shelved(slug)
            about, text = one_line(about), one_line(phrasing)
            name = free_id(about, {topic.id for file in shelved.topic_files() for topic in file.topics})
            path = shelved.own.folder / TOPICS / f"{name}.toml"
            labels = {str(clause.label) for clause in self._opened.policy(shelved, None).clauses}
            if len(near) > _MOST_NEAR or not labels.issuperset(near):
                unknown = ", ".join(label for label in near if label not in labels) or f"more than {_MOST_NEAR}"
                raise Refused((Problem(path, 1, f"there is no such clause to be near: {unknown}"),))
            self._require_new(shelved, text, path)
            lines = (f"id = {toml_string(name)}", f"about = {toml_string(about)}", f"near = {toml_list(near)}")
            version = f"version = {toml_string(self._opened.version_on(shelved, self._opened.today()) or '')}\n"
            content = "\n".join((HEADING, version, "[[topic]]", *lines, f"phrasings = {toml_list((text,))}", ""))
            told = (slug, name, text)
            pen.change(
                {f"{slug}/{TOPICS}/{name}.toml": content.encode()}, Act.TOPIC_ADDED, told, by, self._opened.now()
            )
        return name

    def _entry(self, shelved: Shelved, text: str, to: Target) -> tuple[Phrasing, str]:
        """A phrasing as it is written down, and what it is for."""
        match to:
            case ToRuling(id=name):
                entry = Phrasing(text, ruling=name)
                there = any(one.id == name for file in shelved.ruling_files() for one in file.rulings)
            case ToTopic(id=name):
                entry = Phrasing(text, topic=name)
                there = any(one.id == name for file in shelved.topic_files() for one in file.topics)
            case ToClause(label=name):
                policy = self._opened.policy(shelved, None)
                entry = Phrasing(text, clause=name, version=policy.version or "")
                there = any(str(clause.label) == name for clause in policy.clauses)
        if not there:
            raise NothingToAttachTo(shelved.slug, name)
        return entry, target_of(entry)

    def _require_new(self, shelved: Shelved, text: str, path: Path) -> None:
        """Refuses words that are none, too many, or stand somewhere already."""
        words = tokens(text)
        if not words or len(text) > _LONGEST:
            what = f"a phrasing has words, and no more than {_LONGEST} characters; write it so"
            raise Refused((Problem(path, 1, what),))
        for problem in elsewhere(messages_of(shelved), (text,), path):
            raise Refused((problem,))


def _target(one: Phrasing) -> Target:
    if one.ruling is not None:
        return ToRuling(one.ruling)
    return ToTopic(one.topic) if one.topic is not None else ToClause(one.clause or "")
