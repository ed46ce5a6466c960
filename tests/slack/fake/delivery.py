"""How payloads reach the application under test: signed over HTTP (to ASGI or an address), or through a socket."""

import asyncio
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp, Message, Scope

from tests.slack.fake.server import LoopThread
from tests.slack.fake.sockets import Sockets
from tests.slack.fake.world import Json

SETTLED = 20
"""How many seconds an application may work on after its answer before a test fails."""

RESTING = ("SocketModeClient.", "AsyncSocketModeHandler.")
"""Coroutines of Slack's own client that run as long as it is connected."""


@dataclass(frozen=True)
class Parcel:
    """What is delivered: a payload of a kind (``events_api``, ``slash_commands``, ``interactive``)."""

    kind: str
    payload: Json
    headers: dict[str, str]

    @property
    def body(self) -> bytes:
        """As it goes over HTTP."""
        if self.kind == "events_api":
            return json.dumps(self.payload).encode()
        form = self.payload if self.kind == "slash_commands" else {"payload": json.dumps(self.payload)}
        return urlencode(form).encode()

    def signed(self, secret: str, at: float) -> dict[str, str]:
        """Its headers, and those by which Slack shows that a request is its own."""
        kind = "application/json" if self.kind == "events_api" else "application/x-www-form-urlencoded"
        return {"Content-Type": kind, **sign(secret, self.body, at), **self.headers}


@dataclass(frozen=True)
class Ack:
    """What the application answered, and after how many seconds."""

    status: int
    body: bytes
    seconds: float

    @property
    def content(self) -> Any:  # noqa: ANN401 (whatever JSON holds)
        """The body as JSON; None where there is none, a string where it is no JSON."""
        if not self.body:
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode()


def sign(secret: str, body: bytes, at: float) -> dict[str, str]:
    """The headers by which Slack shows that a request is its own."""
    stamp = str(int(at))
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}


class Application(Protocol):
    """An application under test, as Slack reaches it."""

    def send(self, parcel: Parcel, secret: str, at: float) -> Ack:
        """Delivers, signed with a secret at a time where that is asked for, and gives the answer."""
        ...

    def settle(self) -> None:
        """Waits until nothing is worked on any more, where that can be known."""
        ...

    def close(self) -> None:
        """Lets go of it."""
        ...


class Running:
    """Something that runs in a loop of its own: when all tasks that a delivery began are done, it has answered."""

    def __init__(self) -> None:
        self.thread = LoopThread("application")
        self._resting: set[asyncio.Task[Any]] = set()
        self._waiting: set[asyncio.Task[Any]] = set()

    def rest(self) -> None:
        """What runs now runs all the time, and is not waited for."""
        self._resting = self.thread.do(self._tasks())

    async def _tasks(self) -> set[asyncio.Task[Any]]:
        mine = asyncio.current_task()
        return {task for task in asyncio.all_tasks() if task is not mine and not _is_slack_sdks(task)}

    def settle(self) -> None:
        """Waits until nothing is worked on any more.

        Raises:
            AssertionError: there is no end to it; the tasks are named.
        """
        self.thread.do(self._settle(), SETTLED + 5)

    async def _settle(self) -> None:
        until = self.thread.loop.time() + SETTLED
        mine = asyncio.current_task()
        assert mine is not None
        self._waiting.add(mine)  # those who wait for the application do not wait for each other
        try:
            while left := await self._tasks() - self._resting - self._waiting:
                await asyncio.wait(left, timeout=max(0.0, until - self.thread.loop.time()))
                assert self.thread.loop.time() < until, f"the application still works on {left}"
        finally:
            self._waiting.discard(mine)


def _is_slack_sdks(task: asyncio.Task[Any]) -> bool:
    return getattr(task.get_coro(), "__qualname__", "").startswith(RESTING)


class AsgiApplication(Running):
    """An ASGI application, which is told of its start and end as servers do."""

    def __init__(self, application: ASGIApp, path: str) -> None:
        super().__init__()
        self._application = application
        self._path = path
        self.thread.do(self._start())
        self.rest()

    async def _start(self) -> None:
        up: asyncio.Queue[Message] = asyncio.Queue()
        self._down = down = asyncio.Event()
        asked = iter(({"type": "lifespan.startup"},))

        async def receive() -> Message:
            first = next(asked, None)
            if first is not None:
                return first
            await down.wait()
            return {"type": "lifespan.shutdown"}

        async def whole() -> None:
            try:
                await self._application({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, up.put)
            except Exception as error:  # noqa: BLE001 (an application that knows no lifespan raises whatever it likes)
                await up.put({"type": "lifespan.unsupported", "why": repr(error)})

        self._lifespan = asyncio.ensure_future(whole())
        told = await asyncio.wait_for(up.get(), SETTLED)
        assert told["type"] != "lifespan.startup.failed", told.get("message")

    def send(self, parcel: Parcel, secret: str, at: float) -> Ack:
        """Delivers as a server does."""
        return self.thread.do(self._post(parcel.body, parcel.signed(secret, at)))

    async def _post(self, body: bytes, headers: dict[str, str]) -> Ack:
        began = time.monotonic()
        started: MutableMapping[str, Any] = {}
        parts: list[bytes] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]
        ended = asyncio.Event()

        async def receive() -> Message:
            if waiting:
                return waiting.pop()
            await ended.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._application(_scope(self._path, body, headers), receive, send)
        ended.set()
        return Ack(int(started["status"]), b"".join(parts), time.monotonic() - began)

    def close(self) -> None:
        """Tells it to end."""
        self.thread.loop.call_soon_threadsafe(self._down.set)
        self.thread.do(asyncio.wait_for(self._lifespan, SETTLED))
        self.thread.stop()


def _scope(path: str, body: bytes, headers: dict[str, str]) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"localhost"),
            (b"content-length", str(len(body)).encode()),
            *((key.lower().encode(), value.encode()) for key, value in headers.items()),
        ],
        "client": ("127.0.0.1", 50000),
        "server": ("localhost", 80),
    }


class ServedApplication:
    """An application in another process or thread, at an address; nobody can know when it is done."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port, self._path = parts.hostname or "", parts.port or 80, parts.path

    def send(self, parcel: Parcel, secret: str, at: float) -> Ack:
        """Posts it."""
        began = time.monotonic()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=10)
        try:
            connection.request("POST", self._path, parcel.body, parcel.signed(secret, at))
            response = connection.getresponse()
            return Ack(response.status, response.read(), time.monotonic() - began)
        finally:
            connection.close()

    def settle(self) -> None:
        """Nothing can be known: tests wait for what they expect (``slack.until``)."""

    def close(self) -> None:
        """There is nothing to let go of."""


class SocketApplication(Running):
    """An application that is connected in Socket Mode, or that another process connects (then without ``begin``)."""

    def __init__(
        self,
        sockets: Sockets,
        begin: Callable[[], Awaitable[object]] | None,
        end: Callable[[], Awaitable[object]] | None,
    ) -> None:
        super().__init__()
        self._sockets = sockets
        self._end = end
        if begin is not None:
            self.thread.do(begin())
            self._sockets.wait()
        self.rest()

    def send(self, parcel: Parcel, secret: str, at: float) -> Ack:  # noqa: ARG002 (nothing is signed in sockets)
        """Sends an envelope; an answer that does not come is a status of 408."""
        began = time.monotonic()
        attempt = int(parcel.headers.get("X-Slack-Retry-Num", "0"))
        reason = parcel.headers.get("X-Slack-Retry-Reason", "")
        answer = self._sockets.deliver(parcel.kind, parcel.payload, attempt, reason)
        seconds = time.monotonic() - began
        if answer is None:
            return Ack(408, b"", seconds)
        content = answer.get("payload")
        return Ack(200, json.dumps(content).encode() if content else b"", seconds)

    def close(self) -> None:
        """Has it disconnect."""
        if self._end is not None:
            self.thread.do(self._end())
        self.thread.stop()
