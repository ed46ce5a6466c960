"""Slows down whoever sends very much in a short time, and refuses nobody: a report is never the one too many."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.ports import Clock
from integrations.web.guard import SAFE_METHODS

Pause = Callable[[float], Awaitable[None]]

LONGEST = 5.0
"""Seconds that anybody is made to wait at most: nobody may take a report for lost."""

_FORGOTTEN = 10_000
"""How many who send are remembered; more than that, and those who have waited longest begin anew."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much may be sent without waiting: so much at once, and again so much a second."""

    at_once: float
    a_second: float


SIGNED_IN = Allowance(60, 1)
"""A member of staff who is signed in: more than anybody types."""

ANYBODY = Allowance(600, 30)
"""All who are not, from one address. On this machine that is everybody, so a whole school must fit in (fifty who send
at once, ``tests/load``)."""

ATTEMPT = 20.0
"""What a try to sign in counts: 30 at once, then three in two seconds."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime


class Pace:
    """Makes a request wait, at most ``LONGEST`` seconds, where its sender has used up what may be sent at once."""

    def __init__(self, app: ASGIApp, clock: Clock, pause: Pause, person: Callable[[Request], str | None]) -> None:
        """Wraps an application.

        Args:
            app: the application.
            clock: for how quickly things come.
            pause: waits for so many seconds.
            person: who is signed in.
        """
        self.app = app
        self._clock = clock
        self._pause = pause
        self._person = person
        self._buckets: dict[str, _Bucket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        if scope["type"] == "http" and (scope["method"] not in SAFE_METHODS or _is_attempt(scope)):
            seconds = self._wait(Request(scope))
            if seconds > 0:
                await self._pause(min(seconds, LONGEST))
        await self.app(scope, receive, send)

    def _wait(self, request: Request) -> float:
        """Takes what the request counts from its sender's allowance; gives how long it has to wait, in seconds."""
        person = self._person(request)
        allowance = SIGNED_IN if person else ANYBODY
        sender = f"person {person}" if person else f"address {request.client.host if request.client else ''}"
        now = self._clock.now()
        bucket = self._buckets.pop(sender, None) or _Bucket(allowance.at_once, now)
        gained = max(0.0, (now - bucket.at).total_seconds()) * allowance.a_second
        counts = ATTEMPT if _is_attempt(request.scope) else 1.0
        least = -LONGEST * allowance.a_second  # who was slowed down once is not slowed down for an hour
        bucket.left = max(min(allowance.at_once, bucket.left + gained) - counts, least)
        bucket.at = now
        self._buckets[sender] = bucket  # the last in the order of those who sent
        if len(self._buckets) > _FORGOTTEN:
            del self._buckets[next(iter(self._buckets))]
        return -bucket.left / allowance.a_second if bucket.left < 0 else 0.0


def _is_attempt(scope: Scope) -> bool:
    return bool(scope["path"].startswith("/sign-in/"))
