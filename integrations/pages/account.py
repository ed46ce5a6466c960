"""Signing in with a one-time link, and signing out."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integrations.web import inbound
from integrations.web.sign_in import OneTimeLinks
from integrations.web.site import RENEWED, Site


@dataclass(frozen=True, slots=True)
class Account:
    """GET /sign-in/<token> shows a button, POST uses the link; POST /sign-out ends the session.

    A link is not used up by being looked at, since mail and chat programs look at links to preview them.
    """

    site: Site
    links: OneTimeLinks

    def routes(self) -> list[Route]:
        """The routes for signing in and out."""
        return [
            Route("/sign-in/{token}", self.show),
            Route("/sign-in/{token}", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The button, for a link that is still good."""
        return self._button(request) if self.links.is_good(request.path_params["token"]) else self._used(request)

    async def sign_in(self, request: Request) -> Response:
        """Uses the link and goes to the inbox, under a session that did not exist before."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return self._button(request, RENEWED.format(button="Sign in"), 403)
        person = self.links.redeem(request.path_params["token"])
        if person is None:
            return self._used(request)
        response = RedirectResponse("/inbox", status_code=303)
        self.site.sessions.begin(request, response, person)
        return response

    async def sign_out(self, request: Request) -> Response:
        """Ends the session on the server and goes to the chat."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            title = "You are still signed in"
            return self.site.message(request, 403, title, RENEWED.format(button="Sign out"))
        response = RedirectResponse("/", status_code=303)
        self.site.sessions.end(request, response)
        return response

    def _button(self, request: Request, notice: str = "", status: int = 200) -> Response:
        token = self.site.visitors.token(request)
        content = self.site.renderer.fill("Sign in", "sign_in.html", token=token, notice=notice)
        return self.site.page(request, content, status)

    def _used(self, request: Request) -> Response:
        return self.site.message(
            request,
            404,
            "This link does not work any more",
            "A sign-in link works once, within 24 hours, and only until the server is started again. "
            "`touchstone serve` prints a new one when it starts.",
        )
