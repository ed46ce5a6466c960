"""The fake Slack as tests use it: workspaces, people who act in them, and everything that the app did wrong."""

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import BasicAuth, web
from starlette.types import ASGIApp

from tests.slack.fake.api import WebApi
from tests.slack.fake.delivery import (
    Ack,
    Application,
    AsgiApplication,
    Parcel,
    ServedApplication,
    SocketApplication,
)
from tests.slack.fake.person import Person
from tests.slack.fake.server import Server
from tests.slack.fake.sockets import Sockets
from tests.slack.fake.views import Views
from tests.slack.fake.world import APP, Channel, Clock, Grant, Json, Manifest, Refused, Team, World


@dataclass(frozen=True)
class Call:
    """A call of the Web API, or a post to a response address (``response_url``)."""

    method: str
    arguments: Json
    team: str
    error: str = ""
    at: float = field(default_factory=time.monotonic)


@dataclass
class Failure:
    """What the fake does instead of answering a method, for some calls."""

    status: int
    error: str
    retry_after: int
    seconds: float
    times: int


@dataclass
class Delivery:
    """Something that was delivered to the app, and its answer."""

    kind: str
    payload: Json
    ack: Ack
    at: float
    is_echo: bool = False


@dataclass
class FakeSlack:
    """A Slack of one app. As a context manager it fails when it ends if the app did anything wrong.

    Attributes:
        manifest: what the app asks of Slack; no other scope is granted, no other event delivered.
        signing_secret: of the app.
        app_token: of the app, for Socket Mode.
        echoes: whether the app hears of its own messages, as it does in Slack.
        patience: how many seconds Slack waits for an answer; less only in tests of this.
    """

    manifest: Json
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    app_token: str = field(default_factory=lambda: f"xapp-1-{APP}-{secrets.token_hex(12)}")
    echoes: bool = True
    patience: float = 3.0

    def __post_init__(self) -> None:
        self.asks = Manifest.read(self.manifest)
        self.clock = Clock()
        self.world = World(self.clock)
        self.views = Views(self.world)
        self.calls: list[Call] = []
        self.wrong: list[str] = []
        self.deliveries: list[Delivery] = []
        self.token = secrets.token_hex(12)
        self.client_id, self.client_secret = "1234567890.1234567890", secrets.token_hex(16)
        self.people: dict[str, Person] = {}
        self._expected: list[dict[str, int]] = []
        self._failures: dict[str, deque[Failure]] = {}
        self._application: Application | None = None
        self.api = WebApi(self.world, self.views, self.app_token, self._socket_url)
        self.sockets = Sockets(self.note)
        self._server = Server(
            {
                "/api/{method}": self._called,
                "/response/{key}": self._responded,
                "/socket/{ticket}": self.sockets.serve,
            }
        )
        self.sockets.thread = self._server.thread
        self.sockets.patience = self.patience

    # ------------------------------------------------------------------------------------ what there is

    @property
    def base_url(self) -> str:
        """Where the Web API is."""
        return f"{self._server.origin}/api/"

    @property
    def bot_token(self) -> str:
        """The token of the first workspace's bot."""
        return next(iter(self.world.teams.values())).bot_token

    def team(self, team: str, scopes: frozenset[str] | None = None) -> Team:
        """A workspace; a new one if there is none of this id."""
        with self.world.lock:
            if team not in self.world.teams:
                self.world.teams[team] = Team(team, self.clock, self.asks.scopes if scopes is None else scopes)
            return self.world.teams[team]

    def person(self, user: str) -> Person:
        """Somebody who acts, synchronously; the same one each time.

        Raises:
            KeyError: nobody has this id (``team.user`` makes people).
        """
        if user not in self.people:
            self.people[user] = Person(self, self.world.team_of(user), user)
        return self.people[user]

    # ------------------------------------------------------------------------------------ the app under test

    def attach_http(self, application: ASGIApp, path: str = "/slack/events") -> None:
        """Delivers to an ASGI application, which runs in a loop of its own; what was attached before is closed."""
        self.detach()
        self._application = AsgiApplication(application, path)

    def attach_url(self, address: str) -> None:
        """Delivers to an address, such as that of another process; what was attached before is closed."""
        self.detach()
        self._application = ServedApplication(address)

    def attach_socket(
        self, begin: Callable[[], Awaitable[object]] | None = None, end: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        """Delivers in Socket Mode; ``begin`` connects the app and ``end`` disconnects it, in a loop of its own.

        Without them another process connects; tests wait for it (``slack.sockets.wait()``).
        """
        self.detach()
        self._application = SocketApplication(self.sockets, begin, end)

    def detach(self) -> None:
        """Lets go of the app, as when it is stopped; all else stays."""
        if self._application is not None:
            self._application.close()
            self._application = None

    def settle(self) -> None:
        """Waits until the app has done all that it began."""
        if self._application is None:
            return
        self._application.settle()
        while True:
            try:
                self._echo(*self.api.posted.popleft())
            except IndexError:
                return
            self._application.settle()

    def _echo(self, team: Team, channel: Channel, event: Json) -> None:
        """The event of a message of the app's own, new or changed, which it should not answer."""
        if not self.echoes or isinstance(self._application, ServedApplication):
            return
        kind = {"im": "message.im", "group": "message.groups"}.get(channel.kind, "message.channels")
        if kind in self.asks.events:
            self.deliver("events_api", self.envelope(team, event), is_echo=True)

    def until(self, condition: Callable[[], object], seconds: float = 10) -> None:
        """Waits for something that comes by itself (a notice, another process).

        Raises:
            AssertionError: it does not.
        """
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "what was waited for did not come"
            time.sleep(0.01)

    def hears_out(self) -> None:
        """Waits until what the app had sent before its process died is taken: it is in the sockets already."""
        self._server.thread.do(_turns())

    # ------------------------------------------------------------------------------------ deliveries

    def deliver(  # noqa: PLR0913 (each by name)
        self,
        kind: str,
        payload: Json,
        *,
        headers: dict[str, str] | None = None,
        secret: str = "",
        at: float = 0,
        is_echo: bool = False,
    ) -> Ack:
        """Sends a payload as it is, signed now (or otherwise), and gives the bare answer; nothing is judged."""
        assert self._application is not None, "no application is attached"
        began = time.monotonic()
        parcel = Parcel(kind, payload, headers or {})
        ack = self._application.send(parcel, secret or self.signing_secret, at or time.time())
        self.deliveries.append(Delivery(kind, payload, ack, began, is_echo))
        return ack

    def act(self, kind: str, payload: Json) -> Ack:
        """Sends a payload, holds the app to three seconds and a proper answer, and waits until it is done."""
        ack = self.deliver(kind, payload)
        if ack.status != 200:
            self.note(f"dispatch_failed: {kind} answered with {ack.status}")
        elif ack.seconds > self.patience:
            self.note(f"operation_timeout: {kind} answered after {ack.seconds:.1f} s")
        return ack

    def event(self, team: Team, event: Json, **more: object) -> Ack:
        """Sends an event in its envelope, and waits until the app is done."""
        ack = self.act("events_api", self.envelope(team, event) | more)
        self.settle()
        return ack

    def envelope(self, team: Team, event: Json) -> Json:
        """What Slack puts around an event."""
        return {
            "token": self.token,
            "team_id": team.id,
            "context_team_id": team.id,
            "context_enterprise_id": None,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team.id,
                    "user_id": team.bot,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{secrets.token_hex(8)}",
        }

    def verify_url(self) -> bool:
        """Whether the app answers when Slack asks whether its address is its own."""
        challenge = secrets.token_hex(16)
        ack = self.act("events_api", {"type": "url_verification", "token": self.token, "challenge": challenge})
        return ack.content in (challenge, {"challenge": challenge})

    def code(self, team: str, user: str, redirect_uri: str = "") -> str:
        """The code with which somebody comes back who has just installed the app in a workspace."""
        made = secrets.token_hex(12)
        self.world.grants[made] = Grant(team, user, redirect_uri, self.clock.now())
        return made

    def uninstall(self, team: Team) -> None:
        """Takes the app out of a workspace: its token is good for nothing, and the app hears of it."""
        with self.world.lock:
            team.revoke()
        for event in ({"type": "tokens_revoked", "tokens": {"bot": [team.bot]}}, {"type": "app_uninstalled"}):
            if event["type"] in self.asks.events:
                self.event(team, event)

    def redeliver(self, reason: str = "http_timeout", number: int = 1) -> Ack:
        """Delivers the last event again, with the same id, as Slack does when it saw no answer; waits as ``event``."""
        last = next(each for each in reversed(self.deliveries) if each.kind == "events_api" and not each.is_echo)
        headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        ack = self.deliver("events_api", last.payload, headers=headers)
        self.settle()
        return ack

    # ------------------------------------------------------------------------------------ what goes wrong

    def note(self, what: str) -> None:
        """Something that the app did wrong: fails the test, unless it is expected."""
        code = what.split(":", maxsplit=1)[0]
        for expected in self._expected:
            if code in expected:
                expected[code] += 1
                return
        self.wrong.append(what)

    @contextmanager
    def expecting(self, *codes: str) -> Iterator[None]:
        """Within it these errors may happen, and each must."""
        expected = dict.fromkeys(codes, 0)
        self._expected.append(expected)
        try:
            yield
        finally:
            self._expected.remove(expected)
        assert all(expected.values()), f"expected, and did not happen: {expected}"

    def fail(  # noqa: PLR0913 (each by name)
        self,
        method: str,
        *,
        status: int = 200,
        error: str = "internal_error",
        retry_after: int = 1,
        seconds: float = 0,
        times: int = 1,
    ) -> None:
        """Makes the next calls of a method fail: 429 with Retry-After, 5xx, an ``error``; or slow, after ``seconds``.

        With ``error=""`` and status 200 the call is only slow.
        """
        made = Failure(status, error, retry_after, seconds, times)
        self._failures.setdefault(method, deque()).append(made)

    def stop_failing(self, method: str) -> None:
        """The method does again what it should."""
        self._failures.pop(method, None)

    def _failing(self, method: str) -> Failure | None:
        waiting = self._failures.get(method)
        if not waiting:
            return None
        found = waiting[0]
        found.times -= 1
        if found.times <= 0:
            waiting.popleft()
        return found

    # ------------------------------------------------------------------------------------ its own server

    async def _called(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        try:
            given = await _arguments(request)
        except ValueError:
            self.note(f"invalid_json: {name}")
            return web.json_response({"ok": False, "error": "invalid_json"})
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ") or None
        token = bearer or given.pop("token", None)
        given.pop("token", None)
        failure = self._failing(name)
        if name == "oauth.v2.access" and failure is None:
            return self._installed(
                _basic(request) or (given.pop("client_id", ""), given.pop("client_secret", "")), given
            )
        if failure is not None:
            await asyncio.sleep(failure.seconds)
            if failure.status == 429:
                self.calls.append(Call(name, given, "", "ratelimited"))
                headers = {"Retry-After": str(failure.retry_after)}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            if failure.status != 200:
                self.calls.append(Call(name, given, "", f"status_{failure.status}"))
                return web.Response(status=failure.status, text="Slack has a bad day")
            if failure.error:
                self.calls.append(Call(name, given, "", failure.error))
                return web.json_response({"ok": False, "error": failure.error})
        return self._answer(name, token, given)

    def _answer(self, name: str, token: str | None, given: Json) -> web.Response:
        with self.world.lock:
            try:
                told, team, arguments = self.api.call(name, token, given)
            except Exception as error:  # noqa: BLE001 (a fault of the fake itself is no silent 500)
                refused = error if isinstance(error, Refused) else Refused("fatal_error", repr(error))
                self.calls.append(Call(name, given, "", refused.code))
                self.note(f"{refused.code}: {name}: {refused.detail}")
                body = {"ok": False, "error": refused.code, **refused.more}
                body |= {"response_metadata": {"messages": [f"[ERROR] {refused.detail}"]}} if refused.detail else {}
                return web.json_response(body)
            self.calls.append(Call(name, arguments, team))
            scopes = ",".join(sorted(self.world.teams[team].scopes)) if team else "connections:write"
            return web.json_response({"ok": True, **told}, headers={"x-oauth-scopes": scopes})

    def _installed(self, client: tuple[str, str], given: Json) -> web.Response:
        with self.world.lock:
            try:
                told, team = self.api.install(client, given, (self.client_id, self.client_secret))
            except Refused as refused:
                self.calls.append(Call("oauth.v2.access", given, "", refused.code))
                self.note(f"{refused.code}: oauth.v2.access: {refused.detail}")
                return web.json_response({"ok": False, "error": refused.code})
            self.calls.append(Call("oauth.v2.access", given, team))
            return web.json_response({"ok": True, **told})

    async def _responded(self, request: web.Request) -> web.Response:
        given: Any = await request.json()
        with self.world.lock:
            found = self.world.answerables.get(request.match_info["key"])
            if found is None:
                self.note("invalid_url: response_url")
                return web.Response(status=404, text="invalid_url")
            try:
                self.api.answer(found, given)
            except Refused as refused:
                self.calls.append(Call("response_url", given, found.team, refused.code))
                self.note(f"{refused.code}: response_url: {refused.detail}")
                return web.Response(status=404 if refused.code.endswith("_url") else 400, text=refused.code)
            self.calls.append(Call("response_url", given, found.team))
        return web.Response(text="ok")

    def response_url(self, key: str) -> str:
        """The whole of a response address."""
        return f"{self._server.origin}/response/{key}"

    def _socket_url(self) -> str:
        if not self.asks.in_sockets:
            raise Refused("socket_mode_disabled", "the manifest does not switch it on")
        return f"{self._server.origin.replace('http', 'ws', 1)}/socket/{self.sockets.ticket()}"

    # ------------------------------------------------------------------------------------ its end

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            assert self.wrong == [], "the app did wrong:\n" + "\n".join(self.wrong)

    def close(self) -> None:
        """Lets go of the app, and stops."""
        self.detach()
        self.sockets.close()
        self._server.stop()


async def _turns() -> None:
    """Lets a loop go round often enough to accept a connection, read a request, and answer it."""
    for _ in range(100):
        await asyncio.sleep(0)


def _basic(request: web.Request) -> tuple[str, str] | None:
    """Who calls, where that stands in the head of the request."""
    try:
        given = BasicAuth.decode(request.headers.get("Authorization", ""))
    except ValueError:
        return None
    return given.login, given.password


async def _arguments(request: web.Request) -> Json:
    """What came with a call, as JSON, form or query."""
    if request.content_type == "application/json":
        read = json.loads(await request.text() or "{}")
        if not isinstance(read, dict):
            raise ValueError
        return {**request.query, **read}
    if request.method == "POST":
        form = await request.post()
        return {**request.query, **{key: str(value) for key, value in form.items()}}
    return dict(request.query)
