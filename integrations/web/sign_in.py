"""Signing in: links that work once on this machine, the cookie of a session, and a fresh sign-in before a case."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.cases.people.sessions import Proof, Session, Sessions
from bot.cases.reference import is_reference
from bot.ports import Clock
from integrations.web.guard import SAFE_METHODS
from integrations.web.visitors import Visitors, cookie, drop_cookie, forget, set_cookie

COOKIE = "touchstone_session"
GOAL = "touchstone_goal"

LINK_LASTS = timedelta(hours=24)

FRESH = timedelta(minutes=15)
"""How old a sign-in may be to open a case: long enough to read one and act on it, short enough that whoever sits down
at a desk that somebody left does not open the next (as NIST SP 800-63B, 4.3.3, has it)."""

_SESSION = "touchstone.session"
_FOR_ANYBODY = ("/static/", "/healthz")
_CASES = "/inbox/"
_OWN = "/mine"
_OWNING = "/owner"
_INDUCTION = "/induction"
_PAGES = {path.removeprefix("/"): path for path in (_OWN, _OWNING, _INDUCTION)}
"""Pages that somebody is led back to, besides those of cases, as they are remembered."""
_TAKING = ("/export", "/mine/file")
_GOAL_LASTS = 600


@dataclass(frozen=True, slots=True)
class _Link:
    digest: bytes
    person: str
    expires: datetime


class OneTimeLinks:
    """Sign-in links for people of the directory; each works once, within ``LINK_LASTS``, and is kept as a digest."""

    def __init__(self, clock: Clock, used: Callable[[str], None] = lambda _person: None) -> None:
        """Begins with no links; they are lost when the process ends.

        Args:
            clock: for how long they last.
            used: hears whose link was used, so that they can be given the next one.
        """
        self._clock = clock
        self._used = used
        self._links: list[_Link] = []

    def issue(self, person: str) -> str:
        """Makes a link's token for a person (their id in the directory): 32 random bytes, for ``/sign-in/<token>``."""
        token = secrets.token_urlsafe(32)
        self._links.append(_Link(_digest(token), person, self._clock.now() + LINK_LASTS))
        return token

    def is_good(self, token: str) -> bool:
        """Whether the token would sign somebody in; asking does not use it up."""
        return self._find(token) is not None

    def redeem(self, token: str) -> str | None:
        """The person whose link it is, once; None for a link that is unknown, used, or too old."""
        link = self._find(token)
        if link is None:
            return None
        self._links.remove(link)
        self._used(link.person)
        return link.person

    def _find(self, token: str) -> _Link | None:
        now = self._clock.now()
        digest = _digest(token)
        matching = [link for link in self._links if hmac.compare_digest(link.digest, digest) and now < link.expires]
        return matching[0] if matching else None


class SignedIn:
    """Who is signed in, by a random id that the browser holds in a cookie; what it stands for lies in the records.

    Each request's session is looked up once, by ``KnowsWho``, before a page is made.
    """

    def __init__(self, sessions: Sessions, clock: Clock, fresh: timedelta = FRESH) -> None:
        """Begins with whoever the records say is signed in.

        Args:
            sessions: those that last.
            clock: for whether a sign-in is fresh.
            fresh: how old a sign-in may be to open a case.
        """
        self._sessions = sessions
        self._clock = clock
        self._fresh = fresh

    def person(self, request: Request) -> str | None:
        """Who is signed in (their id in the directory), or None."""
        session = self.session(request)
        return session.proof.person if session else None

    def session(self, request: Request) -> Session | None:
        """The session of whoever sends this request, or None."""
        found: Session | None = request.scope.get(_SESSION)
        return found

    def is_fresh(self, request: Request) -> bool:
        """Whether whoever is signed in showed who they are so short a time ago that a case may be opened to them."""
        session = self.session(request)
        return session is not None and timedelta(0) <= self._clock.now() - session.proof.at < self._fresh

    async def look_up(self, request: Request) -> Session | None:
        """Asks the records whose session it is; to ask counts as use."""
        session_id = cookie(request, COOKIE)
        return await run_in_threadpool(self._sessions.find, session_id) if session_id else None

    async def begin(self, request: Request, response: Response, proof: Proof) -> None:
        """Signs a person in under a new id, and ends what the browser was signed in to before, whoever it was.

        The browser becomes another visitor too: what waits for whoever used it until now is not for this person.
        """
        session_id = await run_in_threadpool(self._sessions.begin, proof, cookie(request, COOKIE))
        set_cookie(request, response, COOKIE, session_id)
        forget(request, response)

    async def end(self, request: Request, response: Response) -> None:
        """Signs out whoever is signed in; whoever comes next is another visitor, for whom nothing waits."""
        await run_in_threadpool(self._sessions.end, cookie(request, COOKIE))
        self._leave(request, response)

    async def end_all(self, request: Request, response: Response) -> None:
        """Signs whoever is signed in out everywhere: here, and in every other browser."""
        person = self.person(request)
        if person is not None:
            await run_in_threadpool(self._sessions.end_all, person)
        self._leave(request, response)

    async def everywhere(self, request: Request) -> tuple[Session, ...]:
        """All sessions of whoever is signed in, the newest first."""
        person = self.person(request)
        return () if person is None else await run_in_threadpool(self._sessions.of, person)

    @staticmethod
    def _leave(request: Request, response: Response) -> None:
        forget(request, response)
        drop_cookie(request, response, COOKIE)
        drop_cookie(request, response, GOAL)


class KnowsWho:
    """Looks up whose session each request belongs to, and lets nobody to a case whose sign-in is not fresh.

    What is only looked at (GET, HEAD) below ``/inbox/`` and at ``/mine``, and what is taken out, needs a sign-in of a
    moment ago: a session that nobody ended at a shared desk opens nothing after that. What is written there needs a
    session alone: what somebody wrote into a case for a quarter of an hour must not be lost, and the page after it
    asks them to sign in again.
    """

    def __init__(self, app: ASGIApp, signed_in: SignedIn, closed: Callable[[Request], Awaitable[Response]]) -> None:
        """Wraps an application; ``closed`` is the page that leads to signing in, and back."""
        self.app = app
        self.signed_in = signed_in
        self.closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        if scope["type"] == "http" and not scope["path"].startswith(_FOR_ANYBODY):
            request = Request(scope)
            scope[_SESSION] = await self.signed_in.look_up(request)
            shows = scope["method"] in SAFE_METHODS or scope["path"].endswith(_TAKING)
            if shows and is_case(scope["path"]) and not self.signed_in.is_fresh(request):
                response = await self.closed(request)
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


def is_case(path: str) -> bool:
    """Whether an address is that of a case, of something in it, or of what somebody reported themselves."""
    return (path.startswith(_CASES) and path != _CASES) or path == _OWN or path.startswith(f"{_OWN}/")


class Goals:
    """Remembers in the browser, for ten minutes, which case somebody wanted to open who has to sign in first.

    No address is kept, only a reference, and only if it looks like one: there is no way to lead anybody elsewhere.
    Nor does the next person at the browser find it, since a sign-out makes it another visitor.
    """

    def __init__(self, visitors: Visitors) -> None:
        """Keeps nothing on the server."""
        self._visitors = visitors

    def keep(self, request: Request, response: Response) -> None:
        """Remembers the case whose address was asked for, or which page of one's own, of a role or of the induction."""
        path = request.url.path
        goal = path.removeprefix(_CASES).split("/", 1)[0]
        for page in (_OWN, _OWNING, _INDUCTION):
            if path == page or (page != _OWN and path.startswith(f"{page}/")):
                goal = page.removeprefix("/")
        if goal in _PAGES or is_reference(goal):
            value = f"{goal}.{self._visitors.mark(request, 'goal')}"
            set_cookie(request, response, GOAL, value, lasts=_GOAL_LASTS)

    def address(self, request: Request) -> str:
        """Where to go after signing in: to that case or page, else to the inbox."""
        goal, _, mark = cookie(request, GOAL).partition(".")
        if not hmac.compare_digest(mark.encode(), self._visitors.mark(request, "goal").encode()):
            return "/inbox"
        if goal in _PAGES:
            return _PAGES[goal]
        return f"{_CASES}{goal}" if is_reference(goal) else "/inbox"

    @staticmethod
    def reached(request: Request, response: Response) -> None:
        """Forgets it."""
        drop_cookie(request, response, GOAL)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
