"""What is said of an answer: helpful or not, and the question that is sent to the policy owner."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.messages import QuestionView, Refusal, Reply, SendQuestion
from bot.wording import say
from integrations.incidents import report
from integrations.pages.chat import Chat
from integrations.web import inbound
from integrations.web.render import Content
from integrations.web.site import Site, press_again


@dataclass(frozen=True, slots=True)
class Feedback:
    """POST /ratings counts; POST /questions/new shows what would be sent, POST /questions sends it.

    With script the answer goes into the conversation that is open; without, it is a page of its own, with the box.
    """

    site: Site
    chat: Chat

    def routes(self) -> list[Route]:
        """The routes of what is said of answers; looked at, they lead to the chat: nothing typed has an address."""
        return [
            *(Route(path, self.back) for path in ("/ratings", "/questions/new", "/questions")),
            Route("/ratings", self.rate, methods=["POST"]),
            Route("/questions/new", self.open, methods=["POST"]),
            Route("/questions", self.send, methods=["POST"]),
        ]

    async def back(self, request: Request) -> Response:  # noqa: ARG002 (every route is called with its request)
        """These pages exist only as the answer to a post."""
        return RedirectResponse("/", status_code=303)

    async def rate(self, request: Request) -> Response:
        """The same buttons, the one that counts pressed."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return self._rated(request, fields, press_again(say("feedback.ask")), 403)
        rating = inbound.rate(fields)
        try:
            reply, *_ = await self.site.tell(rating)
        except Exception as error:  # noqa: BLE001 (whatever broke below, the answer that is open stays usable)
            return self._rated(request, fields, f"{say('feedback.again')} ({report(error)})", 500)
        if isinstance(reply, Refusal):
            return self._rated(request, fields, reply.headline, 503)
        return self._rated(request, fields, "", 200)

    async def open(self, request: Request) -> Response:
        """The exact words that would be sent, to be changed, sent or not sent."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return self._rated(request, fields, press_again(say("feedback.offer")), 403)
        try:
            reply, *_ = await self.site.tell(inbound.open_question(fields))
        except Exception as error:  # noqa: BLE001 (whatever broke below, the answer that is open stays usable)
            return self._rated(request, fields, f"{say('feedback.again')} ({report(error)})", 500)
        return self._shown(request, reply, 200)

    async def send(self, request: Request) -> Response:
        """What was kept, or the words again with what is wrong."""
        fields = await inbound.posted(request)
        question = inbound.send_question(fields)
        if not self.site.visitors.vouches(request, fields):
            return await self._again(request, question, press_again(say("owner.submit")), 403)
        try:
            reply, *_ = await self.site.tell(question)
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            return await self._again(request, question, f"{say('owner.not_sent')} ({report(error)})", 500)
        if not isinstance(reply, QuestionView):
            return self._shown(request, reply, 200)
        return self._shown(request, reply, 503 if reply.notice else 422, question.draft)

    async def _again(self, request: Request, question: SendQuestion, notice: str, status: int) -> Response:
        """The same draft with the same words, and a sentence that says why."""
        reply, *_ = await self.site.tell(inbound.reopen_question(question))
        if isinstance(reply, QuestionView):
            reply = replace(
                reply,
                draft=question.draft or reply.draft,
                reply_to=replace(reply.reply_to, value=question.reply_to),
                notice=notice,
            )
        return self._shown(request, reply, status, question.draft)

    def _rated(self, request: Request, fields: Mapping[str, str], problem: str, status: int) -> Response:
        """The buttons under an answer, with what was pressed or why it does not count."""
        rating = inbound.rate(fields)
        pressed = "" if problem else "yes" if rating.helpful else "no"
        question = fields.get("question", "")
        answer = rating.answer or secrets.token_hex(16)
        conversation = inbound.page_id(fields, "conversation")
        buttons = self.chat.buttons(
            request,
            rating.shown,
            question,
            answer=answer,
            pressed=pressed,
            problem=problem,
            conversation=conversation,
        )
        if Chat.is_fragment(request):
            return self._fragment(request, buttons, status, f"#feedback-{answer}")
        exchange = self.chat.exchange(question, (), buttons, is_page=True)
        return self.chat.page(request, exchange, status=status, conversation=conversation)

    def _shown(self, request: Request, reply: Reply, status: int, draft: str = "") -> Response:
        content = self.site.renderer.reply(reply, self.site.visitors.token(request))
        if Chat.is_fragment(request):
            return self._fragment(request, content, status, f"#question-{draft}")
        exchange = self.chat.exchange("", (content,), None, is_page=True)
        return self.chat.page(request, replace(exchange, title=content.title), status=status)

    def _fragment(self, request: Request, content: Content, status: int, place: str) -> Response:
        """For the conversation that is open; an error takes the place of what it is about."""
        response = HTMLResponse(content.html, status)
        if status != 200:  # noqa: PLR2004 (all went well)
            response.headers.update({"HX-Retarget": place, "HX-Reswap": "outerHTML"})
        self.site.visitors.keep(request, response)
        return response
