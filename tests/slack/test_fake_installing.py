"""The fake where the app is installed and taken out, where Slack asks for its address, and where many people act."""

import threading
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from tests.slack.bolting import bolt, routed
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack

BACK = "https://touchstone.school.example/slack/installed"


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(base_url=slack.base_url, timeout=5)


def trade(slack: FakeSlack, client: WebClient, code: str, **other: str) -> Any:  # noqa: ANN401 (an answer of Slack)
    given = {"client_id": slack.client_id, "client_secret": slack.client_secret, "redirect_uri": BACK}
    return client.oauth_v2_access(code=code, **(given | other))


def test_a_code_is_good_once_for_the_token_of_its_workspace(slack: FakeSlack, client: WebClient) -> None:
    slack.team("T2").user("U9")
    code = slack.code("T2", "U9", BACK)
    told = trade(slack, client, code)
    assert (told["team"]["id"], told["authed_user"]["id"], told["token_type"]) == ("T2", "U9", "bot")
    assert client.auth_test(token=told["access_token"])["team_id"] == "T2"
    with slack.expecting("invalid_code"), pytest.raises(SlackApiError, match="invalid_code"):
        trade(slack, client, code)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"client_id": "another"}, "invalid_client_id"),
        ({"client_secret": "another"}, "bad_client_secret"),
        ({"redirect_uri": "https://evil.example"}, "bad_redirect_uri"),
    ],
)
def test_a_code_is_good_for_this_app_at_its_address_alone(
    slack: FakeSlack, client: WebClient, other: dict[str, str], code: str
) -> None:
    with slack.expecting(code), pytest.raises(SlackApiError, match=code):
        trade(slack, client, slack.code("T1", "U1", BACK), **other)


def test_a_code_grows_old(slack: FakeSlack, client: WebClient) -> None:
    code = slack.code("T1", "U1", BACK)
    slack.clock.advance(601)
    with slack.expecting("code_expired"), pytest.raises(SlackApiError, match="code_expired"):
        trade(slack, client, code)


def test_where_the_app_is_taken_out_its_token_is_good_for_nothing_and_it_is_told(slack: FakeSlack) -> None:
    told = []
    app = bolt(slack)
    client = WebClient(slack.bot_token, base_url=slack.base_url)
    client.auth_test()

    @app.middleware
    async def hears(body: dict[str, Any], next: Any) -> None:  # noqa: A002, ANN401 (bolt's own)
        told.append(body["event"]["type"])
        await next()

    @app.event("tokens_revoked")
    @app.event("app_uninstalled")
    async def nothing() -> None:
        """Nothing more to do."""

    slack.attach_http(routed(app))
    with slack.expecting("invalid_auth"):
        slack.uninstall(slack.team("T1"))
        with pytest.raises(SlackApiError, match="invalid_auth"):
            client.auth_test()
    assert told == ["tokens_revoked", "app_uninstalled"]


def test_a_token_that_is_given_back_is_good_for_nothing(slack: FakeSlack) -> None:
    team = slack.team("T2")
    client = WebClient(team.bot_token, base_url=slack.base_url)
    assert client.auth_revoke(test=True)["revoked"] is False
    assert client.auth_revoke()["revoked"] is True
    with slack.expecting("invalid_auth"), pytest.raises(SlackApiError, match="invalid_auth"):
        client.auth_test()


def test_an_address_shows_that_it_is_the_apps_own(slack: FakeSlack) -> None:
    slack.attach_http(routed(bolt(slack)))
    assert slack.verify_url()


def test_the_app_hears_of_its_own_edits(slack: FakeSlack, ann: Person) -> None:
    app = bolt(slack)

    @app.event("message")
    async def hears(event: dict[str, Any], client: Any, say: Any) -> None:  # noqa: ANN401 (bolt's own)
        said = await say("One moment.")
        await client.chat_update(channel=event["channel"], ts=said["ts"], text="Done.")

    slack.attach_http(routed(app))
    assert [each.text for each in ann.says("hello")] == ["Done."]
    echoes = [each.payload["event"] for each in slack.deliveries if each.is_echo]
    assert [each.get("subtype", "") for each in echoes] == ["", "message_changed"]
    assert (echoes[0]["text"], echoes[1]["previous_message"]["text"]) == ("One moment.", "One moment.")
    assert (echoes[1]["message"]["text"], echoes[1]["message"]["bot_id"]) == ("Done.", slack.team("T1").bot_id)


def test_many_people_act_at_once_and_each_sees_their_own_answer(slack: FakeSlack) -> None:
    app = bolt(slack)
    people = [slack.team("T1").user(f"U{number}") and slack.person(f"U{number}") for number in range(10, 30)]

    @app.event("message")
    async def hears(event: dict[str, Any], say: Any) -> None:  # noqa: ANN401 (bolt's own)
        await say(f"You said: {event['text']}")

    slack.attach_http(routed(app))
    seen: dict[str, list[str]] = {}

    def act(person: Person) -> None:
        person.says(person.id)
        seen[person.id] = [each.text for each in person.sees() if each.is_ours]

    threads = [threading.Thread(target=act, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert seen == {person.id: [f"You said: {person.id}"] for person in people}
