"""Settings of Slack: whole or not at all, each fault by the name of its setting, and no secret shown anywhere."""

from pathlib import Path

import pytest

from integrations.settings import BadSetting, Settings, read_settings
from integrations.slack.serving import secrets

ADDRESS = "https://touchstone.school.example"
BOT, APP, SIGNING, CLIENT = "xoxb-1-canary", "xapp-1-A0123-9-canary", "signing-canary", "client-canary"
SOCKET = {"slack_bot_token": BOT, "slack_app_token": APP, "slack_workspaces": "T0SCHOOL"}
HTTP = {"slack_bot_token": BOT, "slack_signing_secret": SIGNING, "slack_workspaces": "T0SCHOOL", "address": ADDRESS}
SEVERAL = {
    "slack_signing_secret": SIGNING, "slack_client_id": "12.34", "slack_client_secret": CLIENT, "address": ADDRESS,
    "slack_workspaces": "T0SCHOOL, T0OTHER T0SCHOOL",
}  # fmt: skip


def _set(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"TOUCHSTONE_{name.upper()}", value)


@pytest.mark.parametrize(
    ("settings", "mode", "teams"),
    [
        ({}, "none", ()),
        (SOCKET, "socket", ("T0SCHOOL",)),
        (HTTP, "http", ("T0SCHOOL",)),
        (HTTP | SOCKET, "socket", ("T0SCHOOL",)),
        (SEVERAL, "http", ("T0SCHOOL", "T0OTHER")),
    ],
)
def test_what_is_set_says_how_slack_reaches_us(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], mode: str, teams: tuple[str, ...]
) -> None:
    _set(monkeypatch, **settings)
    read = read_settings()
    assert (read.slack_mode, read.slack_teams) == (mode, teams)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"slack_bot_token": BOT}, "SLACK_APP_TOKEN_FILE"),
        ({"slack_app_token": APP}, "SLACK_BOT_TOKEN_FILE"),
        ({"slack_signing_secret": SIGNING, "address": ADDRESS}, "SLACK_BOT_TOKEN_FILE"),
        ({"slack_client_id": "12.34", "slack_client_secret": CLIENT, "address": ADDRESS}, "SLACK_CLIENT_ID"),
        (SOCKET | {"slack_bot_token": APP}, "SLACK_BOT_TOKEN: it begins with xoxb-"),
        (SOCKET | {"slack_app_token": BOT}, "SLACK_APP_TOKEN: it begins with xapp-"),
        (SOCKET | {"slack_client_id": "12.34"}, "SLACK_CLIENT_ID"),
        (SOCKET | {"slack_client_secret": CLIENT}, "SLACK_CLIENT_ID"),
        (SOCKET | {"slack_client_id": "12.34", "slack_client_secret": CLIENT}, "ADDRESS"),
        (SOCKET | {"slack_workspaces": "T0SCHOOL, T0OTHER"}, "SLACK_WORKSPACES"),
        (SOCKET | {"slack_workspaces": "Oakfield"}, "SLACK_WORKSPACES"),
        (HTTP | {"address": "http://touchstone.school.example"}, "ADDRESS"),
        (HTTP | {"address": ""}, "ADDRESS"),
    ],
)
def test_what_is_missing_or_in_anothers_place_is_said_by_name_and_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], named: str
) -> None:
    _set(monkeypatch, **settings)
    with pytest.raises(BadSetting, match=f"TOUCHSTONE_{named}") as refused:
        read_settings()
    assert "canary" not in str(refused.value)


def test_each_secret_is_read_from_its_file_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in (("bot_token", BOT), ("app_token", APP), ("client_secret", CLIENT)):
        file = tmp_path / name
        file.write_text(f"{text}\n", encoding="utf-8")
        _set(monkeypatch, **{f"slack_{name}_file": str(file)})
    _set(monkeypatch, slack_client_id="12.34", slack_workspaces="T0SCHOOL", address=ADDRESS)
    settings = read_settings()
    held = secrets(settings)
    assert held is not None
    assert (held.bot_token, held.app_token, held.signing_secret, held.client_secret) == (BOT, APP, "", CLIENT)
    assert held.app == "A0123"
    assert "canary" not in repr(settings) + repr(held) + str(held)


@pytest.mark.parametrize("text", [None, "", " \n", "xapp-1-A1-2-canary", "\udcff"])
def test_a_file_that_holds_no_such_token_is_said_so(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "token"
    if text is not None:
        file.write_bytes(text.encode(errors="surrogateescape"))
    settings = Settings.model_validate(
        {"slack_bot_token_file": file, "slack_app_token": APP, "slack_workspaces": "T0A"}
    )
    with pytest.raises(BadSetting, match="TOUCHSTONE_SLACK_BOT_TOKEN_FILE") as refused:
        secrets(settings)
    assert "canary" not in str(refused.value)


def test_without_a_workspace_nobody_is_let_in_and_that_is_said() -> None:
    settings = Settings.model_validate({**SOCKET, "slack_workspaces": ""})
    with pytest.raises(BadSetting, match="TOUCHSTONE_SLACK_WORKSPACES"):
        secrets(settings)
    assert secrets(Settings()) is None


def test_settings_that_slack_bolt_would_read_past_us_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "12.34")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", CLIENT)
    read_settings()
    _set(monkeypatch, **SOCKET)
    with pytest.raises(BadSetting, match="SLACK_CLIENT_ID, SLACK_CLIENT_SECRET") as refused:
        read_settings()
    assert "canary" not in str(refused.value)
