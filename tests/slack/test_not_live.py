"""In demonstration mode whatever takes or shows what is told says that nothing about real people may be put in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from bot.wording import say
from integrations import app
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.school import modal, reports_a_concern, school, tells

SAID = say("frame.not_live")


@pytest.fixture(params=[True, False], ids=["live", "demonstration"])
def is_live(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(autouse=True)
def _oak(  # noqa: PLR0913 (what a school is put together from)
    slack: FakeSlack, reports: app.Reports, clock: FixedClock, insights: Insights, tmp_path: Path, *, is_live: bool
) -> Iterator[None]:
    with school(slack, reports, clock, insights, tmp_path, is_live=is_live):
        yield


def test_app_home_says_so(ann: Person, *, is_live: bool) -> None:
    ann.opens_home()
    assert ann.home is not None
    assert (SAID in ann.home.text) is not is_live


def test_a_form_says_so_before_its_fields_and_while_they_are_filled_in(ann: Person, *, is_live: bool) -> None:
    ann.commands("/concern")
    assert modal(ann).text.count(SAID) == (not is_live)
    tells(ann)
    assert modal(ann).text.count(SAID) == (not is_live)


def test_a_form_that_could_not_be_sent_says_so(ann: Person, *, is_live: bool) -> None:
    ann.commands("/concern")
    tells(ann, **{"answer.what": ""})
    ann.submits()
    assert modal(ann).text.count(SAID) == (not is_live)


def test_a_receipt_says_so(ann: Person, *, is_live: bool) -> None:
    reports_a_concern(ann)
    assert modal(ann).text.count(SAID) == (not is_live)
