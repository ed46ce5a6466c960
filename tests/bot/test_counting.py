"""Counts: one for each answer on whatever platform, by the week, without words; and never in the way of an answer."""

from contextlib import closing
from datetime import date, timedelta
from time import perf_counter

import pytest
from sqlalchemy import create_engine
from structlog.testing import capture_logs

from bot.desk import Desk
from bot.messages import Answer, Ask, Intent, OpenForm, Overhear, Rate, RuledBy, SendQuestion, Shown, TellFact
from bot.talk.feedback import counting
from bot.talk.feedback.counting import Count, Counted, Key, Pending, of_answer
from bot.talk.feedback.insights import (
    KEPT_COUNTS,
    Insights,
    InsightsUnusable,
    NoSuchQuestion,
    WeekOfRatings,
)
from bot.talk.feedback.sent import KEPT_OPEN, KEPT_WHEN_DONE, How, Standing
from bot.testing import FixedClock
from integrations.settings import Settings
from knowledge.rulings import Verdict

POLICY = "reach2-online-safety"
CANARY = "the brown canary hides in the stock cupboard"
FOLLOW = "can I accept a former pupil as a follower?"
WEEK = date(2026, 11, 16)
SHOWN = Shown(Verdict.NOT_COVERED, POLICY, ("7.3",))
RULED = Answer(
    Intent.QUESTION, Verdict.NO, "No.", offers=("report_concern",), ruling=RuledBy(POLICY, "x", date(2026, 1, 1))
)


def _counts(insights: Insights) -> dict[tuple[str, str], int]:
    return {(one.key.what.value, one.key.name): one.times for one in insights.counts(WEEK)}


def _sent(insights: Insights, draft: str = "d", reply_to: str = "") -> str:
    insights.keep(SendQuestion(draft * 32, SHOWN, CANARY, reply_to))
    return next(one.id for one in insights.questions() if one.text == CANARY)


def test_a_question_an_alarm_and_a_form_are_each_counted_once(desk: Desk, insights: Insights) -> None:
    (answer,) = desk.receive(Ask(FOLLOW))
    assert isinstance(answer, Answer)
    assert answer.ruling is not None
    desk.receive(Ask("a child in my class has told me that she cut herself last night"))
    desk.receive(Overhear("what is for lunch"))
    desk.receive(Ask("thank you"))
    desk.receive(TellFact(POLICY, answer.ruling.id, (("age", "under 18"),)))
    desk.receive(OpenForm("report_concern"))
    desk.receive(OpenForm("no_such_form"))
    assert _counts(insights) == {
        ("answer", "answered"): 1,
        ("answer", "urgent"): 1,
        ("answer", "smalltalk"): 1,
        ("answer", "further"): 1,
        ("ruling", answer.ruling.id): 2,
        ("form_begun", ""): 1,
    }


def test_what_could_not_wait_counts_as_that_and_as_nothing_else() -> None:
    urgent = Answer(
        Intent.QUESTION, Verdict.NO, "Act now.", offers=("report_concern",), urgent=True, ruling=RULED.ruling
    )
    assert list(of_answer(urgent, date(2026, 11, 22))) == [Key(WEEK, Counted.ANSWER, name="urgent")]


def test_which_form_was_offered_is_not_counted_and_the_ruling_stands_apart_from_the_outcome() -> None:
    assert list(of_answer(RULED, date(2026, 11, 22))) == [
        Key(WEEK, Counted.ANSWER, name="answered"),
        Key(WEEK, Counted.RULING, POLICY, "x"),
        Key(WEEK, Counted.FORM_OFFERED),
    ]


def test_counts_of_one_week_come_together_and_those_of_the_next_begin_on_monday(
    insights: Insights, clock: FixedClock
) -> None:
    for _ in range(2):
        insights.count(Counted.STEP_BEGUN)
        insights.flush()
    clock.go_on(timedelta(days=1))
    insights.count(Counted.STEP_BEGUN)
    assert insights.counts(WEEK) == (
        Count(Key(WEEK, Counted.STEP_BEGUN), 2),
        Count(Key(date(2026, 11, 23), Counted.STEP_BEGUN), 1),
    )
    assert len(insights.counts(date(2026, 11, 23))) == 1


def test_no_word_that_was_asked_is_in_the_file_nor_the_time_of_the_day(
    desk: Desk, insights: Insights, settings: Settings
) -> None:
    desk.receive(Ask(f"{FOLLOW} {CANARY}"))
    insights.close()
    content = b"".join(path.read_bytes() for path in settings.insights.parent.iterdir())
    assert b"answered" in content
    for secret in (CANARY, "canary", "former pupil as", "09:30", "2026-11-22"):
        assert secret.encode() not in content


def test_what_cannot_be_written_is_held_and_written_when_the_file_is_well(
    desk: Desk, insights: Insights, settings: Settings
) -> None:
    settings.insights.parent.mkdir(parents=True)
    settings.insights.mkdir()
    with capture_logs() as events:
        assert isinstance(desk.receive(Ask(f"{FOLLOW} {CANARY}"))[0], Answer)
        insights.flush()
    assert [event["event"] for event in events] == ["insight not kept"]
    assert "canary" not in repr(events)
    settings.insights.rmdir()
    assert _counts(insights)["answer", "answered"] == 1


def test_to_count_takes_no_time_even_while_nothing_can_be_written(insights: Insights, settings: Settings) -> None:
    settings.insights.parent.mkdir(parents=True)
    settings.insights.mkdir()
    began = perf_counter()
    for _ in range(1000):
        insights.answered(RULED)
    assert perf_counter() - began < 0.5  # a thousand answers, each of which has 0.12 s


def test_what_is_held_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_HELD", 2)
    pending = Pending()
    keys = [Key(WEEK, Counted.RULING, POLICY, str(number)) for number in range(3)]
    pending.add(keys)
    pending.add(keys)
    held = pending.take()
    assert held == {keys[0]: 2, keys[1]: 2}
    pending.add(keys[:1])
    pending.give_back(held)
    assert pending.take() == {keys[0]: 3, keys[1]: 2}


def test_helpful_or_not_is_told_by_the_week(insights: Insights, clock: FixedClock) -> None:
    insights.rate(Rate("a" * 32, SHOWN, helpful=True))
    clock.go_on(timedelta(days=1))
    insights.rate(Rate("b" * 32, SHOWN, helpful=False))
    assert insights.weeks_of_ratings(WEEK) == (
        WeekOfRatings(WEEK, 1, 0),
        WeekOfRatings(date(2026, 11, 23), 0, 1),
    )


def test_a_question_is_new_until_something_is_done_and_new_again_when_that_did_not_hold(insights: Insights) -> None:
    question = _sent(insights, reply_to="room 4")
    assert insights.question(question).standing is Standing.NEW
    insights.done(question, How.PHRASING, "6.2(25)")
    found = insights.question(question)
    assert (found.standing, found.how, found.what, found.waits_for_answer) == (
        Standing.DONE, How.PHRASING, "6.2(25)", True,
    )  # fmt: skip
    insights.told(question)
    assert insights.question(question).standing is Standing.ANSWERED
    insights.done(question, None)
    assert insights.question(question).how is None


def test_a_question_that_is_gone_is_refused_without_a_word_of_it(insights: Insights) -> None:
    question = _sent(insights)
    insights.delete(question)
    for act in (lambda: insights.question(question), lambda: insights.told(question)):
        with pytest.raises(NoSuchQuestion) as caught:
            act()
        assert CANARY not in repr(caught.value)


def test_words_are_deleted_a_month_after_something_was_done_and_after_a_year_in_any_case(
    insights: Insights, clock: FixedClock
) -> None:
    insights.done(_sent(insights), How.SET_ASIDE)
    insights.keep(SendQuestion("e" * 32, SHOWN, "open"))
    insights.count(Counted.FORM_BEGUN)
    clock.go_on(KEPT_WHEN_DONE)
    assert insights.tidy() == 0
    clock.go_on(timedelta(minutes=1))
    assert insights.tidy() == 1
    assert [one.text for one in insights.questions()] == ["open"]
    clock.go_on(KEPT_OPEN)
    assert insights.tidy() == 1
    assert insights.questions() == ()
    assert insights.counts(WEEK)
    clock.go_on(KEPT_COUNTS)
    insights.tidy()
    assert insights.counts(WEEK) == ()


def test_what_was_deleted_is_not_left_in_the_file(insights: Insights, settings: Settings) -> None:
    insights.delete(_sent(insights))
    insights.close()
    content = b"".join(path.read_bytes() for path in settings.insights.parent.iterdir())
    assert CANARY.encode() not in content


def test_what_was_sent_before_there_were_states_is_new(
    settings: Settings, insights: Insights, clock: FixedClock
) -> None:
    question = _sent(insights)
    insights.close()
    engine = create_engine(f"sqlite:///{settings.insights}")
    with engine.begin() as connection:  # as version 0001 left it
        connection.exec_driver_sql("drop table counts")
        for column in ("done_how", "done_what", "done_at", "told_at"):
            connection.exec_driver_sql(f"alter table questions drop column {column}")
        connection.exec_driver_sql("update alembic_version set version_num = '0001'")
    engine.dispose()
    with closing(Insights(settings.insights, clock)) as again:
        assert again.question(question).standing is Standing.NEW


def test_a_damaged_file_says_so_to_whoever_reads(insights: Insights, settings: Settings) -> None:
    settings.insights.parent.mkdir(parents=True)
    settings.insights.write_bytes(b"garbage " * 1000)
    insights.count(Counted.FORM_BEGUN)
    for attempt in (lambda: insights.counts(WEEK), lambda: insights.weeks_of_ratings(WEEK), insights.tidy):
        with pytest.raises(InsightsUnusable):
            attempt()
