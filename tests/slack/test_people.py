"""Who somebody in Slack is: guests, bots, the deactivated and people of elsewhere receive nothing, whoever they are."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.cases.people.directory import Directory
from bot.cases.people.roles import Person as Somebody
from bot.testing import FixedClock
from integrations.slack.attach import web_client
from integrations.slack.people import KNOWN_FOR, People, Who, may_receive
from tests.slack.fake.slack import FakeSlack

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANN = Somebody("ann", "Ann Lee", slack="U1")
BOB = Somebody("bob", "Bob Ash", slack="T1/U2")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


def people(clock: FixedClock, *persons: Somebody, workspaces: tuple[str, ...] = ("T1",)) -> People:
    directory = Directory((), persons or (ANN, BOB))
    return People(lambda: directory, workspaces, clock)


def who(slack: FakeSlack, found: People, user: str, *, team: str = "T1", anew: bool = False) -> Who:
    client = web_client(slack.team(team).bot_token, slack.base_url)
    return asyncio.run(found.who(client, team, user, anew=anew))


def test_a_member_is_the_person_of_the_directory_with_their_id(slack: FakeSlack, clock: FixedClock) -> None:
    assert who(slack, people(clock), "U1") == Who("ann", may_receive=True, name="Ann Lee")
    assert who(slack, people(clock), "U2") == Who("bob", may_receive=True, name="Bob Ash")


def test_who_is_not_in_the_directory_asks_and_receives_nothing(slack: FakeSlack, clock: FixedClock) -> None:
    slack.team("T1").user("U4", "Dan")
    assert who(slack, people(clock), "U4") == Who("", may_receive=False, name="Dan")


@pytest.mark.parametrize("what", ["is_restricted", "is_ultra_restricted", "deleted"])
def test_guests_and_the_deactivated_are_known_and_receive_nothing(
    slack: FakeSlack, clock: FixedClock, what: str
) -> None:
    slack.team("T1").user("U1", "Ann", **{what: True})
    assert who(slack, people(clock), "U1") == Who("ann", may_receive=False, name="Ann Lee")


@pytest.mark.parametrize("what", ["is_bot", "is_stranger"])
def test_bots_and_people_of_other_organisations_are_nobody_here(slack: FakeSlack, clock: FixedClock, what: str) -> None:
    slack.team("T1").user("U1", "Ann", **{what: True})
    found = who(slack, people(clock), "U1")
    assert (found.person, found.may_receive) == ("", False)


def test_somebody_of_another_workspace_is_not_the_one_who_has_the_same_id_here(
    slack: FakeSlack, clock: FixedClock
) -> None:
    user = slack.team("T1").user("U1", "Eve")
    user.team = "T9"
    found = who(slack, people(clock), "U1")
    assert (found.person, found.may_receive) == ("", False)


def test_with_several_workspaces_an_id_without_one_is_nobodys(slack: FakeSlack, clock: FixedClock) -> None:
    slack.team("T2").user("U1", "Eve")
    found = people(clock, ANN, BOB, workspaces=("T1", "T2"))
    assert who(slack, found, "U1").person == ""
    assert who(slack, found, "U1", team="T2").person == ""
    assert who(slack, found, "U2").person == "bob"


def test_an_id_that_two_people_have_is_nobodys(slack: FakeSlack, clock: FixedClock) -> None:
    assert who(slack, people(clock, ANN, replace(BOB, slack="T1/U1")), "U1").person == ""


def test_nobody_is_somebody_because_their_id_in_the_directory_is_empty(slack: FakeSlack, clock: FixedClock) -> None:
    slack.team("T1").user("U4", "Dan")
    assert who(slack, people(clock, replace(ANN, slack="")), "U4").person == ""


def test_whoever_slack_cannot_be_asked_about_receives_nothing_and_may_be_told_so(
    slack: FakeSlack, clock: FixedClock
) -> None:
    for failure in ({"error": "internal_error"}, {"status": 503}):
        slack.fail("users.info", **failure)
        found = who(slack, people(clock), "U1")
        assert found == Who("ann", may_receive=False, name="Ann Lee", is_unsure=True)


def test_what_slack_said_is_known_for_some_minutes_but_not_where_it_must_be_asked_anew(
    slack: FakeSlack, clock: FixedClock
) -> None:
    found = people(clock)
    assert who(slack, found, "U1").may_receive
    slack.team("T1").user("U1", "Ann", deleted=True)
    assert who(slack, found, "U1").may_receive
    assert not who(slack, found, "U1", anew=True).may_receive
    assert not who(slack, found, "U1").may_receive, "what was asked anew is known from then on"
    slack.team("T1").user("U1", "Ann")
    clock.go_on(KNOWN_FOR + timedelta(seconds=1))
    assert who(slack, found, "U1").may_receive


def test_asked_anew_what_was_known_does_not_help_where_slack_is_silent(slack: FakeSlack, clock: FixedClock) -> None:
    found = people(clock)
    assert who(slack, found, "U1").may_receive
    slack.fail("users.info", error="internal_error")
    assert who(slack, found, "U1", anew=True).is_unsure


def test_one_rule_says_who_may_receive_in_slack_by_notices_and_on_the_pages(slack: FakeSlack) -> None:
    member = slack.team("T1").user("U4", "Dan")
    assert may_receive(member.payload(), "T1")
    assert not may_receive(member.payload(), "T2")
    for what in ("is_restricted", "is_ultra_restricted", "deleted", "is_bot", "is_stranger"):
        assert not may_receive({**member.payload(), what: True}, "T1"), what
    assert may_receive(replace(member, is_app_user=True).payload(), "T1"), (
        "who signed in with Slack is no less a member"
    )
    assert not may_receive({}, "T1")
