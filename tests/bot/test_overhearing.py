"""What people write to each other is answered only where the rules find a danger that is told, and not remembered."""

import pytest

from bot.desk import Desk
from bot.messages import Answer, Ask, Overhear
from bot.talk.answering.answers import Answers
from bot.talk.turns.context import Conversations
from bot.talk.turns.conversation import Conversation
from bot.testing import FixedClock
from index.search import Searcher
from index.snapshot import SnapshotMissing
from tests.conftest import NOW

TOLD = "A boy in my class told me that his stepfather hits him with a belt"
LIKE_IT = "There is something about him at home that will not let me sleep"


def test_a_danger_that_is_told_is_answered_with_what_to_do_now(desk: Desk) -> None:
    (answer,) = desk.receive(Overhear(TOLD))
    assert isinstance(answer, Answer)
    assert answer.urgent
    assert answer.steps
    assert answer.offers == ("report_concern",)
    assert answer.shown is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Is there cake in the staff room?",
        "Can I take photos on my own phone?",
        "What would we do if a child told us that they are hit at home?",
        "Training tomorrow: self-harm, grooming and indecent images",
        "He was hitting himself, and the DSL has it already",
        LIKE_IT,
    ],
)
def test_all_else_is_met_with_silence(desk: Desk, text: str) -> None:
    assert desk.receive(Overhear(text)) == ()


def test_nothing_of_it_is_remembered(searcher: Searcher) -> None:
    clock = FixedClock(NOW)
    conversation = Conversation(Answers(lambda: searcher, clock), Conversations(clock))
    conversation.overhear(TOLD)
    assert conversation.conversations._held == {}  # noqa: SLF001 (that there is nothing in it is the claim)


def test_it_is_answered_also_while_there_is_no_policy_to_read() -> None:
    def missing() -> Searcher:
        raise SnapshotMissing

    answer = Answers(missing, FixedClock(NOW)).overheard(TOLD)
    assert answer is not None
    assert answer.urgent


def test_what_is_said_of_it_holds_no_word_of_it() -> None:
    assert TOLD not in repr(Overhear(TOLD))
    assert TOLD not in repr(Ask(TOLD))
