"""The last net under every page: what it lets through to the server's own log."""

import asyncio
import traceback
from collections.abc import Callable

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from integrations.web.failures import AnswerCutShort, Failures

CANARY = "zebra-canary-72"
HTTP: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}


def _page(_: Request, incident: str) -> Response:
    return PlainTextResponse(f"incident {incident}", status_code=500)


def _breaks_after(count: int, error: Exception) -> Callable[[Scope, Receive, Send], object]:
    async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in (_START, _BODY)[:count]:
            await send(message)
        raise error

    return application


_START: Message = {"type": "http.response.start", "status": 200, "headers": []}
_BODY: Message = {"type": "http.response.body", "body": b"half", "more_body": True}


def _serve(count: int, error: Exception, scope: Scope = HTTP) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await _breaks_after(count, error)(scope, receive, send)  # type: ignore[misc]

    asyncio.run(Failures(application, _page)(scope, receive, send))
    return sent


def test_what_breaks_before_the_answer_begins_becomes_the_page() -> None:
    start, body = _serve(0, RuntimeError(CANARY))
    assert start["status"] == 500
    assert body["body"].startswith(b"incident ")


@pytest.mark.parametrize("count", [1, 2])
def test_what_breaks_within_an_answer_tells_the_server_nothing_that_was_written(count: int) -> None:
    with capture_logs() as events, pytest.raises(AnswerCutShort) as caught:
        _serve(count, RuntimeError(CANARY))
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.args == (events[0]["incident"],)


def test_a_browser_that_goes_away_is_no_failure() -> None:
    with capture_logs() as events:
        assert _serve(0, ClientDisconnect()) == []
    assert [event["log_level"] for event in events] == ["info"]
