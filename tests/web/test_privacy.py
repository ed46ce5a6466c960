"""Nothing that a person wrote gets into an address, a log or an error."""

import logging
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from bot.messages import Ask, OpenForm, OpenQuestion, Rate, Reply, SendQuestion, SubmitForm, TellFact
from tests.web.conftest import House, Visitor

CANARY = "zebra-canary-71"


def _quoting(incoming: object) -> Reply:
    """Breaks as a database driver does: the message quotes what was to be stored, and so does its cause."""
    try:
        int(CANARY)
    except ValueError as error:
        raise RuntimeError(f"{CANARY} {incoming!r}") from error
    raise AssertionError


def _ask(visitor: Visitor) -> None:
    visitor.ask(CANARY)
    visitor.ask(CANARY, HX_Request="true")
    visitor.ask(CANARY * 200)
    visitor.post("/ask", {"text": CANARY, "csrf": CANARY})
    visitor.ask(CANARY, Sec_Fetch_Site="cross-site")
    visitor.ask(CANARY * 20_000)


def _tell(visitor: Visitor) -> None:
    for fields in ({"answer.what": CANARY}, {"answer.what": CANARY, "answer.about": "child", "draft": CANARY}):
        visitor.post("/forms/report_concern", fields)
        visitor.post("/forms/report_concern", {**fields, "csrf": CANARY})
    visitor.client.post("/forms/report_concern", files={"answer.what": ("a.txt", CANARY.encode())})


def _send(visitor: Visitor) -> None:
    fields = {"question": CANARY, "words": CANARY, "reply_to": CANARY, "helpful": "no", "verdict": "info"}
    for path in ("/ratings", "/questions/new", "/questions"):
        for headers in ({}, {"HX_Request": "true"}):
            visitor.post(path, fields, **headers)
            visitor.post(path, {**fields, "csrf": CANARY}, **headers)
            visitor.post(path, {**fields, "answer": CANARY, "draft": CANARY, "verdict": CANARY}, **headers)
        visitor.post(path, fields, Sec_Fetch_Site="cross-site")
        visitor.post(path, {**fields, "words": CANARY * 100_000})


def _press(visitor: Visitor) -> None:
    fields = {"policy": CANARY, "ruling": CANARY, "fact.age": CANARY, f"known.{CANARY}": CANARY, "about": CANARY}
    for headers in ({}, {"HX_Request": "true"}):
        visitor.post("/facts", fields, **headers)
        visitor.post("/facts", {**fields, "conversation": CANARY, "csrf": CANARY}, **headers)


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("act", [_ask, _tell, _send, _press])
def test_what_a_person_wrote_is_in_no_log(
    house: House, visitor: Visitor, caplog: pytest.LogCaptureFixture, act: Callable[[Visitor], None], *, broken: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    if broken:
        kinds = (Ask, TellFact, SubmitForm, OpenForm, Rate, OpenQuestion, SendQuestion)
        house.desk.instead = dict.fromkeys(kinds, _quoting)
    with capture_logs() as events:
        act(visitor)
    assert bool(events) == broken
    assert CANARY not in repr(events)
    assert caplog.records, "httpx, at least, says which address it asks"
    for record in caplog.records:
        assert CANARY not in record.getMessage() + repr(record.__dict__)


def test_the_log_names_the_incident_the_kinds_of_error_and_the_place(house: House, visitor: Visitor) -> None:
    house.desk.instead[Ask] = _quoting
    with capture_logs() as events:
        page = visitor.ask("Can I?").text
    (event,) = events
    assert f"incident {event['incident']}" in page
    assert event["kinds"] == ["RuntimeError", "ValueError"]
    assert event["places"][-1].startswith("test_privacy.py:")


def test_what_a_person_wrote_is_in_no_address(visitor: Visitor) -> None:
    for response in (
        visitor.ask(CANARY),
        visitor.ask(CANARY, HX_Request="true"),
        visitor.post("/forms/report_concern", {"answer.what": CANARY}),
        *(
            visitor.post(path, {"question": CANARY, "words": CANARY, "reply_to": CANARY, "draft": CANARY}, **headers)
            for path in ("/ratings", "/questions/new", "/questions")
            for headers in ({}, {"HX_Request": "true"})
        ),
    ):
        assert CANARY not in str(response.url)
        assert not any(CANARY in value for value in response.headers.values())
        for quoted in response.text.split('"'):
            assert not (CANARY in quoted and quoted.startswith(("/", "#", "?", "http")))


def test_a_question_in_an_address_is_not_looked_at(house: House, visitor: Visitor) -> None:
    assert CANARY not in visitor.get(f"/?text={CANARY}").text
    assert house.desk.heard == []
