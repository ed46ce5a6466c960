"""What `touchstone check` says of Slack: whether tokens are good, allow what is needed, and of the right workspace."""

from collections.abc import Callable, Sequence

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse, WebClient

from bot.cases.people.roles import Person
from integrations.settings import Settings
from integrations.slack.install_pages import INSTALL, PATIENCE
from integrations.slack.manifest import RECEIVED, SCOPES
from integrations.slack.quiet import QUIET, code
from integrations.slack.serving import Secrets, secrets
from knowledge.errors import TouchstoneError

TokenOf = Callable[[str], str]
"""The token with which Touchstone is installed in a workspace; empty where it is not."""


class SlackWrong(TouchstoneError):
    """Slack does not work as it is set; docs/slack.md goes through it step by step."""


def look(settings: Settings, token_of: Callable[[], TokenOf], base_url: str = WebClient.BASE_URL) -> str:
    """How it stands with Slack. Asks Slack, and shows nobody anything.

    Args:
        settings: as they are set.
        token_of: opens what says where Touchstone is installed; called where there is no token of one workspace alone.
        base_url: of the Web API.

    Raises:
        BadSetting: something that is set cannot be read, or is something else.
        SlackWrong: Slack says otherwise, by the name of the setting that it is about.
    """
    if settings.slack_mode == "none":
        return "not set: Touchstone is in no Slack"
    bot = settings.secret("slack_bot_token")
    found = [_one(settings, bot, base_url)] if bot else []  # it says which workspace, before we ask for one
    held = secrets(settings)
    if held is None:
        return "not set: Touchstone is in no Slack"
    if not bot:
        of = token_of()
        found = [_installed(settings, team, of(team), base_url) for team in settings.slack_teams]
    signing = f"; people sign in to {settings.address} with Slack" if settings.slack_client_id else ""
    return f"{'; '.join(found)}; {_way(settings, held, base_url)}{signing}"


def without(people: Sequence[Person], teams: Sequence[str]) -> tuple[str, ...]:
    """The names of those who receive something and cannot be told of it in Slack, each once."""

    def is_there(person: Person) -> bool:
        team, _, user = person.slack.rpartition("/")
        return bool(user) and (team in teams if team else len(teams) == 1)

    return tuple(dict.fromkeys(person.name for person in people if not is_there(person)))


def _one(settings: Settings, token: str, base_url: str) -> str:
    answer = _asked("TOUCHSTONE_SLACK_BOT_TOKEN", lambda: _client(token, base_url).auth_test())
    team, name = str(answer.get("team_id", "")), str(answer.get("team", ""))
    if team not in settings.slack_teams:
        now = settings.slack_workspaces or "not set"
        raise SlackWrong(f"the bot token is of {name}; TOUCHSTONE_SLACK_WORKSPACES is {now}, and must be {team}")
    _check_scopes(answer, f"install the app in {name} again, by the manifest of `touchstone slack manifest`")
    return f"in {name} ({team})"


def _installed(settings: Settings, team: str, token: str, base_url: str) -> str:
    where = f"{settings.address}{INSTALL}"
    if not token:
        return f"NOT INSTALLED in {team}: open {where}"
    answer = _asked(f"the installation in {team}: open {where}", lambda: _client(token, base_url).auth_test())
    _check_scopes(answer, f"install it in {team} again: open {where}")
    return f"in {answer.get('team', '')} ({team})"


def _way(settings: Settings, held: Secrets, base_url: str) -> str:
    if not held.app_token:
        return f"HTTP mode: Slack delivers to {settings.address}{RECEIVED}"
    _asked(
        "TOUCHSTONE_SLACK_APP_TOKEN",
        lambda: _client("", base_url).apps_connections_open(app_token=held.app_token),
    )
    return "Socket Mode: Slack lets us connect"


def _check_scopes(answer: SlackResponse, what_to_do: str) -> None:
    """By what Slack says beside its answer (``x-oauth-scopes``).

    Raises:
        SlackWrong: something that is needed is not allowed.
    """
    headers = {name.lower(): value for name, value in answer.headers.items()}
    given = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",")}
    if missing := [scope for scope in SCOPES if scope not in given]:
        raise SlackWrong(f"not allowed: {', '.join(missing)}; {what_to_do}")


def _asked(about: str, ask: Callable[[], SlackResponse]) -> SlackResponse:
    """What Slack answers.

    Raises:
        SlackWrong: it refuses, or could not be asked.
    """
    try:
        return ask()
    except SlackApiError as failure:
        raise SlackWrong(f"{about}: {code(failure)}") from None
    except (SlackClientError, OSError, ValueError) as failure:
        raise SlackWrong(f"{about}: Slack cannot be asked, {type(failure).__name__}") from None


def _client(token: str, base_url: str) -> WebClient:
    return WebClient(token or None, base_url=base_url, timeout=PATIENCE, logger=QUIET)
