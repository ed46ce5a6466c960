"""The fake's Web API refuses what Slack refuses; what is refused fails the test that did not expect it."""

import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from integrations.slack.manifest import manifest
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.world import Json

MODAL: Json = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "A"},
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "a"}}],
}
HOME: Json = {"type": "home", "blocks": MODAL["blocks"]}


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.base_url, timeout=5)


def refused(slack: FakeSlack, client: WebClient, code: str, method: str, **given: Any) -> None:  # noqa: ANN401
    with slack.expecting(code), pytest.raises(SlackApiError) as error:
        client.api_call(method, json=given)
    assert error.value.response["error"] == code
    assert slack.calls[-1].error == code


def test_what_is_refused_fails_the_test_unless_it_is_expected() -> None:
    slack = FakeSlack(manifest())
    slack.team("T1")
    with pytest.raises(SlackApiError):
        WebClient(slack.bot_token, base_url=slack.base_url).api_call("chat.shout")
    with pytest.raises(AssertionError, match=r"unknown_method: chat\.shout"):
        slack.__exit__(None, None, None)


def test_an_error_that_is_expected_and_does_not_happen_fails_the_test(slack: FakeSlack) -> None:
    with pytest.raises(AssertionError, match="did not happen"), slack.expecting("hash_conflict"):
        pass


def test_a_call_needs_a_token_that_is_known_and_of_the_right_kind(slack: FakeSlack) -> None:
    for token, code in (
        (None, "not_authed"),
        ("xoxb-other", "invalid_auth"),
        (slack.app_token, "not_allowed_token_type"),
    ):
        refused(slack, WebClient(token, base_url=slack.base_url), code, "auth.test")
    bot = WebClient(slack.bot_token, base_url=slack.base_url)
    refused(slack, bot, "not_allowed_token_type", "apps.connections.open")


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("chat.postMessage", {"channel": "C1", "text": "a", "colour": "red"}),
        ("chat.postMessage", {"text": "a"}),
        ("chat.postMessage", {"channel": "C1", "text": 5}),
        ("chat.postMessage", {"channel": "C1", "text": "a", "blocks": {}}),
        ("chat.postMessage", {"channel": "C1", "text": "a", "mrkdwn": "perhaps"}),
        ("chat.postMessage", {"channel": "C1", "blocks": [{"type": "divider"}]}),
        ("conversations.open", {}),
        ("conversations.open", {"users": "U1", "channel": "C1"}),
        ("views.update", {"view": MODAL}),
        ("views.open", {"trigger_id": "1.2.3", "view": HOME}),
        ("views.publish", {"user_id": "U1", "view": MODAL}),
        ("assistant.threads.setSuggestedPrompts", {"channel_id": "C1", "prompts": [{"title": "a", "message": "b"}]}),
    ],
)
def test_wrong_arguments_are_refused(slack: FakeSlack, client: WebClient, method: str, given: Json) -> None:
    refused(slack, client, "invalid_arguments", method, **given)


def test_blocks_are_checked_in_messages_and_views(slack: FakeSlack, client: WebClient, ann: Person) -> None:
    wrong = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    refused(slack, client, "invalid_blocks", "chat.postMessage", channel="C1", text="a", blocks=wrong)
    refused(slack, client, "invalid_blocks", "chat.postEphemeral", channel="C1", user="U1", text="a", blocks=wrong)
    refused(slack, client, "invalid_blocks", "views.publish", user_id="U1", view=HOME | {"blocks": wrong})
    trigger = slack.world.trigger("T1", "U1")
    refused(slack, client, "invalid_blocks", "views.open", trigger_id=trigger, view=MODAL | {"blocks": wrong})
    assert (ann.sees(), ann.home, ann.modal) == ([], None, None)


def test_a_scope_that_the_manifest_does_not_ask_for_is_missing(slack: FakeSlack) -> None:
    team = slack.team("T2", frozenset({"chat:write"}))
    client = WebClient(team.bot_token, base_url=slack.base_url)
    team.user("U9")
    refused(slack, client, "missing_scope", "users.info", user="U9")
    refused(slack, client, "missing_scope", "conversations.open", users="U9")
    assert client.auth_test().headers["x-oauth-scopes"] == "chat:write"


def test_a_workspace_knows_nothing_of_another(slack: FakeSlack) -> None:
    team = slack.team("T2")
    client = WebClient(team.bot_token, base_url=slack.base_url)
    refused(slack, client, "user_not_found", "users.info", user="U1")
    refused(slack, client, "channel_not_found", "chat.postMessage", channel="C1", text="a")
    refused(slack, client, "invalid_trigger_id", "views.open", trigger_id=slack.world.trigger("T1", "U1"), view=MODAL)
    refused(slack, client, "team_access_not_granted", "auth.test", team_id="T1")


def test_messages_go_only_where_the_bot_may_write(slack: FakeSlack, client: WebClient) -> None:
    team = slack.team("T1")
    team.channel("C2", members=["U1"], has_bot=False)
    team.channel("G1", members=["U1"], kind="group", has_bot=False)
    team.channel("C3", members=["U1"]).is_archived = True
    for channel, code in (("C2", "not_in_channel"), ("G1", "channel_not_found"), ("C3", "is_archived")):
        refused(slack, client, code, "chat.postMessage", channel=channel, text="a")
    refused(slack, client, "no_text", "chat.postMessage", channel="C1")
    refused(slack, client, "msg_too_long", "chat.postMessage", channel="C1", text="x" * 40_001)
    refused(slack, client, "thread_not_found", "chat.postMessage", channel="C1", text="a", thread_ts="1.000001")


def test_an_ephemeral_message_goes_to_members_alone_and_is_seen_by_nobody_else(
    slack: FakeSlack, client: WebClient, ann: Person, bob: Person
) -> None:
    refused(slack, client, "user_not_in_channel", "chat.postEphemeral", channel="C1", user="U3", text="a")
    stamp = client.chat_postEphemeral(channel="C1", user="U1", text="a")["message_ts"]
    assert ([each.text for each in ann.sees()], bob.sees()) == (["a"], [])
    refused(slack, client, "message_not_found", "chat.update", channel="C1", ts=stamp, text="b")


def test_an_ephemeral_message_in_a_thread_without_replies_would_be_shown_to_nobody(
    slack: FakeSlack, client: WebClient, ann: Person
) -> None:
    first = ann.leaves("May I?", "C1").ts
    given: Json = {"channel": "C1", "user": "U1", "text": "a", "thread_ts": first}
    refused(slack, client, "shown_to_nobody", "chat.postEphemeral", **given)
    ann.leaves("Anybody?", "C1", first)
    assert client.chat_postEphemeral(**given)["ok"]


def test_the_bot_changes_its_own_messages_alone(slack: FakeSlack, client: WebClient, ann: Person) -> None:
    theirs = ann.leaves("hello", "C1").ts
    refused(slack, client, "cant_update_message", "chat.update", channel="C1", ts=theirs, text="b")
    refused(slack, client, "message_not_found", "chat.update", channel="C1", ts="1.000001", text="b")
    refused(slack, client, "message_not_found", "chat.getPermalink", channel="C1", message_ts="1.000001")
    own = client.chat_postMessage(channel="C1", text="a")["ts"]
    client.chat_update(channel="C1", ts=own, text="b")
    assert [each.text for each in ann.sees() if each.is_ours] == ["b"]


def test_direct_messages_are_opened_with_people_who_are_there(slack: FakeSlack, client: WebClient, ann: Person) -> None:
    slack.team("T1").user("U8", deleted=True)
    slack.team("T1").user("U9", is_bot=True)
    refused(slack, client, "user_disabled", "conversations.open", users="U8")
    refused(slack, client, "cannot_dm_bot", "conversations.open", users="U9")
    refused(slack, client, "user_not_found", "conversations.open", users="U7")
    channel = client.conversations_open(users="U1")["channel"]["id"]
    client.chat_postMessage(channel=channel, text="a")
    assert [each.channel for each in ann.sees()] == [ann.dm]


def test_people_are_told_of_as_slack_tells(slack: FakeSlack, client: WebClient) -> None:
    assert client.users_info(user="U3")["user"]["is_restricted"] is True
    slack.team("T1").user("U8", deleted=True, is_restricted=True)
    gone = client.users_info(user="U8")["user"]
    assert (gone["deleted"], "is_restricted" in gone) == (True, False)


# ------------------------------------------------------------------------------------ views


def test_a_trigger_is_good_once_and_for_three_seconds(slack: FakeSlack, client: WebClient, ann: Person) -> None:
    trigger = slack.world.trigger("T1", "U1")
    client.views_open(trigger_id=trigger, view=MODAL)
    refused(slack, client, "exchanged_trigger_id", "views.push", trigger_id=trigger, view=MODAL)
    old = slack.world.trigger("T1", "U1")
    slack.clock.advance(3.1)
    refused(slack, client, "expired_trigger_id", "views.push", trigger_id=old, view=MODAL)
    refused(slack, client, "invalid_trigger_id", "views.push", trigger_id="1.2.3", view=MODAL)
    assert ann.modal is not None


def test_modals_are_pushed_three_deep_and_opened_over_nothing(slack: FakeSlack, client: WebClient) -> None:
    def given() -> Json:
        return {"trigger_id": slack.world.trigger("T1", "U1"), "view": MODAL}

    refused(slack, client, "not_found", "views.push", **given())
    client.views_open(**given())
    refused(slack, client, "invalid_arguments", "views.open", **given())
    client.views_push(**given())
    client.views_push(**given())
    refused(slack, client, "push_limit_reached", "views.push", **given())


def test_an_update_needs_the_hash_of_what_is_shown(slack: FakeSlack, client: WebClient) -> None:
    view = client.views_open(trigger_id=slack.world.trigger("T1", "U1"), view=MODAL)["view"]
    newer = client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)["view"]
    assert newer["hash"] != view["hash"]
    refused(slack, client, "hash_conflict", "views.update", view_id=view["id"], hash=view["hash"], view=MODAL)
    client.views_update(view_id=view["id"], hash=newer["hash"], view=MODAL)
    refused(slack, client, "not_found", "views.update", view_id="V0", view=MODAL)
    refused(slack, client, "invalid_arguments", "views.update", view_id=view["id"], view=HOME)


def test_an_external_id_is_not_used_twice(slack: FakeSlack, client: WebClient) -> None:
    named = MODAL | {"external_id": "one"}
    client.views_open(trigger_id=slack.world.trigger("T1", "U1"), view=named)
    trigger = slack.world.trigger("T1", "U2")
    refused(slack, client, "duplicate_external_id", "views.open", trigger_id=trigger, view=named)
    client.views_update(external_id="one", view=named)


def test_home_is_published_for_people_who_are_there(
    slack: FakeSlack, client: WebClient, ann: Person, bob: Person
) -> None:
    client.views_publish(user_id="U1", view=HOME)
    assert (ann.home is not None, bob.home) == (True, None)
    refused(slack, client, "user_not_found", "views.publish", user_id="U7", view=HOME)
    refused(slack, client, "hash_conflict", "views.publish", user_id="U1", view=HOME, hash="old")


# ------------------------------------------------------------------------------------ the agent view


def test_prompts_and_status_are_checked(slack: FakeSlack, client: WebClient, ann: Person) -> None:
    first = ann.leaves("hello", ann.dm).ts
    client.assistant_threads_setStatus(channel_id=ann.dm, thread_ts=first, status="")
    refused(slack, client, "invalid_arguments", "assistant.threads.setStatus", channel_id=ann.dm, thread_ts=first)
    prompt = {"title": "May I?", "message": "May I be friends with a pupil?"}
    client.assistant_threads_setSuggestedPrompts(channel_id=ann.dm, prompts=[prompt] * 4)
    for prompts in ([prompt] * 5, [], [{"title": "May I?"}], [{**prompt, "message": ""}]):
        name = "assistant.threads.setSuggestedPrompts"
        refused(slack, client, "invalid_arguments", name, channel_id=ann.dm, prompts=prompts)


# ------------------------------------------------------------------------------------ response addresses


def post(url: str, body: str) -> int:
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/json"})  # noqa: S310 (ours)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 (ours)
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_response_address_is_good_five_times_for_half_an_hour(slack: FakeSlack, ann: Person, bob: Person) -> None:
    url = slack.response_url(slack.world.answerable("T1", "U1", "C1"))
    assert [post(url, '{"text": "a"}') for _ in range(5)] == [200] * 5
    assert (len(ann.sees()), len(bob.sees())) == (5, 0)
    with slack.expecting("used_url"):
        assert post(url, '{"text": "a"}') == 404
    late = slack.response_url(slack.world.answerable("T1", "U1", "C1"))
    slack.clock.advance(1801)
    with slack.expecting("expired_url"):
        assert post(late, '{"text": "a"}') == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"text": "a", "channel": "C1"}', "invalid_arguments"),
        ('{"text": "a", "response_type": "loud"}', "invalid_arguments"),
        ("{}", "no_text"),
        ('{"text": "a", "blocks": [{"type": "nothing"}]}', "invalid_blocks"),
        ('{"delete_original": true}', "message_not_found"),
    ],
)
def test_what_is_posted_to_a_response_address_is_checked(slack: FakeSlack, ann: Person, body: str, code: str) -> None:
    with slack.expecting(code):
        assert post(slack.response_url(slack.world.answerable("T1", "U1", "C1")), body) == 400
    assert ann.sees() == []


def test_a_response_replaces_and_deletes_the_ephemeral_message_that_it_answers(
    slack: FakeSlack, client: WebClient, ann: Person
) -> None:
    client.chat_postEphemeral(channel="C1", user="U1", text="a")
    url = slack.response_url(slack.world.answerable("T1", "U1", "C1", ann.last.message))
    post(url, '{"text": "b", "replace_original": true}')
    assert [each.text for each in ann.sees()] == ["b"]
    post(url, '{"delete_original": true}')
    assert ann.sees() == []


# ------------------------------------------------------------------------------------ bad days


def test_a_call_fails_as_often_as_it_was_told_to(slack: FakeSlack, client: WebClient, ann: Person) -> None:
    slack.fail("chat.postMessage", status=429, retry_after=7)
    with pytest.raises(SlackApiError) as error:
        client.chat_postMessage(channel="C1", text="a")
    assert (error.value.response.status_code, error.value.response.headers["Retry-After"]) == (429, "7")
    slack.fail("chat.postMessage", status=503, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel="C1", text="a")
    slack.fail("chat.postMessage", error="fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        client.chat_postMessage(channel="C1", text="a")
    assert ann.sees() == []
    client.chat_postMessage(channel="C1", text="a")
    assert len(ann.sees()) == 1


def test_a_slow_call_is_answered_late_or_not_in_time(slack: FakeSlack, client: WebClient, ann: Person) -> None:
    slack.fail("chat.postMessage", seconds=0.3, error="")
    began = time.monotonic()
    client.chat_postMessage(channel="C1", text="a")
    assert time.monotonic() - began >= 0.3
    slack.fail("chat.postMessage", seconds=2, error="")
    with pytest.raises(TimeoutError):
        WebClient(slack.bot_token, base_url=slack.base_url, timeout=1).chat_postMessage(channel="C1", text="b")
    assert "b" not in [each.text for each in ann.sees()]
