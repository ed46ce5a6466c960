"""Socket Mode of the fake Slack: real websockets, which say hello, deliver in envelopes, and send the app away."""

import asyncio
import secrets
import threading
from collections.abc import Callable

from aiohttp import WSMsgType, web

from tests.slack.fake.server import PATIENCE, LoopThread
from tests.slack.fake.world import APP, Json

MOST = 10
"""How many connections one app may have."""
ANSWERED = frozenset({"slash_commands", "interactive"})
"""What may be answered with a payload."""


class Sockets:
    """All connections of the app, the newest last; each address is good once."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, tuple[str, asyncio.Future[Json]]] = {}
        self._connected = threading.Condition()
        self.thread: LoopThread | None = None
        self.hellos = 0
        self.patience = 3.0

    def ticket(self) -> str:
        """The last part of a new address."""
        made = secrets.token_hex(8)
        self._tickets.add(made)
        return made

    @property
    def connections(self) -> int:
        """How many there are."""
        return len(self._open)

    def wait(self, hellos: int = 1) -> None:
        """Until the app has connected so often.

        Raises:
            AssertionError: it does not.
        """
        with self._connected:
            assert self._connected.wait_for(lambda: self.hellos >= hellos, PATIENCE), "the app did not connect"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello to its end."""
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            self._note("invalid_socket_url: an address that was used, or none of ours")
            return web.Response(status=404)
        self._tickets.remove(ticket)
        if len(self._open) >= MOST:
            self._note("too_many_websockets")
            return web.Response(status=429)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.append(socket)
        hello: Json = {"type": "hello", "num_connections": len(self._open), "connection_info": {"app_id": APP}}
        hello["debug_info"] = {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060}
        await socket.send_json(hello)
        with self._connected:
            self.hellos += 1
            self._connected.notify_all()
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._heard(message.json())
        finally:
            self._open.remove(socket)
        return socket

    def _heard(self, message: Json) -> None:
        envelope = str(message.get("envelope_id"))
        kind, waiting = self._waiting.pop(envelope, ("", None))
        if waiting is None:
            self._note("invalid_ack: for an envelope that was answered, or that there never was")
            return
        if message.get("payload") and kind not in ANSWERED:
            self._note(f"invalid_ack: {kind} takes no payload")
        if not waiting.done():
            waiting.set_result(message)

    def deliver(self, kind: str, payload: Json, attempt: int = 0, reason: str = "") -> Json | None:
        """Sends an envelope to the newest connection, and gives its answer; None where none came.

        Raises:
            AssertionError: the app is not connected.
        """
        assert self.thread is not None
        return self.thread.do(self._deliver(kind, payload, attempt, reason))

    async def _deliver(self, kind: str, payload: Json, attempt: int, reason: str) -> Json | None:
        assert self._open, "the app is not connected"
        envelope = secrets.token_hex(16)
        waiting: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = (kind, waiting)
        whole: Json = {"envelope_id": envelope, "payload": payload, "type": kind}
        whole["accepts_response_payload"] = kind in ANSWERED
        if kind == "events_api":
            whole |= {"retry_attempt": attempt, "retry_reason": reason}
        await self._open[-1].send_json(whole)
        try:
            return await asyncio.wait_for(waiting, self.patience + 1)
        except TimeoutError:
            return None

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Asks the app to connect anew, as Slack does now and then, and closes the old connections once it has."""
        assert self.thread is not None
        before = self.hellos
        old = list(self._open)
        for socket in old:
            self.thread.do(socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}}))
        self.wait(before + 1)
        for socket in old:
            self.thread.do(socket.close())

    def cut(self) -> None:
        """Breaks all connections without a word, and waits until the app is back."""
        assert self.thread is not None
        before = self.hellos
        for socket in list(self._open):
            self.thread.do(socket.close(code=1011))
        self.wait(before + 1)

    def close(self) -> None:
        """Ends all connections."""
        assert self.thread is not None
        for socket in list(self._open):
            self.thread.do(socket.close())
