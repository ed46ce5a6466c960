"""Rulings: how they stand; a school's own drafted, checked, put in, accepted and taken out."""

import tempfile
from dataclasses import replace
from pathlib import Path

from knowledge.changes import Side, labels_now, side_of
from knowledge.datafile import BadDataFile
from knowledge.locks import FILE as LOCKS
from knowledge.locks import Standing, locks_text
from knowledge.model import Policy
from knowledge.overlay.changelog import Act, By
from knowledge.overlay.crossing import CannotAccept, NothingToAttachTo, Refused, Source
from knowledge.overlay.merging import standings_in
from knowledge.overlay.messages import elsewhere, messages_of
from knowledge.overlay.opened import Opened
from knowledge.overlay.shelves import Shelved
from knowledge.overlay.writing import reading, writing
from knowledge.relabelling import relabel
from knowledge.ruling_checks import Problem, check_one
from knowledge.ruling_draft import draft
from knowledge.rulings import FOLDER as RULINGS
from knowledge.rulings import Ruling, RulingFile, read_rulings


class Rulings:
    """The doors to the rulings of all policies, shipped and own."""

    def __init__(self, opened: Opened) -> None:
        """Takes the overlay, opened."""
        self._opened = opened

    def standings(self, slug: str, version: str | None = None) -> tuple[Standing, ...]:
        """Every ruling, shipped and own, and how it stands in a version; without one, in the version in force."""
        with reading(self._opened.root):
            shelved = self._opened.shelved(slug)
            return standings_in(shelved, self._opened.policy(shelved, version))

    def source_of(self, slug: str, ruling: str) -> Source:
        """Whether a ruling came with the product or is the school's own."""
        with reading(self._opened.root):
            own = self._opened.shelved(slug).own
        is_own = any(one.id == ruling for file in own.rulings for one in file.rulings)
        return Source.OWN if is_own else Source.SHIPPED

    def draft(self, slug: str, label: str) -> str:
        """A skeleton of a ruling on a clause, as TOML, to begin from.

        Raises:
            NothingToAttachTo: there is no such clause.
        """
        with reading(self._opened.root):
            policy = self._opened.policy(self._opened.shelved(slug), None)
        for clause in policy.clauses:
            if str(clause.label) == label:
                return draft(clause)
        raise NothingToAttachTo(slug, label)

    def check(self, slug: str, text: str) -> tuple[Problem, ...]:
        """What is wrong in the text of a ruling (TOML), warnings too, with lines of that text; nothing is written."""
        with reading(self._opened.root):
            return self._checked(self._opened.shelved(slug), text)[1]

    def put_in(self, slug: str, text: str, by: By) -> tuple[str, ...]:
        """Puts in one or more rulings; gives their ids. They decide once their review is accepted.

        One with the id of a ruling that is there stands in its place.

        Raises:
            Refused: something is wrong in it that is no warning.
        """
        with writing(self._opened.root) as pen:
            shelved = self._opened.shelved(slug)
            rulings, problems = self._checked(shelved, text)
            files: dict[str, bytes | None] = {}
            names = {one.id for one in rulings}
            for file in shelved.own.rulings:
                stand = {one.id for one in file.rulings}
                if stand & names and not stand <= names:
                    what = f"{', '.join(sorted(stand & names))} stands here with others; change it in this file"
                    problems = (*problems, Problem(file.path, 1, what))
                elif stand & names:
                    files[f"{slug}/{RULINGS}/{file.path.name}"] = None
            if wrong := tuple(one for one in problems if not one.is_warning):
                raise Refused(wrong)
            files[f"{slug}/{RULINGS}/{rulings[0].id}.toml"] = text.strip().encode() + b"\n"
            told = (slug, ", ".join(one.id for one in rulings), "")
            pen.change(files, Act.RULING_PUT_IN, told, by, self._opened.now())
        return tuple(one.id for one in rulings)

    def take_out(self, slug: str, ruling: str, by: By) -> None:
        """Takes one of the school's own rulings out again; a shipped one of that id stands again.

        Raises:
            NothingToAttachTo: there is no own ruling of that id.
        """
        with writing(self._opened.root) as pen:
            for file in self._opened.shelved(slug).own.rulings:
                if ruling in {one.id for one in file.rulings}:
                    if len(file.rulings) > 1:
                        raise Refused(
                            (Problem(file.path, 1, f"{ruling} stands here with others; take it out by hand"),)
                        )
                    files = {f"{slug}/{RULINGS}/{file.path.name}": None}
                    pen.change(files, Act.RULING_TAKEN_OUT, (slug, ruling, ""), by, self._opened.now())
                    return
        raise NothingToAttachTo(slug, ruling)

    def accept(self, slug: str, ruling: str, by: By, version: str | None = None) -> None:
        """Records that somebody read a ruling against its clauses in a version, and locks it to them.

        Where a cited clause has another label there, the ruling cites that from then on. A review for a version that
        is not in force yet counts from the day it is.

        Raises:
            NothingToAttachTo: there is no such ruling.
            CannotAccept: a clause that it cites is gone.
        """
        with writing(self._opened.root) as pen:
            shelved = self._opened.shelved(slug)
            policy = self._opened.policy(shelved, version)
            standing = next((one for one in reversed(standings_in(shelved, policy)) if one.ruling.id == ruling), None)
            if standing is None:
                raise NothingToAttachTo(slug, ruling)
            if standing.decides:
                return
            file, number = _place(shelved, ruling)
            as_written = file.rulings[number]
            labels = _labels_at_review(as_written, standing, policy)
            problems = check_one(file.path, number, relabel(as_written, labels), policy)
            if wrong := tuple(one for one in problems if not one.is_warning):
                raise Refused(wrong)
            locks = shelved.own.locks.with_another(as_written, policy, self._opened.today(), by.person, labels)
            files = {f"{slug}/{LOCKS}": locks_text(locks).encode()}
            pen.change(files, Act.REVIEW_ACCEPTED, (slug, ruling, policy.version or ""), by, self._opened.now())

    def _checked(self, shelved: Shelved, text: str) -> tuple[tuple[Ruling, ...], tuple[Problem, ...]]:
        """The rulings of a text, and what is wrong in them."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / RULINGS / "ruling.toml"
            path.parent.mkdir()
            path.write_text(text, encoding="utf-8", errors="replace")
            try:
                rulings = read_rulings(Path(folder))[0].rulings
            except BadDataFile as error:
                return (), (Problem(Path(path.name), error.line, error.what),)
            if not rulings:
                return (), (Problem(Path(path.name), 1, "there is no [[ruling]] in it; write one"),)
            names = {one.id for one in rulings}
            others = [one for one in messages_of(shelved) if one.name not in {f"ruling {name}" for name in names}]
            policy = self._opened.policy(shelved, None)
            problems = [one for number, ruling in enumerate(rulings) for one in check_one(path, number, ruling, policy)]
            problems += elsewhere(others, [one for ruling in rulings for one in ruling.phrasings], path)
            if len(names) < len(rulings):
                problems.append(Problem(path, 1, "two rulings have one id; rename one of them"))
            return rulings, tuple(replace(one, path=Path(path.name)) if one.path == path else one for one in problems)


def _place(shelved: Shelved, ruling: str) -> tuple[RulingFile, int]:
    """The file of a ruling, the school's own first, and which of the file's it is."""
    return next(
        (file, number)
        for file in reversed(shelved.ruling_files())
        for number, one in enumerate(file.rulings)
        if one.id == ruling
    )


def _labels_at_review(as_written: Ruling, standing: Standing, policy: Policy) -> dict[str, str]:
    """For what a ruling cites, where that stands in a version; the words of its last review are looked for.

    Raises:
        CannotAccept: a clause is gone.
    """
    sides = tuple(map(side_of, policy.clauses))
    held = [Side(one.old.label, one.old.headings, one.old.lead_in, one.old.text) for one in standing.changes if one.old]
    now = labels_now(held, sides)
    there = {side.label for side in sides}
    base = (standing.lock.labels if standing.lock else None) or {}
    labels: dict[str, str] = {}
    for label in as_written.cites:
        then = base.get(label, label)
        stands = now.get(then) if then in {side.label for side in held} else then
        if stands is None or stands not in there:
            raise CannotAccept(as_written.id, then)
        if stands != label:
            labels[label] = stands
    return labels
