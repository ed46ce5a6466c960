"""Sign in with Slack: whom Slack vouches for is let in, and nobody else, whatever a token says."""

import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from integrations.slack.sign_in import TEAM as TEAM_CLAIM
from integrations.slack.sign_in import USER as USER_CLAIM
from integrations.slack.sign_in import SlackSignIn
from integrations.slack.sign_in import accounts as accounts_in
from integrations.web.elsewhere import Known, NotSignedIn, Provider, Trip
from tests.bot.people import directory
from tests.slack.accounts import CLIENT_ID, CLIENT_SECRET, TEAM, TOKEN, USER, Accounts, accounts

BACK = "https://touchstone.school.example/sign-in/with/slack/back"
PEOPLE = directory(("ann", "dsl"), ("ben", "headteacher"))
PEOPLE = replace(PEOPLE, persons=(replace(PEOPLE.persons[0], slack=USER), PEOPLE.persons[1]))
NOW = int(time.time())


@pytest.fixture
def slack() -> Iterator[Accounts]:
    with accounts() as state:
        yield state


@pytest.fixture
def provider(slack: Accounts) -> Provider:
    return SlackSignIn(
        client=slack.client,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        workspaces=(TEAM,),
        token=lambda team: TOKEN if team == TEAM else "",
        account=accounts_in(lambda: PEOPLE, (TEAM,)),
        keys=slack.keys,
    )


def _came_back(slack: Accounts, provider: Provider, code: str = "the-nonce", nonce: str = "the-nonce") -> Known:
    """Slack of the tests signs the code as the nonce, so that both can be told apart."""
    slack.codes.setdefault(code, BACK)
    return provider.exchanged(Trip("state", nonce, "verifier", BACK), code)


def test_a_browser_is_sent_to_slack_for_who_they_are_and_nothing_more(provider: Provider) -> None:
    address = urlsplit(provider.away(Trip("the-state", "the-nonce", "the-verifier", BACK)))
    assert (address.scheme, address.netloc, address.path) == ("https", "slack.com", "/openid/connect/authorize")
    assert {name: value for name, (value,) in parse_qs(address.query).items()} == {
        "response_type": "code", "client_id": CLIENT_ID, "scope": "openid", "state": "the-state", "nonce": "the-nonce",
        "redirect_uri": BACK, "team": TEAM,
    }  # fmt: skip


def test_whom_slack_signs_is_the_person_of_the_directory(slack: Accounts, provider: Provider) -> None:
    known = _came_back(slack, provider)
    assert known.account == USER
    assert abs(known.at.timestamp() - time.time()) < 60


def test_a_sign_in_is_as_old_as_slack_says(slack: Accounts, provider: Provider) -> None:
    slack.claims = {"auth_time": NOW - 7200}
    assert _came_back(slack, provider).at.timestamp() == NOW - 7200
    slack.claims = {"auth_time": int(time.time()) + 3600}
    assert _came_back(slack, provider).at.timestamp() < time.time() + 60


def test_who_is_not_in_the_directory_has_no_account(slack: Accounts) -> None:
    nobody = accounts_in(lambda: PEOPLE, (TEAM,))
    assert (nobody(TEAM, "U0OTHER"), nobody("T0OTHER", USER)) == ("", "")
    several = accounts_in(lambda: PEOPLE, (TEAM, "T0OTHER"))
    assert (several(TEAM, USER), several("T0OTHER", USER)) == ("", "")
    persons = (replace(PEOPLE.persons[0], slack=f"{TEAM}/{USER}"), PEOPLE.persons[1])
    whole = accounts_in(lambda: replace(PEOPLE, persons=persons), (TEAM, "T0OTHER"))
    assert (whole(TEAM, USER), whole("T0OTHER", USER), whole("", "")) == (f"{TEAM}/{USER}", "", "")
    assert slack.heard == []


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://slack.example"},
        {"aud": "another.app"},
        {"aud": [CLIENT_ID]},
        {"exp": NOW - 120},
        {"iat": NOW + 36_000},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": "U0OTHER"},
        {USER_CLAIM: "U0OTHER"},
        {USER_CLAIM: None},
        {TEAM_CLAIM: "T0OTHER"},
        {TEAM_CLAIM: None},
        {"auth_time": None},
        {"auth_time": "this morning"},
        {"exp": None},
    ],
)
def test_a_token_of_which_anything_is_not_right_signs_nobody_in(
    slack: Accounts, provider: Provider, claims: dict[str, object]
) -> None:
    slack.claims = claims
    with pytest.raises(NotSignedIn):
        _came_back(slack, provider)


@pytest.mark.parametrize("kind", ["another key", "a secret that is shared", "no signature"])
def test_a_token_that_slack_did_not_sign_signs_nobody_in(slack: Accounts, provider: Provider, kind: str) -> None:
    match kind:
        case "another key":
            slack.signed_by = rsa.generate_private_key(65537, 2048)
        case "a secret that is shared":
            slack.algorithm, slack.signed_by = "HS256", "0123456789abcdef0123456789abcdef"
        case _:
            slack.algorithm, slack.signed_by = "none", ""
    with pytest.raises(NotSignedIn):
        _came_back(slack, provider)


def test_a_key_of_slack_s_that_was_not_known_yet_is_looked_for(slack: Accounts, provider: Provider) -> None:
    assert _came_back(slack, provider).account == USER
    keys = getattr(provider, "_keys")  # noqa: B009 (private to the provider: its patience, not ours to wait for)
    assert isinstance(keys, jwt.PyJWKClient)
    keys.cooldown_duration = 0
    slack.key, slack.kid = rsa.generate_private_key(65537, 2048), "two"
    assert _came_back(slack, provider).account == USER


@pytest.mark.parametrize("code", ["", "unknown"])
def test_a_code_that_slack_did_not_give_signs_nobody_in(slack: Accounts, provider: Provider, code: str) -> None:
    with pytest.raises(NotSignedIn):
        provider.exchanged(Trip("state", "the-nonce", "verifier", BACK), code)
    assert [method for method, _ in slack.heard] == ["openid.connect.token"]


def test_a_code_is_good_once(slack: Accounts, provider: Provider) -> None:
    _came_back(slack, provider)
    with pytest.raises(NotSignedIn):
        provider.exchanged(Trip("state", "the-nonce", "verifier", BACK), "the-nonce")


def test_a_code_that_was_planted_is_found_by_the_nonce(slack: Accounts, provider: Provider) -> None:
    with pytest.raises(NotSignedIn):
        _came_back(slack, provider, code="of-another-browser", nonce="the-nonce")


@pytest.mark.parametrize(
    "user",
    [
        {"deleted": True},
        {"is_bot": True},
        {"is_restricted": True},
        {"is_ultra_restricted": True, "is_restricted": True},
        {"is_stranger": True},
        {"team_id": "T0OTHER"},
        {"id": "U0OTHER"},
    ],
)
def test_guests_bots_and_whoever_left_are_not_let_in(
    slack: Accounts, provider: Provider, user: dict[str, object]
) -> None:
    slack.user |= user
    with pytest.raises(NotSignedIn):
        _came_back(slack, provider)


@pytest.mark.parametrize("method", ["openid.connect.token", "users.info"])
def test_while_slack_does_not_answer_nobody_is_let_in(slack: Accounts, provider: Provider, method: str) -> None:
    slack.broken[method] = 503
    with pytest.raises(NotSignedIn):
        _came_back(slack, provider)


def test_the_secret_is_shown_to_slack_alone(slack: Accounts, provider: Provider) -> None:
    assert CLIENT_SECRET not in provider.away(Trip("state", "nonce", "verifier", BACK)) + repr(provider)
    _came_back(slack, provider)
    assert all(CLIENT_SECRET not in given.values() for _, given in slack.heard)
