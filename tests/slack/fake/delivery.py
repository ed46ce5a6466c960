"""How payloads reach the application under test: signed over HTTP, straight to ASGI or to an address."""

import asyncio
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Scope

from tests.slack.fake.server import LoopThread

SETTLED = 20
"""How many seconds an application may work on after its answer before a test fails."""


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


class Application(Protocol):
    """An application under test, as Slack reaches it."""

    def send(self, kind: str, payload: dict[str, Any], headers: dict[str, str]) -> Ack:
        """Delivers a payload of a kind (``events_api``, ``slash_commands``, ``interactive``) and gives the answer."""
        ...

    def settle(self) -> None:
        """Waits until nothing is worked on any more, where that can be known."""
        ...

    def close(self) -> None:
        """Lets go of it."""
        ...


def sign(secret: str, body: bytes, at: float) -> dict[str, str]:
    """The headers by which Slack shows that a request is its own."""
    stamp = str(int(at))
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}"}


class AsgiApplication:
    """An ASGI application in a loop of its own: when all tasks that a request began are done, it has answered."""

    def __init__(self, application: ASGIApp, path: str) -> None:
        self._application = application
        self._path = path
        self._thread = LoopThread("application")
        self._down: asyncio.Event | None = None
        self._thread.do(self._start())
        self.resting = self._thread.do(self._tasks())

    async def _tasks(self) -> set["asyncio.Task[Any]"]:
        return asyncio.all_tasks() - {asyncio.current_task()}

    async def _start(self) -> None:
        """Starts it as servers do, if it hears of that."""
        up: asyncio.Queue[Message] = asyncio.Queue()
        self._down = asyncio.Event()
        asked = iter(({"type": "lifespan.startup"},))
        down = self._down

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

    def send(self, kind: str, payload: dict[str, Any], headers: dict[str, str]) -> Ack:
        body = payload["body"]
        return self._thread.do(self._post(body, {"Content-Type": content_type(kind), **headers}))

    async def _post(self, body: bytes, headers: dict[str, str]) -> Ack:
        began = time.monotonic()
        started: MutableMapping[str, Any] = {}
        parts: list[bytes] = []
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": self._path,
            "raw_path": self._path.encode(),
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

        await self._application(scope, receive, send)
        ended.set()
        return Ack(int(started["status"]), b"".join(parts), time.monotonic() - began)

    def settle(self) -> None:
        self._thread.do(self._settle(), SETTLED + 5)

    async def _settle(self) -> None:
        until = self._thread.loop.time() + SETTLED
        while left := await self._tasks() - self.resting:
            await asyncio.wait(left, timeout=max(0.0, until - self._thread.loop.time()))
            assert self._thread.loop.time() < until, f"the application still works on {left}"

    def close(self) -> None:
        if self._down is not None:
            self._thread.loop.call_soon_threadsafe(self._down.set)
            self._thread.do(asyncio.wait_for(self._lifespan, SETTLED))
        self._thread.stop()


class ServedApplication:
    """An application in another process or thread, at an address; nobody can know when it is done."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port, self._path = parts.hostname or "", parts.port or 80, parts.path

    def send(self, kind: str, payload: dict[str, Any], headers: dict[str, str]) -> Ack:
        began = time.monotonic()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=10)
        try:
            connection.request("POST", self._path, payload["body"], {"Content-Type": content_type(kind), **headers})
            response = connection.getresponse()
            return Ack(response.status, response.read(), time.monotonic() - began)
        finally:
            connection.close()

    def settle(self) -> None:
        """Nothing can be known: tests wait for what they expect (``slack.until``)."""

    def close(self) -> None:
        """There is nothing to let go of."""


def content_type(kind: str) -> str:
    """How Slack sends each kind."""
    return "application/json" if kind == "events_api" else "application/x-www-form-urlencoded"
