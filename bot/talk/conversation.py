"""A conversation: a message is understood together with the answer before it, which it may go on from or correct."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.messages import Answer, Ask, Intent, TellFact
from bot.talk.answers import Answers, NoSuchRuling, asked_ruling
from bot.talk.context import Context, Conversations
from bot.talk.turns import About, Turn, read_turn
from bot.wording import say
from index.search import Searcher
from knowledge.facts import shipped_facts
from knowledge.library import Reviewed
from knowledge.rulings import GIVEN, Verdict

_YES, _NO = frozenset({"yes"}), frozenset({"no", "none"})
"""The values of facts that a bare yes or no means."""
SURE_ALONE = 0.6
"""How likely the ruling that a leaning message asks for when read alone must be, for it to be a question of its own."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Answers messages one after the other.

    Attributes:
        answers: answers a question.
        conversations: remembers what was said last.
    """

    answers: Answers
    conversations: Conversations

    def ask(self, message: Ask) -> Answer:
        """The answer to a message, which may go on from the one before.

        Raises:
            NoSuchPolicy: the question names a policy that there is not.
            SnapshotMissing: nothing was built yet.
        """
        context = self.conversations.recall(message.conversation)
        told = self.answers.facts_in(message.text)
        answer = self.answers.answer(message) if context is None else self._next(message, context)
        if answer.verdict is not None:
            kept = {} if context is None or not _goes_on(answer, context) else context.facts
            self._remember(message.conversation, answer, {**kept, **told, **dict(answer.facts)})
        return answer

    def tell(self, fact: TellFact) -> Answer:
        """The answer with one more fact.

        Raises:
            NoSuchRuling: there is no such ruling any more.
        """
        searcher = self.answers.searcher()
        ruling = _ruling(searcher, fact.policy, fact.ruling)
        choices = {key: one.values for key, one in shipped_facts().items()}
        facts = {key: value for key, value in fact.facts if value in choices.get(key, ())}
        answer = self.answers.ruled(searcher, ruling, facts)
        self._remember(fact.conversation, answer, facts)
        return answer

    def _remember(self, conversation: str, answer: Answer, facts: Mapping[str, str]) -> None:
        policy = answer.ruling.policy if answer.ruling else None
        self.conversations.remember(conversation, answer, policy, facts)

    def _next(self, message: Ask, context: Context) -> Answer:
        turn = read_turn(message.text)
        if turn.about is not None:
            return _about(turn.about, context)
        searcher = self.answers.searcher()
        before = self._ruling_before(searcher, context)
        if before is None:
            return self.answers.answer(message)
        added = self._added(message, turn, context, before)
        alone = searcher.search(message.text, message.policy)
        own = asked_ruling(alone)
        if added and (turn.is_short or turn.leans or own == before):
            answer = self.answers.ruled(searcher, before, {**context.facts, **added}, alone.hits)
            return _withdrawing(answer, context, turn)
        if not turn.leans or (own is not None and alone.understood.rulings[0][1] >= SURE_ALONE):
            return self.answers.answer(message)
        answer = self.answers.answer(message, before.ruling.about, context.facts)
        return _withdrawing(answer, context, turn)

    def _added(self, message: Ask, turn: Turn, context: Context, before: Reviewed) -> dict[str, str]:
        """The facts that the message adds and the ruling turns on; a bare yes or no answers the first question."""
        asked = context.answer.asks
        keys = {*before.ruling.keys, *asked}
        added = {key: value for key, value in self.answers.facts_in(message.text, asked).items() if key in keys}
        if not added and turn.bare is not None and asked:
            meant = _YES if turn.bare else _NO
            values = [value for value in shipped_facts()[asked[0]].values if value in meant]
            return dict.fromkeys(asked[:1], values[0]) if values else {}
        return added

    def _ruling_before(self, searcher: Searcher, context: Context) -> Reviewed | None:
        before = context.answer.ruling
        if before is None:
            return None
        try:
            return _ruling(searcher, before.policy, before.id)
        except NoSuchRuling:
            return None


def _ruling(searcher: Searcher, policy: str, name: str) -> Reviewed:
    for one in searcher.library.rulings:
        if one.policy == policy and one.ruling.id == name:
            return one
    raise NoSuchRuling(name)


def _goes_on(answer: Answer, context: Context) -> bool:
    return answer.ruling is not None and answer.ruling == context.answer.ruling


def _withdrawing(answer: Answer, context: Context, turn: Turn) -> Answer:
    """Says that the answer before it no longer holds, where the person corrected what it rested on."""
    before = context.answer.verdict
    turned = before in GIVEN and answer.verdict not in {before, None}
    return replace(answer, withdraws=turned and (turn.corrects or _goes_on(answer, context)))


def _about(about: About, context: Context) -> Answer:
    """What is asked about the answer before: who, why, where it is written, all of the clause, which version."""
    before = context.answer
    labels = ", ".join(str(one.clause.label) for one in before.citations[: before.deciding])
    words = say(f"about.{about}", labels=labels) if labels else before.headline
    verdict = Verdict.INFO if before.verdict is not Verdict.NOT_COVERED else Verdict.NOT_COVERED
    return replace(before, intent=before.intent or Intent.QUESTION, verdict=verdict, headline=words, asks=(), offers=())
