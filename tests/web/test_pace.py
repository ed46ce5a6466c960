"""Whoever sends very much at once is slowed down, for some seconds at most, and is never refused."""

from collections.abc import Callable
from datetime import timedelta

from integrations.web.pace import ANYBODY, LONGEST, SIGNED_IN
from tests.web.conftest import House, Visitor

SENT = {"draft": "d" * 32, "answer.about": "child", "answer.what": "He is afraid.", "answer.danger": "no"}


def _send(visitor: Visitor, token: str) -> int:
    status: int = visitor.client.post("/forms/report_concern", data={"csrf": token, **SENT}).status_code
    return status


def test_nobody_who_is_signed_in_is_ever_refused_a_report_however_many_they_send(house: House, dsl: Visitor) -> None:
    token = dsl.token()
    assert {_send(dsl, token) for _ in range(300)} == {200}
    assert house.pauses, "they were slowed down"
    assert max(house.pauses) <= LONGEST


def test_what_people_do_is_not_slowed_down(house: House, dsl: Visitor) -> None:
    token = dsl.token()
    for _ in range(120):
        assert _send(dsl, token) == 200
        house.clock.go_on(timedelta(seconds=2))
    assert house.pauses == []


def test_fifty_at_once_from_one_address_do_not_wait(house: House, arrive: Callable[[], Visitor]) -> None:
    for _ in range(50):
        visitor = arrive()
        assert _send(visitor, visitor.token()) == 200
    assert house.pauses == []


def test_one_who_sends_too_much_slows_down_nobody_else(
    house: House, dsl: Visitor, arrive: Callable[[], Visitor]
) -> None:
    token, other = dsl.token(), arrive()
    for _ in range(int(SIGNED_IN.at_once) + 20):
        _send(dsl, token)
    house.pauses.clear()
    assert other.sign_in(house.links.issue("demo-chair")).status_code == 303
    assert _send(other, other.token()) == 200
    assert house.pauses == []


def test_who_was_slowed_down_is_at_full_speed_soon_after(house: House, dsl: Visitor) -> None:
    token = dsl.token()
    for _ in range(400):
        _send(dsl, token)
    house.clock.go_on(timedelta(seconds=LONGEST + 2))
    house.pauses.clear()
    _send(dsl, token)
    assert house.pauses == []


def test_tries_to_sign_in_are_slowed_down_after_thirty(house: House, visitor: Visitor) -> None:
    for _ in range(int(ANYBODY.at_once / 20)):
        assert visitor.get("/sign-in/wrong").status_code == 404
    assert house.pauses == []
    for _ in range(20):
        assert visitor.get("/sign-in/wrong").status_code == 404
    assert len(house.pauses) == 20
    assert house.pauses[-1] == LONGEST


def test_a_clock_that_was_set_back_stops_nobody(house: House, dsl: Visitor) -> None:
    token = dsl.token()
    _send(dsl, token)
    house.clock.go_on(timedelta(days=-400))
    assert _send(dsl, token) == 200
    assert max(house.pauses, default=0) <= LONGEST
