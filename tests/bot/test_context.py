from datetime import timedelta

import pytest

from bot.messages import Answer, Intent
from bot.talk.turns import context
from bot.talk.turns.context import LASTS, Conversations
from bot.testing import FixedClock
from knowledge.rulings import Verdict

ANSWER = Answer(Intent.QUESTION, Verdict.NO, "No.")


def test_what_was_said_last_is_held_for_half_an_hour_and_no_longer(clock: FixedClock) -> None:
    conversations = Conversations(clock)
    conversations.remember("one", ANSWER, {"age": "under 18"})
    clock.go_on(LASTS)
    held = conversations.recall("one")
    assert held is not None
    assert (held.answer, held.facts) == (ANSWER, {"age": "under 18"})
    clock.go_on(timedelta(seconds=1))
    assert conversations.recall("one") is None


def test_one_conversation_knows_nothing_of_another_and_one_without_a_name_is_not_held(clock: FixedClock) -> None:
    conversations = Conversations(clock)
    conversations.remember("one", ANSWER, {})
    conversations.remember("", ANSWER, {})
    assert conversations.recall("other") is None
    assert conversations.recall("") is None


def test_the_conversation_that_rested_longest_is_forgotten_first(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "MOST", 2)
    conversations = Conversations(clock)
    for name in ("one", "two", "one", "three"):
        conversations.remember(name, ANSWER, {})
    assert [name for name in ("one", "two", "three") if conversations.recall(name)] == ["one", "three"]
    clock.go_on(2 * LASTS)
    conversations.remember("four", ANSWER, {})
    assert len(conversations._held) == 1  # noqa: SLF001 (what is over does not stay in memory)
