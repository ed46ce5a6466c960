"""The pages of those who receive: what they do by plain forms, what nobody else can, and where no word goes."""

import logging
import re
import secrets
from collections.abc import Callable, Iterator, Mapping

import pytest
from httpx2 import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from bot.cases import records
from bot.cases.reference import ALPHABET
from bot.desk import Desk
from bot.messages import CaseAct
from bot.testing import FixedClock
from integrations.app import Reports
from integrations.settings import Settings
from integrations.web.sign_in import OneTimeLinks
from tests.bot.acting import CLOSING, NOTE, done, sent_by
from tests.bot.reporting import ANSWERS
from tests.bot.test_acting import FILLED
from tests.web.conftest import Visitor
from tests.web.markup import read
from tests.web.real import application

CANARY = "zebra-canary-72"
SIGN_IN = "Sign in to see the inbox"

Enter = Callable[[str], Visitor]


@pytest.fixture
def enter(desk: Desk, clock: FixedClock) -> Iterator[Enter]:
    """Makes visitors who are signed in."""
    links = OneTimeLinks(clock)
    whole = application(desk, clock, links)
    clients: list[TestClient] = []

    def enter(person: str) -> Visitor:
        client = TestClient(whole, base_url="http://localhost", follow_redirects=False)
        clients.append(client)
        visitor = Visitor(client)
        visitor.get("/")
        if person:
            assert visitor.sign_in(links.issue(person)).status_code == 303
        return visitor

    yield enter
    for client in clients:
        client.close()


def _fields(what: CaseAct, answers: Mapping[str, str]) -> dict[str, str]:
    return {
        "act": what,
        "form": secrets.token_hex(16),
        **{f"answer.{key}": value for key, value in answers.items()},
    }


def _missing(reference: str) -> str:
    return reference[:-1] + next(sign for sign in ALPHABET if sign != reference[-1])


def _count(reports: Reports) -> int:
    with reports.store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(records.chronology)) or 0


def test_an_act_is_done_and_its_page_shown_once_without_a_further_look(enter: Enter, desk: Desk) -> None:
    reference = sent_by(desk, "demo-policy-owner").reference
    dsl = enter("demo-dsl")
    address = f"/inbox/{reference}"
    page = dsl.look(address)
    forms = {one.attributes["value"] for one in page.all("input", name="act")}
    assert forms >= {"acknowledge", "note", "pass_on", "ask", "close", "entered", "merge", "hold"}
    answer = dsl.post(address, _fields(CaseAct.NOTE, {"text": "Rang his mother."}))
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    shown = dsl.get(address).text
    assert "Your note was added." in shown
    assert "Rang his mother." in shown
    assert shown.count("Opened by") == 1
    again = dsl.get(address).text
    assert "Your note was added." not in again
    assert again.count("Opened by") == 2, "to load it anew is a look"


def test_the_same_form_posted_twice_is_one_act(enter: Enter, desk: Desk) -> None:
    reference = sent_by(desk, "demo-policy-owner").reference
    dsl = enter("demo-dsl")
    fields = _fields(CaseAct.NOTE, NOTE)
    for _ in range(3):
        assert dsl.post(f"/inbox/{reference}", fields).status_code == 303
    assert dsl.get(f"/inbox/{reference}").text.count(NOTE["text"]) == 1


@pytest.mark.parametrize("what", CaseAct)
@pytest.mark.parametrize("person", ["demo-chair", "demo-administrator", "demo-headteacher", ""])
def test_an_act_on_a_case_of_others_and_on_none_are_the_same_bytes_and_nothing_is_done(
    enter: Enter, desk: Desk, reports: Reports, what: CaseAct, person: str
) -> None:
    reference = sent_by(desk, "demo-policy-owner").reference
    visitor, before = enter(person), _count(reports)
    token = visitor.token()
    for path in ("/inbox/{}", "/inbox/review/{}", "/mine/{}"):
        fields = {**_fields(what, FILLED[what]), "csrf": token}
        said = [visitor.post(path.format(one), fields) for one in (reference, _missing(reference))]
        assert said[0].status_code == said[1].status_code
        assert said[0].headers == said[1].headers or said[0].status_code == 303
        assert said[0].text == said[1].text
        assert said[0].status_code in {303, 403, 404}
        assert (SIGN_IN in said[0].text) == (not person)
    assert _count(reports) == before


@pytest.mark.parametrize("as_what", ["pdf", "csv", "json"])
def test_a_case_is_given_out_to_whom_it_belongs_and_to_nobody_else(enter: Enter, desk: Desk, as_what: str) -> None:
    reference = sent_by(desk, "demo-policy-owner").reference
    given = enter("demo-dsl").post(f"/inbox/{reference}/export", {"format": as_what})
    assert given.status_code == 200
    assert given.headers["content-disposition"] == f'attachment; filename="{reference}.{as_what}"'
    assert given.headers["cache-control"] == "no-store"
    for person, status in (("demo-chair", 404), ("demo-administrator", 404), ("", 403)):
        visitor = enter(person)
        token = visitor.token()
        said = [
            visitor.post(f"/inbox/{one}/export", {"format": as_what, "csrf": token})
            for one in (reference, _missing(reference))
        ]
        assert [one.status_code for one in said] == [status, status]
        assert said[0].text == said[1].text


def test_several_are_given_out_those_that_were_ticked_or_all(enter: Enter, desk: Desk) -> None:
    references = [sent_by(desk, "demo-policy-owner").reference for _ in range(3)]
    dsl = enter("demo-dsl")
    ticked = dsl.client.post(
        "/inbox/export",
        data={"csrf": dsl.token(), "format": "csv", "answer.cases": references[:2]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert [one in ticked.text for one in references] == [True, True, False]
    every = dsl.post("/inbox/export", {"format": "json"})
    assert all(one in every.text for one in references)


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("demo-dsl", 200),
        ("demo-headteacher", 200),
        ("demo-chair", 200),
        ("demo-deputy-dsl-1", 404),
        ("demo-administrator", 404),
        ("", 403),
    ],
)
def test_what_is_due_to_be_deleted_is_shown_to_those_who_keep_or_delete(enter: Enter, person: str, status: int) -> None:
    assert enter(person).get("/inbox/review").status_code == status


def test_what_one_reported_is_shown_to_oneself_with_what_can_be_done(enter: Enter, desk: Desk) -> None:
    reference = sent_by(desk, "demo-policy-owner").reference
    done(desk, "demo-dsl", reference, CaseAct.ASK, {"text": "Who else was there?"})
    sender = enter("demo-policy-owner")
    assert "Who else was there?" in sender.get("/mine").text
    posted = sender.post(f"/mine/{reference}", _fields(CaseAct.REPLY, {"text": "Nobody else."}))
    assert posted.headers["location"] == "/mine"
    assert "Your answer was sent." in sender.get("/mine").text
    file = sender.post("/mine/file", {})
    assert file.headers["content-type"] == "application/json"
    assert "Nobody else." in file.text
    assert reference not in enter("demo-induction-lead").get("/mine").text
    assert enter("").get("/mine").status_code == 403


def test_a_form_that_cannot_be_taken_comes_back_with_all_that_was_typed(enter: Enter, desk: Desk) -> None:
    reference = sent_by(desk, "demo-policy-owner").reference
    dsl = enter("demo-dsl")
    fields = _fields(CaseAct.CLOSE, {**CLOSING, "reason": ""})
    wrong = dsl.post(f"/inbox/{reference}", fields)
    assert wrong.status_code == 422
    page = read(wrong.text)
    assert page.one("textarea", id="act-close-decision").text.strip() == CLOSING["decision"]
    assert fields["form"] in wrong.text
    forged = dsl.post(f"/inbox/{reference}", {**fields, "csrf": "0" * 64})
    assert forged.status_code == 403
    assert "For your safety" in forged.text
    assert read(forged.text).one("textarea", id="act-close-decision").text.strip() == CLOSING["decision"]


def test_what_a_person_did_is_not_shown_to_whoever_comes_after_they_signed_out(enter: Enter, desk: Desk) -> None:
    reference = sent_by(desk, "demo-policy-owner").reference
    dsl = enter("demo-dsl")
    dsl.post(f"/inbox/{reference}", _fields(CaseAct.NOTE, {"text": CANARY}))
    dsl.post("/sign-out", {})
    assert CANARY not in dsl.get(f"/inbox/{reference}").text
    assert CANARY not in dsl.get("/mine").text


# ------------------------------------------------------------------------------------------------------ the canary


def _everything(dsl: Visitor, sender: Visitor, reference: str) -> Iterator[Response]:
    """Every act with the canary in every field, rightly and wrongly, with a good token and none, and by the sender."""
    rightly: Mapping[CaseAct, dict[str, str]] = {
        CaseAct.NOTE: {"text": CANARY}, CaseAct.ADD: {"teller": CANARY, "text": CANARY}, CaseAct.ASK: {"text": CANARY},
        CaseAct.PASS_ON: {"to": "demo-headteacher", "reason": CANARY}, CaseAct.HOLD: {"reason": CANARY},
        CaseAct.RELEASE: {"reason": CANARY}, CaseAct.CLOSE: {**CLOSING, "decision": CANARY, "reason": CANARY},
        CaseAct.REOPEN: {"reason": CANARY}, CaseAct.ENTERED: {"system": CANARY, "number": CANARY},
    }  # fmt: skip
    address = f"/inbox/{reference}"
    for what, answers in rightly.items():
        yield dsl.post(address, _fields(what, answers))
        yield dsl.get(address)
    for what in CaseAct:
        wrong = dict.fromkeys(
            ("text", "to", "reason", "other", "answer", "outcome", "system", "number", "sure"), CANARY
        )
        for path in (address, f"/inbox/review/{reference}", f"/mine/{reference}"):
            yield dsl.post(path, {**_fields(what, wrong), "form": CANARY})
            yield dsl.post(path, {**_fields(what, wrong), "csrf": CANARY, "act": CANARY})
    for what in (CaseAct.REPLY, CaseAct.AMEND):
        yield sender.post(f"/mine/{reference}", _fields(what, {"text": CANARY}))
        yield sender.get("/mine")
    yield dsl.post("/inbox/export", {"format": CANARY, "answer.cases": CANARY})
    yield dsl.get("/inbox")


def _entries_gone(reports: Reports) -> None:
    with reports.store.writing() as connection:
        connection.exec_driver_sql("drop table entries")
        connection.commit()


@pytest.mark.parametrize("broken", [None, _entries_gone], ids=["well", "no entries"])
def test_what_is_written_about_a_case_is_in_no_log_no_address_and_no_file(  # noqa: PLR0913, PLR0917 (fixtures)
    enter: Enter,
    desk: Desk,
    reports: Reports,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    broken: Callable[[Reports], None] | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    reference = sent_by(desk, "demo-policy-owner", ANSWERS).reference
    dsl, sender = enter("demo-dsl"), enter("demo-policy-owner")
    if broken:
        broken(reports)
    statuses = set()
    with capture_logs() as events:
        for response in _everything(dsl, sender, reference):
            statuses.add(response.status_code)
            assert CANARY not in str(response.url)
            assert not any(CANARY in value for value in response.headers.values())
            for quoted in re.findall(r'(?:href|src|action|formaction|hx-\w+|id|name)="([^"]*)"', response.text):
                assert CANARY not in quoted
            assert CANARY not in read(response.text).one("title").text if "<title>" in response.text else True
    assert statuses >= ({200, 303, 403, 404, 422} if broken is None else {403, 404})
    assert CANARY not in repr(events)
    for record in caplog.records:
        assert CANARY not in record.getMessage() + repr(record.__dict__)
    for path in settings.var.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path.name
