"""The pages where people sign in with Slack: at the address that is set, to the case that they wanted to open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from bot.cases.people.directory import Directory
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from integrations.settings import Settings
from integrations.slack.sign_in import SlackSignIn
from integrations.slack.sign_in import accounts as accounts_in
from integrations.web.sign_in import OneTimeLinks
from tests.slack.accounts import CLIENT_ID, CLIENT_SECRET, TEAM, TOKEN, USER, Accounts, accounts
from tests.web.scripted import ScriptedDesk

ADDRESS = "https://touchstone.school.example"
DSL = "demo-dsl"


@dataclass
class House:
    """The pages as the product puts them together, with a Slack that signs."""

    slack: Accounts
    reports: app.Reports
    make: Callable[..., TestClient]


@pytest.fixture
def house(reports: app.Reports, insights: Insights) -> Iterator[House]:
    clock = FixedClock(datetime.now(UTC))  # what Slack signs is as old as it is
    people = reports.directory
    with_slack = tuple(replace(one, slack=USER) if one.id == DSL else one for one in people.persons)

    def directory() -> Directory:
        return replace(people, persons=with_slack)

    with accounts() as slack:
        provider = SlackSignIn(
            client=slack.client,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            workspaces=(TEAM,),
            token={TEAM: TOKEN}.__getitem__,
            account=accounts_in(directory, (TEAM,)),
            keys=slack.keys,
        )

        def make(*, offered: bool = True) -> TestClient:
            settings = Settings.model_validate({"address": ADDRESS, "var": reports.settings.var})
            desk: Any = ScriptedDesk()
            shelf: Any = None  # no page of these asks for a policy
            known = replace(reports, directory=directory())
            pages = app.web(
                settings,
                shelf,
                known,
                clock,
                OneTimeLinks(clock),
                insights=insights,
                bot=desk,
                providers=[provider] if offered else [],
            )
            return TestClient(pages, base_url=ADDRESS, follow_redirects=False)

        yield House(slack, reports, make)


def test_a_case_opens_to_whom_slack_signs(house: House) -> None:
    visitor = house.make()
    closed = visitor.get("/inbox/C-7KQ4-2M9X")
    assert (closed.status_code, "Sign in with Slack" in closed.text) == (403, True)
    asked = parse_qs(urlsplit(visitor.get("/sign-in/with/slack").headers["Location"]).query)
    code = asked["nonce"][0]  # Slack of the tests signs the code as the nonce
    house.slack.codes[code] = f"{ADDRESS}/sign-in/with/slack/back"
    brought = {"state": asked["state"][0], "code": code}
    first = visitor.get("/sign-in/with/slack/back", params=brought)
    done = visitor.get(first.headers["Refresh"].partition("url=")[2])
    assert (done.status_code, done.headers["Location"]) == (303, "/inbox/C-7KQ4-2M9X")
    assert [one.proof.way for one in house.reports.sessions.of(DSL)] == ["slack"]


def test_the_address_that_is_set_is_answered_only_where_people_sign_in(house: House) -> None:
    assert house.make().get("/forms").status_code == 200
    assert house.make(offered=False).get("/forms").status_code == 400
    elsewhere = house.make()
    elsewhere.base_url = "https://attacker.example"
    assert elsewhere.get("/forms").status_code == 400
