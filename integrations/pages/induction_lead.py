"""Who of the school is where with the induction, for whoever looks after it."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.messages import ExportFile, Incoming, InductionLeadView
from integrations.pages.inbox import Shown, closed, file_response, renewed, signed_out
from integrations.web import inbound, walking
from integrations.web.once import Once
from integrations.web.site import Site

LEAD = "/induction/lead"


class _Said(Protocol):
    """What a person who is signed in does here, from the fields of a form."""

    def __call__(self, fields: walking.Fields, person: str) -> Incoming:
        """What they say to the desk."""


@dataclass(frozen=True, slots=True)
class InductionLead:
    """GET /induction/lead lists everybody; posts below it remind, begin and end a campaign, and give the list out.

    Whether a person may is asked of the desk with each of them.
    """

    site: Site
    shown: Once[Shown]

    def routes(self) -> list[Route]:
        """The routes of the page."""
        acts = {"nudge": self.nudge, "campaign": self.campaign, "end": self.end, "file": self.take}
        return [
            Route(LEAD, self.open),
            *(Route(f"{LEAD}/{name}", self.leave) for name in acts),
            *(Route(f"{LEAD}/{name}", act, methods=["POST"]) for name, act in acts.items()),
        ]

    async def open(self, request: Request) -> Response:
        """Everybody's standing."""
        person = self.site.sessions.person(request)
        if person is None:
            return closed(self.site, request)
        kept = self.shown.take(self.site.visitors.token(request))
        if kept is not None and (kept.person, kept.address) == (person, LEAD):
            return self.site.reply_page(request, kept.reply)
        reply, *_ = await self.site.tell(walking.open_lead(person, request.query_params.get("policy", "")))
        return self.site.reply_page(request, reply, 200 if isinstance(reply, InductionLeadView) else 404)

    async def nudge(self, request: Request) -> Response:
        """Reminds one person, or all who are behind."""
        return await self._act(request, walking.nudge)

    async def campaign(self, request: Request) -> Response:
        """Asks everybody to sign by a day, or gives the form back."""
        return await self._act(request, walking.start_campaign)

    async def end(self, request: Request) -> Response:
        """Ends a campaign."""
        return await self._act(request, walking.end_campaign)

    async def take(self, request: Request) -> Response:
        """The list as a file."""
        fields = await inbound.posted(request)
        person = self.site.sessions.person(request)
        if person is None:
            return signed_out(self.site, request, fields)
        if not self.site.visitors.vouches(request, fields):
            return renewed(self.site, request)
        reply, *_ = await self.site.tell(walking.export(fields, person))
        return file_response(reply) if isinstance(reply, ExportFile) else self.site.reply_page(request, reply, 404)

    async def leave(self, request: Request) -> Response:  # noqa: ARG002 (every route is called with its request)
        """An act exists only as a post."""
        return RedirectResponse(LEAD, status_code=303)

    async def _act(self, request: Request, said: _Said) -> Response:
        fields = await inbound.posted(request)
        person = self.site.sessions.person(request)
        if person is None:
            return signed_out(self.site, request, fields)
        if not self.site.visitors.vouches(request, fields):
            return renewed(self.site, request)
        reply, *_ = await self.site.tell(said(fields, person))
        if not isinstance(reply, InductionLeadView):
            return self.site.reply_page(request, reply, 404)
        if reply.has_errors or reply.notice:
            return self.site.reply_page(request, reply, 422)
        self.shown.put(self.site.visitors.token(request), Shown(person, LEAD, reply))
        return RedirectResponse(LEAD, status_code=303)
