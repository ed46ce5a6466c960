"""Steps of the induction: how they stand in a version, and their reviews, accepted."""

from knowledge.induction.locks import LOCKS, StepStanding, with_review
from knowledge.locks import locks_text
from knowledge.overlay.changelog import Act, By
from knowledge.overlay.crossing import CannotAccept, NothingToAttachTo
from knowledge.overlay.merging import steps_in
from knowledge.overlay.opened import Opened
from knowledge.overlay.writing import reading, writing

OF_INDUCTION = "induction/"
"""Stands before the id of a step where one is reviewed: a ruling may bear the same id."""


class Steps:
    """The doors to the steps of every policy's induction."""

    def __init__(self, opened: Opened) -> None:
        """Takes the overlay, opened."""
        self._opened = opened

    def standings(self, slug: str, version: str | None = None) -> tuple[StepStanding, ...]:
        """Every step of the induction, and how it stands in a version; without one, in the version in force."""
        with reading(self._opened.root):
            shelved = self._opened.shelved(slug)
            return steps_in(shelved, self._opened.policy(shelved, version))

    def accept(self, slug: str, step: str, by: By, version: str | None = None) -> None:
        """Records that somebody read a step of the induction against its clauses in a version.

        Raises:
            NothingToAttachTo: there is no such step.
            CannotAccept: a clause that it cites is gone.
        """
        with writing(self._opened.root) as pen:
            shelved = self._opened.shelved(slug)
            policy = self._opened.policy(shelved, version)
            standing = next((one for one in steps_in(shelved, policy) if one.step.id == step), None)
            if standing is None:
                raise NothingToAttachTo(slug, step)
            if standing.stands:
                return
            try:
                locks = with_review(shelved.own.step_locks, standing.step, policy, self._opened.today(), by.person)
            except KeyError as missing:
                raise CannotAccept(step, missing.args[0]) from None
            files: dict[str, bytes | None] = {f"{slug}/{LOCKS}": locks_text(locks).encode()}
            told = (slug, f"{OF_INDUCTION}{step}", policy.version or "")
            pen.change(files, Act.REVIEW_ACCEPTED, told, by, self._opened.now())
