"""Notices in Slack say that there is something and nothing of what it is; a Slack that refuses or hangs loses none."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.cases.delivery.deliveries import LEASE
from bot.cases.people.directory import Directory
from bot.ports import NotByEveryWay, Notice, NoWay, Telling
from bot.testing import FixedClock
from integrations.slack.cases import OPEN_CASE
from integrations.slack.modals import MY_REPORTS
from integrations.slack.notices import PATIENCE, NotYet, SlackFails, SlackNotices
from integrations.slack.render import TELL
from integrations.ways import WayFails, Ways
from tests.bot.people import directory
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOTICE = Notice("C-2345-6789", urgent=True, person="bob", role="dsl", key="abc")
PEOPLE = directory(("ann", "dsl"), ("bob", "deputy_dsl"))
ANN, BOB = PEOPLE.persons
STAFF = replace(PEOPLE, persons=(ANN, replace(BOB, slack="U2", mail="bob@school.example")))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def notices(slack: FakeSlack, clock: FixedClock) -> SlackNotices:
    return SlackNotices(lambda _: slack.bot_token, ("T1",), clock, slack.base_url, 1)


class Letters:
    """A way like mail, that takes what it is given or refuses it."""

    name = "mail"

    def __init__(self) -> None:
        self.taken: list[Notice] = []
        self.refuses = False

    def address(self, person: object) -> str:
        return str(getattr(person, "mail", ""))

    def send(self, notice: Notice, address: str) -> None:
        assert address
        if self.refuses:
            raise WayFails("full")
        self.taken.append(notice)


def test_a_notice_is_a_direct_message_with_reference_urgency_and_a_button(notices: SlackNotices, bob: Person) -> None:
    notices.send(NOTICE, "T1/U2")
    message = bob.last
    assert message.channel == bob.dm
    assert "C-2345-6789" in message.text
    assert "Urgent" in message.text
    assert message.buttons == ["Open"]
    assert message.preview == "Touchstone: urgent"


@pytest.mark.parametrize("telling", Telling)
def test_no_kind_of_notice_names_a_role_a_form_or_a_person(
    notices: SlackNotices, bob: Person, telling: Telling
) -> None:
    notices.send(replace(NOTICE, telling=telling), "T1/U2")
    for word in ("deputy", "headteacher", "allegation", "contact", "bob", "dsl", "report_concern", "a concern"):
        assert word not in bob.last.text.lower().replace("a deputy now", "")
        assert word not in bob.last.preview.lower()
    assert "C-2345-6789" not in bob.last.preview


@pytest.mark.parametrize(
    ("telling", "reference", "action"),
    [
        (Telling.NEW, "C-2345-6789", OPEN_CASE),
        (Telling.REMINDER, "C-2345-6789", OPEN_CASE),
        (Telling.QUESTION, "C-2345-6789", MY_REPORTS),
        (Telling.DRAFT_LEFT, "", MY_REPORTS),
        (Telling.DRAFT, "", TELL),
    ],
)
def test_each_notice_leads_to_where_it_is_to_be_seen(
    notices: SlackNotices, bob: Person, telling: Telling, reference: str, action: str
) -> None:
    notices.send(replace(NOTICE, telling=telling, reference=reference), "T1/U2")
    (block,) = [one for one in bob.last.blocks if one["type"] == "actions"]
    assert block["elements"][0]["action_id"] == action


@pytest.mark.parametrize("what", ["is_restricted", "is_ultra_restricted", "deleted", "is_bot", "is_stranger"])
def test_guests_bots_and_those_who_left_are_told_nothing_in_slack(
    notices: SlackNotices, slack: FakeSlack, bob: Person, what: str
) -> None:
    setattr(slack.team("T1").users["U2"], what, True)
    with pytest.raises(NoWay):
        notices.send(NOTICE, "T1/U2")
    assert bob.sees() == []


def test_who_signed_in_to_the_pages_with_slack_is_told_as_before(
    notices: SlackNotices, slack: FakeSlack, bob: Person
) -> None:
    slack.team("T1").users["U2"].is_app_user = True
    notices.send(NOTICE, "T1/U2")
    assert len(bob.sees()) == 1


def test_a_member_whom_slack_does_not_know_is_no_way(notices: SlackNotices, slack: FakeSlack) -> None:
    with slack.expecting("user_not_found"), pytest.raises(NoWay):
        notices.send(NOTICE, "T1/U9")


@pytest.mark.parametrize("method", ["users.info", "conversations.open", "chat.postMessage"])
def test_a_slack_that_refuses_hangs_or_is_ill_is_said_so_without_content(
    notices: SlackNotices, slack: FakeSlack, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.fail(method, error="token_revoked")
    slack.fail(method, status=503)
    slack.fail(method, seconds=2, error="")
    for cause in ("token_revoked", "status 503", "Timeout|Error"):
        with pytest.raises(SlackFails, match=cause) as failure:
            notices.send(NOTICE, "T1/U2")
        assert NOTICE.reference not in str(failure.value)
        assert "bad day" not in str(failure.value)
    assert NOTICE.reference not in caplog.text


def test_when_it_is_too_much_slack_is_left_alone_for_as_long_as_it_says(
    notices: SlackNotices, slack: FakeSlack, clock: FixedClock, bob: Person
) -> None:
    slack.fail("chat.postMessage", status=429, retry_after=90)
    with pytest.raises(NotYet):
        notices.send(NOTICE, "T1/U2")
    calls = len(slack.calls)
    clock.go_on(timedelta(seconds=89))
    with pytest.raises(NotYet):
        notices.send(NOTICE, "T1/U2")
    assert len(slack.calls) == calls
    clock.go_on(timedelta(seconds=2))
    notices.send(NOTICE, "T1/U2")
    assert "C-2345-6789" in bob.last.text


def test_the_deadline_ends_before_a_claim_does() -> None:
    assert timedelta(seconds=3 * PATIENCE) < LEASE


@pytest.mark.parametrize(
    ("given", "workspaces", "found"),
    [
        ("U2", ("T1",), "T1/U2"),
        ("T2/U2", ("T1", "T2"), "T2/U2"),
        ("U2", ("T1", "T2"), ""),
        ("T9/U2", ("T1", "T2"), ""),
        ("", ("T1",), ""),
    ],
)
def test_where_somebody_is_reached(notices: SlackNotices, given: str, workspaces: tuple[str, ...], found: str) -> None:
    notices.workspaces = workspaces
    assert notices.address(replace(BOB, slack=given)) == found


def test_where_the_app_is_not_installed_nothing_is_sent(notices: SlackNotices, slack: FakeSlack) -> None:
    notices.token = lambda _: ""
    with pytest.raises(SlackFails):
        notices.send(NOTICE, "T1/U2")
    assert slack.calls == []


# -------------------------------------------------------------------------------------------------------- several ways


def _ways(notices: SlackNotices, letters: Letters, staff: Directory = STAFF) -> Ways:
    return Ways(lambda: staff, (letters, notices))


def test_a_notice_goes_by_each_way_once(notices: SlackNotices, bob: Person) -> None:
    letters = Letters()
    _ways(notices, letters).send(NOTICE)
    assert letters.taken == [NOTICE]
    assert len(bob.sees()) == 1


def test_what_one_way_refused_is_tried_again_by_that_way_alone(
    notices: SlackNotices, slack: FakeSlack, bob: Person
) -> None:
    letters = Letters()
    ways = _ways(notices, letters)
    slack.fail("chat.postMessage", error="internal_error")
    with pytest.raises(NotByEveryWay) as failure:
        ways.send(NOTICE)
    assert failure.value.taken == {"mail"}
    ways.send(replace(NOTICE, taken=failure.value.taken))
    assert len(letters.taken) == 1
    assert len(bob.sees()) == 1


def test_a_guest_is_told_by_mail_alone_and_by_nothing_where_there_is_no_mail(
    notices: SlackNotices, slack: FakeSlack, bob: Person
) -> None:
    slack.team("T1").users["U2"] = replace(slack.team("T1").users["U2"], is_restricted=True)
    letters = Letters()
    _ways(notices, letters).send(NOTICE)
    assert letters.taken == [NOTICE]
    without = replace(STAFF, persons=(ANN, replace(BOB, slack="U2")))
    with pytest.raises(NoWay):
        _ways(notices, letters, without).send(NOTICE)
    assert bob.sees() == []


def test_who_is_in_slack_alone_and_who_is_nowhere(notices: SlackNotices, bob: Person) -> None:
    letters = Letters()
    letters.refuses = True
    without = replace(STAFF, persons=(ANN, replace(BOB, slack="U2")))
    _ways(notices, letters, without).send(NOTICE)
    assert len(bob.sees()) == 1
    with pytest.raises(NoWay):
        _ways(notices, letters).send(replace(NOTICE, person="ann"))


def test_a_log_of_a_refusal_names_nobody(
    notices: SlackNotices, slack: FakeSlack, capsys: pytest.CaptureFixture[str]
) -> None:
    slack.fail("chat.postMessage", error="internal_error")
    with pytest.raises(NotByEveryWay):
        _ways(notices, Letters()).send(NOTICE)
    logged = "".join(capsys.readouterr())
    assert "internal_error" in logged
    for word in ("U2", "bob", "C-2345", slack.bot_token):
        assert word not in logged
    assert slack.bot_token not in json.dumps([call.arguments for call in slack.calls])
