"""The connection of Socket Mode, which finds its way back however long the network or Slack was away.

The client of slack_sdk tries one address again and again until it is connected; Slack's are good for one connection and
a short while, so after an outage it would try a dead one for ever.
"""

import asyncio

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from integrations.slack.quiet import QUIET

TRIES = 25.0
"""Seconds for which one address is tried; then Slack is asked for another."""

PING = 10.0
"""Seconds between two signs of life, and between two tries."""


class Connection(SocketModeClient):
    """Connects, and connects again."""

    tries: float = TRIES

    async def connect(self) -> None:
        """Returns once it is connected, or was closed."""
        while not self.closed:
            try:
                async with asyncio.timeout(self.tries):
                    await super().connect()  # type: ignore[no-untyped-call]
            except TimeoutError:
                self.wss_uri = None
            else:
                return


class Socket(AsyncSocketModeHandler):
    """Hands what comes by the connection to the app."""

    def __init__(self, app: AsyncApp, app_token: str, *, tries: float = TRIES, ping: float = PING) -> None:
        """Within a running event loop; it connects to nothing yet."""
        self.app = app
        self.app_token = app_token
        connection = Connection(app_token, logger=QUIET, web_client=app.client, ping_interval=ping)
        connection.tries = tries
        connection.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]
        self.client = connection
