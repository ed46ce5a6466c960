"""Asking in Slack: in a direct message, by a mention, behind a command; in a channel seen by whoever asked, alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cases import records
from bot.messages import Answer, Ask, Intent, Overhear
from bot.wording import say
from integrations.slack.inbound import MAX_QUESTION, plain_words
from knowledge.rulings import Verdict
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.world import Json
from tests.slack.worlds import ADDRESS, World, made
from tests.web.scripted import ANSWER, URGENT, ScriptedDesk

pytestmark = pytest.mark.usefixtures("world")
CANARY = "zebra-lantern-4471"
QUESTION = "May I accept a former pupil?"


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk()


@pytest.fixture
def world(slack: FakeSlack, desk: ScriptedDesk, tmp_path: Path) -> Iterator[World]:
    world = made(slack, desk, tmp_path / "records.sqlite3")
    yield world
    world.close()


def _written(slack: FakeSlack) -> Json:
    """The event of what Ann wrote last."""
    events = (one.payload["event"] for one in reversed(slack.deliveries) if one.kind == "events_api")
    return next(event for event in events if event.get("user") == "U1")


def asked(desk: ScriptedDesk) -> list[Ask]:
    return [one for one in desk.heard if isinstance(one, Ask)]


# ---------------------------------------------------------------------------------------- direct messages


def test_a_direct_message_is_answered_with_the_verdict_first_and_the_clause_word_for_word(ann: Person) -> None:
    (answer,) = ann.says(QUESTION)
    cited = ANSWER.citations[0]
    order = ["It depends", ANSWER.headline, "6.2(25)", str(cited.clause.lead_in), cited.clause.text, cited.title]
    places = [answer.text.index(words) for words in order]
    assert places == sorted(places)
    assert "version 2.0, July 2023" in answer.text


def test_a_clause_leads_to_its_place_on_the_page_of_the_policy(ann: Person) -> None:
    (answer,) = ann.says(QUESTION)
    assert f"<{ADDRESS}/policies/reach2-online-safety/2.0#6.2-25|6.2(25)>" in answer.controls


def test_without_pages_that_people_can_open_no_clause_is_a_link(
    slack: FakeSlack, desk: ScriptedDesk, ann: Person, tmp_path: Path
) -> None:
    world = made(slack, desk, tmp_path / "other.sqlite3", address="")
    (answer,) = ann.says(QUESTION)
    assert answer.controls == []
    assert "6.2(25)" in answer.text
    slack.detach()
    world.close()


def test_a_notification_tells_nothing_of_what_was_asked_or_answered(desk: ScriptedDesk, ann: Person) -> None:
    (answer,) = ann.says(f"{QUESTION} {CANARY}")
    assert answer.preview == "Touchstone: It depends"
    desk.instead[Ask] = lambda _: URGENT
    (urgent,) = ann.says(CANARY)
    assert urgent.preview == say("slack.asking.preview")


def test_a_conversation_is_each_persons_own_and_cannot_be_told_from_ids(
    desk: ScriptedDesk, ann: Person, bob: Person
) -> None:
    ann.says(QUESTION)
    ann.says("and if she is my niece?")
    bob.says(QUESTION)
    first, second, other = (one.conversation for one in asked(desk))
    assert first == second
    assert first != other
    assert len(first) == 64
    assert not any(name in first for name in ("T1", "U1", ann.dm))


def test_a_thread_of_the_direct_messages_is_a_conversation_of_its_own_and_is_answered_there(
    desk: ScriptedDesk, ann: Person
) -> None:
    (first,) = ann.says(QUESTION)
    (under,) = ann.says("and on LinkedIn?", thread=first.ts)
    assert under.thread == first.ts
    assert len({one.conversation for one in asked(desk)}) == 2


def test_a_file_without_words_is_not_met_with_silence(desk: ScriptedDesk, ann: Person) -> None:
    (told,) = ann.says(" ")
    assert told.text == say("slack.asking.no_words")
    assert asked(desk) == []


def test_whoever_opens_the_messages_finds_questions_to_begin_with(slack: FakeSlack, ann: Person) -> None:
    ann.opens_messages()
    (call,) = [one for one in slack.calls if one.method == "assistant.threads.setSuggestedPrompts"]
    assert 1 <= len(call.arguments["prompts"]) <= 4
    assert "thread_ts" not in call.arguments


def test_what_is_being_done_is_shown_and_then_no_longer(slack: FakeSlack, ann: Person) -> None:
    ann.says(QUESTION)
    names = [one.method for one in slack.calls if one.method in {"assistant.threads.setStatus", "chat.postMessage"}]
    assert names == ["assistant.threads.setStatus", "chat.postMessage", "assistant.threads.setStatus"]
    assert slack.calls[-1].arguments["status"] == ""


def test_an_answer_comes_where_there_are_no_agents(slack: FakeSlack, ann: Person) -> None:
    slack.fail("assistant.threads.setStatus", error="feature_not_enabled", times=2)
    (answer,) = ann.says(QUESTION)
    assert ANSWER.headline in answer.text


def test_two_answers_are_two_messages(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScriptedDesk, "receive", lambda _self, _incoming: (ANSWER, ANSWER))
    assert len(ann.says("May I? And may she?")) == 2


def test_a_message_that_is_too_long_is_said_so_and_not_asked(desk: ScriptedDesk, ann: Person) -> None:
    (told,) = ann.says("a " * MAX_QUESTION)
    assert f"{MAX_QUESTION:,}" in told.text
    assert asked(desk) == []


def test_a_message_that_is_too_long_and_tells_of_a_danger_is_answered(desk: ScriptedDesk, ann: Person) -> None:
    desk.instead[Overhear] = lambda _: URGENT
    (answer,) = ann.says("a " * MAX_QUESTION)
    assert URGENT.steps[0].text in answer.text


# ------------------------------------------------------------------------------------------------ urgent


def test_what_cannot_wait_comes_in_order_steps_whom_to_ring_the_form_and_then_the_policy(
    desk: ScriptedDesk, ann: Person
) -> None:
    desk.instead[Ask] = lambda _: URGENT
    (answer,) = ann.says("He says that he will hurt her")
    order = [URGENT.headline, URGENT.steps[0].text, "Ann Lee", "01632 960101", "What the policy says"]
    places = [answer.text.index(words) for words in order]
    assert places == sorted(places)
    assert "01632 960111" in answer.text
    kinds = [block["type"] for block in answer.blocks]
    assert kinds.index("actions") < len(kinds) - 2
    assert answer.buttons == ["Report a concern", "Tell someone"]


def test_what_was_told_of_a_danger_cannot_be_shared_rated_or_sent_to_the_policy_owner(
    desk: ScriptedDesk, ann: Person
) -> None:
    desk.instead[Ask] = lambda _: URGENT
    (answer,) = ann.mentions("he will hurt her", "C1")
    assert answer.buttons == ["Report a concern", "Tell someone"]


# ---------------------------------------------------------------------------------------------- channels


def test_a_mention_is_answered_to_whoever_asked_alone(desk: ScriptedDesk, ann: Person, bob: Person) -> None:
    (answer,) = ann.mentions(QUESTION, "C1")
    assert answer.is_ephemeral
    assert answer.channel == "C1"
    assert ANSWER.headline in answer.text
    assert not any(one.is_ours for one in bob.sees())
    assert [one.text for one in asked(desk)] == [QUESTION]


def test_a_mention_in_a_thread_is_answered_in_the_thread_and_one_above_it_where_it_is_seen(
    ann: Person, bob: Person
) -> None:
    """An ephemeral message in a thread that nobody has answered in is shown to nobody."""
    above = bob.leaves("Who knows about this?", "C1")
    (answer,) = ann.mentions(QUESTION, "C1", thread=above.ts)
    assert answer.thread == above.ts
    (alone,) = ann.mentions(QUESTION, "C1")
    assert alone.thread is None


def test_a_mention_of_nothing_is_told_how_to_ask(desk: ScriptedDesk, ann: Person) -> None:
    (told,) = ann.mentions("", "C1")
    assert told.text == say("slack.asking.nothing_mentioned")
    assert asked(desk) == []


def test_whoever_began_a_thread_goes_on_without_a_mention_and_nobody_else_does(
    desk: ScriptedDesk, ann: Person, bob: Person
) -> None:
    ann.mentions(QUESTION, "C1")
    began = next(one for one in ann.sees("C1") if not one.is_ours)
    (answer,) = ann.says("and if she is my niece?", "C1", thread=began.ts)
    assert answer.is_ephemeral
    assert answer.thread == began.ts
    assert bob.says("I think not", "C1", thread=began.ts) == []
    first, second = asked(desk)
    assert first.conversation == second.conversation


def test_half_an_hour_later_a_mention_is_needed_again(world: World, desk: ScriptedDesk, ann: Person) -> None:
    ann.mentions(QUESTION, "C1")
    began = next(one for one in ann.sees("C1") if not one.is_ours)
    world.clock.go_on(timedelta(minutes=31))
    assert ann.says("and if she is my niece?", "C1", thread=began.ts) == []
    assert len(asked(desk)) == 1


def test_who_writes_to_somebody_else_in_their_thread_is_not_answered(desk: ScriptedDesk, ann: Person) -> None:
    ann.mentions(QUESTION, "C1")
    began = next(one for one in ann.sees("C1") if not one.is_ours)
    assert ann.says("<@U2> what do you think?", "C1", thread=began.ts, is_raw=True) == []
    assert len(asked(desk)) == 1


def test_what_people_write_to_each_other_is_not_answered_and_nothing_of_it_is_stored(
    world: World, desk: ScriptedDesk, ann: Person
) -> None:
    assert ann.says(f"Is there cake? {CANARY}", "C1") == []
    assert [type(one) for one in desk.heard] == [Overhear]
    with world.store.reading() as connection:
        assert connection.execute(select(records.arrivals)).all() == []


def test_urgent_words_among_others_are_answered_to_their_writer_alone_and_not_stored(
    world: World, desk: ScriptedDesk, ann: Person, bob: Person
) -> None:
    desk.instead[Overhear] = lambda _: URGENT
    (answer,) = ann.says("A boy in my class says he wants to die", "C1")
    assert answer.is_ephemeral
    assert URGENT.steps[0].text in answer.text
    assert "Report a concern" in answer.buttons
    assert not any(one.is_ours for one in bob.sees())
    with world.store.reading() as connection:
        assert connection.execute(select(records.arrivals)).all() == []
    written = [one for one in ann.sees("C1") if not one.is_ours]
    assert len(written) == 1, "it may be evidence, and stays"


def test_urgent_words_in_a_thread_are_answered_there(desk: ScriptedDesk, ann: Person, bob: Person) -> None:
    desk.instead[Overhear] = lambda _: URGENT
    above = bob.leaves("How was your day?", "C1")
    (answer,) = ann.says("A boy in my class says he wants to die", "C1", thread=above.ts)
    assert answer.thread == above.ts


# ---------------------------------------------------------------------------------------------- commands


def test_a_command_is_answered_to_whoever_typed_it_alone_also_where_we_are_not(
    slack: FakeSlack, desk: ScriptedDesk, ann: Person, bob: Person
) -> None:
    slack.team("T1").channel("C9", members=["U1", "U2"], has_bot=False)
    (answer,) = ann.commands("/policy", QUESTION, "C9")
    assert answer.is_ephemeral
    assert ANSWER.headline in answer.text
    assert not any(one.is_ours for one in bob.sees())
    assert [one.text for one in asked(desk)] == [QUESTION]


def test_a_command_with_nothing_behind_it_is_told_how_to_ask(desk: ScriptedDesk, ann: Person) -> None:
    (told,) = ann.commands("/policy", "")
    assert "/policy can I take photos" in told.text
    assert asked(desk) == []


# ------------------------------------------------------------------------------- what is no message to us


def test_an_edit_is_not_a_new_question(desk: ScriptedDesk, ann: Person) -> None:
    ann.says(QUESTION)
    written = next(one for one in ann.sees(ann.dm) if not one.is_ours)
    assert ann.edits(written, "May I accept a parent?") == []
    assert len(asked(desk)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"bot_id": "B777"},
        {"bot_profile": {"id": "B777"}},
        {"subtype": "bot_message", "bot_id": "B777"},
        {"subtype": "channel_join"},
        {"subtype": "message_deleted"},
        {"user": ""},
    ],
)
def test_what_programs_and_slack_itself_say_is_not_answered(
    slack: FakeSlack, desk: ScriptedDesk, ann: Person, changed: dict[str, object]
) -> None:
    ann.says(QUESTION)
    event = _written(slack) | {"text": "again", "ts": "1700000000.000100"} | changed
    slack.event(slack.team("T1"), event)
    assert ann.news() == []
    assert len(asked(desk)) == 1


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_words_with_a_file_or_sent_to_the_channel_as_well_are_a_persons(
    slack: FakeSlack, desk: ScriptedDesk, ann: Person, subtype: str
) -> None:
    ann.says(QUESTION)
    event = _written(slack) | {"subtype": subtype}
    slack.event(slack.team("T1"), event)
    assert len(ann.news()) == 1
    assert len(asked(desk)) == 2


# ------------------------------------------------------------------------------------------ what is typed


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("<@UBOT> may I?", "may I?"),
        ("may <@U2|bob> see <#C1|staff-room>?", "may bob see staff-room?"),
        ("see <https://example.org/a?b=1|this> &amp; <https://example.org>", "see this & https://example.org"),
        ("is 3 &lt; 4 &gt; 2?", "is 3 < 4 > 2?"),
        ("<!channel> hello <!subteam^S1|@dsls>", "hello @dsls"),
        ("&lt;@U2&gt; stays", "<@U2> stays"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_what_is_typed_is_read_without_slacks_markup(typed: str, words: str) -> None:
    assert plain_words(typed) == words


HOSTILE = "<!channel> <@U2> <https://evil.example|click> *bold* `code` & more"


def test_no_sign_of_ours_or_theirs_becomes_a_mention_or_a_link(
    slack: FakeSlack, desk: ScriptedDesk, ann: Person, tmp_path: Path
) -> None:
    world = made(slack, desk, tmp_path / "other.sqlite3", address="")
    hostile = replace(ANSWER.citations[0], title=HOSTILE, clause=replace(ANSWER.citations[0].clause, text=HOSTILE))
    desk.instead[Ask] = lambda _: Answer(Intent.QUESTION, Verdict.INFO, HOSTILE, (hostile,))
    (answer,) = ann.says(HOSTILE)
    assert answer.controls == []
    assert answer.text.count("<!channel>") == 3
    slack.detach()
    world.close()


def test_no_button_carries_a_word_that_somebody_wrote(slack: FakeSlack, ann: Person) -> None:
    ann.says(CANARY)
    ann.mentions(CANARY, "C1")
    ann.commands("/policy", CANARY)
    assert CANARY not in repr([one.arguments for one in slack.calls])
