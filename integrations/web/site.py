"""What every page shares: the desk to ask, the frame around a page, and who is looking."""

from dataclasses import dataclass
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.messages import Incoming, Reply
from bot.wording import say
from integrations.web.render import Content, Renderer
from integrations.web.sign_in import SignedIn
from integrations.web.visitors import Visitors


def press_again(button: str) -> str:
    """What a person reads when the check against other websites failed, though the post came from our own page."""
    return say("page.renewed", button=button)


class Desk(Protocol):
    """The bot, as an adapter sees it."""

    def receive(self, incoming: Incoming) -> tuple[Reply, ...]:
        """Takes what a person said or did, and gives what to show, in order; at least one reply."""


@dataclass(frozen=True, slots=True)
class Site:
    """Handed to every page.

    Attributes:
        desk: the bot.
        renderer: fills templates.
        visitors: which browser a form was shown to.
        sessions: who is signed in.
        is_live: whether real people may be spoken of here; if not, every page says so.
    """

    desk: Desk
    renderer: Renderer
    visitors: Visitors
    sessions: SignedIn
    is_live: bool

    async def tell(self, incoming: Incoming) -> tuple[Reply, ...]:
        """Asks the desk, in a thread: it is synchronous."""
        return await run_in_threadpool(self.desk.receive, incoming)

    def page(self, request: Request, content: Content, status: int = 200) -> HTMLResponse:
        """A whole page: the content in the frame."""
        framed = self.renderer.fill(
            content.title,
            "frame.html",
            content=content,
            token=self.visitors.token(request),
            is_live=self.is_live,
            is_signed_in=self.sessions.person(request) is not None,
        )
        response = HTMLResponse(framed.html, status)
        self.visitors.keep(request, response)
        return response

    def message(self, request: Request, status: int, title: str, *sentences: str) -> HTMLResponse:
        """A page of a heading and a few sentences: what went wrong, and what to do."""
        content = self.renderer.fill(title, "message.html", title=title, sentences=sentences)
        return self.page(request, content, status)

    def reply_page(self, request: Request, reply: Reply, status: int = 200) -> HTMLResponse:
        """A page that shows one reply of the desk."""
        return self.page(request, self.renderer.reply(reply, self.visitors.token(request)), status)
