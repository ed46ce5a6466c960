"""How much fits into one message: Slack takes fewer characters in all its blocks together than in each of them.

Slack documents no number and refuses with ``msg_blocks_too_long``; its engineers speak of 12,000 characters of text and
what holds them (bolt-js, issue 2509), and 11,341 were refused where many blocks held them (issue 2867).
"""

from collections.abc import Iterable

from integrations.slack.blocks import Block, cut

LONGEST_MESSAGE = 10_000
"""Characters of all texts of a message together."""

_SHORTEST = 200
"""A quotation of which no more would be left is left out."""


def length(given: object) -> int:
    """The characters of all texts in blocks."""
    if isinstance(given, dict):
        return sum(len(one) if key == "text" and isinstance(one, str) else length(one) for key, one in given.items())
    return sum(map(length, given)) if isinstance(given, list | tuple) else 0


def within(blocks: Iterable[Block], most: int, room: int) -> list[Block]:
    """As many of the first blocks as fit; the first rich text that does not is shortened.

    Args:
        blocks: in order.
        most: how many blocks there may be.
        room: how many characters.
    """
    fit: list[Block] = []
    for block in blocks:
        needed = length(block)
        if len(fit) == most:
            break
        if needed > room:
            shorter = _shortened(block, room)[0] if block["type"] == "rich_text" and room >= _SHORTEST else None
            return [*fit, *([shorter] if shorter else [])]
        fit.append(block)
        room -= needed
    return fit


def _shortened(given: Block, room: int) -> tuple[Block | None, int]:
    """Rich text up to a length, and how much of that is left; nothing where none is."""
    if "elements" not in given:
        text = str(given.get("text") or "")
        return ({**given, "text": cut(text, room)} if room > 0 else None), room - len(text)
    kept = []
    for element in given["elements"]:
        shorter, room = _shortened(element, room)
        kept += [shorter] if shorter else []
    return ({**given, "elements": kept} if kept else None), room
