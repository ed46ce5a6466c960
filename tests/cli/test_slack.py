"""Slack on the command line: what is missing is one line with the name of its setting, before anything takes time."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-canary", "SLACK_APP_TOKEN": "xapp-1-A1-2-canary"}


def _set(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"TOUCHSTONE_{name}", value)


def test_serve_does_not_start_with_half_of_slack(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, SLACK_BOT_TOKEN=TOKENS["SLACK_BOT_TOKEN"])
    status, output, errors = run("serve")
    assert (status, output, errors.count("\n")) == (1, "", 0)
    assert "TOUCHSTONE_SLACK_APP_TOKEN_FILE" in errors
    assert "canary" not in errors


def test_serve_does_not_start_where_nobody_is_let_in(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **TOKENS)
    status, _, errors = run("serve")
    assert (status, "TOUCHSTONE_SLACK_WORKSPACES" in errors, "canary" in errors) == (1, True, False)


def test_serve_does_not_start_with_a_token_that_cannot_be_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _set(monkeypatch, SLACK_BOT_TOKEN_FILE=str(tmp_path / "no-such-file"), SLACK_APP_TOKEN=TOKENS["SLACK_APP_TOKEN"],
         SLACK_WORKSPACES="T0SCHOOL")  # fmt: skip
    status, _, errors = run("serve")
    assert (status, "TOUCHSTONE_SLACK_BOT_TOKEN_FILE" in errors) == (1, True)


def test_check_says_that_slack_is_not_set_and_goes_on_where_it_is_wrong(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ok     Slack: not set" in run("check")[1]
    _set(monkeypatch, **TOKENS, SLACK_WORKSPACES="T0SCHOOL")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # whatever network there is, Slack is not asked
    status, output, _ = run("check")
    assert (status, "ok     insights" in output) == (1, True)
    assert "WRONG  Slack" in output
    assert "TOUCHSTONE_SLACK_BOT_TOKEN: Slack cannot be asked" in output
    assert "canary" not in output
