"""Puts routes and middleware together into one application."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.cases.people.directory import Directory
from bot.cases.people.sessions import Sessions
from bot.ports import Clock
from bot.wording import say
from integrations.pages.account import Account
from integrations.pages.attachments import Attachments
from integrations.pages.chat import Chat
from integrations.pages.drafts import Drafts
from integrations.pages.feedback import Feedback
from integrations.pages.forms import Forms
from integrations.pages.health import Health
from integrations.pages.inbox import Inbox
from integrations.pages.induction import Induction
from integrations.pages.induction_lead import InductionLead
from integrations.pages.own import Own
from integrations.pages.reading import Reading
from integrations.pages.standing import Standing
from integrations.web.assets import Assets
from integrations.web.elsewhere import Provider, Trips
from integrations.web.failures import Failures
from integrations.web.guard import MAX_BODY, OWN_HOSTS, BodyLimit, OwnSiteOnly, SecurityHeaders
from integrations.web.once import Once
from integrations.web.pace import Pace, Pause
from integrations.web.render import Renderer
from integrations.web.sign_in import Goals, KnowsWho, OneTimeLinks, SignedIn
from integrations.web.site import Desk, Site
from integrations.web.uploads import Uploads
from integrations.web.visitors import Visitors
from knowledge.model import Policy

__all__ = ["Desk", "attach"]

NOBODY = Directory((), ())
"""Where nobody has an account elsewhere."""

PROBLEMS = (400, 404, 405, 413)
"""Each status that the framework itself can give; its heading and sentence stand in the locale."""


def attach(  # noqa: PLR0913 (each a port or a setting of its own, given by name)
    desk: Desk,
    policies: Callable[[], Sequence[Policy]],
    *,
    csrf_key: bytes,
    clock: Clock,
    links: OneTimeLinks,
    sessions: Sessions,
    health: Callable[[], None],
    heartbeat: Callable[[], bool] = bool,
    forms: Mapping[str, str],
    hosts: Sequence[str] = (),
    providers: Sequence[Provider] = (),
    directory: Directory = NOBODY,
    pause: Pause = asyncio.sleep,
    is_live: bool = True,
    uploads: Uploads | None = None,
) -> Starlette:
    """Makes the web application.

    Serve it without an access log: the address of a sign-in page holds its one-time token.

    Args:
        desk: the bot; called in threads.
        policies: gives those that can be read, and cited from, as they are now.
        csrf_key: 32 bytes, derived from the master key; the same after a restart, so that open forms stay good.
        clock: for sessions, and for whether a policy's review is overdue.
        links: the sign-in links that were issued, and will be.
        sessions: who is signed in.
        health: returns if questions can be answered and reports taken, else raises.
        heartbeat: whether the worker is at work, and every open case has a next step in the future.
        forms: for the name of each form, the words on a link to it.
        hosts: names that this server is reached by, besides those of this machine.
        providers: where else than on this machine people may sign in.
        directory: who has which account there.
        pause: waits for so many seconds; makes those wait who send very much at once.
        uploads: takes files that come with a form; None where none may.
        is_live: whether real people may be spoken of here; if not, every page says so.
    """
    assets = Assets()
    visitors, signed_in = Visitors(csrf_key), SignedIn(sessions, clock)
    site = Site(desk, Renderer(assets, forms), visitors, signed_in, is_live)
    chat = Chat(site)
    ways = {one.name: one for one in providers}
    account = Account(site, links, clock, Goals(visitors), Trips(csrf_key, clock), ways, directory)
    drafts = Drafts(site, Once(clock.now), Once(clock.now))
    pages = (
        chat,
        Feedback(site, chat),
        Forms(site, drafts, uploads),
        drafts,
        Reading(site, policies, clock),
        Inbox(site, Once(clock.now)),
        Own(site, Once(clock.now)),
        Attachments(site),
        account,
        Standing(site, Once(clock.now)),
        InductionLead(site, Once(clock.now)),
        Induction(site, Once(clock.now), account.closed),
        Health(health, heartbeat),
    )
    return Starlette(
        routes=[*assets.routes(), *(route for page in pages for route in page.routes())],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Failures, page=lambda request, incident: _broken(site, request, incident)),
            Middleware(TrustedHostMiddleware, allowed_hosts=[*OWN_HOSTS, *hosts], www_redirect=False),
            Middleware(OwnSiteOnly),
            Middleware(BodyLimit, limit=uploads.limit if uploads else lambda _scope: MAX_BODY),
            Middleware(KnowsWho, signed_in=signed_in, closed=account.closed),
            Middleware(Pace, clock=clock, pause=pause, person=signed_in.person),
        ],
        exception_handlers={HTTPException: lambda request, error: _problem(site, request, error)},
    )


def _problem(site: Site, request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = status if status in PROBLEMS else PROBLEMS[0]
    return _told(site, request, status, say(f"problem.{known}.title"), say(f"problem.{known}.says"))


def _broken(site: Site, request: Request, incident: str) -> Response:
    return _told(site, request, 500, say("problem.500.title"), say("problem.500.says", incident=incident))


def _told(site: Site, request: Request, status: int, title: str, sentence: str) -> HTMLResponse:
    if Chat.is_fragment(request):
        return Chat.problem(site, request, status, f"{title}. {sentence}")
    return site.message(request, status, title, sentence)
