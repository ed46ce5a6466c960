"""A submission is answered in time: what takes longer than Slack waits is shown in its window once it is known."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from time import monotonic
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.wording import say
from integrations.incidents import report
from integrations.slack import forms, modals
from integrations.slack.blocks import Block
from integrations.slack.window import Newest, Window, who_acts

CAME = "touchstone_came"
"""In the context of a request: when it came, by the monotonic clock."""

SOON = 2.2
"""Seconds after which Slack is told that it takes longer; it waits three, with both ways in them."""

WAITS = 3.0

_STAMP = 20

Json = Mapping[str, Any]


class Submission:
    """One submission, to be answered: as long as Slack waits by the answer to it, later in its window itself."""

    def __init__(
        self,
        ack: Any,  # noqa: ANN401 (slack-bolt's own)
        client: AsyncWebClient,
        body: Json,
        came: float,
        is_newest: Callable[[], bool],
    ) -> None:
        """Answers nothing yet.

        Args:
            ack: slack-bolt's.
            client: of the workspace.
            body: what was submitted.
            came: when, by the monotonic clock.
            is_newest: whether the window was not submitted again meanwhile; what came of that is not to be covered.
        """
        self._ack = ack
        self._view: Json = body["view"]
        self._came = came
        self._is_newest = is_newest
        self.window = Window(client, who_acts(body), str(self._view.get("id") or ""))
        self.is_given = False
        self.was_put_off = False

    async def put_off(self) -> None:
        """Says in time that it takes longer, and leaves the window as it is, with all that was typed."""
        await asyncio.sleep(max(0.0, self._came + SOON - monotonic()))
        if not self.is_given:
            self.was_put_off = True
            await self._ack(response_action="update", view=forms.again(self._view, say("slack.modal.still")))

    async def show(self, view: Block, *, unseen: str | None = None) -> bool:
        """Shows something in the window; gives whether that is seen, or something newer, as far as is known.

        Args:
            view: what.
            unseen: as in ``Window.show``.
        """
        if self._answers():
            await self._ack(response_action="update", view=view)
            return True
        return await self.window.show(view, unseen=unseen) if self._is_newest() else True

    async def errors(self, errors: Mapping[str, str]) -> None:
        """Says what is wrong, by the block that it is about; all that was typed stays."""
        if self._answers():
            await self._ack(response_action="errors", errors=dict(errors))
        elif self._is_newest():
            await self.window.show(forms.again(self._view, say("slack.modal.look_below"), errors))

    async def close(self, done: str) -> None:
        """Closes the window; where that is too late, it says what was done."""
        if self._answers():
            await self._ack()
        elif self._is_newest():
            await self.window.show(modals.message(done), unseen=done)

    async def broke(self, incident: str) -> None:
        """Says that something broke; all that was typed stays. What was answered before is not taken back."""
        if not self.is_given:
            await self.show(forms.again(self._view, say("slack.modal.broken", incident=incident)))

    def _answers(self) -> bool:
        """Whether Slack still waits; from here on it is answered."""
        self.is_given = True
        return not self.was_put_off and monotonic() < self._came + WAITS


Listener = Callable[[Submission, Json, AsyncBoltContext, AsyncWebClient], Awaitable[None]]
"""What hears of a submission: it answers, however long that takes it."""


def in_time(listener: Listener) -> Callable[..., Awaitable[None]]:
    """A listener as slack-bolt takes it, which answers in time whatever the given one does."""
    newest, numbers = Newest(), count()

    async def submitted(ack: Any, body: Json, context: AsyncBoltContext, client: AsyncWebClient) -> None:  # noqa: ANN401 (slack-bolt's own)
        view, number = str(body["view"].get("id") or ""), f"{next(numbers):0{_STAMP}}"
        newest.came(view, number)
        came = float(context.get(CAME) or monotonic())
        answer = Submission(ack, client, body, came, lambda: newest.is_newest(view, number))
        waiting = asyncio.create_task(answer.put_off())
        try:
            await listener(answer, body, context, client)
        except Exception as error:  # noqa: BLE001 (whatever broke, what was typed must not be lost)
            await answer.broke(report(error))
        finally:
            waiting.cancel()

    return submitted
