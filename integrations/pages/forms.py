"""The forms: shown, taken, and given back with everything that was filled in whenever they cannot be taken."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.messages import FormView, Refusal, Reply, SubmitForm
from integrations.web import inbound
from integrations.web.failures import report
from integrations.web.site import RENEWED, Site

BROKEN = (
    "This could not be sent just now (incident {incident}). What you wrote is still here: press Send again, and it "
    "will not arrive twice. If it cannot wait, speak to the designated safeguarding lead or a deputy now."
)


@dataclass(frozen=True, slots=True)
class Forms:
    """GET /forms/<name> shows a form; POST takes it and shows the receipt under the same address.

    There is no redirect after a post: to load a receipt again sends the same draft again, and gives the same receipt.
    """

    site: Site

    def routes(self) -> list[Route]:
        """The routes of the forms."""
        return [
            Route("/forms/{name}", self.show),
            Route("/forms/{name}", self.submit, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """A form to fill in, or the words that there is none of that name."""
        reply, *_ = await self.site.tell(inbound.open_form(request))
        return self._shown(request, reply, 200)

    async def submit(self, request: Request) -> Response:
        """The receipt, or the form again with everything that was filled in."""
        fields = await inbound.posted(request)
        submission = inbound.submit_form(request, fields)
        if not self.site.visitors.vouches(request, fields):
            return await self._again(request, submission, RENEWED.format(button="Send"), 403)
        try:
            reply, *_ = await self.site.tell(submission)
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            return await self._again(request, submission, BROKEN.format(incident=report(error)), 500)
        return self._shown(request, reply, 503 if isinstance(reply, FormView) and reply.notice else 422)

    async def _again(self, request: Request, submission: SubmitForm, notice: str, status: int) -> Response:
        """The same form with the same draft and answers, and a sentence that says why."""
        reply, *_ = await self.site.tell(inbound.open_form(request))
        if isinstance(reply, FormView):
            reply = _filled(reply, submission.draft, submission.answers, notice)
        return self._shown(request, reply, status)

    def _shown(self, request: Request, reply: Reply, form_status: int) -> Response:
        status = form_status if isinstance(reply, FormView) else 404 if isinstance(reply, Refusal) else 200
        return self.site.reply_page(request, reply, status)


def _filled(form: FormView, draft: str, answers: Mapping[str, str], notice: str) -> FormView:
    questions = tuple(replace(question, value=answers.get(question.key, "")) for question in form.questions)
    return replace(form, draft=draft or form.draft, questions=questions, notice=notice)
