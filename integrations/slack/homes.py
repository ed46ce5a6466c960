"""Whose App Home was shown, and which showing of it is the newest, so that it can be shown anew after a change."""

from collections import OrderedDict

MOST = 5000
"""Of how many people it is remembered; whoever is forgotten sees theirs anew when they open it."""


class Homes:
    """Remembers, in memory alone, whose App Home was shown."""

    def __init__(self) -> None:
        """Nobody's was."""
        self._shown: OrderedDict[tuple[str, str], int] = OrderedDict()

    def is_shown(self, team: str, user: str) -> bool:
        """Whether somebody's was, so that it may be before them now."""
        return (team, user) in self._shown

    def begin(self, team: str, user: str) -> int:
        """It is about to be put together; gives the number of this showing."""
        key = (team, user)
        self._shown[key] = self._shown.get(key, 0) + 1
        self._shown.move_to_end(key)
        while len(self._shown) > MOST:
            self._shown.popitem(last=False)
        return self._shown[key]

    def is_newest(self, team: str, user: str, number: int) -> bool:
        """Whether none was begun after it: what an earlier one found out may be old."""
        return self._shown.get((team, user), number) == number
