"""Answers a question from the policy: the clauses found, quoted word for word, and a first sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.messages import Answer, Ask, Intent, Meaning, RuledBy
from bot.ports import Clock, Contacts
from bot.talk.answering.choosing import Chosen, choose
from bot.talk.answering.headlines import conditions, headline, place_headline
from bot.talk.answering.intents import intent_of, offers_for, reply_to
from bot.talk.facts.finding import find_facts
from bot.talk.facts.patterns import shipped_patterns
from bot.talk.turns.turns import read_turn
from bot.talk.urgency.answers import UrgentAnswers, with_safety
from bot.talk.urgency.finding import Urgency, find_urgency, learned_urgency
from bot.talk.urgency.patterns import shipped_urgency
from bot.wording import say
from index.search import Hit, Hits, Searcher
from index.snapshot import SnapshotDamaged, SnapshotMissing
from knowledge.library import Library, Reviewed
from knowledge.model import Citation
from knowledge.rulings import Ruling, Verdict

MOST_CITATIONS = 5
TRUSTED = frozenset({"age", "relative", "consent", "approval", "approval_form", "approval_when", "device", "emergency"})
"""The facts that are taken from a message; the others are asked until they are read as surely (docs/measured.md)."""
READ_FOR_FACTS = 2000
"""Characters of a message that are read for facts, as many as a question on the web may have."""
MOST_MEANT = 3
"""How many meanings a person is asked to choose from at most."""
NEAREST_SHOWN = 2
"""How many clauses are shown as nearest when the policy does not answer."""


def load() -> None:
    """Reads the patterns that messages are read by, unless that is done: some two seconds.

    The first message does it as well; but of several that come at once each would, and all would wait for each other.

    Raises:
        BadDataFile: a file of them cannot be used.
    """
    shipped_urgency()
    shipped_patterns()
    read_turn("")


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

    def answer(self, question: Ask, before: Ruling | None = None, known: Mapping[str, str] | None = None) -> Answer:
        """What cannot wait is answered first; of all else, what the policy says.

        Args:
            question: the question.
            before: the ruling from which the message goes on, where it cannot be understood alone.
            known: facts that were told before.

        Raises:
            NoSuchPolicy: the question names a policy that there is not.
            SnapshotMissing: nothing was built yet.
        """
        urgency = find_urgency(question.text)
        if urgency is None:
            return self._policy_answer(question, before, known or {})
        if not urgency.is_alarm:
            return with_safety(self._policy_answer(question, before, known or {}), urgency)
        return self._urgent(urgency, question)

    def overheard(self, text: str) -> Answer | None:
        """What to do now, where the rules find a danger that is told; None for all else.

        What a message is merely like does not count here: that is wrong too often to speak up among people who did not
        ask anything.
        """
        urgency = find_urgency(text)
        return self._urgent(urgency, Ask(text)) if urgency is not None and urgency.is_alarm else None

    @staticmethod
    def _is_about_a_new_policy(found: Hits, *, is_question: bool) -> bool:
        """Whether it is a question near a policy without rulings: there, little tells it from talk about nothing."""
        known = found.understood.rulings or found.understood.cited
        return is_question and found.covered and not known

    def _urgent(self, urgency: Urgency, question: Ask) -> Answer:
        return UrgentAnswers(self.contacts, self.clock).answer(urgency, self._library(), question.policy)

    def _library(self) -> Library | None:
        """The policies; None while there are none to read, which must keep nobody from being told what to do now."""
        try:
            return self.searcher().library
        except (SnapshotDamaged, SnapshotMissing):
            return None

    def _policy_answer(self, question: Ask, before: Ruling | None, known: Mapping[str, str]) -> Answer:
        """Without a ruling the policy is quoted and no verdict is made up: ``info``, or ``not_covered``.

        Raises:
            NoSuchPolicy: the question names a policy that there is not.
            SnapshotMissing: nothing was built yet.
        """
        searcher = self.searcher()  # one for the whole answer: a new snapshot may be published meanwhile
        text = question.text if before is None else f"{before.about}. {question.text}"
        found = searcher.search(text, question.policy, MOST_CITATIONS)
        is_question = read_turn(question.text).is_question
        if before is None and (urgency := learned_urgency(found.understood, question.text, is_question=is_question)):
            return self._urgent(urgency, question)
        intent = intent_of(found.understood, is_question=is_question)
        if found.place is None and not self._is_about_a_new_policy(found, is_question=is_question):
            reply = reply_to(intent, found.understood)
            if reply is not None:
                return reply
        begins = intent is Intent.INDUCTION and found.place is None  # what comes near would stand in the way
        if begins or not found.covered:
            return (
                self._not_covered(found, question, searcher) if intent is Intent.QUESTION else self._told(found, intent)
            )
        facts = {**known, **self.facts_in(question.text)}
        who = self._who(question, before)
        chosen = choose(found.understood, facts, who) if found.place is None else None
        if chosen is None:
            return self._quoted(found, intent)
        if chosen.others:
            return self._which(chosen, found, intent)
        return self.ruled(searcher, chosen.ruling, facts, found.hits, intent)

    def _who(self, question: Ask, before: Ruling | None) -> str | None:
        """Whom a message is about: whom it names, else whom that is about from which it goes on."""
        named = self.facts_in(question.text, ("who",)).get("who")
        spoken_of = before.who if before is not None else ()
        return named or (spoken_of[0] if len(spoken_of) == 1 else None)

    def facts_in(self, text: str, also: tuple[str, ...] = ()) -> dict[str, str]:
        """The facts that are surely in a message, by key: those that are trusted, and those just asked for."""
        known = find_facts(text[:READ_FOR_FACTS], self.clock.now().date()).known
        return {key: value for key, value in known.items() if key in TRUSTED or key in also}

    def ruled(
        self,
        searcher: Searcher,
        reviewed: Reviewed,
        known: Mapping[str, str],
        near: tuple[Hit, ...] = (),
        intent: Intent = Intent.QUESTION,
    ) -> Answer:
        """What a ruling says for the facts that are known, with the clauses that decide it, then some that are near."""
        facts = {key: known[key] for key in reviewed.ruling.keys if key in known}
        decision = reviewed.ruling.decide(facts)
        policy = searcher.library.policy(reviewed.policy)
        today = self.clock.now().date()
        by_label = {str(clause.label): clause for clause in policy.clauses}
        cited = [Citation.of(policy, by_label[label], today) for label in decision.cites][:MOST_CITATIONS]
        citations = _ordered(cited, list(map(self._citation, near)))
        return Answer(
            intent,
            decision.verdict,
            decision.says,
            citations,
            asks=decision.asks,
            offers=offers_for(intent, reviewed.ruling),
            ruling=RuledBy(reviewed.policy, reviewed.ruling.id, reviewed.reviewed),
            facts=tuple(facts.items()),
            deciding=tuple(place for place, one in enumerate(citations) if one in cited),
        )

    def _which(self, chosen: Chosen, found: Hits, intent: Intent) -> Answer:
        """Asks what is meant, where what comes near says yes and no."""
        meant = (chosen.ruling, *chosen.others)[:MOST_MEANT]
        return Answer(
            intent,
            Verdict.DEPENDS,
            say("answer.which"),
            tuple(map(self._citation, found.hits)),
            offers=offers_for(intent, chosen.ruling.ruling),
            means=tuple(Meaning(one.policy, one.ruling.id, one.ruling.about) for one in meant),
            deciding=(),
        )

    def _not_covered(self, found: Hits, question: Ask, searcher: Searcher) -> Answer:
        nearest = tuple(map(self._citation, found.hits[:NEAREST_SHOWN]))
        titles = [policy.title for policy in searcher.library.among(question.policy)]
        words = say("answer.not_covered") if found.place is None else place_headline(found.place, titles)
        return Answer(Intent.QUESTION, Verdict.NOT_COVERED, words, nearest)

    def _told(self, found: Hits, intent: Intent) -> Answer:
        """What to do next, for somebody who tells, signs or begins something, and asks nothing."""
        nearest = tuple(map(self._citation, found.hits[:NEAREST_SHOWN]))
        return Answer(intent, Verdict.INFO, say(f"intent.{intent}"), nearest, offers=offers_for(intent), deciding=())

    def _quoted(self, found: Hits, intent: Intent) -> Answer:
        """The clauses alone."""
        citations = tuple(map(self._citation, found.hits))
        place, deciding = found.place, found.hits[0]
        intent = Intent.QUESTION if place else intent
        offers = offers_for(intent)
        if place is not None and len(place.clauses) > 1:
            return Answer(intent, Verdict.INFO, place_headline(place, ()), citations)
        return Answer(
            intent, Verdict.INFO, headline(deciding), citations, conditions=conditions(deciding), offers=offers
        )

    def _citation(self, hit: Hit) -> Citation:
        return Citation.of(hit.policy, hit.clause, self.clock.now().date())


def _ordered(cited: Sequence[Citation], near: Sequence[Citation]) -> tuple[Citation, ...]:
    """The clause that decides first, then the others that decide and those that come near, the nearest first.

    All that decide are among them, with as many of the others as there is room for.
    """
    rank = {one: place for place, one in enumerate(near)}
    rest = sorted({*cited[1:], *near} - {*cited[:1]}, key=lambda one: (rank.get(one, len(near)), one not in cited))
    room = MOST_CITATIONS - len(cited)
    others = [one for one in rest if one not in cited][:room]
    return (*cited[:1], *(one for one in rest if one in cited or one in others))
