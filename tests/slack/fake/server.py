"""The fake Slack's own address: a real HTTP server in a thread, and loops in threads for who needs one."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from typing import TypeVar

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PATIENCE = 20
"""How many seconds a loop or server may take to start or to stop before a test fails."""
BIGGEST_BODY = 4 * 1024 * 1024

Made = TypeVar("Made")


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def do(self, work: Awaitable[Made], seconds: float = PATIENCE) -> Made:
        """Has something done there, and waits for it."""
        return self.begin(work).result(seconds)

    def begin(self, work: Awaitable[Made]) -> "Future[Made]":
        """Has something done there."""

        async def whole() -> Made:
            return await work

        return asyncio.run_coroutine_threadsafe(whole(), self.loop)

    def stop(self) -> None:
        """Ends what runs there, then the loop."""
        self.do(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "a loop did not stop"
        self.loop.close()

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.loop.shutdown_asyncgens()
        await self.loop.shutdown_default_executor()


class Server:
    """Serves handlers on a free port of this machine."""

    def __init__(self, routes: Mapping[str, Handler]) -> None:
        self.thread = LoopThread("fake slack")
        self._runner, self.port = self.thread.do(self._start(routes))

    @property
    def origin(self) -> str:
        """Such as ``http://127.0.0.1:43210``."""
        return f"http://127.0.0.1:{self.port}"

    @staticmethod
    async def _start(routes: Mapping[str, Handler]) -> tuple[web.AppRunner, int]:
        application = web.Application(client_max_size=BIGGEST_BODY)
        for path, handler in routes.items():
            application.router.add_route("*", path, handler)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, int(runner.addresses[0][1])

    def stop(self) -> None:
        """Answers nobody any more."""
        self.thread.do(self._runner.cleanup())
        self.thread.stop()
