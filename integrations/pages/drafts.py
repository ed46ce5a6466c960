"""Drafts: how to come back to one is shown once, and one that is come back to is shown once."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.messages import DraftKept, Noted, OpenDraft, Refusal
from bot.wording import say
from integrations.web import inbound
from integrations.web.once import Once
from integrations.web.site import Site, press_again


@dataclass(frozen=True, slots=True)
class Drafts:
    """POST /drafts comes back to a draft, POST /drafts/discard takes it away; GET shows what the post before led to.

    Each post redirects, and what it leads to is shown once: at a shared computer the next person can press Back and
    load every page again, and must see neither a code nor a draft.
    """

    site: Site
    kept: Once[DraftKept]
    opened: Once[OpenDraft]

    def routes(self) -> list[Route]:
        """The routes of drafts."""
        return [
            Route("/drafts", self.show),
            Route("/drafts", self.open, methods=["POST"]),
            Route("/drafts/kept", self.show_kept),
            Route("/drafts/discard", self.leave),
            Route("/drafts/discard", self.discard, methods=["POST"]),
        ]

    def keep(self, request: Request, kept: DraftKept) -> Response:
        """Leads to the page that says how to come back."""
        self.kept.put(self.site.visitors.token(request), kept)
        return RedirectResponse("/drafts/kept", status_code=303)

    async def show_kept(self, request: Request) -> Response:
        """How to come back, once; then the forms."""
        kept = self.kept.take(self.site.visitors.token(request))
        return self.site.reply_page(request, kept) if kept else await self.leave(request)

    async def open(self, request: Request) -> Response:
        """Leads to the draft."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return self._renewed(request)
        wanted = inbound.open_draft(fields, self.site.sessions.person(request))
        self.opened.put(self.site.visitors.token(request), wanted)
        return RedirectResponse("/drafts", status_code=303)

    async def show(self, request: Request) -> Response:
        """The draft, once; then the forms."""
        wanted = self.opened.take(self.site.visitors.token(request))
        if wanted is None:
            return await self.leave(request)
        reply, *_ = await self.site.tell(wanted)
        return self.site.reply_page(request, reply, 404 if isinstance(reply, Refusal) else 200)

    async def discard(self, request: Request) -> Response:
        """That it is gone, or that there is none."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return self._renewed(request)
        reply, *_ = await self.site.tell(inbound.discard_draft(fields, self.site.sessions.person(request)))
        if isinstance(reply, Noted):
            return self.site.message(request, 200, reply.headline, *reply.sentences)
        return self.site.reply_page(request, reply, 404 if isinstance(reply, Refusal) else 200)

    async def leave(self, request: Request) -> Response:  # noqa: ARG002 (every route is called with its request)
        """To the forms: what was to be seen here was seen."""
        return RedirectResponse("/forms", status_code=303)

    def _renewed(self, request: Request) -> Response:
        title = say("page.renewed_title")
        return self.site.message(request, 403, title, press_again(say("page.go_back")))
