"""Socket Mode's connection comes back, also where the address that Slack gave leads nowhere any more."""

import asyncio
import json
import socket
from typing import Any, Self

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.quiet import QUIET
from integrations.slack.socket import Socket


class _Slack:
    """Gives addresses, the first of them dead ones; takes connections and sends one event by each."""

    def __init__(self, dead: int) -> None:
        self.dead = dead
        self.asked = 0
        self.was_asked = asyncio.Event()
        self.connected = asyncio.Event()
        self.answered: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.port = 0
        self._closed = socket.socket()
        self._closed.bind(("127.0.0.1", 0))  # bound, and nobody listens: whoever connects is refused

    async def open(self, _request: web.Request) -> web.Response:
        self.asked += 1
        self.was_asked.set()
        port = self._closed.getsockname()[1] if self.asked <= self.dead else self.port
        return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{port}/link"})

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        taken = web.WebSocketResponse()
        await taken.prepare(request)
        self.connected.set()
        event = {"type": "event_callback", "team_id": "T1", "event_id": "E1", "event": {"type": "app_home_opened"}}
        await taken.send_json({"type": "events_api", "envelope_id": "1", "payload": event})
        async for message in taken:
            await self.answered.put(json.loads(message.data))
        return taken

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.add_routes([web.post("/api/apps.connections.open", self.open), web.get("/link", self.link)])
        self._runner = web.AppRunner(application)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        self._closed.close()


@pytest.mark.parametrize("dead", [0, 2])
def test_an_address_that_leads_nowhere_is_not_tried_for_ever(dead: int) -> None:
    async def run() -> None:
        async with _Slack(dead) as slack:
            client = AsyncWebClient("xoxb-1", base_url=f"http://127.0.0.1:{slack.port}/api/", logger=QUIET)
            app = AsyncApp(client=client, logger=QUIET, signing_secret="-")  # noqa: S106 (none)
            connection = Socket(app, "xapp-1", tries=0.3, ping=0.1)
            async with asyncio.timeout(20):
                await connection.connect_async()  # type: ignore[no-untyped-call]
                await slack.connected.wait()
                answer = await slack.answered.get()
                assert answer["envelope_id"] == "1"
            assert slack.asked == dead + 1
            await connection.close_async()  # type: ignore[no-untyped-call]

    asyncio.run(run())


def test_who_closes_it_while_it_tries_need_not_wait() -> None:
    async def run() -> None:
        async with _Slack(1000) as slack:
            client = AsyncWebClient("xoxb-1", base_url=f"http://127.0.0.1:{slack.port}/api/", logger=QUIET)
            connection = Socket(AsyncApp(client=client, logger=QUIET, signing_secret="-"), "xapp-1", ping=0.1)  # noqa: S106 (none)
            trying = asyncio.create_task(connection.connect_async())  # type: ignore[no-untyped-call]
            await slack.was_asked.wait()
            async with asyncio.timeout(5):
                await connection.close_async()  # type: ignore[no-untyped-call]
                await trying

    asyncio.run(run())
