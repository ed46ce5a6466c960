"""The chat: a question, and the answer under it, in the page that is open or, without script, in a page of its own."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.messages import Answer, Refusal, Reply, Shown, TellFact
from bot.wording import say
from integrations.incidents import report
from integrations.shown import fact_label, fact_question
from integrations.web import inbound
from integrations.web.render import Content, titled
from integrations.web.site import Site, press_again


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
        if not self.site.visitors.vouches(request, fields):
            return self._again(request, fields, press_again(say("chat.ask")), 403)
        try:
            question = inbound.ask(fields)
        except inbound.NotAQuestion as error:
            return self._again(request, fields, str(error), 422)
        try:
            replies = await self.site.tell(question)
        except Exception as error:  # noqa: BLE001 (whatever broke below, what was typed must not be lost)
            return self._again(request, fields, say("chat.broken", incident=report(error), button=say("chat.ask")), 500)
        return self._answered(request, question.text, question.conversation, replies)

    async def tell(self, request: Request) -> Response:
        """The answer with the fact, or to the meaning, whose button was pressed; whatever fails, it can be pressed."""
        fields = await inbound.posted(request)
        fact = inbound.tell_fact(fields)
        pressed = inbound.pressed(fields)
        said = " ".join(f"{fact_question(one[0])} {fact_label(one)}." for one in pressed) or fields.get("about", "")
        if not self.site.visitors.vouches(request, fields):
            return self._press_again(request, fact, said, say("answer.renewed"), 403)
        try:
            replies = await self.site.tell(fact)
        except Exception as error:  # noqa: BLE001 (whatever broke below, the answers that are open stay)
            return self._press_again(request, fact, said, say("answer.broken", incident=report(error)), 500)
        asked = inbound.asked(fields)
        return self._answered(request, said, fact.conversation, replies, asked=asked, is_pressed=True)

    def _press_again(self, request: Request, fact: TellFact, said: str, problem: str, status: int) -> Response:
        """A sentence under the buttons that are open; without script, a button that sends the same again."""
        if self.is_fragment(request):
            return self.problem(self.site, request, status, problem, "find [data-gone]")
        token = self.site.visitors.token(request)
        again = self.site.renderer.fill(
            titled(say("chat.ask"), is_wrong=True), "again.html", fact=fact, said=said, problem=problem, token=token
        )
        exchange = replace(self.exchange("", (again,), None, is_page=True), title=again.title)
        return self.page(request, exchange, status=status, conversation=fact.conversation)

    def _answered(  # noqa: PLR0913 (what can differ in an exchange, each by name)
        self,
        request: Request,
        said: str,
        conversation: str,
        replies: tuple[Reply, ...],
        *,
        asked: tuple[str, ...] = (),
        is_pressed: bool = False,
    ) -> Response:
        rendered = tuple(self._reply(request, reply, conversation, asked) for reply in replies)
        shown = next((reply.shown for reply in replies if isinstance(reply, Answer)), None)
        buttons = self.buttons(request, shown, said, conversation=conversation) if shown else None
        is_page = not self.is_fragment(request)
        exchange = self.exchange(said, rendered, buttons, is_page=is_page, is_pressed=is_pressed)
        return self.page(request, exchange, conversation=conversation) if is_page else HTMLResponse(exchange.html)

    def _reply(self, request: Request, reply: Reply, conversation: str, asked: tuple[str, ...]) -> Content:
        if isinstance(reply, Refusal):  # it stands among answers here, not on a page of its own
            return self.site.renderer.fill(say("page.none"), "refused.html", refusal=reply)
        return self.site.renderer.reply(reply, self.site.visitors.token(request), conversation, asked)

    def exchange(
        self,
        question: str,
        replies: tuple[Content, ...],
        buttons: Content | None,
        *,
        is_page: bool,
        is_pressed: bool = False,
    ) -> Content:
        """What was asked or pressed, what came back, and the buttons to say something of it; any may be missing."""
        return self.site.renderer.fill(
            say("chat.answer"),
            "exchange.html",
            question=question,
            replies=replies,
            buttons=buttons,
            is_page=is_page,
            is_pressed=is_pressed,
        )

    def buttons(  # noqa: PLR0913 (what can differ in the buttons under an answer, each by name)
        self,
        request: Request,
        shown: Shown,
        question: str,
        *,
        answer: str = "",
        pressed: str = "",
        problem: str = "",
        conversation: str = "",
    ) -> Content:
        """The buttons under an answer: helpful or not, and the way to the policy owner.

        ``answer`` is the random id by which it is counted once; a new answer gets a new one. ``pressed`` is "yes",
        "no" or nothing.
        """
        return self.site.renderer.fill(
            say("feedback.noted"),
            "feedback.html",
            shown=shown,
            question=question,
            answer=answer or secrets.token_hex(16),
            pressed=pressed,
            problem=problem,
            conversation=conversation,
            token=self.site.visitors.token(request),
        )

    def _again(self, request: Request, fields: Mapping[str, str], problem: str, status: int) -> Response:
        if self.is_fragment(request):
            return self.problem(self.site, request, status, problem)
        conversation = inbound.page_id(fields, "conversation")
        typed = fields.get("text", "")
        return self.page(request, typed=typed, problem=problem, status=status, conversation=conversation)

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
            self._title(exchange, is_wrong=bool(problem)),
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
    def _title(exchange: Content | None, *, is_wrong: bool) -> str:
        if is_wrong:
            return titled(say("chat.ask"), is_wrong=True)
        return say("chat.ask") if exchange is None else exchange.title

    @staticmethod
    def is_fragment(request: Request) -> bool:
        """Whether the chat that is open in the browser asks, and wants only what it lacks."""
        return request.headers.get("HX-Request") == "true"

    @staticmethod
    def problem(site: Site, request: Request, status: int, sentence: str, place: str = "#ask-problem") -> HTMLResponse:
        """A sentence for the open chat to show, by the box or in another place, and a fresh token for its forms."""
        content = site.renderer.fill(
            titled(say("chat.ask"), is_wrong=True),
            "problem.html",
            sentence=sentence,
            token=site.visitors.token(request),
        )
        response = HTMLResponse(content.html, status, {"HX-Retarget": place, "HX-Reswap": "innerHTML"})
        site.visitors.keep(request, response)
        return response
