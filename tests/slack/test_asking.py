"""Asking in Slack: in a direct message, by a mention, behind a command; and the buttons under an answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.messages import Ask, Rate, TellFact
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.worlds import World, made
from tests.web.scripted import ANSWER, URGENT, ScriptedDesk

CANARY = "zebra-lantern-4471"


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk()


@pytest.fixture
def world(slack: FakeSlack, desk: ScriptedDesk, tmp_path: Path) -> Iterator[World]:
    world = made(slack, desk, tmp_path / "records.sqlite3")
    yield world
    world.close()


def test_a_direct_message_is_answered_with_the_verdict_first_and_the_clause_word_for_word(
    world: World, ann: Person
) -> None:
    (answer,) = ann.says("May I accept a former pupil?")
    assert answer.text.index("It depends") < answer.text.index(ANSWER.headline)
    assert ANSWER.citations[0].clause.text in answer.text
