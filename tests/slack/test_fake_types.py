"""Slack's own types are the second opinion on the checker: what it lets pass fits them, and they are really asked."""

from pathlib import Path

import pytest

from tests.slack.fake.world import Json
from tests.slack.typed import NpmDoesNotAnswer, Rendered, complaints, shape

TEXT: Json = {"type": "plain_text", "text": "a secret"}
MODAL: Json = {"type": "modal", "title": TEXT, "blocks": [{"type": "divider"}]}


def test_nothing_that_was_written_goes_into_what_is_checked() -> None:
    rendered = Rendered()
    rendered.hear("message", [{"type": "header", "text": TEXT}, {"type": "header", "text": TEXT | {"text": "another"}}])
    rendered.hear("modal", MODAL)
    source = rendered.source()
    assert ("secret" in source, "another" in source) == (False, False)
    assert source.count("AnyBlock = ") == 1
    assert source.count("ModalView = ") == 1
    assert shape({"type": "button", "value": "a secret"}) == '{"type": "button", "value": "x"}'


def test_typescript_says_what_does_not_fit(tmp_path: Path) -> None:
    rendered = Rendered()
    rendered.hear("message", [{"type": "header", "text": TEXT}])
    rendered.hear("modal", MODAL)
    wrong = Rendered()
    wrong.hear("message", [{"type": "header", "text": TEXT, "colour": "red"}])
    wrong.hear("message", [{"type": "section", "accessory": {"type": "buton", "text": TEXT}}])
    wrong.hear("modal", {"type": "modal", "blocks": []})
    try:
        assert complaints(rendered.source(), tmp_path) == []
        found = complaints(wrong.source(), tmp_path)
    except NpmDoesNotAnswer:
        pytest.skip("npm does not answer")
    assert len(found) == 3
