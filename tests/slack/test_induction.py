"""The induction in Slack: walked in a window, left on one platform and gone on with on the other, signed there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.messages import (
    Answer,
    Ask,
    Incoming,
    Intent,
    OpenAgreement,
    OpenInduction,
    OpenInductionStep,
    Reply,
)
from bot.ports import Notice, Telling
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from integrations.slack import walk
from integrations.slack.notices import letter
from integrations.web.sign_in import OneTimeLinks
from knowledge.library import Library
from tests.bot.induction.walking import REACH2, newer, signature
from tests.bot.induction.walking import School as Walked
from tests.slack.fake.blocks import check_message
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.school import School, leaks_nothing, modal, school
from tests.web.conftest import Visitor
from tests.web.markup import read
from tests.web.real import application

OWNER = "person:demo-induction-lead"
FIRST, SECOND = "whom-it-binds", "children-online"

pytestmark = pytest.mark.usefixtures("oak")


@pytest.fixture
def walked(  # noqa: PLR0913, PLR0917 (fixtures)
    slack: FakeSlack, reports: app.Reports, clock: FixedClock, insights: Insights, library: Library, tmp_path: Path
) -> Iterator[Walked]:
    """The same school as ``oak``, as somebody walks through its policy."""
    with school(slack, reports, clock, insights, tmp_path) as opened:
        made = Walked(opened.office.reports, insights, clock, library)
        opened.office._desk = made.desk  # noqa: SLF001 (of this desk the policies are there)
        made.slack = opened  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def oak(walked: Walked) -> School:
    opened: School = walked.slack  # type: ignore[attr-defined]
    return opened


def _judges(person: Person, situation: str, verdict: str) -> None:
    person.fills({walk.SITUATION + situation: verdict})


def _does_the_step(person: Person) -> None:
    """Judges and ticks whatever there is, and goes on."""
    for block in [block["block_id"] for block in modal(person).blocks if block["type"] == "input"]:
        if block.startswith(walk.SITUATION):
            person.fills({block: "no"})
        elif block.startswith(walk.TICK):
            person.fills({block: ["done"]})
    person.submits()


def _signs(person: Person, **changes: str) -> None:
    given = signature(**changes)
    ticked = given.pop("read").split("\n")
    person.fills({"answer.read": ticked, **{f"answer.{key}": value for key, value in given.items()}})
    person.submits()


def _walks_at_the_desk(school: Walked, to: str) -> None:
    while school.step(OWNER).step != to:
        school.walk_on(OWNER)


# ------------------------------------------------------------------------------------------------------- the whole


def test_a_new_starter_walks_from_the_command_to_the_signature_in_one_window(ann: Person, walked: Walked) -> None:
    ann.commands("/policy", "induction")
    assert "your first walk through the policy" in modal(ann).text
    assert "0 of 13 steps." in modal(ann).text
    ann.presses(walk.OPEN_STEP)
    assert "Step 1 of 13" in modal(ann).text
    assert "All employees must adhere to, and apply the principles of the policy" in modal(ann).text
    _judges(ann, "the-new-midday-supervisor", "no")
    assert "You said: No." in modal(ann).text
    assert "Yes, it applies: to all REAch2 employees" in modal(ann).text
    for word in ("wrong", "incorrect", "score", "points"):
        assert word not in modal(ann).text.lower()
    ann.submits()
    assert "Step 2 of 13" in modal(ann).text
    _walks_at_the_desk(walked, "judgement-and-breaches")
    ann.presses(walk.OPEN_WALK)
    ann.presses(walk.OPEN_STEP)
    _does_the_step(ann)
    assert "I have read and understood the REAch2 Online Safety and Social Media Policy." in modal(ann).text
    _signs(ann)
    assert "Your signature is stored." in modal(ann).text
    assert "Anna Example" in modal(ann).text
    assert walked.agreement(OWNER).signed is not None


def test_nothing_that_is_done_there_stands_in_a_message(ann: Person, slack: FakeSlack) -> None:
    ann.commands("/policy", "induction")
    ann.presses(walk.OPEN_STEP)
    _judges(ann, "the-new-midday-supervisor", "no")
    ann.submits()
    assert ann.sees() == []
    leaks_nothing(slack)


@pytest.mark.parametrize("typed", ["induction", " Induction ", "INDUCTION"])
def test_the_command_opens_it_however_it_is_typed_and_asks_nothing(ann: Person, typed: str) -> None:
    ann.commands("/policy", typed, channel="C1")
    assert modal(ann).title == "Induction"
    assert ann.sees("C1") == []


# ---------------------------------------------------------------------------------------- left, and gone on with


def test_a_walk_that_was_begun_on_the_pages_goes_on_in_slack_and_back_there(
    ann: Person, walked: Walked, clock: FixedClock
) -> None:
    links = OneTimeLinks(clock)
    with TestClient(
        application(walked.desk, clock, links), base_url="http://localhost", follow_redirects=True
    ) as client:
        visitor = Visitor(client)
        visitor.sign_in(links.issue("demo-induction-lead"))
        at = f"/induction/of/{REACH2}/steps/{FIRST}"
        visitor.post(
            f"{at}/judge", {"situation": "the-new-midday-supervisor", "verdict.the-new-midday-supervisor": "yes"}
        )
        visitor.post(f"{at}/finish", {})

        ann.opens_home()
        assert ann.home is not None
        assert "1 of 13 steps." in ann.home.text
        ann.presses(walk.OPEN_WALK)
        assert "Go on: Children on social media" in modal(ann).text
        ann.presses(walk.OPEN_STEP)
        _does_the_step(ann)
        assert "Step 3 of 13" in modal(ann).text
        ann.closes()

        page = read(client.get("/induction").text)
        assert "2 of 13 steps." in page.text
        assert "Go on: When a child writes to you" in page.text


def test_app_home_shows_how_far_it_has_come_as_soon_as_it_went_on(ann: Person) -> None:
    ann.opens_home()
    ann.presses(walk.OPEN_WALK)
    ann.presses(walk.OPEN_STEP)
    _does_the_step(ann)
    assert ann.home is not None
    assert "1 of 13 steps." in ann.home.text


def test_a_window_goes_on_after_a_restart(ann: Person, oak: School, walked: Walked) -> None:
    ann.commands("/policy", "induction")
    ann.presses(walk.OPEN_STEP)
    oak.restart()
    oak.office._desk = walked.desk  # noqa: SLF001 (see ``walked``)
    _does_the_step(ann)
    assert "Step 2 of 13" in modal(ann).text


# --------------------------------------------------------------------------------------------------------- a step


def test_both_situations_of_a_step_keep_what_was_said_to_them(ann: Person) -> None:
    ann.commands("/policy", "induction")
    _picks(ann, SECOND)
    _judges(ann, "he-left-last-summer", "no")
    _judges(ann, "your-niece-is-in-year-six", "depends")
    assert "do not accept or contact a former pupil under 18" in modal(ann).text
    assert "The clauses pull against each other" in modal(ann).text


def test_a_step_that_is_not_done_says_what_is_left_and_what_is_ticked_stays(ann: Person) -> None:
    ann.commands("/policy", "induction")
    _picks(ann, "your-own-profiles")
    ann.fills({walk.TICK + "looked-at-my-profiles": ["done"]})
    ann.submits()
    assert "checks to tick, 1" in modal(ann).text
    assert modal(ann).state[walk.TICK + "looked-at-my-profiles"]["ticked"]["selected_options"]


def test_the_step_that_may_be_skipped_is_by_its_button(ann: Person) -> None:
    ann.commands("/policy", "induction")
    _picks(ann, "the-schools-own-page")
    ann.presses(walk.SKIP_STEP)
    assert "Step 12 of 13" in modal(ann).text


def test_a_clause_that_an_earlier_step_has_shown_is_named_and_not_quoted_again(ann: Person) -> None:
    ann.commands("/policy", "induction")
    _picks(ann, "contacts-and-followers")
    quoted = json.dumps([block for block in modal(ann).blocks if block["type"] == "rich_text"])
    assert "Safeguarding children is a key responsibility" not in quoted
    assert "5.3" in modal(ann).text


def _picks(person: Person, step: str) -> None:
    person.fills({walk.PICK_STEP: step})


# ------------------------------------------------------------------------------------------------------- signed


def test_a_signature_that_is_not_one_is_said_in_its_field_and_nothing_is_signed(ann: Person, walked: Walked) -> None:
    walked.walk(OWNER)
    ann.commands("/policy", "induction")
    ann.presses(walk.OPEN_AGREEMENT)
    _signs(ann, signed="Somebody Else")
    assert modal(ann).errors == {"answer.signed": "This is not the name above. Type the same name."}
    assert walked.agreement(OWNER).signed is None


def test_the_agreement_cannot_be_signed_before_the_steps_are_done(ann: Person) -> None:
    ann.commands("/policy", "induction")
    _picks(ann, FIRST)
    ann.presses(walk.OPEN_WALK)
    assert f'"{walk.OPEN_AGREEMENT}"' not in json.dumps(modal(ann).blocks)


def test_when_a_clause_changed_both_wordings_stand_over_the_agreement(ann: Person, walked: Walked) -> None:
    walked.walk_and_sign(OWNER)
    walked.library = newer(walked.library, **{"9_2": "Passwords may never be shared."})
    ann.opens_home()
    ann.presses(walk.OPEN_SIGNED)
    ann.presses(walk.OPEN_AGREEMENT)
    text = modal(ann).text
    assert "Passwords may never be shared." in text
    assert "should never share their work log-ins" in text
    _signs(ann)
    assert "version 2.1" in modal(ann).text


# ----------------------------------------------------------------------------------- who is in no directory


def test_a_member_who_is_in_no_directory_gets_a_code_which_no_window_carries_in_clear(
    oak: School, slack: FakeSlack
) -> None:
    dan = oak.slack.person("U4")
    dan.commands("/policy", "induction")
    dan.presses(walk.OPEN_STEP)
    text = modal(dan).text
    code = next(word.strip("`") for word in text.split() if word.count("-") == 2 and word.strip("`").isupper())
    dan.presses(walk.OPEN_STEP)
    _does_the_step(dan)
    assert "Step 2 of 13" in modal(dan).text
    assert code not in modal(dan).metadata
    assert code.replace("-", "") not in modal(dan).metadata
    dan.closes()
    dan.commands("/policy", "induction")
    assert "0 of 13 steps." in modal(dan).text
    dan.fills({walk.CODE_FIELD: code.lower()})
    dan.submits()
    assert "1 of 13 steps." in modal(dan).text
    assert slack.calls


def test_a_code_that_nobody_has_is_said_in_its_field(oak: School) -> None:
    dan = oak.slack.person("U4")
    dan.commands("/policy", "induction")
    dan.fills({walk.CODE_FIELD: "2345-6789-2345"})
    dan.submits()
    assert "mistyped" in modal(dan).errors[walk.CODE_FIELD]


# --------------------------------------------------------------------------------------------- ways to it


class _Said:
    """A desk that answers questions by a script, and everything else as before."""

    def __init__(self, inner: object, answer: Answer) -> None:
        self._inner = inner
        self._answer = answer

    def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
        if isinstance(incoming, Ask):
            return (self._answer,)
        return self._inner.receive(incoming)  # type: ignore[attr-defined, no-any-return]


def test_under_the_answer_to_somebody_new_stands_the_way_to_it(ann: Person, oak: School) -> None:
    answer = Answer(Intent.INDUCTION, None, "Begin here.", (), offers=("sign_agreement",))
    object.__setattr__(oak.world.room, "desk", _Said(oak.world.room.desk, answer))
    ann.says("I'm new, where do I start?")
    ann.presses(walk.OPEN_WALK)
    assert modal(ann).title == "Induction"
    ann.closes()
    ann.presses(walk.OPEN_AGREEMENT)
    assert "The agreement, word for word" in modal(ann).text


@pytest.mark.parametrize("telling", [Telling.NUDGE, Telling.SIGN_AGAIN, Telling.CAMPAIGN])
def test_a_notice_says_nothing_of_what_it_is_but_that_there_is_something_and_leads_there(telling: Telling) -> None:
    preview, blocks = letter(Notice("", urgent=False, person="demo-dsl", role="", key="k", telling=telling))
    check_message(blocks)
    (row,) = [block for block in blocks if block["type"] == "actions"]
    assert row["elements"][0]["action_id"] in {walk.OPEN_WALK, walk.OPEN_AGREEMENT}
    assert "Touchstone: something for you" in preview


def test_what_breaks_below_is_said_in_the_window(ann: Person, oak: School) -> None:
    class Broken:
        def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
            assert isinstance(incoming, OpenInduction | OpenInductionStep | OpenAgreement)
            raise OSError

    object.__setattr__(oak.world.room, "desk", Broken())
    ann.commands("/policy", "induction")
    assert "incident" in modal(ann).text
