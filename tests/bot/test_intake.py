"""A report on its way to a receipt: the order, repetition, failure, and what is to be found on the disk."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.cases.routes.routing import Routes
from bot.desk import Desk
from bot.engines import Busy
from bot.messages import (
    Ask,
    FormView,
    OpenForm,
    Receipt,
    Refusal,
    Reply,
    SaveDraft,
    SubmitForm,
)
from bot.ports import RECEIVING, Stage
from bot.testing import Trail
from integrations import app
from integrations.app import Reports
from integrations.settings import Settings
from tests.bot.reporting import ANSWERS, CANARY, count, held_by_another, inbox, notice, opened, received, send

pytestmark = pytest.mark.both_engines


def test_a_receipt_comes_after_every_stage_in_order(desk: Desk, trail: Trail) -> None:
    received(desk)
    assert trail.stages == [*RECEIVING]


def test_what_was_told_is_read_by_the_recipient_word_for_word(desk: Desk) -> None:
    receipt = received(desk)
    case = opened(desk, "demo-dsl", receipt.reference)
    assert [answer.answer for answer in case.answers] == ["A child", CANARY, "No"]


def test_the_same_submission_gives_the_same_receipt_and_one_case(desk: Desk, reports: Reports) -> None:
    first = received(desk)
    assert [received(desk) for _ in range(3)] == [first] * 3
    assert count(reports) == 1


def test_a_changed_text_under_the_same_draft_is_never_dropped_as_a_repetition(desk: Desk) -> None:
    first = received(desk)
    second = received(desk, {**ANSWERS, "what": CANARY + ", twice"})
    assert first.reference != second.reference
    assert set(inbox(desk, "demo-dsl")) == {first.reference, second.reference}


@pytest.mark.parametrize("owner", ["person:demo-induction-lead", "code:7KQ42M9XPDH3"])
def test_an_answer_that_is_kept_in_a_draft_goes_along_also_when_it_is_sent_again(
    desk: Desk, reports: Reports, owner: str
) -> None:
    """A platform that cannot show a long answer sends the form without it, twice: it saw no receipt."""
    desk.receive(SaveDraft("report_concern", "e" * 32, ANSWERS, owner=owner))
    shown = {key: answer for key, answer in ANSWERS.items() if key != "what"}
    sent = SubmitForm("report_concern", "e" * 32, shown, owner=owner, kept=("what",))
    first, second = desk.receive(sent), desk.receive(sent)
    assert first == second
    assert isinstance(first[0], Receipt)
    assert count(reports) == 1
    assert opened(desk, "demo-dsl", first[0].reference).answers[1].answer == CANARY
    (further,) = desk.receive(replace(sent, answers={**shown, "place": "in the hall"}))
    assert isinstance(further, Receipt)
    assert opened(desk, "demo-dsl", further.reference).answers[1].answer == CANARY


@pytest.mark.parametrize("owner", ["", "person:demo-dsl"])
def test_nobody_sends_what_another_keeps(desk: Desk, reports: Reports, owner: str) -> None:
    mine = "person:demo-induction-lead"
    desk.receive(SaveDraft("report_concern", "e" * 32, ANSWERS, owner=mine))
    shown = {key: answer for key, answer in ANSWERS.items() if key != "what"}
    sent = SubmitForm("report_concern", "e" * 32, shown, owner=owner, kept=("what",))
    assert isinstance(desk.receive(sent)[0], Refusal)
    desk.receive(replace(sent, owner=mine))
    assert isinstance(desk.receive(sent)[0], Refusal)
    assert count(reports) == 1


def test_many_at_once_with_one_draft_make_one_case(desk: Desk, reports: Reports) -> None:
    receipts: list[Reply] = []
    threads = [threading.Thread(target=lambda: receipts.append(send(desk))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 12
    assert len({receipt.reference for receipt in receipts if isinstance(receipt, Receipt)}) == 1
    assert count(reports) == 1


def test_an_incomplete_form_comes_back_with_all_that_was_filled_in(desk: Desk, reports: Reports) -> None:
    reply = send(desk, {"what": CANARY})
    assert isinstance(reply, FormView)
    assert reply.draft == "draft-1"
    errors = {one.key: (one.value, bool(one.error)) for one in reply.questions if one.required}
    assert errors == {"about": ("", True), "what": (CANARY, False), "danger": ("", True)}
    assert count(reports) == 0


@pytest.mark.parametrize(
    "wrong", [{"about": "everyone"}, {"what": "   "}, {"what": "x" * 20001}, {"danger": "maybe"}], ids=str
)
def test_what_cannot_be_an_answer_is_named_at_its_question(desk: Desk, wrong: dict[str, str]) -> None:
    reply = send(desk, {**ANSWERS, **wrong})
    assert isinstance(reply, FormView)
    assert {question.key for question in reply.questions if question.error} == set(wrong)


def test_a_report_that_cannot_be_stored_is_given_back_with_its_text_and_no_receipt(
    desk: Desk, reports: Reports
) -> None:
    with held_by_another(reports.store):
        reply = send(desk)
    assert isinstance(reply, FormView)
    assert "NOT stored" in reply.notice
    assert {question.key: question.value for question in reply.questions if question.value} == ANSWERS
    assert received(desk).reference in inbox(desk, "demo-dsl")
    assert count(reports) == 1


def test_nothing_that_was_told_is_on_the_disk_in_clear(
    desk: Desk, settings: Settings, reports: Reports, request: pytest.FixtureRequest
) -> None:
    receipt = received(desk)
    opened(desk, "demo-dsl", receipt.reference)
    folder = settings.var
    if reports.store.is_postgresql:
        with reports.store.writing() as connection:
            connection.exec_driver_sql("checkpoint")  # or it would be in the write-ahead log alone
        folder = request.getfixturevalue("postgresql_server").folder
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert any(receipt.reference.encode() in content for content in contents)
    assert not any(CANARY.encode() in content or b"canary" in content for content in contents)


def test_nothing_that_was_told_is_logged_or_printed_though_the_database_quotes_it(
    desk: Desk, reports: Reports, capfd: pytest.CaptureFixture[str]
) -> None:
    with reports.store.writing() as connection:
        connection.exec_driver_sql("drop table answers")
        connection.commit()
    assert isinstance(send(desk), FormView)
    output = capfd.readouterr()
    assert "no receipt" in output.out + output.err
    assert "canary" not in output.out + output.err


class _Meddler:
    """Milestones that do something to the stores when a report reaches a stage."""

    def __init__(self, stage: Stage, meddle: Callable[[], None]) -> None:
        self._stage = stage
        self._meddle = meddle

    def reached(self, stage: Stage) -> None:
        if stage is self._stage:
            self._meddle()


@pytest.mark.parametrize(
    "statement",
    [
        "update answers set sealed = x'00' where question = 'danger'",
        "delete from answers where question = 'danger'",
        "delete from deliveries",
    ],
)
def test_what_is_not_read_back_as_it_was_sent_gets_no_receipt(desk: Desk, reports: Reports, statement: str) -> None:
    def meddle() -> None:
        with reports.store.writing() as connection:
            connection.exec_driver_sql(statement)
            connection.commit()

    watched = replace(desk, intake=replace(desk.intake, milestones=_Meddler(Stage.COMMITTED, meddle)))
    reply = send(watched)
    assert isinstance(reply, FormView)
    assert "It is not certain that your report was stored." in reply.notice
    assert {question.key: question.value for question in reply.questions if question.value} == ANSWERS


def test_after_an_uncertain_end_the_same_submission_finds_its_case(desk: Desk, reports: Reports) -> None:
    def break_down() -> None:
        raise OSError

    watched = replace(desk, intake=replace(desk.intake, milestones=_Meddler(Stage.COMMITTED, break_down)))
    assert "not certain" in notice(send(watched))
    assert received(desk).reference in inbox(desk, "demo-dsl")
    assert count(reports) == 1


def test_a_report_that_would_reach_nobody_is_not_accepted(desk: Desk, reports: Reports) -> None:
    nowhere = replace(desk, intake=replace(desk.intake, routes=Routes(())))
    assert "NOT stored" in notice(send(nowhere))
    assert count(reports) == 0


def test_half_an_emoji_does_not_keep_a_report_from_being_stored(desk: Desk) -> None:
    receipt = received(desk, {**ANSWERS, "what": "cut \ud83d off"})
    assert opened(desk, "demo-dsl", receipt.reference).answers[1].answer == "cut \ufffd off"


def test_keys_survive_a_start_without_the_records(
    desk: Desk, reports: Reports, settings: Settings, tmp_path: Path
) -> None:
    """A folder that is not mounted, or a restore in the wrong order, must destroy nothing."""
    receipt = received(desk)
    reports.close()
    elsewhere = SecretStr(f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}")
    app.open_reports(settings.model_copy(update={"database": elsewhere})).close()
    again = app.open_reports(settings)
    later = replace(desk, inbox=replace(desk.inbox, store=again.store, keys=again.keys))
    assert opened(later, "demo-dsl", receipt.reference).answers[1].answer == CANARY
    assert again.without_key() == 0
    again.close()


@pytest.mark.parametrize("part", ["store", "keys"])
def test_the_health_check_notices_when_no_report_could_be_taken(reports: Reports, part: str) -> None:
    reports.check()
    store = reports.store if part == "store" else reports.keys._store  # noqa: SLF001 (nobody else needs it)
    with held_by_another(store), pytest.raises(Busy):
        reports.check()
    reports.check()


def test_what_a_person_wrote_is_in_no_repr(desk: Desk) -> None:
    submission = SubmitForm("report_concern", "d", ANSWERS)
    receipt = received(desk)
    case = opened(desk, "demo-dsl", receipt.reference)
    given_back = send(desk, {"what": CANARY})
    asked = Ask(CANARY)
    assert not [value for value in (submission, case, given_back, asked) if "canary" in repr(value)]


@given(what=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300).filter(str.strip))
@examples(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_at_all_come_back_as_they_were_told(desk: Desk, what: str) -> None:
    receipt = received(desk, {**ANSWERS, "what": what}, draft=what)
    assert opened(desk, "demo-dsl", receipt.reference).answers[1].answer == what.strip()


def test_an_unknown_form_is_refused_in_words(desk: Desk) -> None:
    (reply,) = desk.receive(OpenForm("../../etc/passwd"))
    assert isinstance(reply, Refusal)
