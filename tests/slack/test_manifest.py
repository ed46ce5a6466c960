"""The manifest: valid by Slack's own schema, and asking for nothing that docs/slack.md does not explain."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from integrations import cli
from integrations.slack.manifest import (
    COMMANDS,
    EVENTS,
    INSTALLED,
    LINK_EVENTS,
    LINK_SCOPES,
    RECEIVED,
    REPORT_MESSAGE,
    SCOPES,
    SIGN_IN_SCOPES,
    SIGNED_IN,
    as_yaml,
    manifest,
)

PROJECT = Path(__file__).parents[2]
SCHEMA = PROJECT.parent / "shared" / "schemas" / "slack-manifest-2.json"
ADDRESS = "https://touchstone.school.example"
EVERY = {
    "socket": manifest(),
    "socket with pages": manifest(back=ADDRESS),
    "http": manifest(ADDRESS, ADDRESS),
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    if not SCHEMA.exists():
        pytest.skip("shared documents are not here")
    read: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("kind", EVERY)
def test_each_is_valid_by_slack_s_schema(schema: dict[str, Any], kind: str) -> None:
    assert [f"{error.json_path}: {error.message}" for error in Draft7Validator(schema).iter_errors(EVERY[kind])] == []


def test_the_schema_sees_what_is_wrong(schema: dict[str, Any]) -> None:
    wrong = manifest()
    wrong["features"]["shortcuts"][0]["name"] = "Report this message to the DSL"
    wrong["settings"]["no such thing"] = True
    assert {error.json_path for error in Draft7Validator(schema).iter_errors(wrong)} == {
        "$.features.shortcuts[0].name", "$.settings",
    }  # fmt: skip


@pytest.mark.parametrize("kind", EVERY)
def test_as_yaml_it_reads_back_as_it_was(kind: str) -> None:
    assert yaml.safe_load(as_yaml(EVERY[kind])) == EVERY[kind]


def test_any_text_is_written_so_that_yaml_reads_the_same() -> None:
    odd = {"a": ['yes: "no"', "# none", "£\ttab", "- one", "", "🙂"], "b": {"c": [{"d": None, "e": [1, 2]}]}}
    assert yaml.safe_load(as_yaml(odd)) == odd


def test_socket_mode_needs_no_address_and_http_names_one_everywhere() -> None:
    assert "https" not in as_yaml(EVERY["socket"])
    made = EVERY["http"]
    assert made["settings"]["socket_mode_enabled"] is False
    received = f"{ADDRESS}{RECEIVED}"
    assert made["settings"]["event_subscriptions"]["request_url"] == received
    assert made["settings"]["interactivity"]["request_url"] == received
    assert [one["url"] for one in made["features"]["slash_commands"]] == [received] * len(COMMANDS)
    assert made["oauth_config"]["redirect_urls"] == [f"{ADDRESS}{INSTALLED}", f"{ADDRESS}{SIGNED_IN}"]
    assert made["oauth_config"]["scopes"]["user"] == list(SIGN_IN_SCOPES)


def test_slack_is_named_no_address_that_it_would_send_nobody_to() -> None:
    assert manifest(back="http://127.0.0.1:8080") == manifest()


def test_links_are_told_of_where_there_are_pages_to_link_to_and_nowhere_else() -> None:
    for kind in ("http", "socket with pages"):
        made = EVERY[kind]
        assert made["features"]["unfurl_domains"] == ["touchstone.school.example"]
        assert {*LINK_SCOPES} <= {*made["oauth_config"]["scopes"]["bot"]}
        assert {*LINK_EVENTS} <= {*made["settings"]["event_subscriptions"]["bot_events"]}
    assert "link" not in json.dumps(EVERY["socket"]["oauth_config"])
    assert "unfurl_domains" not in EVERY["socket"]["features"]
    assert EVERY["socket"]["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)


def test_docs_say_what_each_scope_event_and_command_is_for() -> None:
    page = (PROJECT / "docs" / "slack.md").read_text(encoding="utf-8")
    for name in (*SCOPES, *LINK_SCOPES, *SIGN_IN_SCOPES, *EVENTS, *LINK_EVENTS, *COMMANDS):
        assert f"`{name}`" in page, name
    assert EVERY["socket"]["features"]["shortcuts"][0]["name"] in page
    assert REPORT_MESSAGE not in page


# ------------------------------------------------------------------------------------------------------ the command


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["touchstone", "slack", "manifest", *arguments])
    try:
        cli.main()
    except SystemExit as end:
        if end.code:
            raise


def test_the_command_prints_it_for_socket_mode(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(monkeypatch)
    assert yaml.safe_load(capsys.readouterr().out) == EVERY["socket"]
    monkeypatch.setenv("TOUCHSTONE_ADDRESS", ADDRESS)
    _run(monkeypatch)
    assert yaml.safe_load(capsys.readouterr().out) == EVERY["socket with pages"]


def test_the_command_writes_it_for_http_into_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "manifest.yaml"
    _run(monkeypatch, "--http", f"{ADDRESS}/", "--out", str(file))
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == EVERY["http"]


@pytest.mark.parametrize(
    "address", ["touchstone.school.example", "http://a.example", f"{ADDRESS}/slack", f"{ADDRESS}?"]
)
def test_an_address_that_slack_cannot_deliver_to_is_said_so(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    with pytest.raises(SystemExit, match="https and without a path"):
        _run(monkeypatch, "--http", address)
