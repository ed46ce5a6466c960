"""What `touchstone check` says of Slack: what is missing, in the words of the settings."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from integrations.settings import BadSetting, Settings
from integrations.slack.checking import SlackWrong, look, without
from integrations.slack.manifest import SCOPES
from tests.bot.people import directory
from tests.slack.accounts import TEAM, TOKEN, Accounts, accounts

APP = "xapp-1-A1-2-good"
ADDRESS = "https://touchstone.school.example"
SOCKET = {"slack_bot_token": TOKEN, "slack_app_token": APP, "slack_workspaces": TEAM}
SEVERAL = {
    "slack_signing_secret": "signed", "slack_client_id": "12.34", "slack_client_secret": "secret", "address": ADDRESS,
    "slack_workspaces": f"{TEAM},T0OTHER",
}  # fmt: skip


@pytest.fixture
def slack() -> Iterator[Accounts]:
    with accounts() as state:
        state.tokens.add(APP)
        yield state


def _nowhere() -> Callable[[str], str]:
    pytest.fail("the records were opened for a token that is set")


def _look(slack: Accounts, given: dict[str, str], token_of: Callable[[], Callable[[str], str]] = _nowhere) -> str:
    return look(Settings.model_validate(given), token_of, slack.base)


def test_where_all_is_well_it_says_where_and_how(slack: Accounts) -> None:
    assert _look(slack, SOCKET) == f"in Oakfield ({TEAM}); Socket Mode: Slack lets us connect"
    assert [method for method, _ in slack.heard] == ["auth.test", "apps.connections.open"]


def test_where_slack_is_not_set_nobody_is_asked(slack: Accounts) -> None:
    assert "not set" in _look(slack, {})
    assert slack.heard == []


def test_a_workspace_that_is_not_set_is_named(slack: Accounts) -> None:
    with pytest.raises(SlackWrong, match=f"of Oakfield; TOUCHSTONE_SLACK_WORKSPACES is not set, and must be {TEAM}"):
        _look(slack, SOCKET | {"slack_workspaces": ""})
    with pytest.raises(SlackWrong, match=f"TOUCHSTONE_SLACK_WORKSPACES is T0OTHER, and must be {TEAM}"):
        _look(slack, SOCKET | {"slack_workspaces": "T0OTHER"})


def test_a_scope_that_is_missing_is_named_with_what_to_do(slack: Accounts) -> None:
    slack.scopes = ",".join(scope for scope in SCOPES if scope not in {"im:write", "users:read"})
    with pytest.raises(SlackWrong, match="not allowed: im:write, users:read; install the app in Oakfield again"):
        _look(slack, SOCKET)


@pytest.mark.parametrize(
    ("broken", "named"), [(TOKEN, "TOUCHSTONE_SLACK_BOT_TOKEN: invalid_auth"), (APP, "TOUCHSTONE_SLACK_APP_TOKEN: ")]
)
def test_a_token_that_is_no_good_is_named_by_its_setting_and_not_shown(
    slack: Accounts, broken: str, named: str
) -> None:
    slack.tokens.discard(broken)
    with pytest.raises(SlackWrong, match=named) as refused:
        _look(slack, SOCKET)
    assert broken not in str(refused.value)


def test_that_slack_cannot_be_asked_is_not_called_a_bad_token(slack: Accounts) -> None:
    nowhere = "http://127.0.0.1:9/api/"
    with pytest.raises(SlackWrong, match="TOUCHSTONE_SLACK_BOT_TOKEN: Slack cannot be asked"):
        look(Settings.model_validate(SOCKET), _nowhere, nowhere)
    assert slack.heard == []


def test_of_several_workspaces_each_is_asked_for_and_where_it_is_not_installed_is_said(slack: Accounts) -> None:
    said = _look(slack, SEVERAL, lambda: lambda team: TOKEN if team == TEAM else "")
    assert said == (
        f"in Oakfield ({TEAM}); NOT INSTALLED in T0OTHER: open {ADDRESS}/slack/install; "
        f"HTTP mode: Slack delivers to {ADDRESS}/slack/events; people sign in to {ADDRESS} with Slack"
    )


def test_an_installation_whose_token_was_revoked_is_named(slack: Accounts) -> None:
    slack.tokens.clear()
    with pytest.raises(SlackWrong, match=f"the installation in {TEAM}: open {ADDRESS}/slack/install: invalid_auth"):
        _look(slack, SEVERAL, lambda: lambda _team: TOKEN)


def test_a_file_that_is_not_there_is_named(slack: Accounts) -> None:
    with pytest.raises(BadSetting, match="TOUCHSTONE_SLACK_BOT_TOKEN_FILE"):
        _look(slack, {"slack_bot_token_file": "/nowhere", "slack_app_token": APP})


def test_who_cannot_be_told_in_slack_is_known_by_name() -> None:
    ann, ben, cat = directory(("ann", "dsl"), ("ben", "headteacher"), ("cat", "slt")).persons
    people = [replace(ann, slack="U1"), replace(ben, slack=f"{TEAM}/U2"), replace(cat, slack="T0ELSE/U3"), cat]
    assert without(people, [TEAM]) == (cat.name,)
    assert without(people, [TEAM, "T0OTHER"]) == (ann.name, cat.name)
