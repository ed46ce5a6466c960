"""When Slack fails: nobody is told that something was not done which was, and nothing is lost."""

from types import SimpleNamespace

import pytest
from slack_sdk.errors import SlackApiError

from integrations.slack.quiet import code

CANARY = "zebra-lantern-4471"


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ({"error": "not_in_channel"}, "not_in_channel"),
        ({"error": CANARY}, "status 0"),
        (SimpleNamespace(data={"error": "fatal_error"}, status_code=200), "fatal_error"),
        (SimpleNamespace(data={"error": None}, status_code=500), "status 500"),
        (SimpleNamespace(data=CANARY, status_code=503), "status 503"),
        (SimpleNamespace(data=CANARY.encode(), status_code=503), "status 503"),
        (SimpleNamespace(data=None, status_code=502), "status 502"),
        (SimpleNamespace(status=504), "status 504"),
        (CANARY, "status 0"),
        (None, "SlackApiError"),
    ],
)
def test_of_whatever_slack_or_a_proxy_answers_a_code_or_a_status_is_said(response: object, said: str) -> None:
    assert code(SlackApiError(CANARY, response)) == said  # type: ignore[no-untyped-call]


def test_of_what_is_no_answer_its_kind_is_said() -> None:
    assert code(TimeoutError(CANARY)) == "TimeoutError"
