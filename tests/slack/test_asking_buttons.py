"""The buttons under an answer in Slack: facts, meanings, the section, sharing, helpful or not, the policy owner."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.messages import (
    Answer,
    Ask,
    Intent,
    Meaning,
    Noted,
    OpenQuestion,
    Rate,
    RuledBy,
    SendQuestion,
    ShowSection,
    TellFact,
)
from bot.wording import say
from integrations.slack import late, pressing
from knowledge.facts import shipped_facts
from knowledge.rulings import Verdict
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.worlds import World, made
from tests.web.scripted import ANSWER, SENT, URGENT, ScriptedDesk

T = TypeVar("T")
pytestmark = pytest.mark.usefixtures("world")
CANARY = "zebra-lantern-4471"
RULED = replace(ANSWER, ruling=RuledBy("reach2-online-safety", "former-pupil-follows-me", date(2026, 9, 1)))
TOLD = replace(RULED, verdict=Verdict.NO, headline="No: under 18.", asks=(), facts=(("age", "under 18"),))
MEANT = Answer(
    Intent.QUESTION,
    Verdict.DEPENDS,
    "It depends on which of these you mean.",
    ANSWER.citations,
    means=(
        Meaning("reach2-online-safety", "former-pupil-follows-me", "A former pupil follows me"),
        Meaning("reach2-online-safety", "parent-follows-me", "A parent follows me"),
    ),
    deciding=(),
)


@pytest.fixture
def desk() -> ScriptedDesk:
    desk = ScriptedDesk()
    desk.instead[Ask] = lambda _: RULED
    desk.instead[TellFact] = lambda _: TOLD
    return desk


@pytest.fixture
def world(slack: FakeSlack, desk: ScriptedDesk, tmp_path: Path) -> Iterator[World]:
    world = made(slack, desk, tmp_path / "records.sqlite3")
    yield world
    world.close()


def heard(desk: ScriptedDesk, kind: type[T]) -> list[T]:
    return [one for one in desk.heard if isinstance(one, kind)]


# ------------------------------------------------------------------------------------------------- facts


def test_what_is_asked_back_is_a_row_of_buttons_and_the_answer_takes_the_place_of_the_one_before(
    desk: ScriptedDesk, ann: Person
) -> None:
    (answer,) = ann.says(CANARY)
    assert all(shipped_facts()[key].ask in answer.text for key in RULED.asks)
    ann.presses("fact.0")
    (told,) = heard(desk, TellFact)
    assert (told.policy, told.ruling) == ("reach2-online-safety", "former-pupil-follows-me")
    assert [key for key, _ in told.facts] == ["age"]
    (ask,) = heard(desk, Ask)
    assert told.conversation == ask.conversation
    (now,) = [one for one in ann.sees() if one.is_ours]
    assert "No: under 18." in now.text
    assert RULED.headline not in now.text


def test_in_a_channel_the_next_answer_is_in_the_same_conversation_and_theirs_alone(
    desk: ScriptedDesk, ann: Person, bob: Person
) -> None:
    above = bob.leaves("Who knows?", "C1")
    ann.mentions("May I?", "C1", thread=above.ts)
    ann.presses("fact.0")
    (told,) = heard(desk, TellFact)
    (ask,) = heard(desk, Ask)
    assert told.conversation == ask.conversation
    (now,) = [one for one in ann.sees("C1") if one.is_ours]
    assert "No: under 18." in now.text
    assert now.is_ephemeral
    assert not any(one.is_ours for one in bob.sees())


def test_a_fact_that_was_counted_can_be_changed_and_taken_back(desk: ScriptedDesk, ann: Person) -> None:
    desk.instead[Ask] = lambda _: TOLD
    (answer,) = ann.says("May I accept her, she is 15?")
    assert say("answer.facts") in answer.text
    ann.presses("change_facts")
    (same,) = heard(desk, TellFact)
    assert same.facts == (("age", "under 18"),)
    ann.presses("fact.0")
    ann.presses("change_facts")
    (shown,) = [one for one in ann.sees() if one.is_ours]
    assert say("answer.unsaid") in shown.buttons
    last = next(
        element["action_id"]
        for block in shown.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["text"]["text"] == say("answer.unsaid")
    )
    ann.presses(last)
    assert heard(desk, TellFact)[-1].facts == (("age", ""),)


def test_what_was_asked_before_can_still_be_told(ann: Person) -> None:
    ann.says("May I?")
    ann.presses("fact.0")
    (now,) = [one for one in ann.sees() if one.is_ours]
    assert say("answer.change_or_add") in now.buttons


def test_what_a_message_may_mean_is_a_button_each(desk: ScriptedDesk, ann: Person) -> None:
    desk.instead[Ask] = lambda _: MEANT
    (answer,) = ann.says("may she follow me")
    assert answer.buttons[:2] == ["A former pupil follows me", "A parent follows me"]
    ann.presses("meaning.1")
    (told,) = heard(desk, TellFact)
    assert (told.ruling, told.facts) == ("parent-follows-me", ())


def test_an_answer_that_turned_urgent_takes_the_place_with_what_to_do_now(desk: ScriptedDesk, ann: Person) -> None:
    desk.instead[TellFact] = lambda _: URGENT
    ann.says("May I?")
    ann.presses("fact.0")
    (now,) = [one for one in ann.sees() if one.is_ours]
    assert URGENT.steps[0].text in now.text


def test_a_fact_can_be_pressed_after_a_restart(
    world: World, slack: FakeSlack, desk: ScriptedDesk, ann: Person, tmp_path: Path
) -> None:
    ann.says("May I?")
    other = made(slack, desk, tmp_path / "records.sqlite3", clock=world.clock)
    ann.presses("fact.0")
    (now,) = [one for one in ann.sees() if one.is_ours]
    assert "No: under 18." in now.text
    slack.detach()
    other.close()


def test_who_presses_on_goes_on_in_the_thread_for_another_half_hour(
    world: World, desk: ScriptedDesk, ann: Person
) -> None:
    ann.mentions("May I?", "C1")
    began = next(one for one in ann.sees("C1") if not one.is_ours)
    world.clock.go_on(timedelta(minutes=20))
    ann.presses("fact.0")
    world.clock.go_on(timedelta(minutes=20))
    assert len(ann.says("and if she is my niece?", "C1", thread=began.ts)) == 1
    assert len(heard(desk, Ask)) == 2


# ------------------------------------------------------------------------------------------------ sharing


def test_what_is_shared_is_seen_by_all_under_the_question_that_stands_there(ann: Person, bob: Person) -> None:
    ann.mentions(f"May I? {CANARY}", "C1")
    began = next(one for one in ann.sees("C1") if not one.is_ours)
    ann.presses("share")
    (shared,) = [one for one in bob.sees("C1") if one.is_ours]
    assert shared.thread == began.ts
    assert RULED.headline in shared.text
    assert RULED.citations[0].clause.text in shared.text
    assert CANARY in shared.text
    assert "<@U1>" in shared.controls
    assert shared.buttons == []


def test_what_was_asked_behind_a_command_is_not_shared(ann: Person, bob: Person) -> None:
    ann.commands("/policy", f"May I? {CANARY}", "C1")
    ann.presses("share")
    (shared,) = [one for one in bob.sees("C1") if one.is_ours]
    assert RULED.headline in shared.text
    assert CANARY not in shared.text
    assert shared.thread is None


def test_nothing_is_shared_from_a_direct_message(ann: Person) -> None:
    (answer,) = ann.says("May I?")
    assert say("slack.asking.share") not in answer.buttons


def test_after_half_an_hour_it_is_asked_again(world: World, ann: Person, bob: Person) -> None:
    ann.mentions("May I?", "C1")
    world.clock.go_on(timedelta(minutes=31))
    (told,) = ann.presses("share")
    assert told.text == say("slack.asking.share_gone")
    assert told.is_ephemeral
    assert not any(one.is_ours for one in bob.sees())


def test_where_we_may_not_write_that_is_said(slack: FakeSlack, ann: Person) -> None:
    slack.team("T1").channel("C9", members=["U1", "U2"], has_bot=False)
    ann.commands("/policy", "May I?", "C9")
    with slack.expecting("not_in_channel"):
        (told,) = ann.presses("share")
    assert told.text == say("slack.asking.share_not_in")


# ------------------------------------------------------------------------------- the section, and what is said


def test_the_whole_section_is_shown_in_a_window(desk: ScriptedDesk, ann: Person) -> None:
    ann.says("May I?")
    ann.presses("section")
    assert heard(desk, ShowSection) == [ShowSection("reach2-online-safety", "6.2(25)")]
    assert ann.modal is not None
    assert RULED.citations[0].clause.text in ann.modal.text


@pytest.mark.parametrize(("action", "helpful"), [("helpful", True), ("unhelpful", False)])
def test_whether_it_was_helpful_is_counted_once_for_each_answer(
    desk: ScriptedDesk, ann: Person, action: str, *, helpful: bool
) -> None:
    ann.says(CANARY)
    (told,) = ann.presses(action)
    assert "Noted." in told.text
    assert told.is_ephemeral
    ann.presses(action)
    first, second = heard(desk, Rate)
    assert first == second
    assert len(first.answer) == 32
    assert first.helpful is helpful
    assert first.shown == ANSWER.shown
    ann.says("another")
    ann.presses(action)
    assert heard(desk, Rate)[-1].answer != first.answer


def test_a_question_goes_to_the_policy_owner_as_it_was_seen_and_changed(desk: ScriptedDesk, ann: Person) -> None:
    ann.says(f"May I? {CANARY}")
    ann.presses("send_question")
    assert ann.modal is not None
    assert "No name goes with it." in ann.modal.text
    assert CANARY not in ann.modal.metadata
    ann.fills({"words": "May staff accept former pupils?"})
    ann.submits()
    (sent,) = heard(desk, SendQuestion)
    assert (sent.text, sent.reply_to, sent.draft) == ("May staff accept former pupils?", "", "d" * 32)
    assert sent.shown == ANSWER.shown
    assert ann.modal is not None
    assert SENT.headline in ann.modal.text


def test_a_question_that_cannot_be_sent_is_given_back_in_place(ann: Person) -> None:
    ann.says("May I?")
    ann.presses("send_question")
    ann.fills({"words": " "})
    ann.submits()
    assert ann.modal is not None
    assert ann.modal.errors == {"words": "Write something here"}


def test_a_question_whose_sending_breaks_stays_as_it_was_typed(desk: ScriptedDesk, ann: Person) -> None:
    def broken(_: object) -> Answer:
        raise RuntimeError(CANARY)

    desk.instead[SendQuestion] = broken
    ann.says("May I?")
    ann.presses("send_question")
    ann.fills({"words": "typed"})
    ann.submits()
    assert ann.modal is not None
    assert "incident" in ann.modal.text
    assert CANARY not in ann.modal.text
    assert ann.modal.state["words"]["words"]["value"] == "typed"


def test_a_question_whose_sending_takes_longer_than_slack_waits_is_noted(
    slack: FakeSlack, desk: ScriptedDesk, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "SOON", 0.3)
    noted = Noted("Sent.", ("They read it.",))

    def slow(_: object) -> Noted:
        slack.until(lambda: ann.modal is not None and "still being done" in ann.modal.text)
        return noted

    desk.instead[SendQuestion] = slow
    ann.says("May I?")
    ann.presses("send_question")
    ann.fills({"words": "typed"})
    ann.submits()
    assert ann.modal is not None
    assert noted.headline in ann.modal.text
    assert "still being done" not in ann.modal.text


def test_what_is_held_no_longer_is_typed_again(world: World, desk: ScriptedDesk, ann: Person) -> None:
    ann.says(CANARY)
    world.clock.go_on(timedelta(minutes=31))
    ann.presses("send_question")
    (opened,) = heard(desk, OpenQuestion)
    assert opened.text == ""


def test_what_the_policy_does_not_say_is_offered_to_its_owner_first(desk: ScriptedDesk, ann: Person) -> None:
    desk.instead[Ask] = lambda _: Answer(
        Intent.QUESTION, Verdict.NOT_COVERED, "The policy does not say.", ANSWER.citations[:1]
    )
    (answer,) = ann.says("May I bring a dog?")
    assert say("answer.nearest") in answer.text
    assert say("feedback.offer_not_covered") in answer.text
    primary = [
        element["action_id"]
        for block in answer.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element.get("style") == "primary"
    ]
    assert primary == [pressing.SEND_QUESTION]


def test_a_button_of_before_the_last_change_is_answered_in_words(ann: Person) -> None:
    (answer,) = ann.says("May I?")
    for block in answer.message.blocks:
        if block["type"] == "actions":
            block["elements"][0] |= {"action_id": "of_old"}
    (told,) = ann.presses("of_old")
    assert told.text == say("slack.asking.unknown")


def test_what_was_shared_is_not_said_to_be_undone_where_slack_does_not_take_the_next_message(
    slack: FakeSlack, ann: Person, bob: Person
) -> None:
    ann.mentions("May I?", "C1")
    slack.fail("chat.postEphemeral", status=503, times=9)
    ann.presses("share")
    assert any(one.is_ours and not one.is_ephemeral for one in bob.sees("C1"))
    assert not any("incident" in one.text for one in ann.sees())


def test_where_it_is_not_known_whether_it_was_shared_that_is_said(slack: FakeSlack, ann: Person) -> None:
    ann.mentions("May I?", "C1")
    slack.fail("chat.postMessage", status=503, times=9)
    (told,) = ann.presses("share")
    assert told.text == say("slack.asking.share_perhaps")
