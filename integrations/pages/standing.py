"""What senders see of their reports: by the code of the receipt, or all of theirs when they are signed in."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.messages import OpenStanding, Refusal
from bot.wording import say
from integrations.web import inbound
from integrations.web.once import Once
from integrations.web.site import Site, press_again


@dataclass(frozen=True, slots=True)
class Standing:
    """GET /reports shows a field for the code, and to whoever is signed in theirs; POST /reports takes a code.

    The post redirects, and what it leads to is shown once: at a shared computer the next person can press Back and load
    every page again, and must not see that there was a report.
    """

    site: Site
    wanted: Once[OpenStanding]

    def routes(self) -> list[Route]:
        """The routes of the page."""
        return [Route("/reports", self.show), Route("/reports", self.ask, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """Leads to the report of a code."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            title = say("page.renewed_title")
            return self.site.message(request, 403, title, press_again(say("page.go_back")))
        person = self.site.sessions.person(request)
        self.wanted.put(self.site.visitors.token(request), inbound.open_standing(fields, person))
        return RedirectResponse("/reports", status_code=303)

    async def show(self, request: Request) -> Response:
        """How it stands: with what was asked for, once, else with what is the person's."""
        asked = self.wanted.take(self.site.visitors.token(request))
        wanted = asked or inbound.open_standing({}, self.site.sessions.person(request))
        reply, *_ = await self.site.tell(wanted)
        return self.site.reply_page(request, reply, 404 if isinstance(reply, Refusal) else 200)
