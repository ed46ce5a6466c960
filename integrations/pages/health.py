"""Whether the server can do its work, for a machine that asks."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from integrations.incidents import report


@dataclass(frozen=True, slots=True)
class Health:
    """GET /healthz: 200 "ok" when questions can be answered and reports taken, else 503 "failing".

    GET /heartbeat: 200 "beating" while the worker sees each minute that every open case has a next step in the future
    and that notices go out, else 503 "stopped". Two addresses, for they ask for two things: whatever restarts a server
    goes by the first, whatever calls a person by the second; a restart would heal no case that nothing happens to.
    """

    check: Callable[[], None]
    heartbeat: Callable[[], bool] = bool

    def routes(self) -> list[Route]:
        """The routes of the health check and the heartbeat."""
        return [Route("/healthz", self.show), Route("/heartbeat", self.beat)]

    async def beat(self, request: Request) -> Response:  # noqa: ARG002 (every route is called with its request)
        """One word; the log says more. Nothing is looked up for it: it says what the worker saw last."""
        if self.heartbeat():
            return PlainTextResponse("beating\n")
        return PlainTextResponse("stopped\n", status_code=503)

    async def show(self, request: Request) -> Response:  # noqa: ARG002 (every route is called with its request)
        """One word; the log says more."""
        try:
            await run_in_threadpool(self.check)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is not well)
            report(error)
            return PlainTextResponse("failing\n", status_code=503)
        return PlainTextResponse("ok\n")
