"""What happens to a request when something below breaks: a page with an incident number, never what a person wrote."""

from collections.abc import Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.wording import say
from integrations.incidents import report

_log = structlog.get_logger()


class AnswerCutShort(RuntimeError):
    """Something broke after the answer had begun; the log has the incident. Nothing of the request is told here."""


class Failures:
    """Answers a request that broke with a page in our words; nothing of the exception goes further than here."""

    def __init__(self, app: ASGIApp, page: Callable[[Request, str], Response]) -> None:
        """Wraps an application; ``page`` makes the page for an incident's number."""
        self.app = app
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        has_begun = False

        async def watched_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched_send)
        except ClientDisconnect:
            _log.info("browser went away while it sent")
        except Exception as error:  # noqa: BLE001 (whatever it is, its message must not reach the server's log)
            incident = report(error)
            if has_begun or scope["type"] != "http":
                raise AnswerCutShort(incident) from None
            await self._page(Request(scope), incident)(scope, receive, send)

    def _page(self, request: Request, incident: str) -> Response:
        try:
            return self.page(request, incident)
        except Exception as error:  # noqa: BLE001 (the page itself may be what is broken)
            report(error)
            return PlainTextResponse(f"{say('page.broken_plain', incident=incident)}\n", status_code=500)
