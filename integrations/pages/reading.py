"""The policies, to be read: a list, and each as a document with an anchor for every clause."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.ports import Clock
from integrations.pages.outline import outline
from integrations.web.render import UNDATED
from integrations.web.site import Site
from knowledge.model import Policy


@dataclass(frozen=True, slots=True)
class Reading:
    """GET /policies lists the policies; GET /policies/<slug>/<version> shows one whole."""

    site: Site
    policies: Callable[[], Sequence[Policy]]
    clock: Clock

    def routes(self) -> list[Route]:
        """The routes of the policies. Slug and version are one path here: either may have a slash in it."""
        return [Route("/policies", self.list), Route("/policies/{document:path}", self.show)]

    async def list(self, request: Request) -> Response:
        """Every policy that can be asked, with its version and what is overdue."""
        content = self.site.renderer.fill("Policies", "policies.html", policies=self.policies(), today=self._today())
        return self.site.page(request, content)

    async def show(self, request: Request) -> Response:
        """One policy in one version, word for word."""
        document = request.path_params["document"]
        for policy in self.policies():
            if document == f"{policy.slug}/{policy.version or UNDATED}":
                parts = outline(policy)
                content = self.site.renderer.fill(
                    policy.title, "policy.html", policy=policy, parts=parts, today=self._today()
                )
                return self.site.page(request, content)
        raise HTTPException(404)

    def _today(self) -> object:
        return self.clock.now().date()
