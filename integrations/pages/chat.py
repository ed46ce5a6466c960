"""The chat: a question, and the answer under it, in the page that is open or, without script, in a page of its own."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.messages import Answer, Reply, Shown
from integrations.web import inbound
from integrations.web.failures import report
from integrations.web.render import Content, fact_label, fact_question
from integrations.web.site import RENEWED, Site

BROKEN = (
    "No answer came: something went wrong here (incident {incident}). Your question is still in the box; "
    "press Ask again."
)


@dataclass(frozen=True, slots=True)
class Chat:
    """GET / shows the chat; POST /ask answers one question, POST /facts a button under "it depends"."""

    site: Site

    def routes(self) -> list[Route]:
        """The routes of the chat."""
        return [
            Route("/", self.show),
            Route("/ask", self.back),
            Route("/ask", self.answer, methods=["POST"]),
            Route("/facts", self.back),
            Route("/facts", self.tell, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """An empty conversation."""
        return self.page(request, autofocus=True)

    async def back(self, request: Request) -> Response:  # noqa: ARG002 (every route is called with its request)
        """An answer has no address of its own: the question would have to stand in it."""
        return RedirectResponse("/", status_code=303)

    async def answer(self, request: Request) -> Response:
        """The answer; whatever fails, what was typed is still in the box."""
        fields = await inbound.posted(request)
        typed = fields.get("text", "")
        if not self.site.visitors.vouches(request, fields):
            return self._again(request, typed, RENEWED.format(button="Ask"), 403)
        try:
            question = inbound.ask(fields)
        except inbound.NotAQuestion as error:
            return self._again(request, typed, str(error), 422)
        try:
            replies = await self.site.tell(question)
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            return self._again(request, typed, BROKEN.format(incident=report(error)), 500)
        return self._answered(request, question.text, question.conversation, replies)

    async def tell(self, request: Request) -> Response:
        """The answer with the fact whose button was pressed."""
        fields = await inbound.posted(request)
        if not self.site.visitors.vouches(request, fields):
            return self._again(request, "", RENEWED.format(button="Ask"), 403)
        fact = inbound.tell_fact(fields)
        try:
            replies = await self.site.tell(fact)
        except Exception as error:  # noqa: BLE001 (whatever broke below, the answers that are open stay)
            return self._again(request, "", BROKEN.format(incident=report(error)), 500)
        pressed = fact.facts[-1:]
        words = " ".join(f"{fact_question(key)} {fact_label((key, value))}." for key, value in pressed)
        words = words or fields.get("about", "")
        return self._answered(request, words, fact.conversation, replies)

    def _answered(self, request: Request, said: str, conversation: str, replies: tuple[Reply, ...]) -> Response:
        token = self.site.visitors.token(request)
        rendered = tuple(self.site.renderer.reply(reply, token, conversation) for reply in replies)
        shown = next((reply.shown for reply in replies if isinstance(reply, Answer)), None)
        buttons = self.buttons(request, shown, said) if shown else None
        exchange = self.exchange(said, rendered, buttons, is_page=not self.is_fragment(request))
        if self.is_fragment(request):
            return HTMLResponse(exchange.html)
        return self.page(request, exchange, conversation=conversation)

    def exchange(
        self, question: str, replies: tuple[Content, ...], buttons: Content | None, *, is_page: bool
    ) -> Content:
        """What was asked, what came back, and the buttons to say something of it; any of them may be missing."""
        return self.site.renderer.fill(
            "Answer", "exchange.html", question=question, replies=replies, buttons=buttons, is_page=is_page
        )

    def buttons(  # noqa: PLR0913 (what can differ in the buttons under an answer, each by name)
        self, request: Request, shown: Shown, question: str, *, answer: str = "", pressed: str = "", problem: str = ""
    ) -> Content:
        """The buttons under an answer: helpful or not, and the way to the policy owner.

        ``answer`` is the random id by which it is counted once; a new answer gets a new one. ``pressed`` is "yes",
        "no" or nothing.
        """
        return self.site.renderer.fill(
            "Noted",
            "feedback.html",
            shown=shown,
            question=question,
            answer=answer or secrets.token_hex(16),
            pressed=pressed,
            problem=problem,
            token=self.site.visitors.token(request),
        )

    def _again(self, request: Request, typed: str, problem: str, status: int) -> Response:
        if self.is_fragment(request):
            return self.problem(self.site, request, status, problem)
        return self.page(request, typed=typed, problem=problem, status=status)

    def page(  # noqa: PLR0913 (what can differ in a chat page, each by name)
        self,
        request: Request,
        exchange: Content | None = None,
        *,
        typed: str = "",
        problem: str = "",
        autofocus: bool = False,
        status: int = 200,
        conversation: str = "",
    ) -> Response:
        """The chat with one exchange in it or none, and the box; without a conversation's id, a new one begins."""
        content = self.site.renderer.fill(
            "Error: ask" if problem else "Ask" if exchange is None else exchange.title,
            "chat.html",
            exchange=exchange,
            typed=typed,
            problem=problem,
            autofocus=autofocus,
            token=self.site.visitors.token(request),
            conversation=conversation or secrets.token_hex(16),
        )
        return self.site.page(request, content, status)

    @staticmethod
    def is_fragment(request: Request) -> bool:
        """Whether the chat that is open in the browser asks, and wants only what it lacks."""
        return request.headers.get("HX-Request") == "true"

    @staticmethod
    def problem(site: Site, request: Request, status: int, sentence: str) -> HTMLResponse:
        """A sentence for the open chat to show by the box, and a fresh token for its form."""
        content = site.renderer.fill("Error", "problem.html", sentence=sentence, token=site.visitors.token(request))
        response = HTMLResponse(content.html, status, {"HX-Retarget": "#ask-problem", "HX-Reswap": "innerHTML"})
        site.visitors.keep(request, response)
        return response
