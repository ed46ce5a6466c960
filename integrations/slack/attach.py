"""Puts the listeners and what stands before them together into one app, and connects it to Slack."""

import asyncio
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.cases.arrivals import Arrivals
from bot.wording import say
from integrations.incidents import report
from integrations.slack import answered, coming_back, home, induction, receiving, unfurling
from integrations.slack.late import CAME
from integrations.slack.modals import message
from integrations.slack.once import LEFT, TAKEN, Begun, Handled, Once, keep_taking_up
from integrations.slack.quiet import QUIET
from integrations.slack.render import spoken
from integrations.slack.room import TIMEOUT, Place, Room, show
from integrations.slack.socket import Socket
from integrations.slack.turned_away import turned_away

PATH = "/slack/events"
"""Where Slack delivers in HTTP mode: events, commands, and what is pressed."""

SLACK = "https://slack.com/api/"
HOOKS = "https://hooks.slack.com/"
"""Where Slack takes answers by the address that came with what was pressed or typed."""
MOST_BODY = 2 * 1024 * 1024
"""Bytes of a delivery; the largest view of ours, with all that may be typed into it, is well below."""

LISTENERS: tuple[Callable[[AsyncApp, Room], None], ...] = (
    induction.listen,
    answered.listen,
    coming_back.listen,
    receiving.listen,
    home.listen,
    unfurling.listen,
)
"""Each registers its listeners; the first that fits an event alone hears it."""

ENDS_WITHIN = 3.0
"""Seconds that those have who are being answered when the server stops."""

_SEEN = 0.02
"""Seconds until slack-bolt has seen that it may answer Slack: it looks every hundredth, and forgets it on a failure."""

_ANY = re.compile("")
_log = structlog.get_logger()


@dataclass(slots=True)
class Attached:
    """The app, and how it is begun and ended within a running event loop.

    Attributes:
        app: slack-bolt's.
        arrivals: what was delivered.
        once: what lets each of it through once.
        signing_secret: by which deliveries in HTTP mode are known to be Slack's; empty in Socket Mode.
        app_token: for Socket Mode; empty in HTTP mode.
    """

    app: AsyncApp
    arrivals: Arrivals
    once: Once
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    _socket: Socket | None = field(default=None, init=False, repr=False)
    _taking_up: asyncio.Task[None] | None = field(default=None, init=False, repr=False)

    def routes(self) -> list[Route]:
        """Where Slack delivers; none in Socket Mode."""
        return [Route(PATH, self.deliver, methods=["POST"])] if self.signing_secret else []

    async def begin(self) -> None:
        """Takes up what was left, and in Socket Mode connects.

        Raises:
            SlackClientError: Slack does not let us in.
        """
        self.app.client.session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        self._taking_up = asyncio.create_task(keep_taking_up(self.app, self.arrivals, self.once))
        if self.app_token:
            self._socket = Socket(self.app, self.app_token)
            await self._socket.connect_async()  # type: ignore[no-untyped-call]

    async def end(self) -> None:
        """Disconnects, and lets end what is being handled; what takes too long is taken up by the next start."""
        if self._taking_up is not None:
            self._taking_up.cancel()
        if self._socket is not None:
            await self._socket.close_async()  # type: ignore[no-untyped-call]
        await self.once.finish(ENDS_WITHIN)
        if self.app.client.session is not None:
            await self.app.client.session.close()

    async def deliver(self, request: Request) -> Response:
        """One delivery in HTTP mode: 401 for what Slack did not sign just now, 400 and 413 for what is none."""
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        stamp, signature = (request.headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature"))
        if not _is_signed(self.signing_secret, body, stamp, signature):
            return Response(status_code=401)
        try:
            asked = to_async_bolt_request(request, body)
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):  # no JSON, or of another form
            return Response(status_code=400)
        if asked.body.get("type") == "event_callback" and not isinstance(asked.body.get("event"), dict):
            return Response(status_code=400)
        return to_starlette_response(await self.app.async_dispatch(asked))


async def _body(request: Request) -> bytes | None:
    """The body; None where it is too large, of which no more is read."""
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > MOST_BODY:
            return None
    return bytes(read)


def _is_signed(secret: str, body: bytes, stamp: str, signature: str) -> bool:
    """Whether Slack signed it within the last five minutes."""
    try:
        return bool(secret) and SignatureVerifier(secret).is_valid(body, stamp, signature)
    except (ValueError, TypeError):  # a time that is none, signs that stand in no signature
        return False


def web_client(token: str | None, base_url: str = SLACK) -> AsyncWebClient:
    """A client of the Web API with a timeout, which waits when Slack says that it is too much."""
    return AsyncWebClient(
        token=token,
        base_url=base_url,
        timeout=TIMEOUT,
        logger=QUIET,
        retry_handlers=[AsyncConnectionErrorRetryHandler(), AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
    )


def attach(  # noqa: PLR0913 (each a port or a setting of its own, given by name)
    room: Room,
    arrivals: Arrivals,
    *,
    workspaces: Collection[str],
    signing_secret: str = "",
    app_token: str = "",
    bot_token: str = "",
    authorize: Callable[..., Any] | None = None,
    app_id: str = "",
    base_url: str = SLACK,
    listeners: Collection[Callable[[AsyncApp], None]] = (),
) -> Attached:
    """Makes the app; nothing is connected yet.

    Args:
        room: what every listener shares.
        arrivals: what was delivered.
        workspaces: the ids of those that are let in; what comes from another is answered with nothing.
        signing_secret: for HTTP mode.
        app_token: for Socket Mode.
        bot_token: of the one workspace.
        authorize: gives the token of one of several workspaces, as slack-bolt asks for it; instead of ``bot_token``.
        app_id: of the app, if it is known: what is meant for another is dropped.
        base_url: of the Web API.
        listeners: each registers more listeners, before all others.
    """
    app = AsyncApp(
        name="touchstone.slack",
        logger=QUIET,
        signing_secret=signing_secret or "socket mode: nothing is signed",
        client=web_client(bot_token or None, base_url),
        before_authorize=_let_in(frozenset(workspaces), app_id, HOOKS if base_url == SLACK else _origin(base_url)),
        authorize=authorize,
        request_verification_enabled=False,  # ``deliver`` does it, before anything of a body is read
    )
    once = Once(arrivals)
    app.use(once)
    app.listener_runner.listener_start_handler = Begun(once)
    app.listener_runner.listener_completion_handler = Handled(arrivals, once)
    app.error(_broken)
    for register in listeners:
        register(app)
    for listen in LISTENERS:
        listen(app, room)
    _catch_all(app)
    return Attached(app, arrivals, once, signing_secret, app_token)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/"


def _let_in(workspaces: frozenset[str], app_id: str, hooks: str) -> Callable[..., Any]:
    """A middleware that drops what comes from another workspace, or is meant for another app.

    What wants its answer elsewhere than Slack takes answers (``hooks``) was not sent by Slack, and is dropped too.
    """

    async def let_in(body: dict[str, Any], context: AsyncBoltContext, next: Callable[[], Any]) -> BoltResponse | None:  # noqa: A002 (slack-bolt's own name)
        context[CAME] = time.monotonic()
        if body.get("type") == "url_verification" or body.get("ssl_check"):
            await next()
            return None
        is_ours = not app_id or body.get("api_app_id") in {None, app_id}
        back = body.get("response_url")
        is_answerable = is_ours and (not back or str(back).startswith(hooks))
        if context.team_id not in workspaces or not is_answerable:
            _log.warning("dropped what is of another workspace or app")
            return await turned_away(body, is_answerable=is_answerable)
        await next()
        return None

    return let_in


async def _broken(
    error: Exception, body: dict[str, Any], context: AsyncBoltContext, response: BoltResponse | None
) -> BoltResponse | None:
    """Tells the person that something broke, and the log where; nobody anything of what they wrote.

    A submission that broke stays open, with all that was typed. An event of which nobody could be told is tried again.
    """
    is_pressed = body.get("type") == "block_actions"  # it may have been done before it broke
    sentence = say("slack.asking.broken_perhaps" if is_pressed else "slack.asking.broken", incident=report(error))
    if response is not None and body.get("type") == "view_submission":
        return _still_open(body, sentence)
    client, place = context.client, _place(body, context)
    if client is not None and client.token and place.channel and place.user:
        context[LEFT] = True
        try:
            await show(client, place, spoken(sentence))
        except Exception as failure:  # noqa: BLE001 (whatever it is, nobody was told)
            report(failure)
        else:
            context[LEFT] = False
    if response is None:
        await asyncio.sleep(_SEEN)
        return None
    return BoltResponse(status=200, body="")


def _still_open(body: dict[str, Any], sentence: str) -> BoltResponse:
    """The answer to a submission by which its modal stays as it is, with a sentence under its first field."""
    blocks = (body.get("view") or {}).get("blocks") or ()
    fields = [str(block.get("block_id")) for block in blocks if block.get("type") == "input"]
    if fields:
        return BoltResponse(status=200, body={"response_action": "errors", "errors": {fields[0]: sentence}})
    return BoltResponse(status=200, body={"response_action": "update", "view": message(sentence)})


def _place(body: dict[str, Any], context: AsyncBoltContext) -> Place:
    """Where to say what is not about anything that was said there: where it was pressed, else to that person alone."""
    channel = context.channel_id or context.user_id or ""
    return Place(
        context.team_id or "",
        channel,
        context.user_id or "",
        under=context.thread_ts or "",
        is_direct=channel.startswith(("D", "U", "W")),
        response_url=str(body.get("response_url") or ""),
    )


def _catch_all(app: AsyncApp) -> None:
    """What no listener knows: an event is nothing to anybody; a person is told that what they pressed is gone."""

    async def unknown_event() -> None:
        """Not for us."""

    async def unknown(ack: Any, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        await ack()
        place = _place(body, context)
        if place.channel:
            await show(client, place, spoken(say("slack.asking.unknown")))

    async def unknown_view(ack: Any) -> None:  # noqa: ANN401 (slack-bolt's own)
        await ack(response_action="update", view=message(say("slack.asking.unknown_view")))

    async def closed(ack: Any) -> None:  # noqa: ANN401 (slack-bolt's own)
        await ack()

    async def is_free(context: AsyncBoltContext) -> bool:
        return not context.get(TAKEN)

    free = [is_free]
    app.event(_ANY, matchers=free)(unknown_event)
    app.command(_ANY, matchers=free)(unknown)
    app.shortcut(_ANY, matchers=free)(unknown)
    app.action(_ANY, matchers=free)(unknown)
    app.options(_ANY, matchers=free)(closed)
    app.view_submission(_ANY, matchers=free)(unknown_view)
    app.view_closed(_ANY, matchers=free)(closed)
