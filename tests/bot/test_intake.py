"""A report on its way to a receipt: the order, repetition, failure, and what is to be found on the disk."""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.cases import records
from bot.cases.directory import Directory, Person, Role
from bot.cases.routing import Routes
from bot.desk import Desk
from bot.messages import (
    Ask,
    CaseView,
    FormView,
    InboxView,
    OpenCase,
    OpenForm,
    OpenInbox,
    Receipt,
    Refusal,
    Reply,
    SubmitForm,
)
from bot.ports import Stage
from bot.testing import Trail
from integrations import app
from integrations.app import Reports
from integrations.settings import Settings

CANARY = "the quick canary sings behind the bicycle shed"
ANSWERS = {"about": "child", "what": CANARY, "danger": "no"}


def _send(desk: Desk, answers: dict[str, str] | None = None, draft: str = "draft-1") -> Reply:
    (reply,) = desk.receive(SubmitForm("report_concern", draft, ANSWERS if answers is None else answers))
    return reply


def _received(desk: Desk, answers: dict[str, str] | None = None, draft: str = "draft-1") -> Receipt:
    reply = _send(desk, answers, draft)
    assert isinstance(reply, Receipt)
    return reply


def _inbox(desk: Desk, person: str) -> list[str]:
    (reply,) = desk.receive(OpenInbox(person))
    assert isinstance(reply, InboxView)
    return [row.reference for row in reply.rows]


def _case(desk: Desk, person: str, reference: str) -> CaseView:
    (reply,) = desk.receive(OpenCase(person, reference))
    assert isinstance(reply, CaseView)
    return reply


def test_a_receipt_comes_after_every_stage_in_order(desk: Desk, trail: Trail) -> None:
    _received(desk)
    assert trail.stages == list(Stage)


def test_what_was_told_is_read_by_the_recipient_word_for_word(desk: Desk) -> None:
    receipt = _received(desk)
    case = _case(desk, "demo-dsl", receipt.reference)
    assert [answer.answer for answer in case.answers] == ["A child", CANARY, "No"]


@pytest.mark.parametrize(
    ("about", "readers"),
    [
        ("child", {"demo-dsl"}),
        ("adult_elsewhere", {"demo-dsl"}),
        ("adult_here", {"demo-headteacher"}),
        ("myself", {"demo-headteacher"}),
        ("headteacher", {"demo-chair"}),
        ("unsure", {"demo-dsl", "demo-headteacher"}),
    ],
)
def test_a_report_reaches_those_whose_job_it_is_and_nobody_else(desk: Desk, about: str, readers: set[str]) -> None:
    receipt = _received(desk, {**ANSWERS, "about": about})
    for person in ("demo-dsl", "demo-headteacher", "demo-chair"):
        assert (receipt.reference in _inbox(desk, person)) == (person in readers)
        (reply,) = desk.receive(OpenCase(person, receipt.reference))
        assert isinstance(reply, CaseView if person in readers else Refusal)


def test_a_case_of_somebody_else_and_no_case_at_all_are_refused_in_the_same_words(desk: Desk) -> None:
    receipt = _received(desk)
    refusals = [desk.receive(OpenCase(*at)) for at in [
        ("demo-chair", receipt.reference), ("demo-chair", "C-0000-0000"), ("nobody", receipt.reference),
    ]]  # fmt: skip
    assert refusals[0] == refusals[1] == refusals[2]


def test_the_same_submission_gives_the_same_receipt_and_one_case(desk: Desk, reports: Reports) -> None:
    first = _received(desk)
    assert [_received(desk) for _ in range(3)] == [first] * 3
    assert _count(reports) == 1


def test_a_changed_text_under_the_same_draft_is_never_dropped_as_a_repetition(desk: Desk) -> None:
    first = _received(desk)
    second = _received(desk, {**ANSWERS, "what": CANARY + ", twice"})
    assert first.reference != second.reference
    assert set(_inbox(desk, "demo-dsl")) == {first.reference, second.reference}


def test_many_at_once_with_one_draft_make_one_case(desk: Desk, reports: Reports) -> None:
    receipts: list[Reply] = []
    threads = [threading.Thread(target=lambda: receipts.append(_send(desk))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 12
    assert len({receipt.reference for receipt in receipts if isinstance(receipt, Receipt)}) == 1
    assert _count(reports) == 1


def test_an_incomplete_form_comes_back_with_all_that_was_filled_in(desk: Desk, reports: Reports) -> None:
    reply = _send(desk, {"what": CANARY})
    assert isinstance(reply, FormView)
    assert reply.draft == "draft-1"
    errors = {question.key: (question.value, bool(question.error)) for question in reply.questions}
    assert errors == {"about": ("", True), "what": (CANARY, False), "danger": ("", True)}
    assert _count(reports) == 0


@pytest.mark.parametrize(
    "wrong", [{"about": "everyone"}, {"what": "   "}, {"what": "x" * 20001}, {"danger": "maybe"}], ids=str
)
def test_what_cannot_be_an_answer_is_named_at_its_question(desk: Desk, wrong: dict[str, str]) -> None:
    reply = _send(desk, {**ANSWERS, **wrong})
    assert isinstance(reply, FormView)
    assert {question.key for question in reply.questions if question.error} == set(wrong)


def test_each_look_is_in_the_chronology_before_it_is_shown(desk: Desk) -> None:
    receipt = _received(desk, {**ANSWERS, "about": "unsure"})
    _case(desk, "demo-dsl", receipt.reference)
    case = _case(desk, "demo-headteacher", receipt.reference)
    happened = [(row.what, row.who) for row in case.chronology]
    assert [what for what, _ in happened] == [
        "Received", "Put into the inbox of", "Put into the inbox of", "Opened by", "Opened by",
    ]  # fmt: skip
    assert happened[-2][1].startswith("Demonstration DSL")
    assert happened[-1][1].startswith("Demonstration headteacher")


def test_urgent_cases_stand_first(desk: Desk) -> None:
    calm = _received(desk, draft="a")
    urgent = _received(desk, {**ANSWERS, "danger": "yes"}, draft="b")
    later = _received(desk, draft="c")
    assert _inbox(desk, "demo-dsl")[0] == urgent.reference
    assert {calm.reference, later.reference} == set(_inbox(desk, "demo-dsl")[1:])


def test_a_report_that_cannot_be_stored_is_given_back_with_its_text_and_no_receipt(
    desk: Desk, reports: Reports
) -> None:
    with _held_by_another(reports):
        reply = _send(desk)
    assert isinstance(reply, FormView)
    assert "NOT stored" in reply.notice
    assert [question.value for question in reply.questions] == ["child", CANARY, "no"]
    assert _received(desk).reference in _inbox(desk, "demo-dsl")
    assert _count(reports) == 1


def test_nothing_that_was_told_is_on_the_disk_in_clear(desk: Desk, settings: Settings) -> None:
    receipt = _received(desk)
    _case(desk, "demo-dsl", receipt.reference)
    files = [path for path in settings.var.rglob("*") if path.is_file()]
    assert any(receipt.reference.encode() in path.read_bytes() for path in files)
    assert not [path.name for path in files if CANARY.encode() in path.read_bytes() or b"canary" in path.read_bytes()]


def test_nothing_that_was_told_is_logged_or_printed_though_the_database_quotes_it(
    desk: Desk, reports: Reports, capfd: pytest.CaptureFixture[str]
) -> None:
    with reports.store.writing() as connection:
        connection.exec_driver_sql("drop table answers")
        connection.commit()
    assert isinstance(_send(desk), FormView)
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
    reply = _send(watched)
    assert isinstance(reply, FormView)
    assert "It is not certain that your report was stored." in reply.notice
    assert [question.value for question in reply.questions] == ["child", CANARY, "no"]


def test_after_an_uncertain_end_the_same_submission_finds_its_case(desk: Desk, reports: Reports) -> None:
    def break_down() -> None:
        raise OSError

    watched = replace(desk, intake=replace(desk.intake, milestones=_Meddler(Stage.COMMITTED, break_down)))
    assert "not certain" in _notice(_send(watched))
    assert _received(desk).reference in _inbox(desk, "demo-dsl")
    assert _count(reports) == 1


def test_a_report_that_would_reach_nobody_is_not_accepted(desk: Desk, reports: Reports) -> None:
    nowhere = replace(desk, intake=replace(desk.intake, routes=Routes(())))
    assert "NOT stored" in _notice(_send(nowhere))
    assert _count(reports) == 0


def test_half_an_emoji_does_not_keep_a_report_from_being_stored(desk: Desk) -> None:
    receipt = _received(desk, {**ANSWERS, "what": "cut \ud83d off"})
    assert _case(desk, "demo-dsl", receipt.reference).answers[1].answer == "cut \ufffd off"


def test_a_case_outlives_whoever_received_it(desk: Desk) -> None:
    receipt = _received(desk)
    after = Directory(
        (Person("new-dsl", "New DSL", (Role.DSL,)), Person("demo-dsl", "Old", (Role.CHAIR_OF_GOVERNORS,)))
    )
    later = replace(desk, inbox=replace(desk.inbox, directory=after))
    assert _inbox(later, "new-dsl") == [receipt.reference]
    assert _inbox(later, "demo-dsl") == []
    (reply,) = later.receive(OpenCase("demo-dsl", receipt.reference))
    assert isinstance(reply, Refusal)
    assert _case(later, "new-dsl", receipt.reference).answers[1].answer == CANARY


def test_what_a_form_no_longer_asks_is_still_shown(desk: Desk) -> None:
    receipt = _received(desk)
    form = desk.inbox.forms["report_concern"]
    shorter = replace(form, question=form.question[:1])
    later = replace(desk, inbox=replace(desk.inbox, forms={"report_concern": shorter}))
    answers = _case(later, "demo-dsl", receipt.reference).answers
    assert [(answer.ask, answer.answer) for answer in answers] == [
        ("Who is it about?", "A child"), ("what", CANARY), ("danger", "no"),
    ]  # fmt: skip
    gone = replace(desk, inbox=replace(desk.inbox, forms={}))
    assert _inbox(gone, "demo-dsl") == [receipt.reference]


def test_a_case_is_not_shown_when_the_look_cannot_be_recorded(desk: Desk, reports: Reports) -> None:
    receipt = _received(desk)
    with _held_by_another(reports):
        (reply,) = desk.receive(OpenCase("demo-dsl", receipt.reference))
    assert isinstance(reply, Refusal)
    assert "cannot be recorded" in reply.headline


def test_keys_survive_a_start_without_the_records(desk: Desk, reports: Reports, settings: Settings) -> None:
    """A folder that is not mounted, or a restore in the wrong order, must destroy nothing."""
    receipt = _received(desk)
    reports.close()
    away = settings.var / "away"
    settings.records.parent.rename(away)
    app.open_reports(settings).close()
    shutil.rmtree(settings.records.parent)
    away.rename(settings.records.parent)
    again = app.open_reports(settings)
    later = replace(desk, inbox=replace(desk.inbox, store=again.store, keys=again.keys))
    assert _case(later, "demo-dsl", receipt.reference).answers[1].answer == CANARY
    assert again.without_key() == 0
    again.close()


@pytest.mark.parametrize("part", ["store", "keys"])
def test_the_health_check_notices_when_no_report_could_be_taken(
    reports: Reports, settings: Settings, part: str
) -> None:
    reports.check()
    path = settings.records if part == "store" else settings.keys / "keys.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("pragma journal_mode = wal")
        for store in (reports.store, reports.keys._store):  # noqa: SLF001 (so that no test waits five seconds)
            with store.reading() as connection:
                connection.exec_driver_sql("pragma busy_timeout = 0")
        other.execute("begin immediate")
        with pytest.raises(OperationalError):
            reports.check()


def test_what_a_person_wrote_is_in_no_repr(desk: Desk) -> None:
    submission = SubmitForm("report_concern", "d", ANSWERS)
    receipt = _received(desk)
    case = _case(desk, "demo-dsl", receipt.reference)
    given_back = _send(desk, {"what": CANARY})
    asked = Ask(CANARY)
    assert not [value for value in (submission, case, given_back, asked) if "canary" in repr(value)]


@given(what=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300).filter(str.strip))
@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_at_all_come_back_as_they_were_told(desk: Desk, what: str) -> None:
    receipt = _received(desk, {**ANSWERS, "what": what}, draft=what)
    assert _case(desk, "demo-dsl", receipt.reference).answers[1].answer == what.strip()


def test_an_unknown_form_is_refused_in_words(desk: Desk) -> None:
    (reply,) = desk.receive(OpenForm("../../etc/passwd"))
    assert isinstance(reply, Refusal)


def _notice(reply: Reply) -> str:
    assert isinstance(reply, FormView)
    return reply.notice


def _count(reports: Reports) -> int:
    with reports.store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(records.cases)) or 0


@contextmanager
def _held_by_another(reports: Reports) -> Iterator[None]:
    """Another process holds the write lock for longer than we wait; so that no test waits, we do not wait at all."""
    with reports.store.reading() as connection:
        connection.exec_driver_sql("pragma busy_timeout = 0")
    with closing(sqlite3.connect(str(reports.store.engine.url.database), isolation_level=None)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")
