"""What a person who is signed in reported themselves: how far it has come, what they are asked, a file of it all."""

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.messages import ActOnCase, ExportFile, OwnView, Reply
from bot.wording import say
from integrations.incidents import report
from integrations.pages.inbox import Shown, closed, file_response, renewed, signed_out, with_answers
from integrations.web import inbound
from integrations.web.once import Once
from integrations.web.site import Site, press_again


@dataclass(frozen=True, slots=True)
class Own:
    """GET /mine shows it; POST to /mine/<reference> answers a question or adds something, to /mine/file gives all."""

    site: Site
    shown: Once[Shown]

    def routes(self) -> list[Route]:
        """The routes of what one reported."""
        return [
            Route("/mine", self.open),
            Route("/mine/file", self.take, methods=["POST"]),
            Route("/mine/{reference}", self.act, methods=["POST"]),
        ]

    async def open(self, request: Request) -> Response:
        """All of it."""
        person = self.site.sessions.person(request)
        if person is None:
            return closed(self.site, request)
        kept = self.shown.take(self.site.visitors.token(request))
        if kept is not None and (kept.person, kept.address) == (person, "/mine"):
            return self.site.reply_page(request, kept.reply)
        reply, *_ = await self.site.tell(inbound.open_own(person))
        return self.site.reply_page(request, reply, 200 if isinstance(reply, OwnView) else 404)

    async def act(self, request: Request) -> Response:
        """What the sender answers or adds."""
        fields = await inbound.posted(request)
        person = self.site.sessions.person(request)
        if person is None:
            return signed_out(self.site, request, fields)
        said = inbound.act_on_own(request, fields, person)
        if said is None:
            return RedirectResponse("/mine", status_code=303)
        if not self.site.visitors.vouches(request, fields):
            return await self._again(request, said, 403, press_again(say("page.button")))
        try:
            reply, *_ = await self.site.tell(said)
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            return await self._again(request, said, 500, say("page.not_done", incident=report(error)))
        if isinstance(reply, OwnView) and reply.done:
            self.shown.put(self.site.visitors.token(request), Shown(person, "/mine", reply))
            return RedirectResponse("/mine", status_code=303)
        return self._given_back(request, reply, 422)

    async def take(self, request: Request) -> Response:
        """All that they supplied, as a file."""
        fields = await inbound.posted(request)
        person = self.site.sessions.person(request)
        if person is None:
            return signed_out(self.site, request, fields)
        if not self.site.visitors.vouches(request, fields):
            return renewed(self.site, request)
        reply, *_ = await self.site.tell(inbound.open_own(person, whole=True))
        return file_response(reply) if isinstance(reply, ExportFile) else self.site.reply_page(request, reply, 404)

    async def _again(self, request: Request, said: ActOnCase, status: int, notice: str) -> Response:
        """The page with what was typed, and a sentence that says why it was not sent."""
        reply, *_ = await self.site.tell(inbound.open_own(said.person))
        if isinstance(reply, OwnView):
            reports = tuple(
                replace(
                    one,
                    acts=tuple(with_answers(act, said) if act.act is said.act else act for act in one.acts),
                )
                if one.reference == said.reference
                else one
                for one in reply.reports
            )
            reply = replace(reply, reports=reports, notice=notice, open=(said.reference, said.act))
        return self._given_back(request, reply, status)

    def _given_back(self, request: Request, reply: Reply, status: int) -> Response:
        """The page with what was typed: to a sign-in that is not fresh, no more of what was told than that."""
        if not isinstance(reply, OwnView):
            return self.site.reply_page(request, reply, 404)
        if not self.site.sessions.is_fresh(request):
            reply = replace(reply, reports=tuple(replace(one, answers=(), said=()) for one in reply.reports))
        return self.site.reply_page(request, reply, status)
