"""Links: under one to a clause stands the clause, word for word, and under no other link anything."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.messages import Incoming, Reply, SectionView, ShowSection
from bot.testing import FixedClock
from integrations.shown import citation_address
from integrations.slack.blocks import LONGEST_SECTION
from integrations.slack.manifest import manifest
from integrations.slack.unfurling import pointed_at, unfurled
from tests.slack.fake.blocks import check_unfurl
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.world import Json, words
from tests.slack.test_render import LONG, long_clause
from tests.slack.worlds import ADDRESS, World, made
from tests.web.scripted import ANSWER

POLICY = "reach2-online-safety"
CLAUSE = f"{ADDRESS}/policies/{POLICY}/2.0#6.2-25"


class Asked:
    """The desk, and what it was asked."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.asked: list[Incoming] = []

    def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
        self.asked.append(incoming)
        return self.desk.receive(incoming)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(manifest(ADDRESS, ADDRESS)) as slack:
        team = slack.team("T1")
        for user in ("U1", "U2"):
            team.user(user)
        team.channel("C1", "staff-room", members=["U1", "U2"])
        team.channel("C2", "governors", members=["U1"], has_bot=False)
        yield slack


@pytest.fixture
def asked(desk: Desk) -> Asked:
    return Asked(desk)


@pytest.fixture
def world(slack: FakeSlack, asked: Asked, clock: FixedClock, tmp_path: Path) -> Iterator[World]:
    world = made(slack, asked, tmp_path / "arrivals.sqlite3", clock=clock)
    yield world
    slack.detach()
    world.close()


def posts(person: Person, text: str, channel: str = "C1") -> dict[str, list[Json]]:
    assert person.says(text, channel=channel) == [], "nothing is said to anybody"
    return person.unfurled(person.sees(channel)[-1].ts)


def clause(desk: Desk, label: str) -> SectionView:
    (reply,) = desk.receive(ShowSection(POLICY, label))
    assert isinstance(reply, SectionView)
    return reply


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("channel", ["C1", "C2"])
def test_under_a_link_to_a_clause_stands_the_clause_word_for_word_with_its_policy_and_version(
    desk: Desk, ann: Person, channel: str
) -> None:
    shown = words(posts(ann, f"see {CLAUSE} please", channel)[CLAUSE])
    said = clause(desk, "6.2(25)").citation
    assert said.clause.text in shown
    assert (said.clause.lead_in or "") in shown
    for word in ("6.2(25)", said.clause.headings[-1], said.title, "version 2.0"):
        assert word in shown


@pytest.mark.usefixtures("world")
def test_a_link_is_shown_while_it_is_typed_too(ann: Person) -> None:
    assert "6.2(25)" in words(ann.types(CLAUSE)[CLAUSE])


@pytest.mark.usefixtures("world")
def test_every_clause_has_a_link_that_shows_it(desk: Desk, ann: Person) -> None:
    for label in ("6.2", "12.5 (second)", "6.2(32)(i)"):
        replies = desk.receive(ShowSection(POLICY, label))
        for reply in replies:
            if isinstance(reply, SectionView):
                link = ADDRESS + citation_address(reply.citation)
                assert reply.citation.clause.text in words(ann.types(link)[link]), label


@pytest.mark.usefixtures("world")
def test_a_link_to_the_section_of_a_clause_shows_the_clause(ann: Person) -> None:
    link = f"{ADDRESS}/section?policy={POLICY}&label=6.2%2825%29"
    assert "6.2(25)" in words(list(ann.types(link).values()))


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "link",
    [
        f"{ADDRESS}/inbox",
        f"{ADDRESS}/inbox/C-2345-6789",
        f"{ADDRESS}/mine",
        f"{ADDRESS}/reports?code=ABCD",
        f"{ADDRESS}/sign-in/abcdef#6.2-25",
        f"{ADDRESS}/policies",
        f"{ADDRESS}/policies/{POLICY}/2.0",
        f"http://{ADDRESS.removeprefix('https://')}/policies/{POLICY}/2.0#6.2-25",
        f"https://x.{ADDRESS.removeprefix('https://')}/policies/{POLICY}/2.0#6.2-25",
        f"https://a@{ADDRESS.removeprefix('https://')}/policies/{POLICY}/2.0#6.2-25",
        "https://[/policies/a/b#c",
    ],
)
def test_under_any_other_link_stands_nothing_and_the_desk_is_not_even_asked(
    slack: FakeSlack, asked: Asked, ann: Person, link: str
) -> None:
    if not link.startswith("https://["):
        assert ann.types(link) == {}
    assert [*pointed_at(link, ADDRESS)] == []
    assert asked.asked == []
    assert [call.method for call in slack.calls if call.method == "chat.unfurl"] == []


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "link",
    [
        f"{ADDRESS}/policies/{POLICY}/1.0#6.2-25",
        f"{ADDRESS}/policies/{POLICY}/2.0#99-1",
        f"{ADDRESS}/policies/no-such-policy/2.0#6.2-25",
    ],
)
def test_what_is_not_there_or_no_longer_shows_nothing(ann: Person, link: str) -> None:
    assert ann.types(link) == {}


@pytest.mark.usefixtures("world")
def test_that_slack_does_not_take_it_is_said_to_nobody(slack: FakeSlack, ann: Person) -> None:
    slack.fail("chat.unfurl", error="cannot_unfurl_url")
    assert posts(ann, CLAUSE) == {}


def test_a_long_clause_is_cut_and_says_that_it_goes_on() -> None:
    blocks = unfurled(SectionView(long_clause(ANSWER.citations[0]), ()), ADDRESS)
    check_unfurl(blocks)
    assert "the rest is on the page" in json.dumps(blocks)
    assert LONG[: LONGEST_SECTION - 10] in words(blocks)


def test_without_pages_no_link_is_ours() -> None:
    assert [*pointed_at(CLAUSE, "")] == []
