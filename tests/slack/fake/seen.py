"""What a person sees in the fake Slack, as tests look at it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.slack.fake.views import View, elements
from tests.slack.fake.world import Json, Message, readable, walk, words

_CONTROL = re.compile(r"<[^<>\s][^<>]*>")


@dataclass(frozen=True)
class Seen:
    """A message as one person sees it."""

    message: Message

    @property
    def text(self) -> str:
        """All words of its blocks; its text where it has none."""
        return words(self.message.blocks) if self.message.blocks else readable(self.message.text)

    @property
    def preview(self) -> str:
        """What a notification shows of it: its ``text``."""
        return readable(self.message.text)

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        return self.message.blocks

    @property
    def channel(self) -> str:
        """Where it stands."""
        return self.message.channel

    @property
    def thread(self) -> str | None:
        """The message under which it stands."""
        return self.message.thread_ts

    @property
    def ts(self) -> str:
        """Its time, which is its id."""
        return self.message.ts

    @property
    def author(self) -> str:
        """Who wrote it."""
        return self.message.user

    @property
    def is_ours(self) -> bool:
        """Whether the app wrote it."""
        return self.message.bot_id is not None

    @property
    def is_ephemeral(self) -> bool:
        """Whether nobody else sees it."""
        return self.message.to is not None

    @property
    def buttons(self) -> list[str]:
        """The words on what can be pressed, in order."""
        return labels(self.blocks)

    @property
    def controls(self) -> list[str]:
        """Everything in it that Slack makes into a mention, a link or a date."""
        marked = [each["text"] for each in walk(self.blocks) if each.get("type") == "mrkdwn"]
        return [found for text in [self.message.text, *marked] for found in _CONTROL.findall(text)]


def labels(blocks: list[Json]) -> list[str]:
    """The words on the buttons in blocks."""
    return [readable(element["text"]["text"]) for _, element in pressable(blocks) if "text" in element]


def pressable(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each block with each thing in it that is pressed or chosen, the halves of feedback buttons one by one."""
    for block in blocks:
        for element in elements(block):
            if element["type"] == "feedback_buttons":
                for half in ("positive_button", "negative_button"):
                    yield block, element | element[half]
            elif element["type"] != "image":
                yield block, element


Place = Seen | View
"""Where something can be pressed."""
