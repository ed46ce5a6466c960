"""A fake Slack with one workspace: Ann teaches, Bob leads safeguarding, and a channel holds them both and the bot."""

from collections.abc import Iterator

import pytest

from integrations.slack.manifest import manifest
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A Slack that fails the test if the app did anything wrong, with the workspace ``T1``."""
    with FakeSlack(manifest("https://touchstone.school.example")) as slack:
        team = slack.team("T1")
        team.user("U1", "Ann")
        team.user("U2", "Bob")
        team.user("U3", "Cat", is_restricted=True)
        team.channel("C1", "staff-room", members=["U1", "U2"])
        yield slack


@pytest.fixture
def ann(slack: FakeSlack) -> Person:
    return slack.person("U1")


@pytest.fixture
def bob(slack: FakeSlack) -> Person:
    return slack.person("U2")
