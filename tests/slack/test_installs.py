"""Several workspaces: each with a token of its own, sealed; and nobody installs but where the settings let them."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.cases import records
from bot.engines import Store
from bot.testing import FixedClock
from integrations.slack.install_pages import InstallPages
from integrations.slack.installs import Installed, Installs
from integrations.slack.manifest import LINK_SCOPES, SCOPES
from tests.slack.accounts import CLIENT_ID, CLIENT_SECRET, TEAM, TOKEN, Accounts, accounts

ADDRESS = "https://touchstone.school.example"
KEY = bytes(range(32))
OAKFIELD = Installed(TEAM, "Oakfield", TOKEN, "U0BOT", "B1", "A1", SCOPES)


@pytest.fixture
def slack() -> Iterator[Accounts]:
    with accounts() as state:
        yield state


@pytest.fixture
def installs(store: Store, clock: FixedClock) -> Installs:
    return Installs(store, KEY, clock)


@pytest.fixture
def visitor(slack: Accounts, installs: Installs, clock: FixedClock) -> Iterator[TestClient]:
    pages = InstallPages(
        installs,
        client=slack.client,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        workspaces=(TEAM,),
        address=ADDRESS,
        key=KEY,
        clock=clock,
    )
    with TestClient(Starlette(routes=pages.routes()), base_url=ADDRESS, follow_redirects=False) as client:
        yield client


def _sent_away(visitor: TestClient) -> dict[str, str]:
    answer = visitor.get("/slack/install")
    assert answer.status_code == 303
    address = urlsplit(answer.headers["Location"])
    assert (address.scheme, address.netloc, address.path) == ("https", "slack.com", "/oauth/v2/authorize")
    return {name: value for name, (value,) in parse_qs(address.query).items()}


def _come_back(slack: Accounts, visitor: TestClient, state: str, code: str = "a-code") -> Response:
    slack.codes[code] = f"{ADDRESS}/slack/installed"
    answer: Response = visitor.get("/slack/installed", params={"state": state, "code": code})
    return answer


# ----------------------------------------------------------------------------------------------------------- kept


def test_what_is_kept_is_found_again_by_its_workspace_alone(installs: Installs) -> None:
    installs.keep(OAKFIELD)
    assert installs.of(TEAM) == OAKFIELD
    assert installs.of("T0OTHER") is None
    assert installs.teams() == (TEAM,)


def test_a_later_installation_stands_in_the_place_of_an_earlier_one(installs: Installs) -> None:
    installs.keep(OAKFIELD)
    later = Installed(TEAM, "Oakfield", "xoxb-2-later", "U0BOT", "B1", "A1", SCOPES)
    installs.keep(later)
    assert (installs.of(TEAM), installs.teams()) == (later, (TEAM,))


def test_what_was_taken_out_is_gone(installs: Installs, clock: FixedClock) -> None:
    installs.keep(OAKFIELD)
    installs.drop(TEAM, clock.now())
    installs.drop(TEAM, clock.now())
    assert (installs.of(TEAM), installs.teams()) == (None, ())


def test_what_slack_tells_late_does_not_take_out_what_was_installed_since(
    installs: Installs, clock: FixedClock
) -> None:
    installs.keep(OAKFIELD)
    taken_out = clock.now() + timedelta(minutes=5)
    clock.go_on(timedelta(minutes=10))
    installs.keep(OAKFIELD)
    installs.drop(TEAM, taken_out)
    assert installs.of(TEAM) == OAKFIELD


def test_a_token_is_in_the_records_only_sealed_and_opens_for_its_own_workspace_alone(
    installs: Installs, store: Store, clock: FixedClock
) -> None:
    installs.keep(OAKFIELD)
    table = records.installations
    with store.reading() as connection:
        sealed = connection.scalar(select(table.c.sealed))
    assert sealed is not None
    assert TOKEN.encode() not in sealed
    assert TOKEN not in repr(OAKFIELD)
    assert Installs(store, bytes(32), clock).of(TEAM) is None
    with store.writing() as connection:
        connection.execute(update(table).values(team="T0OTHER"))
        connection.commit()
    assert installs.of("T0OTHER") is None


def test_what_an_earlier_version_did_not_ask_for_is_known_to_be_missing() -> None:
    assert OAKFIELD.missing == ()
    assert Installed(TEAM, "Oakfield", TOKEN, "U0BOT", "B1", "A1", ("commands",)).missing == tuple(
        scope for scope in SCOPES if scope != "commands"
    )


# --------------------------------------------------------------------------------------------------- there and back


def test_an_administrator_installs_it_in_a_workspace_that_is_let_in(
    slack: Accounts, visitor: TestClient, installs: Installs
) -> None:
    asked = _sent_away(visitor)
    assert asked["scope"].split(",") == [*SCOPES, *LINK_SCOPES]
    assert (asked["redirect_uri"], asked["team"]) == (f"{ADDRESS}/slack/installed", TEAM)
    answer = _come_back(slack, visitor, asked["state"])
    assert (answer.status_code, "Oakfield" in answer.text) == (200, True)
    assert installs.of(TEAM) == OAKFIELD
    assert TOKEN not in answer.text


def test_the_way_back_is_open_once_to_the_browser_that_set_out(
    slack: Accounts, visitor: TestClient, installs: Installs
) -> None:
    state = _sent_away(visitor)["state"]
    kept = dict(visitor.cookies)
    visitor.cookies.clear()
    assert _come_back(slack, visitor, state).status_code == 403
    assert slack.heard == []
    for name, value in kept.items():
        visitor.cookies.set(name, value)
    assert _come_back(slack, visitor, state).status_code == 200
    assert visitor.get("/slack/installed", params={"state": state, "code": "a-code"}).status_code == 403
    assert installs.teams() == (TEAM,)


@pytest.mark.parametrize("state", ["", "x", "0" * 64, "é"])
def test_another_state_leads_nowhere(slack: Accounts, visitor: TestClient, installs: Installs, state: str) -> None:
    _sent_away(visitor)
    assert _come_back(slack, visitor, state).status_code == 403
    assert (installs.teams(), slack.heard) == ((), [])


def test_after_ten_minutes_one_begins_again(slack: Accounts, visitor: TestClient, clock: FixedClock) -> None:
    state = _sent_away(visitor)["state"]
    clock.go_on(timedelta(minutes=10))
    assert _come_back(slack, visitor, state).status_code == 403


@pytest.mark.parametrize(
    "said",
    [
        {"team": {"id": "T0OTHER", "name": "Another school"}},
        {"team": None, "is_enterprise_install": True, "enterprise": {"id": "E1"}},
        {"is_enterprise_install": True},
    ],
)
def test_a_workspace_that_is_not_let_in_is_not_kept_and_its_token_is_given_back(
    slack: Accounts, visitor: TestClient, installs: Installs, said: dict[str, object]
) -> None:
    slack.installed = said
    answer = _come_back(slack, visitor, _sent_away(visitor)["state"])
    assert (answer.status_code, "TOUCHSTONE_SLACK_WORKSPACES" in answer.text) == (403, True)
    assert installs.teams() == ()
    assert [method for method, _ in slack.heard][-1] == "auth.revoke"


def test_an_app_that_may_do_too_little_is_not_kept_and_what_is_missing_is_said(
    slack: Accounts, visitor: TestClient, installs: Installs
) -> None:
    slack.installed = {"scope": ",".join(scope for scope in SCOPES if scope != "im:write")}
    answer = _come_back(slack, visitor, _sent_away(visitor)["state"])
    assert (answer.status_code, "(im:write)" in answer.text) == (403, True)
    assert installs.teams() == ()


@pytest.mark.parametrize("method", ["oauth.v2.access", "auth.test"])
def test_while_slack_does_not_answer_nothing_is_kept(
    slack: Accounts, visitor: TestClient, installs: Installs, method: str
) -> None:
    slack.broken[method] = 503
    assert _come_back(slack, visitor, _sent_away(visitor)["state"]).status_code == 403
    assert installs.teams() == ()


def test_who_was_refused_at_slack_is_told_to_begin_again(visitor: TestClient) -> None:
    state = _sent_away(visitor)["state"]
    answer = visitor.get("/slack/installed", params={"state": state, "error": "access_denied"})
    assert (answer.status_code, "begin again" in answer.text) == (403, True)
