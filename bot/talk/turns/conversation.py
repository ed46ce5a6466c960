"""A conversation: a message is understood together with the answer before it, which it may go on from or correct."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.messages import Answer, Ask, RuledBy, TellFact
from bot.talk.answering.answers import Answers
from bot.talk.answering.choosing import choose
from bot.talk.answering.intents import asks_nothing, intent_of
from bot.talk.turns.context import Context, Conversations
from bot.talk.turns.parts import questions
from bot.talk.turns.turns import About, Turn, read_turn
from bot.talk.urgency.finding import find_urgency, learned_urgency
from bot.wording import say
from index.families import Understood
from index.search import Hits, Searcher
from knowledge.errors import TouchstoneError
from knowledge.facts import shipped_facts
from knowledge.library import Reviewed
from knowledge.rulings import GIVEN, Verdict
from knowledge.words import tokens

SURE_APART = 0.3
"""How likely the rulings on one clause must be for each part of a message, for the parts to be answered one by one."""
SURE_ALONE = 0.6
"""How likely the ruling that a leaning message asks for when read alone must be, for it to be a question of its own."""
FEW = 3
"""Words of a message that says too little to be understood alone: "linkedin?"."""
_YES, _NO = frozenset({"yes"}), frozenset({"no", "none"})
"""The values of facts that a bare yes or no means."""
_BY_WHAT_MEANS = frozenset({"account", "device", "channel", "place", "room"})
"""Facts for which a question that goes on mostly names something else."""
_SAYS_TOO_LITTLE = frozenset({"yes", "no", "none", "other", "own", "public"})
"""Values that stand in messages about something else."""


class NoSuchRuling(TouchstoneError):
    """There is no ruling of that id that decides; the policy's owner may have changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Answers messages one after the other.

    Attributes:
        answers: answers a question.
        conversations: remembers what was said last.
    """

    answers: Answers
    conversations: Conversations

    def ask(self, message: Ask) -> tuple[Answer, ...]:
        """The answer to a message; two, where it surely asks two things.

        Raises:
            NoSuchPolicy: the question names a policy that there is not.
            SnapshotMissing: nothing was built yet.
        """
        parts = questions(message.text)
        if len(parts) > 1 and find_urgency(message.text) is None and self._are_apart(parts, message.policy):
            return tuple(self._ask(replace(message, text=part)) for part in parts)
        return (self._ask(message),)

    def overhear(self, text: str) -> tuple[Answer, ...]:
        """What to do now, where somebody tells others of what cannot wait; else nothing, and nothing is remembered."""
        answer = self.answers.overheard(text)
        return () if answer is None else (answer,)

    def _are_apart(self, parts: Sequence[str], policy: str | None) -> bool:
        """Whether each part is surely a question of its own, to another clause than the others."""
        searcher = self.answers.searcher()
        clauses = [_surely_about(searcher.search(part, policy).understood) for part in parts]
        return None not in clauses and len(set(clauses)) == len(parts)

    def _ask(self, message: Ask) -> Answer:
        """The answer to a message, which may go on from the one before."""
        context = self.conversations.recall(message.conversation)
        if context is None or find_urgency(message.text) is not None:
            answer = self.answers.answer(message)
        else:
            answer = self._next(message, context)
        if answer.verdict is not None:
            before = {} if context is None or not _goes_on(answer, context) else _still_held(context.facts)
            told = self.answers.facts_in(message.text)
            self._remember(message.conversation, answer, {**before, **told, **dict(answer.facts)})
        return answer

    def tell(self, fact: TellFact) -> Answer:
        """The answer with one more fact, or to what was meant.

        Raises:
            NoSuchRuling: there is no such ruling any more.
        """
        searcher = self.answers.searcher()
        ruling = _ruling(searcher, fact.policy, fact.ruling)
        if ruling is None:
            raise NoSuchRuling(fact.policy, fact.ruling)
        choices = {key: one.values for key, one in shipped_facts().items()}
        facts = {key: value for key, value in fact.facts if value in choices.get(key, ())}
        answer = self.answers.ruled(searcher, ruling, facts)
        context = self.conversations.recall(fact.conversation)
        if context is not None:
            answer = _withdrawing(answer, context, is_correction=False)
        self._remember(fact.conversation, answer, facts)
        return answer

    def _remember(self, conversation: str, answer: Answer, facts: Mapping[str, str]) -> None:
        self.conversations.remember(conversation, answer, facts)

    def _next(self, message: Ask, context: Context) -> Answer:
        turn = read_turn(message.text)
        if turn.about is not None and context.answer.citations:
            return _about(turn.about, context)
        searcher = self.answers.searcher()
        ruled = context.answer.ruling
        before = None if ruled is None else _ruling(searcher, ruled.policy, ruled.id)
        if before is None:
            return self.answers.answer(message)
        alone = searcher.search(message.text, message.policy)
        own, likely = next(iter(alone.understood.rulings), (None, 0.0))
        added = self._added(message, turn, context, before)
        if (not added and asks_nothing(intent_of(alone.understood, is_question=turn.is_question))) or _tells_of_danger(
            alone.understood, turn, message.text, adds=bool(added)
        ):
            return self.answers.answer(message)
        goes_on = turn.leans or not turn.is_question or turn.words <= FEW
        if added and (turn.is_short or goes_on or own == before):
            answer = self.answers.ruled(searcher, before, {**context.facts, **added}, alone.hits)
        elif goes_on and likely < SURE_ALONE:
            facts = _still_held(context.facts) if turn.is_question else context.facts
            answer = self.answers.answer(message, before.ruling, facts)
            if answer.verdict is Verdict.YES and not added:
                answer = self._without_a_new_yes(answer, before, context, alone, turn)
        else:
            return self.answers.answer(message)
        return _withdrawing(answer, context, is_correction=turn.corrects)

    def _without_a_new_yes(self, answer: Answer, before: Reviewed, context: Context, alone: Hits, turn: Turn) -> Answer:
        """A yes that only what was asked before speaks for is none to what is asked or told now.

        A question keeps it where its own words ask for a ruling that says yes. Else the clauses are shown, and that
        the answer before may not fit.
        """
        if turn.is_question:
            chosen = choose(alone.understood, context.facts)
            if chosen is not None and not chosen.others and answer.ruling == _ruled_by(chosen.ruling):
                return answer
        else:
            answer = self.answers.ruled(self.answers.searcher(), before, context.facts, alone.hits)
        if answer.verdict is not Verdict.YES:
            return answer
        return replace(answer, verdict=Verdict.INFO, headline=say("answer.may_not_fit"), asks=())

    def _added(self, message: Ask, turn: Turn, context: Context, before: Reviewed) -> dict[str, str]:
        """The facts that the message adds and the ruling turns on; a bare yes or no answers the first question."""
        asked = context.answer.asks
        if turn.is_short and (chosen := _chosen(message.text, asked)):
            return chosen
        keys = tuple(dict.fromkeys((*asked, *before.ruling.keys)))
        added = {key: value for key, value in self.answers.facts_in(message.text, keys).items() if key in keys}
        if not added and turn.bare is not None and asked:
            meant = _YES if turn.bare else _NO
            values = [value for value in shipped_facts()[asked[0]].values if value in meant]
            return dict.fromkeys(asked[:1], values[0]) if values else {}
        return added


def _tells_of_danger(understood: Understood, turn: Turn, text: str, *, adds: bool) -> bool:
    """Whether a message is like those that tell of a danger, though it may answer what was asked as well.

    Where it does, being near a ruling on a danger says nothing: that ruling may be what the conversation is about.
    """
    only_goes_on = turn.is_short if adds else turn.leans
    return not only_goes_on and learned_urgency(understood, text, is_question=turn.is_question or adds) is not None


def _ruled_by(one: Reviewed) -> RuledBy:
    return RuledBy(one.policy, one.ruling.id, one.reviewed)


def _surely_about(understood: Understood) -> tuple[str, str] | None:
    """The policy and label of the clause that a message is surely about, or None."""
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for one, likelihood in understood.rulings:
        shares[one.policy, one.ruling.cites[0]] += likelihood
    for quoted, likelihood in understood.cited:
        shares[quoted.policy, quoted.fallback.cites[0]] += likelihood
    best = max(shares, key=lambda clause: shares[clause], default=None)
    return best if best is not None and shares[best] >= SURE_APART else None


def _ruling(searcher: Searcher, policy: str, name: str) -> Reviewed | None:
    return next((one for one in searcher.library.rulings if (one.policy, one.ruling.id) == (policy, name)), None)


def _still_held(facts: Mapping[str, str]) -> dict[str, str]:
    """What was told and still counts for a question that goes on: "and insta?" is no longer about LinkedIn."""
    return {key: value for key, value in facts.items() if key not in _BY_WHAT_MEANS}


def _goes_on(answer: Answer, context: Context) -> bool:
    return answer.ruling is not None and answer.ruling == context.answer.ruling


def _chosen(text: str, asked: Sequence[str]) -> dict[str, str]:
    """What was asked and is answered in the words of a button: "the headteacher", "at break", "in writing"."""
    said = frozenset(tokens(text))
    fits = {
        (key, choice.value)
        for key in asked
        for choice in shipped_facts()[key].choices
        for words in map(frozenset, (tokens(choice.label), tokens(choice.value)))
        if said == words or (choice.value not in _SAYS_TOO_LITTLE and words <= said)
    }
    return dict(fits) if len(fits) == 1 else {}


def _withdrawing(answer: Answer, context: Context, *, is_correction: bool) -> Answer:
    """Says that the answer before it no longer holds, where the person corrected what it rested on."""
    before = context.answer.verdict
    turned = before in GIVEN and answer.verdict not in {before, None}
    return replace(answer, withdraws=turned and (is_correction or _goes_on(answer, context)))


def _about(about: About, context: Context) -> Answer:
    """What is asked about the answer before: who, why, where it is written, all of the clause, which version."""
    before = context.answer
    labels = ", ".join(str(one.clause.label) for one in before.decisive or before.citations[:1])
    verdict = before.verdict if before.verdict is Verdict.NOT_COVERED else Verdict.INFO
    words = before.headline if verdict is Verdict.NOT_COVERED else say(f"about.{about}", labels=labels)
    return replace(before, verdict=verdict, headline=words, asks=(), means=(), offers=(), withdraws=False)
