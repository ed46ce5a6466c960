"""The induction: its steps, the agreement at their end, and what somebody has signed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.messages import (
    AgreementView,
    ExportFile,
    Incoming,
    InductionLeadView,
    InductionStepView,
    InductionView,
    Refusal,
    Reply,
    SignAgreement,
    SignedView,
    SignOffsView,
)
from bot.wording import say
from integrations.incidents import report
from integrations.pages.inbox import Shown, file_response, renewed
from integrations.shown import judged_together
from integrations.web import inbound, walking
from integrations.web.once import Once
from integrations.web.render import walk_address
from integrations.web.site import Site, press_again

WALK = "/induction"
SIGNED = f"{WALK}/signed"

_REFUSED = 403

_Page = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Induction:
    """GET /induction shows the walk, and below it a page for each step and for the agreement; each post saves.

    Whoever is signed in walks as themselves. Whoever is not gets a code, which stands in the pages that a post leads
    to and in no address: each of those is shown once, so that the next person at a shared computer can neither go back
    to it nor load it anew. Whoever wants neither walks too, and nothing is kept.
    """

    site: Site
    shown: Once[Shown]
    closed: _Page

    def routes(self) -> list[Route]:
        """The routes of the induction."""
        of = f"{WALK}/of/{{policy}}"
        step = f"{of}/steps/{{step}}"
        both: tuple[tuple[str, _Page, _Page], ...] = (
            (WALK, self.show, self.come_back),
            (of, self.show, self.come_back),
            (step, self.show_step, self.go_to_step),
            (f"{of}/agreement", self.show_agreement, self.go_to_agreement),
            (f"{WALK}/agreement", self.show_agreement, self.go_to_agreement),
            (SIGNED, self.show_signed, self.go_to_signed),
        )
        posts: tuple[tuple[str, _Page], ...] = (
            (f"{of}/begin", self.begin),
            (f"{step}/judge", self.judge),
            (f"{step}/finish", self.finish),
            (f"{of}/sign", self.sign),
            (f"{SIGNED}/certificate", self.certificate),
        )
        return [
            Route(f"{WALK}/sign-in", self.sign_in),
            *(Route(path, take, methods=["POST"]) for path, _, take in both),
            *(Route(path, page) for path, page, _ in both),
            *(Route(path, take, methods=["POST"]) for path, take in posts),
            *(Route(path, self.leave) for path, _ in posts),
        ]

    # ------------------------------------------------------------------------------------------------ the walk

    async def show(self, request: Request) -> Response:
        """All steps, and how far this person has come."""
        return await self._shown(request, walking.open_induction(request, {}, self._person(request)))

    async def come_back(self, request: Request) -> Response:
        """The walk of a code."""
        fields = await inbound.posted(request)
        return await self._led(request, fields, walking.open_induction(request, fields, self._person(request)))

    async def begin(self, request: Request) -> Response:
        """A walk that is kept; whoever is not known gets a code."""
        fields = await inbound.posted(request)
        return await self._led(request, fields, walking.begin(request, fields, self._person(request)))

    async def show_step(self, request: Request) -> Response:
        """A step."""
        return await self._shown(request, walking.open_step(request, {}, self._person(request)))

    async def go_to_step(self, request: Request) -> Response:
        """A step of the walk of a code."""
        fields = await inbound.posted(request)
        return await self._led(request, fields, walking.open_step(request, fields, self._person(request)))

    async def judge(self, request: Request) -> Response:
        """What the ruling says to a situation, and to those beside it, in their step; what is ticked stays ticked."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return renewed(self.site, request)
        said = walking.judge(request, fields, self._person(request))
        step: InductionStepView | None = None
        for one in said or (walking.open_step(request, fields, self._person(request)),):
            reply, *_ = await self.site.tell(one)
            if not isinstance(reply, InductionStepView):
                return self._lead_to(request, reply)
            step = judged_together(step, reply)
        if step is None:
            return await self.leave(request)
        ticked = walking.ticked(fields)
        checks = tuple(replace(one, ticked=one.ticked or one.check in ticked) for one in step.checks)
        step = replace(step, checks=checks)
        if said:
            return self._lead_to(request, step, said[-1].situation)
        pressed = fields.get("situation", "")
        error = say("walk.choose")
        situations = (replace(one, error=error) if one.situation == pressed else one for one in step.situations)
        return self._lead_to(request, replace(step, notice=error, situations=tuple(situations)))

    async def finish(self, request: Request) -> Response:
        """The next step, or this one with what is left of it."""
        fields = await inbound.posted(request)
        return await self._led(request, fields, walking.finish(request, fields, self._person(request)))

    # ------------------------------------------------------------------------------------------- the agreement

    async def show_agreement(self, request: Request) -> Response:
        """The agreement, whole, and the form to sign it."""
        return await self._shown(request, walking.open_agreement(request, {}, self._person(request)))

    async def go_to_agreement(self, request: Request) -> Response:
        """The agreement for whoever has a code."""
        fields = await inbound.posted(request)
        return await self._led(request, fields, walking.open_agreement(request, fields, self._person(request)))

    async def sign(self, request: Request) -> Response:
        """What was signed, or the agreement again with all that was filled in."""
        fields = await inbound.posted(request)
        signature = walking.sign(request, fields, self._person(request))
        if not self.site.visitors.vouches(request, fields):
            return await self._again(request, fields, signature, press_again(say("walk.sign")), _REFUSED)
        try:
            reply, *_ = await self.site.tell(signature)
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            return await self._again(request, fields, signature, say("walk.not_signed", incident=report(error)), 500)
        if isinstance(reply, AgreementView):
            return self._page(request, reply, 503 if reply.notice and not reply.has_errors else 422)
        return self._lead_to(request, reply)

    async def show_signed(self, request: Request) -> Response:
        """What somebody has signed; whoever is not known can tell a code."""
        return await self._shown(request, walking.open_sign_offs({}, self._person(request)))

    async def go_to_signed(self, request: Request) -> Response:
        """What was signed under a code."""
        fields = await inbound.posted(request)
        return await self._led(request, fields, walking.open_sign_offs(fields, self._person(request)))

    async def certificate(self, request: Request) -> Response:
        """The certificate of a signature, as a file."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return renewed(self.site, request)
        reply, *_ = await self.site.tell(walking.certificate(fields, self._person(request)))
        return file_response(reply) if isinstance(reply, ExportFile) else self._page(request, reply, 404)

    async def sign_in(self, request: Request) -> Response:
        """Leads to signing in, and back here."""
        return await self.leave(request) if self._person(request) else await self.closed(request)

    async def leave(self, request: Request) -> Response:  # noqa: ARG002 (every route is called with its request)
        """To the walk: what was posted here is shown elsewhere."""
        return RedirectResponse(WALK, status_code=303)

    # ------------------------------------------------------------------------------------------------- all pages

    def _person(self, request: Request) -> str | None:
        return self.site.sessions.person(request)

    async def _shown(self, request: Request, wanted: Incoming) -> Response:
        """What a post led to, once; else what the address itself shows to this person."""
        kept = self.shown.take(self.site.visitors.token(request))
        if kept is not None and (kept.person, kept.address) == (self._person(request) or "", request.url.path):
            return await self._page_of(request, kept.reply)
        reply, *_ = await self.site.tell(wanted)
        address = address_of(reply)
        if address and address != request.url.path and not isinstance(reply, InductionView):
            return self._lead_to(request, reply)
        return await self._page_of(request, reply)

    async def _led(
        self,
        request: Request,
        fields: walking.Fields,
        wanted: Incoming,
    ) -> Response:
        """To the page of what comes of it."""
        if not self.site.visitors.vouches(request, fields):
            return renewed(self.site, request)
        reply, *_ = await self.site.tell(wanted)
        return self._lead_to(request, reply)

    def _lead_to(self, request: Request, reply: Reply, fragment: str = "") -> Response:
        address = address_of(reply)
        if not address:
            return self._page(request, reply, 404)
        shown = Shown(self._person(request) or "", address, reply)
        self.shown.put(self.site.visitors.token(request), shown)
        return RedirectResponse(address + (f"#{quote(fragment)}" if fragment else ""), status_code=303)

    async def _again(
        self, request: Request, fields: walking.Fields, signature: SignAgreement, notice: str, status: int
    ) -> Response:
        """The agreement with what was typed, and a sentence that says why it was not signed."""
        reply, *_ = await self.site.tell(walking.open_agreement(request, fields, self._person(request)))
        if not isinstance(reply, AgreementView):
            return renewed(self.site, request) if status == _REFUSED else self._page(request, reply, 404)
        asked = (replace(one, value=signature.answers.get(one.key, "")) for one in reply.questions)
        reply = replace(reply, form=signature.form or reply.form, questions=tuple(asked), notice=notice)
        return self._page(request, reply, status)

    async def _page_of(self, request: Request, reply: Reply) -> Response:
        """The page of a reply; on the walk whoever looks after it finds the way to everybody's."""
        person = self._person(request)
        if isinstance(reply, InductionView) and person:
            view, *_ = await self.site.tell(walking.open_lead(person, reply.policy))
            content = self.site.renderer.induction(
                reply, self.site.visitors.token(request), is_known=True, is_lead=isinstance(view, InductionLeadView)
            )
            return self.site.page(request, content)
        return self._page(request, reply, 404 if isinstance(reply, Refusal) else 200)

    def _page(self, request: Request, reply: Reply, status: int) -> Response:
        return self.site.reply_page(request, reply, status)


def address_of(reply: Reply) -> str:
    """Where a reply about the induction stands; empty for any other."""
    match reply:
        case InductionView(policy=policy):
            return walk_address(policy)
        case InductionStepView(policy=policy, step=step):
            return f"{walk_address(policy)}/steps/{quote(step)}"
        case AgreementView(policy=policy):
            return f"{walk_address(policy)}/agreement"
        case SignedView() | SignOffsView():
            return SIGNED
        case _:
            return ""
