"""The conversations of tests/transcripts, through the web: what a person does on the pages, and reads there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from bot.desk import Desk
from bot.testing import FixedClock, load_transcript, play
from tests.web.conftest import Visitor
from tests.web.markup import read
from tests.web.real import application

TRANSCRIPTS = sorted((Path(__file__).parents[1] / "transcripts").glob("*.toml"))


class _Words(HTMLParser):
    """The words between header and footer of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.is_inside = False
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_inside |= tag == "main" and ("id", "main") in attrs

    def handle_endtag(self, tag: str) -> None:
        self.is_inside &= tag != "main"

    def handle_data(self, data: str) -> None:
        self.words += f" {data} " if self.is_inside else ""


@dataclass
class AtTheWeb:
    """The web as a platform for transcripts: without script, a page for each turn."""

    visitor: Visitor
    _address: str = ""
    _draft: str = field(default="", repr=False)

    def says(self, text: str) -> str:
        return _words(self.visitor.ask(text))

    def opens(self, form: str) -> str:
        self._address = f"/forms/{form}"
        return self._shown(self.visitor.get(self._address))

    def sends(self, answers: Mapping[str, str]) -> str:
        fields = {f"answer.{key}": value for key, value in answers.items()}
        return self._shown(self.visitor.post(self._address, {**fields, "draft": self._draft}))

    def _shown(self, response: Response) -> str:
        drafts = read(response.text).all("input", name="draft")
        self._draft = drafts[0].attributes["value"] if drafts else self._draft
        return _words(response)


def _words(response: Response) -> str:
    parser = _Words()
    parser.feed(response.text)
    return parser.words


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written_through_the_web(desk: Desk, clock: FixedClock, path: Path) -> None:
    whole = application(desk, clock)
    with TestClient(whole, base_url="http://localhost", follow_redirects=False) as client:
        play(load_transcript(path), AtTheWeb(Visitor(client)))
