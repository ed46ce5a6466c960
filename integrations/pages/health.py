"""Whether the server can do its work, for a machine that asks."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from integrations.web.failures import report


@dataclass(frozen=True, slots=True)
class Health:
    """GET /healthz: 200 "ok" when questions can be answered and reports taken, else 503 "failing"."""

    check: Callable[[], None]

    def routes(self) -> list[Route]:
        """The route of the health check."""
        return [Route("/healthz", self.show)]

    async def show(self, request: Request) -> Response:  # noqa: ARG002 (every route is called with its request)
        """One word; the log says more."""
        try:
            await run_in_threadpool(self.check)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is not well)
            report(error)
            return PlainTextResponse("failing\n", status_code=503)
        return PlainTextResponse("ok\n")
