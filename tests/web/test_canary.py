"""A canary sentence through every form, every question and every path: in no log, address, header or file in clear."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from bot.cases.forms.model import load_forms
from bot.desk import Desk
from bot.messages import CaseView, InboxView, OpenCase, OpenInbox
from bot.testing import FixedClock
from integrations.app import Reports
from integrations.settings import Settings
from tests.bot.answering import ROUNDS, filled
from tests.web.conftest import Visitor
from tests.web.markup import read
from tests.web.real import application

CANARY = "zebra-canary-71"
FORMS = load_forms()

Break = Callable[[Reports], None]


def _fields(answers: Mapping[str, str]) -> dict[str, str]:
    return {f"answer.{key}": value for key, value in answers.items()}


@pytest.fixture
def visitor(desk: Desk, clock: FixedClock) -> Iterator[Visitor]:
    with TestClient(application(desk, clock), base_url="http://localhost", follow_redirects=False) as client:
        yield Visitor(client)


def _everything(visitor: Visitor, name: str) -> Iterator[Response]:
    """Every path that takes what was written, with right answers, with wrong ones, and with no token."""
    address = f"/forms/{name}"
    every_key = [question.key for question in FORMS[name].question]
    wrong = {
        f"answer.{key}{part}": CANARY for key in every_key for part in ("", ".time", ".about", ".named.0", ".means.0")
    }
    steps = [f"{address}/begin", f"{address}/continue", f"{address}/save", address]
    for turn in range(ROUNDS):
        fields = {"draft": f"{turn:032x}", **_fields(filled(FORMS[name], turn, CANARY))}
        yield from (visitor.post(path, fields) for path in steps[1:])
        yield visitor.get("/drafts/kept")
    for sent in (fields, {**fields, **wrong}, {**wrong, "draft": CANARY, "clause": CANARY, "code": CANARY}):
        for path in steps:
            yield visitor.post(path, sent)
            yield visitor.post(path, {**sent, "csrf": CANARY})
    yield visitor.post("/drafts", {"code": CANARY, "draft": CANARY})
    yield visitor.get("/drafts")
    yield visitor.post("/drafts/discard", {"code": CANARY, "draft": CANARY})


def _drafts_gone(reports: Reports) -> None:
    with reports.store.writing() as connection:
        connection.exec_driver_sql("drop table drafts")
        connection.commit()


def _answers_gone(reports: Reports) -> None:
    with reports.store.writing() as connection:
        connection.exec_driver_sql("drop table answers")
        connection.commit()


def test_the_rounds_ask_every_question_of_every_form() -> None:
    for form in FORMS.values():
        asked = {key for turn in range(ROUNDS) for key, value in filled(form, turn, CANARY).items() if value}
        assert asked == {question.key for question in form.question}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("broken", [None, _drafts_gone, _answers_gone], ids=["well", "no drafts", "no answers"])
def test_what_is_written_into_any_form_is_in_no_log_and_no_address(  # noqa: PLR0913, PLR0917 (fixtures)
    visitor: Visitor,
    reports: Reports,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    name: str,
    broken: Break | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    if broken:
        broken(reports)
    statuses = set()
    with capture_logs() as events:
        for response in _everything(visitor, name):
            statuses.add(response.status_code)
            assert CANARY not in str(response.url)
            assert not any(CANARY in value for value in response.headers.values())
            for quoted in re.findall(r'(?:href|src|action|formaction|hx-\w+)="([^"]*)"', response.text):
                assert CANARY not in quoted
            assert CANARY not in read(response.text).one("title").text if "<title>" in response.text else True
    assert statuses >= ({200, 303, 403, 422} if broken is None else {403, 422, 503})
    assert bool(events) == bool(broken)
    assert CANARY not in repr(events)
    for record in caplog.records:
        assert CANARY not in record.getMessage() + repr(record.__dict__)
    for path in settings.var.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path.name


@pytest.mark.parametrize("name", FORMS)
def test_whoever_receives_it_reads_all_of_it(visitor: Visitor, desk: Desk, name: str) -> None:
    for turn in range(ROUNDS):
        answers = filled(FORMS[name], turn, CANARY)
        reference = re.findall(r"\bC-\w{4}-\w{4}", visitor.post(f"/forms/{name}", _fields(answers)).text)[0]
        told = next(case for person in _people(desk) if (case := _case(desk, person, reference)))
        written = [answer.answer for answer in told.answers if CANARY in answer.answer]
        assert written == [value for value in answers.values() if CANARY in value]
        assert len(told.answers) == len([value for value in answers.values() if value])


def _people(desk: Desk) -> Iterator[str]:
    yield from (person.id for person in desk.inbox.directory.persons)


def _case(desk: Desk, person: str, reference: str) -> CaseView | None:
    (inbox,) = desk.receive(OpenInbox(person))
    assert isinstance(inbox, InboxView)
    if reference not in {row.reference for row in inbox.rows}:
        return None
    (case,) = desk.receive(OpenCase(person, reference))
    assert isinstance(case, CaseView)
    return case
