"""Serves an application on a free port of this machine, in a thread, for a real browser."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

PATIENCE = 20
"""How many seconds a server may take to start or to stop before a test fails."""


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@contextmanager
def served(application: ASGIApp, lifespan: Literal["on", "off"] = "off") -> Iterator[str]:
    """Serves until the block ends; gives the origin, such as ``http://127.0.0.1:43210``."""
    # Said to be TCP, as `touchstone serve` does: else asyncio leaves Nagle's algorithm on, and an answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = _Server(uvicorn.Config(application, access_log=False, log_config=None, lifespan=lifespan))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        assert server.listens.wait(PATIENCE), "the server did not start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()
    assert not thread.is_alive(), "the server did not stop"
