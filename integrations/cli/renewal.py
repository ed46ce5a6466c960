"""How a change of the knowledge fared, in words for a terminal."""

from collections.abc import Iterator

from bot.wording import say
from index.renewal import Figures, Renewal, State


def in_words(renewal: Renewal) -> str:
    """Why it was kept out, and the figures where it was tried; empty where there is nothing to say."""
    return " ".join(_sentences(renewal))


def _sentences(renewal: Renewal) -> Iterator[str]:
    match renewal.state:
        case State.BROKEN:
            yield say("renewal.broken", problem=renewal.problem)
        case State.KEPT_OUT:
            yield say("renewal.kept_out")
        case State.ANSWERED | State.BUILDING:
            pass
    if renewal.before is not None and renewal.after is not None:
        yield say("renewal.tried", asked=renewal.after.asked)
        yield say("renewal.before", **_values(renewal.before))
        yield say("renewal.after", **_values(renewal.after))
    if renewal.lost:
        yield say("renewal.lost", messages="; ".join(renewal.lost))


def _values(figures: Figures) -> dict[str, object]:
    return {"first": figures.first, "flips": figures.flips, "urgent": figures.urgent_missed}
