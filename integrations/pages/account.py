"""Signing in, signing in again before a case, signing out; and the page of whoever is signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.cases.people.directory import Directory
from bot.cases.people.sessions import Proof
from bot.messages import AccountView, Refusal
from bot.ports import Clock
from bot.wording import say
from integrations.web import inbound
from integrations.web.elsewhere import TRIP, TRIP_LASTS, NotSignedIn, Provider, Trips
from integrations.web.sign_in import Goals, OneTimeLinks
from integrations.web.site import Site, press_again
from integrations.web.visitors import drop_cookie, set_cookie

LINK = "link"
"""The way of a one-time link, as it stands in a session."""

_LONGEST = 4096
"""Signs of a code or a state that a platform sends back."""


@dataclass(frozen=True, slots=True)
class Account:
    """GET /sign-in/<token> shows a button, POST uses the link; GET /sign-in/with/<platform> leads away and back.

    A link is not used up by being looked at, since mail and chat programs look at links to preview them. GET /account
    shows who is signed in, where, and in which roles, and whom they may confirm in a role; POST /account/confirm does
    that, POST /account/sign-out-everywhere ends all sessions, POST /sign-out this one.
    """

    site: Site
    links: OneTimeLinks
    clock: Clock
    goals: Goals
    trips: Trips
    providers: Mapping[str, Provider]
    directory: Directory

    def routes(self) -> list[Route]:
        """The routes for signing in and out."""
        return [
            Route("/sign-in/{token}", self.show),
            Route("/sign-in/{token}", self.sign_in, methods=["POST"]),
            Route("/sign-in/with/{platform}", self.leave),
            Route("/sign-in/with/{platform}/back", self.back),
            Route("/sign-in/with/{platform}/done", self.done),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/account", self.account),
            Route("/account/confirm", self.confirm, methods=["POST"]),
            Route("/account/sign-out-everywhere", self.sign_out_everywhere, methods=["POST"]),
        ]

    # ------------------------------------------------------------------------------------- on this machine

    async def show(self, request: Request) -> Response:
        """The button, for a link that is still good."""
        return self._button(request) if self.links.is_good(request.path_params["token"]) else self._used(request)

    async def sign_in(self, request: Request) -> Response:
        """Uses the link and goes to the case that was to be opened, else to the inbox, under a session that is new."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return self._button(request, press_again(say("account.sign_in")), 403)
        person = self.links.redeem(request.path_params["token"])
        if person is None:
            return self._used(request)
        return await self._signed_in(request, Proof(person, LINK, self.clock.now()))

    async def closed(self, request: Request) -> Response:
        """Instead of a case: that whoever wants to open it has to sign in, or in again, and then comes back to it."""
        is_known = self.site.sessions.person(request) is not None
        ways = [(f"/sign-in/with/{name}", one.title) for name, one in self.providers.items()]
        title = say("account.again.title") if is_known else say("account.closed.title")
        content = self.site.renderer.fill(title, "closed.html", title=title, is_known=is_known, ways=ways)
        response = self.site.page(request, content, 403)
        self.goals.keep(request, response)
        return response

    # --------------------------------------------------------------------------------------- at a platform

    async def leave(self, request: Request) -> Response:
        """To the platform."""
        provider = self._provider(request)
        trip, held = self.trips.begin(request, provider)
        address = provider.away(trip)
        if not address.startswith("https://"):
            return self.site.message(request, 403, say("account.not_signed_in"), str(NotSignedIn()))
        response = RedirectResponse(address, status_code=303)
        set_cookie(request, response, TRIP, held, lasts=int(TRIP_LASTS.total_seconds()))
        return response

    async def back(self, request: Request) -> Response:
        """From the platform, by way of a page of ours: a browser sends our cookies only where we lead it ourselves."""
        provider = self._provider(request)
        brought = {name: request.query_params.get(name, "")[:_LONGEST] for name in ("state", "code")}
        address = f"/sign-in/with/{provider.name}/done?{urlencode(brought)}"
        content = self.site.renderer.fill(say("account.back"), "back.html", address=address)
        response = self.site.page(request, content)
        response.headers["Refresh"] = f"0; url={address}"
        return response

    async def done(self, request: Request) -> Response:
        """Signs in whom the platform names; then to the case that was to be opened, else to the inbox."""
        provider = self._provider(request)
        try:
            proof = await run_in_threadpool(self.trips.finish, request, provider, self.directory)
        except NotSignedIn as refusal:
            response: Response = self.site.message(request, 403, say("account.not_signed_in"), str(refusal))
        else:
            response = await self._signed_in(request, proof)
        drop_cookie(request, response, TRIP)
        return response

    # -------------------------------------------------------------------------------- whoever is signed in

    async def account(self, request: Request) -> Response:
        """Who is signed in, in which roles, where else, and whom they may confirm."""
        person = self.site.sessions.person(request)
        return await self.closed(request) if person is None else await self._account(request, person)

    async def confirm(self, request: Request) -> Response:
        """Confirms that somebody holds a role; only by a fresh sign-in, for it opens cases to them."""
        fields = await inbound.posted(request)
        person = self.site.sessions.person(request)
        if not self.site.visitors.vouches(request, fields):
            return self.site.message(request, 403, say("account.renewed"), press_again(say("account.confirm")))
        if person is None or not self.site.sessions.is_fresh(request):
            return await self.closed(request)
        reply, *_ = await self.site.tell(inbound.confirm_holder(fields, person))
        if isinstance(reply, Refusal):
            return self.site.reply_page(request, reply, 404)
        return RedirectResponse("/account", status_code=303)

    async def sign_out(self, request: Request) -> Response:
        """Ends the session on the server and goes to the chat."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return self._still(request, say("frame.sign_out"))
        response = RedirectResponse("/", status_code=303)
        await self.site.sessions.end(request, response)
        return response

    async def sign_out_everywhere(self, request: Request) -> Response:
        """Ends every session of whoever is signed in, in every browser."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return self._still(request, say("account.everywhere"))
        response = RedirectResponse("/", status_code=303)
        await self.site.sessions.end_all(request, response)
        return response

    # ----------------------------------------------------------------------------------------------------

    async def _signed_in(self, request: Request, proof: Proof) -> Response:
        response = RedirectResponse(self.goals.address(request), status_code=303)
        await self.site.sessions.begin(request, response, proof)
        self.goals.reached(request, response)
        return response

    async def _account(self, request: Request, person: str) -> Response:
        reply, *_ = await self.site.tell(inbound.open_account(person))
        if not isinstance(reply, AccountView):
            return self.site.reply_page(request, reply, 404)
        sessions, this = await self.site.sessions.everywhere(request), self.site.sessions.session(request)
        token = self.site.visitors.token(request)
        return self.site.page(request, self.site.renderer.account(reply, token, sessions, this))

    def _provider(self, request: Request) -> Provider:
        provider = self.providers.get(request.path_params["platform"])
        if provider is None:
            raise HTTPException(404)
        return provider

    def _still(self, request: Request, button: str) -> Response:
        return self.site.message(request, 403, say("account.still"), press_again(button))

    def _button(self, request: Request, notice: str = "", status: int = 200) -> Response:
        token = self.site.visitors.token(request)
        content = self.site.renderer.fill(say("account.sign_in"), "sign_in.html", token=token, notice=notice)
        return self.site.page(request, content, status)

    def _used(self, request: Request) -> Response:
        return self.site.message(
            request,
            404,
            say("account.used"),
            say("account.used_why"),
        )
