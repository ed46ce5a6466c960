"""Signing in with an account elsewhere: what a browser takes along, what it must bring back, and whom it lets in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response

from integrations.web.elsewhere import Known, NotSignedIn, Trip
from tests.bot.people import directory
from tests.web.conftest import House, Visitor
from tests.web.scripted import NOW

ACCOUNT = "5b0f6a52-7d0e-4a53-9a39-1c1f2c3f9f01"
REAL = "C-7KQ4-2M9X"
PEOPLE = directory(("ann", "dsl"), ("ben", "headteacher"))
PEOPLE = replace(PEOPLE, persons=(replace(PEOPLE.persons[0], teams=ACCOUNT), PEOPLE.persons[1]))


@dataclass
class Strict:
    """A platform that answers only what was asked of it: each code once, with the verifier of its own challenge."""

    name: str = "teams"
    title: str = "Microsoft"
    account: str = ACCOUNT
    at: datetime = NOW
    issued: dict[str, Trip] = field(default_factory=dict)

    def away(self, trip: Trip) -> str:
        code = f"code-{len(self.issued)}"
        self.issued[code] = trip
        return f"https://login.example/authorize?state={trip.state}&challenge={trip.challenge}&code={code}"

    def exchanged(self, trip: Trip, code: str) -> Known:
        asked = self.issued.pop(code, None)
        if asked is None or (asked.challenge, asked.nonce, asked.back) != (trip.challenge, trip.nonce, trip.back):
            raise NotSignedIn
        return Known(self.account, self.at)


@pytest.fixture
def provider() -> Strict:
    return Strict()


@pytest.fixture
def house(tmp_path: Path, provider: Strict) -> Iterator[House]:
    house = House(tmp_path, directory=PEOPLE, providers=(provider,))
    yield house
    house.store.close()


def _sent_away(visitor: Visitor) -> dict[str, str]:
    answer = visitor.get("/sign-in/with/teams")
    assert answer.status_code == 303
    address = urlsplit(answer.headers["Location"])
    assert (address.scheme, address.netloc) == ("https", "login.example")
    return {name: value for name, (value,) in parse_qs(address.query).items()}


def _come_back(visitor: Visitor, brought: dict[str, str]) -> Response:
    """As a browser does: from another website without our cookies, then led on by our own page with them."""
    query = f"state={brought['state']}&code={brought['code']}"
    kept = dict(visitor.client.cookies)
    visitor.client.cookies.clear()
    first = visitor.get(
        f"/sign-in/with/teams/back?{query}",
        Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document",
    )  # fmt: skip
    assert first.status_code == 200
    _, _, on = first.headers["Refresh"].partition("url=")
    assert on.startswith("/sign-in/with/teams/done?")
    visitor.client.cookies.clear()
    visitor.client.cookies.update(kept)
    return visitor.get(on, Sec_Fetch_Site="same-origin")


def test_whoever_has_an_account_there_is_signed_in_and_comes_to_the_case(house: House, visitor: Visitor) -> None:
    shown = visitor.look(f"/inbox/{REAL}")
    assert shown.one("a", href="/sign-in/with/teams").text == "Sign in with Microsoft"
    answer = _come_back(visitor, _sent_away(visitor))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/inbox/{REAL}")
    assert [session.proof.person for session in house.sessions.of("ann")] == ["ann"]


def test_a_planted_session_is_not_taken_over(house: House, visitor: Visitor) -> None:
    brought = _sent_away(visitor)
    visitor.client.cookies.set("touchstone_session", "planted")
    cookies = _come_back(visitor, brought).headers.get_list("Set-Cookie")
    assert not any("planted" in one for one in cookies)
    assert house.sessions.find("planted") is None


def test_a_way_back_is_gone_once(visitor: Visitor) -> None:
    brought = _sent_away(visitor)
    assert _come_back(visitor, brought).status_code == 303
    assert _come_back(visitor, brought).status_code == 403


def test_another_browser_cannot_come_back_in_its_place(house: House, arrive: Callable[[], Visitor]) -> None:
    mine, theirs = arrive(), arrive()
    brought = _sent_away(mine)
    _sent_away(theirs)
    assert _come_back(theirs, brought).status_code == 403
    assert house.sessions.of("ann") == ()


@pytest.mark.parametrize("change", [{"state": ""}, {"state": "x" * 43}, {"code": ""}, {"code": "code-7"}])
def test_what_comes_back_changed_signs_nobody_in(house: House, visitor: Visitor, change: dict[str, str]) -> None:
    assert _come_back(visitor, {**_sent_away(visitor), **change}).status_code == 403
    assert house.sessions.of("ann") == ()


def test_a_trip_lasts_ten_minutes(house: House, visitor: Visitor) -> None:
    brought = _sent_away(visitor)
    house.clock.go_on(timedelta(minutes=10, seconds=1))
    assert _come_back(visitor, brought).status_code == 403


@pytest.mark.parametrize("account", ["", "another account", ACCOUNT.upper()])
def test_an_account_that_nobody_in_the_directory_has_is_not_let_in(
    visitor: Visitor, provider: Strict, account: str
) -> None:
    provider.account = account
    assert _come_back(visitor, _sent_away(visitor)).status_code == 403


def test_who_showed_it_there_an_hour_ago_is_signed_in_and_opens_no_case(visitor: Visitor, provider: Strict) -> None:
    provider.at = NOW - timedelta(hours=1)
    assert _come_back(visitor, _sent_away(visitor)).status_code == 303
    assert visitor.get("/inbox").status_code == 200
    assert visitor.get(f"/inbox/{REAL}").status_code == 403


def test_a_moment_that_is_still_to_come_is_not_believed(visitor: Visitor, provider: Strict) -> None:
    provider.at = NOW + timedelta(hours=1)
    assert _come_back(visitor, _sent_away(visitor)).status_code == 403


@pytest.mark.parametrize("address", ["http://login.example/", "javascript:alert(1)", "//login.example/", "/inbox"])
def test_a_browser_is_sent_to_https_and_nowhere_else(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(Strict, "away", lambda *_: address)
    assert visitor.get("/sign-in/with/teams").status_code == 403


@pytest.mark.parametrize("held", ["", "nonsense", f"{'x' * 43}.1.{'0' * 64}", "%e9.1.0"])
def test_a_trip_that_was_not_begun_here_leads_nowhere(visitor: Visitor, held: str) -> None:
    brought = _sent_away(visitor)
    answer = visitor.get(
        f"/sign-in/with/teams/done?state={brought['state']}&code={brought['code']}",
        Cookie=f"touchstone_trip={held}",
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("step", ["", "/back", "/done"])
def test_a_platform_that_is_not_set_up_is_no_page(visitor: Visitor, step: str) -> None:
    assert visitor.get(f"/sign-in/with/slack{step}").status_code == 404


def test_every_part_of_a_trip_is_another_one_each_time(visitor: Visitor, provider: Strict) -> None:
    for _ in range(20):
        _sent_away(visitor)
    trips = list(provider.issued.values())
    for part in ("state", "nonce", "verifier", "challenge"):
        assert len({getattr(trip, part) for trip in trips}) == 20
    assert not any(one.verifier in repr(one) or one.nonce in repr(one) for one in trips)
