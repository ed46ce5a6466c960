"""The conversations of tests/transcripts, through Slack: what a person does there, and reads there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.testing import FixedClock, load_transcript, play
from integrations.slack.modals import OPEN_FORM
from tests.slack.fake.filling import chosen
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.views import FIELDS, LISTS, View, fields, value_of
from tests.slack.worlds import made

TRANSCRIPTS = sorted((Path(__file__).parents[1] / "transcripts").glob("*.toml"))


@dataclass
class AtSlack:
    """Slack as a platform for transcripts: direct messages, and forms in a modal that the App Home opens."""

    person: Person

    def says(self, text: str) -> str:
        return "\n".join(one.text for one in self.person.says(text))

    def opens(self, form: str) -> str:
        self.person.opens_home()
        self.person.presses(f"{OPEN_FORM}.{form}")
        return self._shown()

    def sends(self, answers: Mapping[str, str]) -> str:
        """What is in the fields goes to us as it is: without what Slack itself asks for, and before we heard a choice.

        So a question can be answered that the modal does not show (yet, or any more), as on a page without script.
        """
        modal = self._modal()
        known = {block["block_id"]: element for block, element in fields(modal.blocks)}
        for key, value in answers.items():
            name = f"answer.{key}"
            element = known.get(name, {"type": "plain_text_input", "action_id": "text"})
            given = value.split("\n") if FIELDS[element["type"]][0] in LISTS else value
            modal.state[name] = {element["action_id"]: value_of(element, chosen(element, given))}
        for block in modal.blocks:
            if block["type"] == "input":
                block["optional"] = True
        self.person.submits()
        return self._shown()

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
    play(load_transcript(path), AtSlack(ann))
    slack.detach()
    world.close()
