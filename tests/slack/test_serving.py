"""Slack beside the pages in one server: begun and ended with it, and no fault of Slack's stops anything else."""

import http.client
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from bot.messages import Ask
from bot.testing import FixedClock
from bot.wording import say
from integrations import app
from integrations.settings import Settings
from integrations.slack.attach import Attached
from integrations.slack.installs import Installed, Installs
from integrations.slack.manifest import SCOPES, manifest
from integrations.slack.serving import INSTALLATIONS, Slack
from integrations.slack.serving import slack as put_together
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.web.scripted import ScriptedDesk
from tests.web.serving import served

ADDRESS = "https://touchstone.school.example"
CANARY = "zebra-lantern-4471"
CLIENT = {"slack_client_id": "12.34", "slack_client_secret": "secret", "address": ADDRESS}


def _pages() -> Starlette:
    return Starlette(routes=[Route("/{path:path}", lambda _request: PlainTextResponse("a page"))])


def _get(origin: str, path: str, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk()


def _made(reports: app.Reports, desk: Any, clock: FixedClock, base_url: str, **given: str) -> Slack:  # noqa: ANN401 (the desk of the tests)
    settings = Settings.model_validate({"slack_workspaces": "T1", **given})
    made = put_together(settings, desk, reports, clock, base_url)
    assert made is not None
    return made


def _over_http(slack: FakeSlack, reports: app.Reports, desk: ScriptedDesk, clock: FixedClock, **given: str) -> Slack:
    secret = {"slack_signing_secret": slack.signing_secret}
    return _made(reports, desk, clock, slack.base_url, **secret, address=ADDRESS, **given)


def test_where_nothing_is_set_there_is_no_slack(reports: app.Reports, clock: FixedClock, desk: Any) -> None:  # noqa: ANN401 (as above)
    assert put_together(Settings(), desk, reports, clock) is None


@pytest.fixture
def by_socket() -> Iterator[FakeSlack]:
    with FakeSlack(manifest()) as slack:
        slack.team("T1").user("U1", "Ann")
        yield slack


def test_in_socket_mode_it_is_connected_as_long_as_the_server_runs(
    by_socket: FakeSlack, reports: app.Reports, desk: ScriptedDesk, clock: FixedClock
) -> None:
    slack, ann = by_socket, by_socket.person("U1")
    tokens = {"slack_bot_token": slack.bot_token, "slack_app_token": slack.app_token}
    made = _made(reports, desk, clock, slack.base_url, **tokens)
    with served(made.beside(_pages()), lifespan="on") as origin:
        slack.attach_socket()
        slack.sockets.wait()
        ann.says("May I accept a former pupil?")
        slack.until(lambda: len(ann.sees()) == 2)
        assert [one.text for one in desk.heard if isinstance(one, Ask)] == ["May I accept a former pupil?"]
        assert _get(origin, "/") == (200, "a page")
        assert _get(origin, "/slack/events", "POST")[0] == 404
        assert slack.sockets.connections == 1
    slack.until(lambda: not slack.sockets.connections)


def test_while_slack_is_away_the_pages_are_there_and_the_server_stops_at_once(
    reports: app.Reports, desk: ScriptedDesk, clock: FixedClock
) -> None:
    tokens = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1-A1-2-3"}
    made = _made(reports, desk, clock, "http://127.0.0.1:9/api/", **tokens)
    with served(made.beside(_pages()), lifespan="on") as origin:
        assert _get(origin, "/inbox") == (200, "a page")
        began = time.monotonic()
    assert time.monotonic() - began < 10


def test_whatever_breaks_when_slack_is_begun_the_pages_are_there_and_no_word_of_it_is_logged(
    monkeypatch: pytest.MonkeyPatch, reports: app.Reports, desk: ScriptedDesk, clock: FixedClock
) -> None:
    async def broken(_self: Attached) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(Attached, "begin", broken)
    tokens = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1-A1-2-3"}
    made = _made(reports, desk, clock, "http://127.0.0.1:9/api/", **tokens)
    with capture_logs() as logged, served(made.beside(_pages()), lifespan="on") as origin:
        assert _get(origin, "/") == (200, "a page")
    assert any("touchstone check" in str(line["event"]) for line in logged)
    assert CANARY not in str(logged)


def test_in_http_mode_slack_delivers_beside_the_pages(
    slack: FakeSlack, ann: Person, reports: app.Reports, desk: ScriptedDesk, clock: FixedClock
) -> None:
    made = _over_http(slack, reports, desk, clock, slack_bot_token=slack.bot_token)
    application = made.beside(_pages())
    slack.attach_http(application)
    ann.says("May I accept a former pupil?")
    assert len(ann.sees()) == 2
    ann.opens_home()
    assert ann.home is not None
    assert say("frame.not_live") in ann.home.text
    slack.detach()
    with served(application, lifespan="on") as origin:
        assert _get(origin, "/slack/events", "POST")[0] == 401
        assert _get(origin, "/slack/install")[0] == 404
        assert _get(origin, "/slackers") == (200, "a page")


def test_notices_sign_in_and_installing_are_there_as_far_as_they_are_set(
    slack: FakeSlack, reports: app.Reports, desk: ScriptedDesk, clock: FixedClock
) -> None:
    plain = _over_http(slack, reports, desk, clock, slack_bot_token=slack.bot_token)
    assert (plain.sign_in, plain.installing) == (None, ())
    assert (plain.way.token("T1"), plain.way.token("T2")) == (slack.bot_token, "")
    given = {name: value for name, value in CLIENT.items() if name != "address"}
    one = _over_http(slack, reports, desk, clock, slack_bot_token=slack.bot_token, **given)
    assert (one.sign_in is not None, one.installing) == (True, ())
    several = _over_http(slack, reports, desk, clock, **given)
    assert [route.path for route in several.installing] == ["/slack/install", "/slack/installed"]
    assert several.way.token("T1") == ""


def test_where_it_is_installed_it_answers_by_the_token_of_that_workspace_until_it_is_taken_out(
    slack: FakeSlack, ann: Person, reports: app.Reports, desk: ScriptedDesk, clock: FixedClock
) -> None:
    given = {name: value for name, value in CLIENT.items() if name != "address"}
    made = _over_http(slack, reports, desk, clock, **given)
    installs = Installs(reports.store, reports.keys.derive(INSTALLATIONS), clock)
    slack.attach_http(made.beside(_pages()))
    team = slack.world.teams["T1"]
    installs.keep(Installed("T1", "Oakfield", team.bot_token, team.bot, team.bot_id, "A1", SCOPES))
    ann.says("May I accept a former pupil?")
    assert len(ann.sees()) == 2
    now = int(clock.now().timestamp())
    slack.event(team, {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}, event_time=now)
    assert installs.teams() == ("T1",)
    for late in ({"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["U9"]}}):
        slack.event(team, late, event_time=now - 60)
        assert installs.teams() == ("T1",), "it was installed after that"
    slack.event(team, {"type": "app_uninstalled"}, event_time=now)
    assert installs.teams() == ()
    slack.detach()
