"""Once: an event of Slack's is handled once, though Slack delivers it again and processes die."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.cases.arrivals import Arrivals
from bot.engines import Busy, Unreachable
from integrations.incidents import report

PLATFORM = "slack"
EVERY = 20
"""Seconds between two looks for what a process left when it died."""

_MOST_OVERHEARD = 20_000
_AT_ONCE = 0.5
"""Seconds that the records have to say whether something was pressed before: a trigger lives for three."""

_ARRIVAL = "touchstone_arrival"
LEFT = "touchstone_left"
"""Set in the context of an event that nobody could be answered: it is taken up again."""

TAKEN = "touchstone_taken"
"""Set in the context of what a listener has taken."""

_FAILURES = (SQLAlchemyError, Busy, Unreachable)
Next = Callable[[], Awaitable[BoltResponse | None]]
_log = structlog.get_logger()


class Once(AsyncMiddleware):
    """Drops what came already, and keeps the rest until it is handled.

    Events have an id by which it is known. What people write in channels, not to us, is kept nowhere: its id is
    remembered in memory alone. Of what is pressed and typed as a command, which has none but a trigger, that is known
    in the records too: who has overheard one could send it again for some minutes, also after a restart.
    """

    def __init__(self, arrivals: Arrivals) -> None:
        """Takes nothing yet."""
        self._arrivals = arrivals
        self._overheard: OrderedDict[str, None] = OrderedDict()
        self.at_work: set[str] = set()
        """What this process handles now: it is not left, however long Slack makes it wait."""
        self.listening: set[asyncio.Task[Any]] = set()
        """The listeners that are at work."""

    async def async_process(self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Next) -> BoltResponse | None:  # noqa: A002 (slack-bolt's own name)
        """Lets an event through once.

        Where it cannot be kept, the answer is an error, so that Slack delivers it again.
        """
        del resp
        refused = None if req.context.get(_ARRIVAL) else await self._refused(req)
        return await next() if refused is None else BoltResponse(status=refused, body="")

    async def finish(self, seconds: float) -> None:
        """Lets the listeners end that are at work, and cuts off those that take longer than that."""
        if at_work := set(self.listening):
            _, late = await asyncio.wait(at_work, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _refused(self, req: AsyncBoltRequest) -> int | None:
        """The status by which it ends here; None for what is to be handled."""
        kind = req.body.get("type")
        if kind in {"view_submission", "view_closed"}:
            return None  # its key is the draft's id: sent twice, it is one, and gets the same receipt
        if kind != "event_callback":
            trigger = str(req.body.get("trigger_id") or "")
            return self._remembered(trigger) or await self._known(f"{req.context.team_id}:{trigger}" if trigger else "")
        if not req.body.get("event_id"):
            return 400
        event_id = f"{req.context.team_id}:{req.body['event_id']}"
        return self._remembered(event_id) if is_overheard(req.body) else await self._kept(req, event_id)

    def _remembered(self, known: str) -> int | None:
        """In memory alone."""
        if not known:
            return None
        if known in self._overheard:
            return 200
        self._overheard[known] = None
        if len(self._overheard) > _MOST_OVERHEARD:
            self._overheard.popitem(last=False)
        return None

    async def _known(self, trigger: str) -> int | None:
        """In the records; where these do not answer at once people go on all the same."""
        if not trigger:
            return None
        try:
            async with asyncio.timeout(_AT_ONCE):
                is_new = await asyncio.to_thread(self._arrivals.is_new, PLATFORM, trigger)
        except (*_FAILURES, TimeoutError) as failure:
            _log.warning("trigger not kept", cause=type(failure).__name__)
            return None
        return None if is_new else 200

    async def _kept(self, req: AsyncBoltRequest, event_id: str) -> int | None:
        """In the records, until it is handled."""
        try:
            taken = await asyncio.to_thread(self._arrivals.take, PLATFORM, event_id, json.dumps(req.body))
        except _FAILURES as failure:
            _log.error("event not kept", cause=type(failure).__name__)
            return 500
        if taken is None:
            return 200
        req.context[_ARRIVAL] = taken
        self.at_work.add(taken)
        return None


class Begun(AsyncListenerStartHandler):
    """Notes that a listener is at work, and that it has taken a request.

    Where it does not answer in time slack-bolt asks the next that fits, and those that know nothing of it must not
    answer in its place.
    """

    def __init__(self, once: Once) -> None:
        """None is at work yet."""
        self._once = once

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        """A listener begins."""
        del response
        request.context[TAKEN] = True
        if (task := asyncio.current_task()) is not None:
            self._once.listening.add(task)


class Handled(AsyncListenerCompletionHandler):
    """Forgets what an event was when its listener has ended by itself, and whoever asked was told something.

    One that was cut off, as all are when a server stops, has not: what it was to do is done after the next start.
    """

    def __init__(self, arrivals: Arrivals, once: Once) -> None:
        """Forgets nothing yet."""
        self._arrivals = arrivals
        self._once = once

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        """A listener has ended."""
        del response
        task, taken = asyncio.current_task(), request.context.get(_ARRIVAL)
        self._once.at_work.discard(taken or "")
        if task is not None:
            self._once.listening.discard(task)
        was_cut_off = task is not None and task.cancelling() > 0
        if not taken or was_cut_off or request.context.get(LEFT):
            return
        try:
            await asyncio.to_thread(self._arrivals.handled, taken)
        except _FAILURES as failure:  # it may be answered once more
            _log.warning("event not marked", cause=type(failure).__name__)


def is_overheard(body: dict[str, object]) -> bool:
    """Whether an event is a message that people wrote in a channel; a mention comes as an event of its own."""
    event = body.get("event")
    if not isinstance(event, dict) or event.get("type") != "message":
        return False
    return event.get("channel_type") != "im" and not str(event.get("channel") or "").startswith("D")


async def take_up(app: AsyncApp, arrivals: Arrivals, once: Once) -> int:
    """Handles what processes left when they died, or could not answer; gives how much."""
    try:
        left = await asyncio.to_thread(arrivals.left)
    except _FAILURES as failure:
        _log.warning("events left not found out", cause=type(failure).__name__)
        return 0
    found = [one for one in left if one.id_hash not in once.at_work]
    for one in found:
        once.at_work.add(one.id_hash)
        request = AsyncBoltRequest(body=json.loads(one.body), mode="socket_mode")  # its signature was checked before
        request.context[_ARRIVAL] = one.id_hash
        await app.async_dispatch(request)
    return len(found)


async def keep_taking_up(app: AsyncApp, arrivals: Arrivals, once: Once) -> None:
    """Looks for what was left, again and again, until it is cancelled."""
    while True:
        try:
            await take_up(app, arrivals, once)
        except Exception as failure:  # noqa: BLE001 (whatever one event does, the next look comes)
            report(failure)
        await asyncio.sleep(EVERY)
