"""Parts: a message that asks two things at once, taken apart into what can be answered one after the other."""

import re

from bot.talk.turns.turns import read_turn

MOST = 2
"""Into so many questions a message is taken apart at most; more than that is a story."""
FEWEST_WORDS = 4
"""A question of fewer words leans on what stands before it."""

_SENTENCE = re.compile(r"(?<=[.?!;\n])\s+")
_JOINED = re.compile(
    r",?\s+(?:and also|and|also|plus)\s+"
    r"(?=(?:can|could|may|do|does|is|are|am|should|must|what|who|where|when|how|which)\b)",
    re.IGNORECASE,
)


def questions(text: str) -> tuple[str, ...]:
    """The questions of a message, each with what stands before it; the whole message where there is only one.

    Nothing of it is kept.
    """
    pieces = [piece for sentence in _SENTENCE.split(text) for piece in _JOINED.split(sentence) if piece.strip()]
    found: list[str] = []
    before: list[str] = []
    for piece in pieces:
        before.append(piece)
        turn = read_turn(piece)
        if turn.is_question and turn.words >= FEWEST_WORDS:
            found.append(" ".join(before))
            before = []
    if len(found) != MOST:
        return (text,)
    return (*found[:-1], " ".join((found[-1], *before)))
