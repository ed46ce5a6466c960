"""What stands before every page: security headers, no posts from other websites, a limit on what is sent."""

from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.wording import say

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""Put on every response. ``Cache-Control: no-store`` joins them wherever a response does not say otherwise."""

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'"
"""The content policy of what others sent, which a response may say instead of ours: it may load, run and send nothing,
and is of no origin of ours even if a browser shows it."""

_POLICY = "Content-Security-Policy"

MAX_BODY = 1024 * 1024
"""How many bytes a request may bring: four times the longest text of a form, each character at its longest. What is too
long by a little must reach the form, which keeps it; what is more is refused unread."""

SCHEMES = ("http", "https")

OWN_HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""Names of this machine that are always answered to; any other name may be an attack by DNS rebinding."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Puts ``HEADERS`` on every response, whatever made it."""

    def __init__(self, app: ASGIApp) -> None:
        """Wraps an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_sandboxed = headers.get(_POLICY) == SANDBOX
                headers.update(HEADERS)
                if is_sandboxed:
                    headers[_POLICY] = SANDBOX
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class OwnSiteOnly:
    """Refuses what another website sends, as far as the browser says so, but for links that somebody follows.

    So another website's page can neither change anything nor load anything of ours into itself (W3C, Fetch Metadata,
    "resource isolation policy"): no picture that asks the health check to write a thousand times.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wraps an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        if scope["type"] == "http" and _is_refused(scope):
            await PlainTextResponse(f"{say('page.elsewhere')}\n", status_code=403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_refused(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    is_link = scope["method"] in SAFE_METHODS and is_followed(headers)
    return not is_link and from_elsewhere(headers)


def from_elsewhere(headers: Headers) -> bool:
    """Whether the browser says that a page of another origin sent this.

    ``Sec-Fetch-Site`` decides where it is sent. ``same-site`` is another origin too: another port of this machine.
    Without it ``Origin`` does, unless it is ``null``, which our own forms send because of ``Referrer-Policy:
    no-referrer`` (Fetch standard, "append a request Origin header"). Where neither says anything, the token decides.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin", "null")
    return origin != "null" and origin.lower() not in {
        f"{scheme}://{headers.get('host', '').lower()}" for scheme in SCHEMES
    }


def is_followed(headers: Headers) -> bool:
    """Whether a page is asked for as one of its own: by a link, or by a browser or program that says nothing of it."""
    mode, goal = headers.get("sec-fetch-mode", "navigate"), headers.get("sec-fetch-dest", "document")
    return mode == "navigate" and goal == "document"


class BodyLimit:
    """Ends the reading of a body that is too large with an HTTPException 413, which the page's own route shows."""

    def __init__(self, app: ASGIApp, limit: Callable[[Scope], int] = lambda _scope: MAX_BODY) -> None:
        """Wraps an application; the limit of a request is in bytes."""
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        declared = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        announced = int(declared) if declared.isdecimal() else 0
        limit = self.limit(scope) if scope["type"] == "http" else MAX_BODY
        read = 0

        async def receive_within_limit() -> Message:
            nonlocal read
            if announced > limit:
                raise HTTPException(413)
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_within_limit, send)
