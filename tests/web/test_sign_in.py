"""Signing in: links that work once, sessions that end, and the inbox behind them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx2 import URL
from starlette.testclient import TestClient

from bot.messages import ActOnCase, CaseAct, ConfirmHolder, OpenCase, OpenInbox, OwnReport, OwnView, StandingRow
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


def test_another_process_and_a_restart_keep_whoever_is_signed_in(house: House, dsl: Visitor) -> None:
    dsl.client.app = house.application()
    assert dsl.get("/inbox").status_code == 200
    dsl.post("/sign-out", {})
    dsl.client.app = house.application()
    assert dsl.get("/inbox").status_code == 403


def test_signing_out_everywhere_ends_every_session_of_this_person_and_of_nobody_else(
    house: House, dsl: Visitor, arrive: Callable[[], Visitor]
) -> None:
    elsewhere, somebody_else = arrive(), arrive()
    elsewhere.sign_in(house.links.issue(DSL))
    somebody_else.sign_in(house.links.issue("demo-chair"))
    shown = dsl.look("/account")
    assert shown.text.count("By a one-time link, since") == 2
    assert shown.text.count("(this one)") == 1
    assert dsl.post("/account/sign-out-everywhere", {}).headers["Location"] == "/"
    assert [one.get("/inbox").status_code for one in (dsl, elsewhere, somebody_else)] == [403, 403, 200]


# -------------------------------------------------------------------------------- a fresh sign-in, and back


REAL = "C-7KQ4-2M9X"


def test_a_case_opens_for_fifteen_minutes_after_signing_in_and_the_inbox_for_longer(house: House, dsl: Visitor) -> None:
    house.clock.go_on(timedelta(minutes=15) - timedelta(seconds=1))
    assert dsl.get("/inbox/TS-7K3M-92QF").status_code == 200
    house.clock.go_on(timedelta(seconds=1))
    house.desk.heard.clear()
    refused = dsl.get("/inbox/TS-7K3M-92QF")
    assert (refused.status_code, house.desk.heard) == (403, [])
    assert "Sign in again" in refused.text
    assert CASE.answers[0].answer not in refused.text
    assert dsl.get("/inbox").status_code == 200


@pytest.mark.parametrize("path", ["", "/", "/attachments/1", "/anything/else", "%2f..%2f"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_below_a_case_opens_to_a_sign_in_that_is_not_fresh(
    house: House, dsl: Visitor, path: str, method: str
) -> None:
    house.clock.go_on(timedelta(minutes=16))
    assert dsl.client.request(method, f"/inbox/{REAL}{path}").status_code == 403
    assert house.desk.heard == []


def test_what_was_written_into_a_case_is_taken_after_a_quarter_of_an_hour(house: House, dsl: Visitor) -> None:
    """It reaches the desk, whose double knows no such case, and is not held up: what was typed must not be lost."""
    house.clock.go_on(timedelta(minutes=16))
    house.desk.heard.clear()
    assert dsl.post(f"/inbox/{REAL}", {"act": "note", "answer.text": "She came back."}).status_code == 404
    assert [type(one) for one in house.desk.heard] == [ActOnCase]


@pytest.mark.parametrize("path", ["export", f"{REAL}/export"])
def test_nothing_is_taken_out_by_a_sign_in_that_is_not_fresh(house: House, dsl: Visitor, path: str) -> None:
    house.clock.go_on(timedelta(minutes=16))
    house.desk.heard.clear()
    assert dsl.post(f"/inbox/{path}", {"format": "json"}).status_code == 403
    assert house.desk.heard == []


def test_what_one_reported_oneself_is_shown_and_taken_along_by_a_fresh_sign_in_alone(
    house: House, dsl: Visitor
) -> None:
    house.clock.go_on(timedelta(minutes=16))
    house.desk.heard.clear()
    refused = dsl.get("/mine")
    assert (refused.status_code, dsl.post("/mine/file", {}).status_code, house.desk.heard) == (403, 403, [])
    assert "Sign in again" in refused.text
    assert dsl.sign_in(house.links.issue(DSL)).headers["Location"] == "/mine"


def test_what_is_added_to_ones_own_after_a_quarter_of_an_hour_is_taken_and_shows_nothing_of_what_was_told(
    house: House, dsl: Visitor
) -> None:
    standing = StandingRow(REAL, "Report a concern", house.clock.now(), ())
    theirs = OwnReport(standing, CASE.answers, CASE.chronology)
    house.desk.instead[ActOnCase] = lambda _: OwnView("What you reported", (), (theirs,), notice="Write something.")
    assert CASE.answers[0].answer in dsl.post(f"/mine/{REAL}", {"act": "amend"}).text
    house.clock.go_on(timedelta(minutes=16))
    stale = dsl.post(f"/mine/{REAL}", {"act": "amend"})
    assert (stale.status_code, REAL in stale.text) == (422, True)
    assert not any(told.answer in stale.text for told in CASE.answers)
    assert not any(row.who in stale.text for row in CASE.chronology if row.who)


def test_nothing_is_deleted_for_good_by_a_sign_in_that_is_not_fresh(house: House, dsl: Visitor) -> None:
    house.clock.go_on(timedelta(minutes=16))
    house.desk.heard.clear()
    sent = dsl.post(f"/inbox/review/{REAL}", {"act": "purge", "answer.sure": "yes"})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/inbox/review")
    assert (dsl.get("/inbox/review").status_code, house.desk.heard) == (403, [])


def test_no_act_that_there_is_none_of_opens_a_case(house: House, dsl: Visitor) -> None:
    house.clock.go_on(timedelta(minutes=16))
    house.desk.heard.clear()
    sent = dsl.post(f"/inbox/{REAL}", {"act": "look"})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/inbox/{REAL}")
    assert house.desk.heard == []


def test_a_form_that_is_given_back_after_a_quarter_of_an_hour_shows_what_was_typed_and_nothing_of_the_case(
    house: House, dsl: Visitor
) -> None:
    house.desk.instead[ActOnCase] = lambda _: replace(CASE, notice="Write something.", open=CaseAct.NOTE)
    fresh = dsl.post(f"/inbox/{CASE.row.reference}", {"act": "note"})
    assert CASE.answers[0].answer in fresh.text
    house.clock.go_on(timedelta(minutes=16))
    stale = dsl.post(f"/inbox/{CASE.row.reference}", {"act": "note"})
    assert stale.status_code == 422
    assert "Write something." in stale.text
    assert not any(told.answer in stale.text for told in CASE.answers)
    assert not any(row.who in stale.text for row in CASE.chronology if row.who)


def test_whoever_signs_in_again_comes_back_to_the_case_under_a_new_session(house: House, dsl: Visitor) -> None:
    before = dsl.client.cookies["touchstone_session"]
    house.clock.go_on(timedelta(minutes=16))
    dsl.get(f"/inbox/{REAL}")
    again = dsl.sign_in(house.links.issue(DSL))
    assert (again.status_code, again.headers["Location"]) == (303, f"/inbox/{REAL}")
    assert dsl.client.cookies["touchstone_session"] != before
    assert dsl.get(f"/inbox/{REAL}").status_code == 404  # the double knows no such case: it was asked
    assert dsl.sign_in(house.links.issue(DSL)).headers["Location"] == "/inbox", "led there once"


def test_whoever_was_not_signed_in_comes_to_the_case_after_signing_in(house: House, visitor: Visitor) -> None:
    visitor.get(f"/inbox/{REAL}")
    assert visitor.sign_in(house.links.issue(DSL)).headers["Location"] == f"/inbox/{REAL}"


def test_the_next_person_at_the_browser_is_not_led_to_the_case_of_the_one_before(house: House, dsl: Visitor) -> None:
    house.clock.go_on(timedelta(minutes=16))
    dsl.get(f"/inbox/{REAL}")
    dsl.post("/sign-out", {})
    assert dsl.sign_in(house.links.issue("demo-chair")).headers["Location"] == "/inbox"


@pytest.mark.parametrize(
    "goal",
    [
        "https://attacker.example", "//attacker.example", "/\\attacker.example", f"{REAL}@attacker.example", "..", "",
        f"{REAL}/../../x", f"{REAL}\r\nSet-Cookie: a=b", "c-7kq4-2m9x", "%2f%2fattacker.example",
    ],
)  # fmt: skip
def test_a_sign_in_leads_nowhere_but_to_a_case_or_the_inbox(house: House, visitor: Visitor, goal: str) -> None:
    visitor.get("/")
    mark = visitor.get(f"/inbox/{REAL}").headers["Set-Cookie"].split(";")[0].rpartition(".")[2]
    token = house.links.issue(DSL)
    visitor.client.cookies.delete("touchstone_goal")
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
    sent = f"{cookies}; touchstone_goal={goal}.{mark}".encode("latin-1").replace(b"\r\n", b"")
    answer = visitor.client.post(
        f"/sign-in/{token}?next={goal!r}&to=//attacker.example",
        data={"csrf": visitor.token(), "next": goal, "to": goal},
        headers={"Sec-Fetch-Site": "same-origin", "Cookie": sent.decode("latin-1")},
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")


def test_over_https_only_a_cookie_that_no_neighbour_can_set_signs_anybody_in(house: House, visitor: Visitor) -> None:
    visitor.client.base_url = URL("https://localhost")
    signed = visitor.sign_in(house.links.issue(DSL))
    cookies = signed.headers.get_list("Set-Cookie")
    (session,) = [one for one in cookies if "touchstone_session=" in one]
    assert session.startswith("__Host-touchstone_session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(session.split("; "))
    assert "Domain" not in session
    value = session.split(";")[0].partition("=")[2]
    visitor.client.cookies.clear()
    planted = visitor.get("/inbox", Cookie=f"touchstone_session={value}")
    assert planted.status_code == 403
    assert visitor.get("/inbox", Cookie=f"__Host-touchstone_session={value}").status_code == 200


def test_while_the_records_do_not_answer_nobody_is_signed_in_and_everybody_can_ask(house: House, dsl: Visitor) -> None:
    with house.store.writing() as connection:
        connection.exec_driver_sql("drop table sessions")
        connection.commit()
    assert dsl.get("/inbox").status_code == 403
    assert dsl.ask("Can I?").status_code == 200
    assert dsl.get("/forms/report_concern").status_code == 200


# ---------------------------------------------------------------------------------------------- the account


def test_the_account_page_shows_whom_one_may_confirm_and_confirming_goes_to_the_desk(
    house: House, dsl: Visitor
) -> None:
    page = dsl.look("/account")
    form = page.one("form", action="/account/confirm")
    assert form
    fields = {field.attributes["name"]: field.attributes["value"] for field in page.all("input", type="hidden")}
    sent = {"holder": fields["holder"], "role": fields["role"]}
    assert dsl.post("/account/confirm", sent).headers["Location"] == "/account"
    assert house.desk.heard[-1] == ConfirmHolder(DSL, "demo-newcomer", "deputy_dsl")


def test_confirming_needs_a_sign_in_a_fresh_one_and_the_token(house: House, dsl: Visitor, visitor: Visitor) -> None:
    sent = {"holder": "demo-newcomer", "role": "deputy_dsl"}
    assert dsl.post("/account/confirm", {**sent, "csrf": "0" * 64}).status_code == 403
    house.clock.go_on(timedelta(minutes=16))
    assert "Sign in again" in dsl.post("/account/confirm", sent).text
    visitor.post("/sign-out", {})
    assert visitor.post("/account/confirm", sent).status_code == 403
    assert not [one for one in house.desk.heard if isinstance(one, ConfirmHolder)]


def test_without_signing_in_there_is_no_account(house: House, visitor: Visitor) -> None:
    assert visitor.get("/account").status_code == 403
    assert house.desk.heard == []


def test_only_who_is_signed_in_is_offered_the_inbox_and_to_sign_out(house: House, visitor: Visitor) -> None:
    assert not visitor.look("/").all("a", href="/inbox")
    visitor.sign_in(house.links.issue(DSL))
    page = visitor.look("/")
    assert page.one("a", href="/inbox")
    assert page.one("form", action="/sign-out")


@pytest.mark.parametrize(
    "path", ["/", "/forms", "/forms/report_concern", "/policies", "/inbox", "/account", "/nonsense"]
)
def test_where_it_is_not_live_every_page_says_that_nothing_about_real_people_may_be_put_in(
    house: House, arrive: Callable[[], Visitor], path: str
) -> None:
    house.is_live = False
    assert "put in nothing about real people" in arrive().get(path).text
    house.is_live = True
    assert "put in nothing about real people" not in TestClient(house.application(), "http://localhost").get(path).text
