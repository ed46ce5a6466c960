"""The inbox of a person whose job it is, and one case of it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.messages import Incoming, Refusal
from integrations.web import inbound
from integrations.web.site import Site


@dataclass(frozen=True, slots=True)
class Inbox:
    """GET /inbox lists the cases of the person who is signed in; GET /inbox/<reference> opens one."""

    site: Site

    def routes(self) -> list[Route]:
        """The routes of the inbox."""
        return [Route("/inbox", self.list), Route("/inbox/{reference}", self.open)]

    async def list(self, request: Request) -> Response:
        """What was sent to the person who is signed in."""
        person = self.site.sessions.person(request)
        if person is None:
            return self._closed(request)
        return await self._shown(request, inbound.open_inbox(person))

    async def open(self, request: Request) -> Response:
        """One case; the desk decides whether this person may see it, and records that they looked."""
        person = self.site.sessions.person(request)
        if person is None:
            return self._closed(request)
        return await self._shown(request, inbound.open_case(request, person))

    async def _shown(self, request: Request, incoming: Incoming) -> Response:
        reply, *_ = await self.site.tell(incoming)
        return self.site.reply_page(request, reply, 404 if isinstance(reply, Refusal) else 200)

    def _closed(self, request: Request) -> Response:
        return self.site.message(
            request,
            403,
            "Sign in to see the inbox",
            "On this machine `touchstone serve` prints a link for each person who has an inbox. "
            "Open yours in this browser; it works once.",
            "If you were signed in before: a session ends after 30 minutes without use, and after 8 hours in any case.",
        )
