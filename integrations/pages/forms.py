"""The forms: offered, shown, taken, and given back with everything that was filled in whenever they cannot be taken."""

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.messages import DraftKept, FillForm, FormView, Refusal, Reply, SaveDraft, SubmitForm
from bot.wording import say
from integrations.incidents import report
from integrations.pages.drafts import Drafts
from integrations.web import inbound
from integrations.web.site import Site, press_again
from integrations.web.uploads import Posted, Uploads


@dataclass(frozen=True, slots=True)
class Forms:
    """GET /forms offers the forms; GET /forms/<name> shows one; POST takes it and shows the receipt at that address.

    There is no redirect after a post: to load a receipt again sends the same draft again, and gives the same receipt.
    POST /forms/<name>/begin opens one with what a conversation knows, /continue shows what the answers open, without
    script, and /save keeps a draft. What was typed stands in no address.
    """

    site: Site
    drafts: Drafts
    uploads: Uploads | None = None

    def routes(self) -> list[Route]:
        """The routes of the forms."""
        steps = {"begin": self.begin, "continue": self.go_on, "save": self.save}
        return [
            Route("/forms", self.offer),
            Route("/forms/{name}", self.show),
            Route("/forms/{name}", self.submit, methods=["POST"]),
            *(Route(f"/forms/{{name}}/{step}", self.back) for step in steps),
            *(Route(f"/forms/{{name}}/{step}", take, methods=["POST"]) for step, take in steps.items()),
        ]

    async def offer(self, request: Request) -> Response:
        """What can be told, and what this person left."""
        reply, *_ = await self.site.tell(inbound.open_forms(self.site.sessions.person(request)))
        return self.site.reply_page(request, reply)

    async def show(self, request: Request) -> Response:
        """A form to fill in, or the words that there is none of that name."""
        reply, *_ = await self.site.tell(inbound.open_form(request))
        return self._shown(request, reply, 200)

    async def back(self, request: Request) -> Response:
        """A step of a form exists only as the answer to a post."""
        return RedirectResponse(f"/forms/{request.path_params['name']}", status_code=303)

    async def begin(self, request: Request) -> Response:
        """A form with what a conversation knows already; what another website put there is not taken over."""
        fields = await inbound.posted(request)
        if self.site.visitors.vouches(request, fields):
            reply, *_ = await self.site.tell(inbound.open_form(request, fields))
            return self._shown(request, reply, 200)
        reply, *_ = await self.site.tell(inbound.open_form(request))
        return self._shown(request, _with_notice(reply, say("form.renewed")), 403)

    async def go_on(self, request: Request) -> Response:
        """The form with the questions that the answers open; nothing is stored."""
        fields = await inbound.posted(request)
        filled = inbound.fill_form(request, fields, self.site.sessions.person(request))
        if not self.site.visitors.vouches(request, fields):
            return await self._again(request, filled, press_again(say("form.continue")), 403)
        reply, *_ = await self.site.tell(filled)
        return self._shown(request, reply, 200)

    async def submit(self, request: Request) -> Response:
        """The receipt, or the form again with everything that was filled in."""
        posted = await self._posted(request)
        try:
            return await self._submit(request, posted)
        finally:
            posted.close()

    async def _posted(self, request: Request) -> Posted:
        """The fields of a form, and the files that go along where that is allowed."""
        is_multipart = request.headers.get("content-type", "").startswith("multipart/form-data")
        if self.uploads is not None and is_multipart:
            return await self.uploads.posted(request)
        return Posted(await inbound.posted(request), ())

    async def _submit(self, request: Request, posted: Posted) -> Response:
        fields = posted.fields
        submission = inbound.submit_form(request, fields, self.site.sessions.person(request), posted.attachments)
        if not self.site.visitors.vouches(request, fields):
            return await self._again(request, submission, press_again(say("form.send")), 403)
        if posted.has_failed:
            return await self._again(request, submission, say("attach.not_taken"), 503)
        try:
            reply, *_ = await self.site.tell(submission)
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            return await self._again(
                request, submission, say("page.not_sent", incident=report(error), button=say("form.send")), 500
            )
        return self._shown(request, reply, 503 if isinstance(reply, FormView) and reply.notice else 422)

    async def save(self, request: Request) -> Response:
        """To the page that says how to come back, or the form again with everything that was filled in."""
        fields = await inbound.posted(request)
        draft = inbound.save_draft(request, fields, self.site.sessions.person(request))
        if not self.site.visitors.vouches(request, fields):
            return await self._again(request, draft, press_again(say("draft.save")), 403)
        try:
            reply, *_ = await self.site.tell(draft)
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            return await self._again(request, draft, f"{say('draft.not_kept')} ({report(error)})", 500)
        if isinstance(reply, DraftKept):
            return self.drafts.keep(request, reply)
        return self._shown(request, reply, 503)

    async def _again(
        self, request: Request, sent: FillForm | SubmitForm | SaveDraft, notice: str, status: int
    ) -> Response:
        """The same form with the same draft and answers, and a sentence that says why."""
        filled = FillForm(sent.form, sent.draft, sent.answers, sent.clause, sent.owner)
        reply, *_ = await self.site.tell(filled)
        reply = _with_notice(reply, notice)
        if isinstance(sent, SubmitForm) and sent.attachments and isinstance(reply, FormView) and reply.attaching:
            reply = replace(reply, attaching=replace(reply.attaching, error=say("attach.again")))
        return self._shown(request, reply, status)

    def _shown(self, request: Request, reply: Reply, form_status: int) -> Response:
        status = form_status if isinstance(reply, FormView) else 404 if isinstance(reply, Refusal) else 200
        return self.site.reply_page(request, reply, status)


def _with_notice(reply: Reply, notice: str) -> Reply:
    return replace(reply, notice=notice) if isinstance(reply, FormView) else reply
