"""Signing in: links that work once, sessions that end, and the inbox behind them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.messages import OpenCase, OpenInbox
from tests.web.conftest import House, Visitor
from tests.web.markup import read
from tests.web.scripted import CASE, DSL, INBOX


def test_looking_at_a_link_does_not_use_it_up(house: House, visitor: Visitor) -> None:
    link = f"/sign-in/{house.links.issue(DSL)}"
    for _ in range(3):
        assert [button.text for button in visitor.look(link).all("button")] == ["Sign in"]
    assert visitor.post(link, {}).status_code == 303


def test_a_link_works_once(house: House, visitor: Visitor, arrive: Callable[[], Visitor]) -> None:
    token = house.links.issue(DSL)
    response = visitor.sign_in(token)
    assert (response.status_code, response.headers["Location"]) == (303, "/inbox")
    second = arrive()
    for refused in (second.sign_in(token), second.get(f"/sign-in/{token}")):
        assert refused.status_code == 404
        assert "This link does not work any more" in refused.text
    assert second.get("/inbox").status_code == 403


@pytest.mark.parametrize("token", ["unknown", "é", "x" * 500])
def test_an_unknown_link_is_told_clearly(visitor: Visitor, token: str) -> None:
    assert visitor.get(f"/sign-in/{token}").status_code == 404
    assert "does not work any more" in visitor.sign_in(token).text


def test_a_link_works_for_a_day_and_no_longer(house: House, visitor: Visitor) -> None:
    first, second = house.links.issue(DSL), house.links.issue(DSL)
    house.clock.go_on(timedelta(hours=24) - timedelta(seconds=1))
    assert visitor.sign_in(first).status_code == 303
    house.clock.go_on(timedelta(seconds=1))
    assert visitor.sign_in(second).status_code == 404


def test_links_are_long_random_and_not_kept_in_clear(house: House) -> None:
    tokens = {house.links.issue(DSL) for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) == 43 for token in tokens)
    assert not any(token in repr(vars(house.links)) for token in tokens)


def test_the_link_decides_whose_inbox_it_is(house: House, dsl: Visitor) -> None:
    response = dsl.get("/inbox")
    assert response.status_code == 200
    assert house.desk.heard == [OpenInbox(DSL)]
    for words in (
        INBOX.name,
        INBOX.role,
        "TS-7K3M-92QF",
        "Urgent",
        "You have not opened it",
        "20 November 2026, 15:10",
    ):
        assert words in read(response.text).text


def test_a_case_shows_what_was_told_and_what_happened(house: House, dsl: Visitor) -> None:
    page = dsl.look("/inbox/TS-7K3M-92QF")
    assert house.desk.heard == [OpenCase(DSL, "TS-7K3M-92QF")]
    for told in CASE.answers:
        assert told.ask in page.text
        assert told.answer in page.text
    for row in CASE.chronology:
        assert row.what in page.text
        assert row.who in page.text


def test_a_case_that_is_not_theirs_is_refused_in_the_desks_words(dsl: Visitor) -> None:
    response = dsl.get("/inbox/TS-0000-0000")
    assert response.status_code == 404
    assert "There is no such case in your inbox." in response.text


def test_an_empty_inbox_says_so(house: House, visitor: Visitor) -> None:
    visitor.sign_in(house.links.issue("demo-chair"))
    assert "Nothing has been sent to you." in visitor.get("/inbox").text


@pytest.mark.parametrize("path", ["/inbox", "/inbox/TS-7K3M-92QF"])
def test_without_signing_in_the_desk_is_not_even_asked(house: House, visitor: Visitor, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 403
    assert "touchstone serve" in response.text
    assert house.desk.heard == []


def test_a_session_ends_when_it_is_not_used(house: House, dsl: Visitor) -> None:
    for _ in range(3):
        house.clock.go_on(timedelta(minutes=29))
        assert dsl.get("/inbox").status_code == 200
    house.clock.go_on(timedelta(minutes=30))
    assert dsl.get("/inbox").status_code == 403


def test_a_session_ends_after_a_working_day_however_much_it_is_used(house: House, dsl: Visitor) -> None:
    for _ in range(23):
        house.clock.go_on(timedelta(minutes=20))
        assert dsl.get("/inbox").status_code == 200
    house.clock.go_on(timedelta(minutes=20))
    assert dsl.get("/inbox").status_code == 403


def test_every_sign_in_gives_a_new_session_and_ends_the_one_before(
    house: House, dsl: Visitor, arrive: Callable[[], Visitor]
) -> None:
    before = dsl.client.cookies["touchstone_session"]
    dsl.sign_in(house.links.issue(DSL))
    assert dsl.client.cookies["touchstone_session"] != before
    thief = arrive()
    thief.client.cookies.set("touchstone_session", before)
    assert thief.get("/inbox").status_code == 403


def test_a_session_that_was_planted_beforehand_is_not_taken_over(house: House, visitor: Visitor) -> None:
    visitor.client.cookies.set("touchstone_session", "planted")
    cookie = visitor.sign_in(house.links.issue(DSL)).headers["Set-Cookie"]
    assert cookie.startswith("touchstone_session=")
    assert "planted" not in cookie
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_signing_out_ends_the_session_on_the_server(dsl: Visitor) -> None:
    session = dsl.client.cookies["touchstone_session"]
    response = dsl.post("/sign-out", {})
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    dsl.client.cookies.set("touchstone_session", session)
    assert dsl.get("/inbox").status_code == 403


def test_only_who_is_signed_in_is_offered_the_inbox_and_to_sign_out(house: House, visitor: Visitor) -> None:
    assert not visitor.look("/").all("a", href="/inbox")
    visitor.sign_in(house.links.issue(DSL))
    page = visitor.look("/")
    assert page.one("a", href="/inbox")
    assert page.one("form", action="/sign-out")
