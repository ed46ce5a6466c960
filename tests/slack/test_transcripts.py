"""The conversations of tests/transcripts, through Slack: what a person does there, and reads there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.testing import FixedClock, load_transcript, play
from integrations.slack.modals import OPEN_FORM
from tests.slack.fake.filling import chosen, unfilled
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.views import FIELDS, LISTS, View, fields, value_of
from tests.slack.fake.world import Json
from tests.slack.worlds import made

PAST_SLACK = {"concern_about_a_child": 1, "contact_with_a_parent": 1, "concern_about_an_adult_as_well": 1}
"""Which sending of a transcript is about what Slack itself would refuse: a question left open that must be answered, or
an answer to one that is not asked."""

TRANSCRIPTS = sorted((Path(__file__).parents[1] / "transcripts").glob("*.toml"))


@dataclass
class AtSlack:
    """Slack as a platform for transcripts: direct messages, and forms in a modal that the App Home opens."""

    person: Person
    past_slack: int = 0
    sent: int = 0

    def says(self, text: str) -> str:
        return "\n".join(one.text for one in self.person.says(text))

    def opens(self, form: str) -> str:
        self.person.opens_home()
        self.person.presses(f"{OPEN_FORM}.{form}")
        return self._shown()

    def sends(self, answers: Mapping[str, str]) -> str:
        """Fills in what is shown, then what that brings up, and sends it as a person does.

        What nobody can do in Slack is done past it, where a transcript is about that (``PAST_SLACK``).
        """
        left = dict(answers)
        while shown := [key for key in left if self._fits(key, left[key])]:
            self.person.fills({f"answer.{shown[0]}": self._given(shown[0], left.pop(shown[0]))})
        self.sent += 1
        is_refused = bool(left or unfilled(self._modal()))
        assert is_refused == (self.sent == self.past_slack), f"left: {sorted(left)}, asked: {unfilled(self._modal())}"
        if is_refused:
            self._force(left)
        self.person.submits()
        return self._shown()

    def _fits(self, key: str, value: str) -> bool:
        """Whether it can be filled in in the modal as it is now."""
        element = self._element(key)
        try:
            return element is not None and bool(chosen(element, self._given(key, value)) or not value)
        except AssertionError:
            return False

    def _element(self, key: str) -> Json | None:
        return next(
            (element for block, element in fields(self._modal().blocks) if block["block_id"] == f"answer.{key}"), None
        )

    def _given(self, key: str, value: str) -> str | list[str]:
        element = self._element(key)
        return value.split("\n") if element is not None and FIELDS[element["type"]][0] in LISTS else value

    def _force(self, left: Mapping[str, str]) -> None:
        """What Slack would not let pass goes to us as it is."""
        modal = self._modal()
        for key, value in left.items():
            element = self._element(key) or {"type": "plain_text_input", "action_id": "text"}
            modal.state[f"answer.{key}"] = {element["action_id"]: value_of(element, value)}
        for block in modal.blocks:
            if block["type"] == "input":
                block["optional"] = True

    def _modal(self) -> View:
        modal = self.person.modal
        assert modal is not None
        return modal

    def _shown(self) -> str:
        """The words of the modal, and what is wrong with what was typed."""
        modal = self._modal()
        return "\n".join([modal.title, modal.text, *modal.errors.values()])


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written_through_slack(  # noqa: PLR0913, PLR0917 (fixtures)
    slack: FakeSlack, ann: Person, desk: Desk, clock: FixedClock, tmp_path: Path, path: Path
) -> None:
    world = made(slack, desk, tmp_path / "arrivals.sqlite3", clock=clock)
    play(load_transcript(path), AtSlack(ann, PAST_SLACK.get(path.stem, 0)))
    slack.detach()
    world.close()
