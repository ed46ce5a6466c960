"""Which questions mean the like, by the vectors of the encoder that is served."""

from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

ALIKE = 0.5
"""How near two groups must be, on average over their members, to be one (cosine). Tried on three phrasings each of 40
rulings and 20 topics that come with the product: of the pairs that come together half are of one family; at 0.4 a
quarter are, and groups of fifteen form."""

Vectors = NDArray[np.float32]


class Meanings:
    """The vectors of what was sent, in memory alone, and only as long as it is there."""

    def __init__(self, encode: Callable[[Sequence[str]], Vectors]) -> None:
        """Takes what turns texts into vectors of length 1."""
        self._encode = encode
        self._known: dict[str, Vectors] = {}
        self._lock = Lock()

    def groups(self, texts: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """Places of the texts that mean the like, the largest group first, then in the order of their first."""
        if not texts:
            return ()
        with self._lock:
            missing = [text for text in dict.fromkeys(texts) if text not in self._known]
            if missing:
                self._known |= dict(zip(missing, self._encode(missing), strict=True))
            self._known = {text: self._known[text] for text in texts}
            vectors = np.array([self._known[text] for text in texts])
        return together(vectors @ vectors.T)


def together(near: NDArray[np.float32]) -> tuple[tuple[int, ...], ...]:
    """Groups by average linkage: the two that are nearest become one, until none are ``ALIKE``.

    Args:
        near: how near each is to each, symmetric.
    """
    groups: dict[int, list[int]] = {place: [place] for place in range(len(near))}
    between = near.astype(np.float64)
    np.fill_diagonal(between, -1.0)
    while len(groups) > 1:
        one, other = divmod(int(between.argmax()), len(between))
        if between[one, other] < ALIKE:
            break
        sizes = len(groups[one]), len(groups[other])
        merged = (between[one] * sizes[0] + between[other] * sizes[1]) / sum(sizes)
        between[one], between[:, one] = merged, merged
        between[other], between[:, other] = -1.0, -1.0
        between[one, one] = -1.0
        for gone in set(range(len(between))) - groups.keys():
            between[one, gone] = between[gone, one] = -1.0
        groups[one] += groups.pop(other)
        between[one, other] = between[other, one] = -1.0
    members = (tuple(sorted(group)) for group in groups.values())
    return tuple(sorted(members, key=lambda group: (-len(group), group)))
