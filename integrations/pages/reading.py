"""The policies, to be read: a list, each as a document with an anchor for every clause, and a section alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.messages import SectionView
from bot.ports import Clock
from bot.wording import say
from integrations.pages.chat import Chat
from integrations.shown import UNDATED, citation_address
from integrations.web import inbound
from integrations.web.outline import outline
from integrations.web.site import Site
from knowledge.model import Policy


@dataclass(frozen=True, slots=True)
class Reading:
    """GET /policies lists them; GET /policies/<slug>/<version> shows one whole; GET /section a clause in its place."""

    site: Site
    policies: Callable[[], Sequence[Policy]]
    clock: Clock

    def routes(self) -> list[Route]:
        """The routes of the policies. Slug and version are one path here: either may have a slash in it."""
        return [
            Route("/policies", self.list),
            Route("/policies/{document:path}", self.show),
            Route("/section", self.section),
        ]

    async def list(self, request: Request) -> Response:
        """Every policy that can be asked, with its version and what is overdue."""
        content = self.site.renderer.fill(
            say("frame.policies"), "policies.html", policies=self.policies(), today=self._today()
        )
        return self.site.page(request, content)

    async def show(self, request: Request) -> Response:
        """One policy in one version, word for word."""
        document = request.path_params["document"]
        for policy in self.policies():
            if document == f"{policy.slug}/{policy.version or UNDATED}":
                parts = outline(policy.passages)
                content = self.site.renderer.fill(
                    policy.title, "policy.html", policy=policy, parts=parts, today=self._today()
                )
                return self.site.page(request, content)
        raise HTTPException(404)

    async def section(self, request: Request) -> Response:
        """The section of a clause for the chat that is open; whoever comes by the address alone is led to its place."""
        reply, *_ = await self.site.tell(inbound.show_section(request))
        if not isinstance(reply, SectionView):
            return self.site.reply_page(request, reply, 404)
        if not Chat.is_fragment(request):
            return RedirectResponse(citation_address(reply.citation), status_code=303)
        return HTMLResponse(self.site.renderer.reply(reply, "").html)

    def _today(self) -> object:
        return self.clock.now().date()
