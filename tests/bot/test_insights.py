"""What is said of answers: counted once, kept apart from the cases, and nobody is stopped when it cannot be kept."""

import stat
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from structlog.testing import capture_logs

from bot.desk import Desk
from bot.engines import open_store
from bot.messages import (
    Answer,
    Ask,
    Noted,
    OpenForm,
    OpenQuestion,
    QuestionView,
    Rate,
    Refusal,
    Reply,
    SendQuestion,
    Shown,
)
from bot.talk.feedback.insights import MIGRATIONS, Insights, InsightsUnusable, RatingCount, metadata
from bot.testing import FixedClock
from integrations.settings import Settings
from knowledge.rulings import Verdict
from tests.bot.reporting import received

CANARY = "the brown canary hides in the stock cupboard"
POLICY = "reach2-online-safety"
SHOWN = Shown(Verdict.NOT_COVERED, POLICY, ("7.3", "7.2(3)"))
SENT = SendQuestion("d" * 32, SHOWN, CANARY)


def _one(desk: Desk, incoming: Rate | OpenQuestion | SendQuestion | Ask) -> Reply:
    (reply,) = desk.receive(incoming)
    return reply


def _rate(desk: Desk, answer: str, *, helpful: bool, shown: Shown = SHOWN) -> Reply:
    return _one(desk, Rate(answer, shown, helpful))


def _view(reply: Reply) -> QuestionView:
    assert isinstance(reply, QuestionView)
    return reply


def _everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_what_an_answer_showed_is_what_can_be_said_of_it(desk: Desk) -> None:
    answer = _one(desk, Ask("can I accept a former pupil as a follower?"))
    assert isinstance(answer, Answer)
    assert answer.shown is not None
    assert (answer.shown.policy, answer.shown.labels[0]) == (POLICY, "6.2(25)")
    assert replace(answer, citations=()).shown == Shown(Verdict.DEPENDS)
    assert replace(answer, verdict=None).shown is None


def test_a_rating_is_counted_by_clause_and_verdict(desk: Desk, insights: Insights, clock: FixedClock) -> None:
    assert _rate(desk, "a" * 32, helpful=True) == Noted("Noted.")
    _rate(desk, "b" * 32, helpful=False)
    clock.go_on(timedelta(days=1))
    _rate(desk, "c" * 32, helpful=False)
    _rate(desk, "e" * 32, helpful=True, shown=Shown(Verdict.INFO, POLICY, ("6.2(25)",)))
    assert insights.ratings() == (
        RatingCount(POLICY, "7.3", Verdict.NOT_COVERED, 1, 2, date(2026, 11, 22), date(2026, 11, 23)),
        RatingCount(POLICY, "6.2(25)", Verdict.INFO, 1, 0, date(2026, 11, 23), date(2026, 11, 23)),
    )


def test_pressing_twice_or_thinking_better_of_it_counts_once_as_said_last(desk: Desk, insights: Insights) -> None:
    for helpful in (True, True, False):
        _rate(desk, "a" * 32, helpful=helpful)
    (count,) = insights.ratings()
    assert (count.helpful, count.unhelpful) == (0, 1)


def test_ratings_without_an_id_do_not_take_each_others_place(desk: Desk, insights: Insights) -> None:
    _rate(desk, "", helpful=True)
    _rate(desk, "", helpful=True)
    (count,) = insights.ratings()
    assert count.helpful == 2


@pytest.mark.parametrize(
    "shown",
    [
        Shown(Verdict.INFO, CANARY, ("6.2",)),
        Shown(Verdict.INFO, POLICY, (CANARY,)),
        Shown(Verdict.INFO, POLICY, ("6.2", CANARY)),
        Shown(Verdict.INFO, POLICY),
    ],
)
def test_a_rating_of_what_cannot_have_been_shown_is_refused(desk: Desk, insights: Insights, shown: Shown) -> None:
    assert isinstance(_rate(desk, "a" * 32, helpful=True, shown=shown), Refusal)
    assert insights.ratings() == ()


def test_no_text_gets_in_with_a_rating(desk: Desk, settings: Settings, insights: Insights) -> None:
    for shown in (Shown(Verdict.NOT_COVERED, None, (CANARY,)), Shown(Verdict.INFO, POLICY, ("6.2", CANARY)), SHOWN):
        _rate(desk, CANARY, helpful=True, shown=shown)
    insights.close()
    content = _everything_in(settings.insights.parent)
    assert b"7.3" in content
    assert CANARY.encode() not in content


def test_before_anything_is_sent_the_exact_words_and_what_goes_along_are_shown(desk: Desk, insights: Insights) -> None:
    view = _view(_one(desk, OpenQuestion(SHOWN, CANARY)))
    assert (view.text.value, view.reply_to.value, view.reply_to.required) == (CANARY, "", False)
    assert "No name goes with it" in view.says[0]
    for words in ("The policy does not say", "7.3, 7.2(3)", "Online Safety and Social Media policy"):
        assert words in view.says[1]
    assert view.instead == ("report_concern", "A concern about a child does not belong here.")
    assert insights.questions() == ()


def test_each_draft_has_an_id_of_its_own(desk: Desk) -> None:
    drafts = {_view(_one(desk, OpenQuestion(SHOWN, CANARY))).draft for _ in range(3)}
    assert len(drafts) == 3


def test_a_question_that_was_sent_is_kept_with_what_was_shown(
    desk: Desk, insights: Insights, clock: FixedClock
) -> None:
    reply = _one(desk, replace(SENT, text=f"  {CANARY}\n", reply_to=" room 4 "))
    assert reply == Noted("Your question is stored for the policy owner.", ("They can see how to reach you.",))
    (kept,) = insights.questions()
    assert (kept.sent, kept.text, kept.reply_to) == (clock.now(), CANARY, "room 4")
    assert (kept.policy, kept.labels, kept.verdict) == (SHOWN.policy, SHOWN.labels, SHOWN.verdict)
    assert CANARY not in repr(kept)


def test_who_leaves_no_way_to_be_reached_is_told_that_no_answer_can_come(desk: Desk, insights: Insights) -> None:
    assert _one(desk, SENT) == Noted(
        "Your question is stored for the policy owner.", ("Nobody can see who asked, so no answer can come to you.",)
    )
    assert insights.questions()[0].reply_to == ""


def test_sending_the_same_draft_again_is_one_question_as_sent_last(desk: Desk, insights: Insights) -> None:
    for text in ("first", "first", "second"):
        _one(desk, replace(SENT, text=text))
    assert [kept.text for kept in insights.questions()] == ["second"]


def test_questions_without_a_draft_do_not_take_each_others_place(desk: Desk, insights: Insights) -> None:
    _one(desk, replace(SENT, draft="", text="first"))
    _one(desk, replace(SENT, draft="", text="second"))
    assert len(insights.questions()) == 2


def test_the_newest_question_comes_first(desk: Desk, insights: Insights, clock: FixedClock) -> None:
    for draft in "ab":
        _one(desk, replace(SENT, draft=draft * 32, text=draft))
        clock.go_on(timedelta(minutes=1))
    assert [kept.text for kept in insights.questions()] == ["b", "a"]


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        (replace(SENT, text=" \n"), "text"),
        (replace(SENT, text="x" * 2001), "text"),
        (replace(SENT, reply_to="x" * 201), "reply_to"),
    ],
)
def test_what_cannot_be_sent_is_given_back_with_the_reason(
    desk: Desk, insights: Insights, sent: SendQuestion, wrong: str
) -> None:
    view = _view(_one(desk, sent))
    assert view.has_errors
    assert {"text": view.text.error, "reply_to": view.reply_to.error}[wrong]
    assert (view.draft, view.text.value, view.reply_to.value) == (sent.draft, sent.text, sent.reply_to)
    assert insights.questions() == ()


def test_a_question_is_not_lost_because_a_clause_or_the_policy_is_gone(desk: Desk, insights: Insights) -> None:
    _one(desk, replace(SENT, draft="a" * 32, shown=Shown(Verdict.INFO, POLICY, ("6.2", CANARY))))
    _one(desk, replace(SENT, draft="b" * 32, shown=Shown(Verdict.INFO, CANARY, ("6.2",))))
    assert sorted((kept.policy, kept.labels) for kept in insights.questions()) == [("", ()), (POLICY, ("6.2",))]


@pytest.mark.parametrize("content", [b"garbage " * 1000, None])
def test_when_nothing_can_be_kept_the_words_come_back_and_asking_and_telling_go_on(
    desk: Desk, settings: Settings, content: bytes | None
) -> None:
    settings.insights.parent.mkdir(parents=True)
    if content is None:
        settings.insights.mkdir()
    else:
        settings.insights.write_bytes(content)
    with capture_logs() as events:
        view = _view(_one(desk, replace(SENT, reply_to="room 4")))
    assert "NOT sent" in view.notice
    assert (view.draft, view.text.value, view.reply_to.value) == (SENT.draft, CANARY, "room 4")
    assert events[0]["event"] == "insight not kept"
    assert CANARY not in repr(events)
    assert isinstance(_rate(desk, "a" * 32, helpful=True), Refusal)
    assert isinstance(_one(desk, Ask("can I accept a former pupil as a follower?")), Answer)
    assert desk.receive(OpenForm("report_concern"))
    assert received(desk)


def test_what_could_not_be_kept_is_kept_when_the_file_is_well_again(
    desk: Desk, settings: Settings, insights: Insights
) -> None:
    settings.insights.parent.mkdir(parents=True)
    settings.insights.mkdir()
    assert _view(_one(desk, SENT)).notice
    settings.insights.rmdir()
    assert isinstance(_one(desk, SENT), Noted)
    assert len(insights.questions()) == 1


def test_the_error_names_the_file_and_no_word_of_anybody(insights: Insights, settings: Settings) -> None:
    settings.insights.parent.mkdir(parents=True)
    settings.insights.write_bytes(b"garbage " * 1000)
    for attempt in (lambda: insights.keep(SENT), insights.probe, insights.questions, insights.ratings):
        with pytest.raises(InsightsUnusable) as caught:
            attempt()
        assert CANARY not in f"{caught.value!r} {caught.value}"


def test_the_file_is_its_owners_alone_and_apart_from_the_cases(
    desk: Desk, settings: Settings, insights: Insights
) -> None:
    _one(desk, SENT)
    insights.close()
    assert stat.S_IMODE(settings.insights.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.insights.parent.stat().st_mode) == 0o700
    assert CANARY.encode() in settings.insights.read_bytes()
    for folder in (settings.records.parent, settings.keys):
        assert CANARY.encode() not in _everything_in(folder)


def test_migrating_gives_exactly_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    store = open_store(tmp_path / "insights.sqlite3", MIGRATIONS, InsightsUnusable)
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        (made,) = connection.exec_driver_sql("select sql from sqlite_master where name = 'ratings'").one()
    assert made.rstrip().endswith("WITHOUT ROWID")
    store.close()
