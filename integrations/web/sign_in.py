"""Signing in on this machine: links that work once, and sessions that are kept on the server."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from bot.ports import Clock
from integrations.web.visitors import forget, set_cookie

COOKIE = "touchstone_session"

LINK_LASTS = timedelta(hours=24)
IDLE_END = timedelta(minutes=30)
"""A session ends when nothing was asked of it for so long."""
ABSOLUTE_END = timedelta(hours=8)
"""A session ends so long after signing in, whatever happens: a working day."""


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


@dataclass(slots=True)
class _Session:
    person: str
    began: datetime
    used: datetime


class Sessions:
    """Who is signed in, by a random id that the browser holds in a cookie; ids are kept as digests."""

    def __init__(self, clock: Clock) -> None:
        """Begins with nobody signed in."""
        self._clock = clock
        self._sessions: dict[bytes, _Session] = {}

    def begin(self, request: Request, response: Response, person: str) -> None:
        """Signs a person in under a new id, and ends what the browser was signed in to before.

        The browser becomes another visitor too: what waits for whoever used it until now is not for this person.
        """
        self._forget(request)
        session_id = secrets.token_urlsafe(32)
        now = self._clock.now()
        self._sessions[_digest(session_id)] = _Session(person, now, now)
        set_cookie(request, response, COOKIE, session_id)
        forget(response)

    def person(self, request: Request) -> str | None:
        """Who is signed in (their id in the directory), or None. To ask counts as use."""
        now = self._clock.now()
        self._sessions = {digest: session for digest, session in self._sessions.items() if _lasts(session, now)}
        session = self._sessions.get(_digest(request.cookies.get(COOKIE, "")))
        if session is None:
            return None
        session.used = now
        return session.person

    def end(self, request: Request, response: Response) -> None:
        """Signs out whoever is signed in; whoever comes next is another visitor, for whom nothing waits."""
        self._forget(request)
        forget(response)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")

    def _forget(self, request: Request) -> None:
        self._sessions.pop(_digest(request.cookies.get(COOKIE, "")), None)


def _lasts(session: _Session, now: datetime) -> bool:
    """Within both ends. A clock that was set back ends a session too: nobody knows any more how long it lasted."""
    return session.used <= now < session.used + IDLE_END and now < session.began + ABSOLUTE_END


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
