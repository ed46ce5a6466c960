"""Answers a question from the policy: the clauses found, quoted word for word, and a first sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.messages import Answer, Ask, Intent, Verdict
from bot.ports import Clock
from bot.wording import say
from index.search import Hit, Searcher
from knowledge.model import Citation

MOST_CITATIONS = 5
NEAREST_SHOWN = 2
"""How many clauses are shown as nearest when the policy does not answer."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers questions.

    Attributes:
        searcher: gives the searcher of the snapshot that is published now.
        clock: what day it is, for a review that is overdue.
    """

    searcher: Callable[[], Searcher]
    clock: Clock

    def answer(self, question: Ask) -> Answer:
        """Without a ruling the policy is quoted and no verdict is made up: ``info``, or ``not_covered``.

        Raises:
            NoSuchPolicy: the question names a policy that there is not.
            SnapshotMissing: nothing was built yet.
        """
        found = self.searcher().search(question.text, question.policy, MOST_CITATIONS)
        if not found.covered:
            nearest = tuple(map(self._citation, found.hits[:NEAREST_SHOWN]))
            return Answer(Intent.QUESTION, Verdict.NOT_COVERED, say("answer.not_covered"), nearest)
        deciding = found.hits[0]
        headline = say("answer.info", label=deciding.clause.label, title=deciding.policy.title)
        return Answer(Intent.QUESTION, Verdict.INFO, headline, tuple(map(self._citation, found.hits)))

    def _citation(self, hit: Hit) -> Citation:
        return Citation.of(hit.policy, hit.clause, self.clock.now().date())
