"""Answers a question from the policy: the clauses found, quoted word for word, and a first sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.messages import Answer, Ask, Intent, RuledBy
from bot.ports import Clock, Contacts
from bot.talk.factfinding import find_facts
from bot.talk.headlines import conditions, headline, place_headline
from bot.talk.urgency import find_urgency
from bot.talk.urgent_answers import UrgentAnswers, with_safety
from bot.wording import say
from index.search import Hit, Searcher
from index.snapshot import SnapshotDamaged, SnapshotMissing
from knowledge.library import Library, Reviewed
from knowledge.model import Citation, Policy
from knowledge.rulings import Verdict

MOST_CITATIONS = 5
TRUSTED = frozenset({"age", "relative", "consent", "approval", "device"})
"""The facts that are taken from a message; the others are asked until they are read as surely. On messages that the
rules were not written for these were right in 97 to 100 of 100, age in 92, wrong only towards "under 18"
(docs/measured.md)."""
READ_FOR_FACTS = 2000
"""Characters of a message that are read for facts, as many as a question on the web may have."""
NEAREST_SHOWN = 2
"""How many clauses are shown as nearest when the policy does not answer."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers questions.

    Attributes:
        searcher: gives the searcher of the snapshot that is published now.
        clock: what day it is, for a review that is overdue.
        contacts: who is to be rung when it cannot wait; None where nobody's number is known.
    """

    searcher: Callable[[], Searcher]
    clock: Clock
    contacts: Contacts | None = None

    def answer(self, question: Ask) -> Answer:
        """What cannot wait is answered first; of all else, what the policy says.

        Raises:
            NoSuchPolicy: the question names a policy that there is not.
            SnapshotMissing: nothing was built yet.
        """
        urgency = find_urgency(question.text)
        if urgency is None:
            return self._policy_answer(question)
        if not urgency.is_alarm:
            return with_safety(self._policy_answer(question), urgency)
        return UrgentAnswers(self.contacts, self.clock).answer(urgency, self._library(), question.policy)

    def _library(self) -> Library | None:
        """The policies; None while there are none to read, which must keep nobody from being told what to do now."""
        try:
            return self.searcher().library
        except (SnapshotDamaged, SnapshotMissing):
            return None

    def _policy_answer(self, question: Ask) -> Answer:
        """Without a ruling the policy is quoted and no verdict is made up: ``info``, or ``not_covered``.

        Raises:
            NoSuchPolicy: the question names a policy that there is not.
            SnapshotMissing: nothing was built yet.
        """
        searcher = self.searcher()  # one for the whole answer: a new snapshot may be published meanwhile
        found = searcher.search(question.text, question.policy, MOST_CITATIONS)
        place = found.place
        if not found.covered:
            nearest = tuple(map(self._citation, found.hits[:NEAREST_SHOWN]))
            titles = [policy.title for policy in searcher.library.among(question.policy)]
            words = say("answer.not_covered") if place is None else place_headline(place, titles)
            return Answer(Intent.QUESTION, Verdict.NOT_COVERED, words, nearest)
        citations = tuple(map(self._citation, found.hits))
        if found.ruling is not None:
            return self._ruled(found.ruling, searcher.library.policy(found.ruling.policy), question.text)
        if place is not None and len(place.clauses) > 1:
            return Answer(Intent.QUESTION, Verdict.INFO, place_headline(place, ()), citations)
        deciding = found.hits[0]
        return Answer(Intent.QUESTION, Verdict.INFO, headline(deciding), citations, conditions=conditions(deciding))

    def _ruled(self, reviewed: Reviewed, policy: Policy, text: str) -> Answer:
        """What a ruling says for the facts that are surely in the message, with the clauses that decide it."""
        keys = [key for key in reviewed.ruling.keys if key in TRUSTED]
        today = self.clock.now().date()
        known = find_facts(text[:READ_FOR_FACTS], today).known if keys else {}
        facts = {key: known[key] for key in keys if key in known}
        decision = reviewed.ruling.decide(facts)
        by_label = {str(clause.label): clause for clause in policy.clauses}
        cited = tuple(Citation.of(policy, by_label[label], today) for label in decision.cites)
        return Answer(
            Intent.QUESTION,
            decision.verdict,
            decision.says,
            cited[:MOST_CITATIONS],
            asks=decision.asks,
            ruling=RuledBy(reviewed.ruling.id, reviewed.reviewed),
            facts=tuple(facts.items()),
        )

    def _citation(self, hit: Hit) -> Citation:
        return Citation.of(hit.policy, hit.clause, self.clock.now().date())
