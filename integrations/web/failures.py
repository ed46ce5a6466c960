"""What happens when something below breaks: an incident number and the place in the log, never what a person wrote."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from traceback import walk_tb

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger()


class AnswerCutShort(RuntimeError):
    """Something broke after the answer had begun; the log has the incident. Nothing of the request is told here."""


def report(error: BaseException) -> str:
    """Logs what broke and where, and gives the incident's number.

    An exception's message can hold what a person wrote (a database error quotes its parameters), so neither it nor a
    traceback with values is logged: the kinds of exception, outermost first, and the file and line of each call.
    """
    incident = secrets.token_hex(4)
    kinds = [type(cause).__qualname__ for cause in _causes(error)]
    places = [f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in walk_tb(error.__traceback__)]
    _log.error("request failed", incident=incident, kinds=kinds, places=places)
    return incident


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


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
            return PlainTextResponse(f"Something went wrong here (incident {incident}).\n", status_code=500)
