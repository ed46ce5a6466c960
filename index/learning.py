"""What learns: which family a message belongs to, fitted at build, in seconds, on the phrasings of all families."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Positions = NDArray[np.int64]
Numbers = NDArray[np.float64]

NEAREST = 3
"""Of how many phrasings of a family the mean is taken, the nearest ones."""
SHRINKAGE = 0.5
"""How far the spread within families is drawn towards a sphere: a vector has more numbers than the phrasings bear."""
SAMPLED = 3000
"""On how many phrasings the weights are fitted, spread over all: a handful of numbers needs no more, and time grows."""
_CHUNK = 512
"""How many phrasings are held against all others at once."""
_STEPS = 20
_STILL = 1e-6
"""Steps, and gains for each phrasing, so small that the end is reached."""
_RIDGE = 1e-3
"""Keeps the fitting of the weights steady where two signals say the same."""
SAME = 0.9999
"""Cosine from which a message is the phrasing itself, but for capitals and white space."""
CERTAIN = 0.9
"""What of all likelihood goes to the family of a phrasing that is the message."""
_FARTHEST = -1.0
"""A cosine that is no match at all."""


def sampled(count: int) -> Positions:
    """The places of the phrasings, of so many, on which weights are fitted: every second, third and so on."""
    return np.arange(0, count, max(1, count // SAMPLED))


class LearnedDamaged(Exception):
    """The file does not hold what was learned; the snapshot is to be built anew."""


@dataclass(frozen=True)
class Learned:
    """What was learned of F families with N phrasings, in vectors of D numbers.

    Its own signals are two, of the vectors; others are computed elsewhere (``index.signals``). What each counts for is
    fitted on the phrasings, each held against the others without itself (else it would learn that a message equals
    itself):

    - the mean cosine of the nearest phrasings of the family;
    - linear discriminant analysis (Fisher 1936) over the vectors: what parts the families from each other;
    - K others.

    Attributes:
        phrasings: their vectors, shape (N, D), rows of unit length, family after family.
        counts: how many phrasings each family has, shape (F,).
        directions: the discriminant, shape (F, D).
        offsets: the discriminant's constants, shape (F,).
        weights: of the signals, shape (2 + K,).
    """

    phrasings: Array
    counts: Positions
    directions: Array
    offsets: Array
    weights: Array

    @classmethod
    def fit(cls, phrasings: Array, counts: Sequence[int], others: Array) -> Self:
        """Learns from the phrasings.

        Args:
            phrasings: shape (N, D), rows of unit length, family after family.
            counts: how many of them each family has, at least one.
            others: further signals of the S phrasings that ``sampled`` names, for each family, shape (K, S, F); what is
                learned from phrasings is to be learned without the one that it is of.
        """
        sizes = np.asarray(counts, dtype=np.int64)
        directions, offsets = _discriminant(phrasings, sizes)
        unweighted = cls(phrasings, sizes, directions, offsets, np.zeros(2 + len(others), dtype=np.float32))
        if len(sizes) < 2:  # noqa: PLR2004 (one family alone: nothing to tell apart)
            return unweighted
        own = np.repeat(np.arange(len(sizes)), sizes)[sampled(len(phrasings))]
        weights = _weights(unweighted.signals_without_themselves(others, sampled(len(phrasings))), own)
        return cls(phrasings, sizes, directions, offsets, weights)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what ``write`` wrote.

        Raises:
            OSError: the file cannot be read.
            LearnedDamaged: it is not what was written.
        """
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                return cls(**{field.name: arrays[field.name] for field in fields(cls)})
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise LearnedDamaged(str(path)) from error

    def write(self, path: Path) -> None:
        """Writes it to a file.

        Raises:
            OSError: it cannot be written in whole.
        """
        packed = io.BytesIO()
        np.savez(packed, **{field.name: getattr(self, field.name) for field in fields(self)})
        path.write_bytes(packed.getvalue())

    def likelihoods(self, query: Array, others: Array, among: NDArray[np.bool_]) -> NDArray[np.float64]:
        """How likely a message belongs to each family, shape (F,); 0 for those not among, 1 in all.

        A message that is one of the phrasings, word for word, belongs to the family of that one, whatever others say:
        somebody put it there.

        Args:
            query: the message's vector, shape (D,), of unit length.
            others: the further signals for each family, shape (K, F).
            among: which families to look at, shape (F,).
        """
        if not among.any():
            return np.zeros(len(self.counts))
        cosines = self.phrasings @ query
        nearest = self._nearest(cosines[None])[0]
        signals = np.stack([nearest, self.directions @ query + self.offsets, *others])
        scores = np.where(among, self.weights.astype(np.float64) @ signals, -np.inf)
        grown = np.exp(scores - scores.max())
        likely = np.asarray(grown / grown.sum())
        row = int(cosines.argmax())
        family = int(np.searchsorted(np.cumsum(self.counts), row, side="right"))
        if cosines[row] >= SAME and among[family]:
            likely *= 1 - CERTAIN
            likely[family] += CERTAIN
        return likely

    def likelihoods_without_themselves(self, rows: Positions, others: Array) -> NDArray[np.float64]:
        """How likely each of S phrasings belongs to each family, shape (S, F), were it not among those learned from.

        Args:
            rows: which phrasings, shape (S,).
            others: their further signals, likewise without themselves, shape (K, S, F).
        """
        signals = self.signals_without_themselves(others, rows)
        scores = np.tensordot(self.weights.astype(np.float64), signals, axes=1)
        grown = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True))

    def signals_without_themselves(self, others: Array, rows: Positions) -> Array:
        """The signals of S phrasings, shape (2 + K, S, F): in its own family each is left out.

        Args:
            others: as in ``fit``.
            rows: which phrasings, shape (S,).
        """
        own = np.repeat(np.arange(len(self.counts)), self.counts)
        signals = np.empty((2 + len(others), len(rows), len(self.counts)), dtype=np.float32)
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            cosines = self.phrasings[chunk] @ self.phrasings.T
            cosines[np.arange(len(chunk)), chunk] = _FARTHEST
            signals[0, start : start + len(chunk)] = self._nearest(cosines)
        signals[1] = self.phrasings[rows] @ self.directions.T + self.offsets
        signals[1, np.arange(len(rows)), own[rows]] = self._discriminant_without_itself(own)[rows]
        signals[2:] = others
        return signals

    @cached_property
    def _padded(self) -> Positions:
        """The rows of each family, shape (F, most phrasings of one); N where it has fewer."""
        places = np.arange(self.counts.max(initial=1))
        first = np.cumsum(self.counts) - self.counts
        return np.where(places < self.counts[:, None], first[:, None] + places, len(self.phrasings))

    def _nearest(self, cosines: Array) -> Array:
        """The mean of the nearest phrasings by family, shape (n, F), of cosines of shape (n, N)."""
        padded = np.concatenate([cosines, np.full((len(cosines), 1), _FARTHEST, dtype=np.float32)], axis=1)
        by_family = padded[:, self._padded]
        most = min(NEAREST, by_family.shape[2])
        best = np.partition(by_family, -most, axis=2)[:, :, -most:]
        known = best > _FARTHEST
        mean = np.where(known, best, 0).sum(axis=2) / np.maximum(known.sum(axis=2), 1)
        mean = np.where(known.any(axis=2), mean, 0)
        return np.asarray(mean, dtype=np.float32)

    def _discriminant_without_itself(self, own: Positions) -> Array:
        """What the discriminant says of each phrasing for its own family, its mean taken of the others."""
        size = self.counts[own]
        others = np.maximum(size - 1, 1)
        inverse_of_mean = self.directions[own]  # the inverse of the spread times the family's mean
        own_square = -2 * self.offsets[own]
        projected = (self._inverse @ self.phrasings.T).T
        direction = (size[:, None] * inverse_of_mean - projected) / others[:, None]
        cross = (inverse_of_mean * self.phrasings).sum(axis=1)
        own_norm = (projected * self.phrasings).sum(axis=1)
        square = (size**2 * own_square - 2 * size * cross + own_norm) / others**2
        alone = (self.phrasings * direction).sum(axis=1) - square / 2
        return np.asarray(np.where(size > 1, alone, self.offsets.min()), dtype=np.float32)

    @cached_property
    def _inverse(self) -> Array:
        return np.linalg.inv(_spread(self.phrasings, self.counts)).astype(np.float32)


def _spread(phrasings: Array, counts: Positions) -> NDArray[np.float64]:
    """The covariance within families, drawn towards a sphere, shape (D, D)."""
    rest = (phrasings - np.repeat(_means(phrasings, counts), counts, axis=0)).astype(np.float64)
    spread = rest.T @ rest / len(rest)
    sphere = max(np.trace(spread) / len(spread), 1e-6) * np.eye(len(spread))
    return np.asarray((1 - SHRINKAGE) * spread + SHRINKAGE * sphere)


def _means(phrasings: Array, counts: Positions) -> Array:
    first = np.cumsum(counts) - counts
    return np.asarray(np.add.reduceat(phrasings, first, axis=0) / counts[:, None], dtype=np.float32)


def _discriminant(phrasings: Array, counts: Positions) -> tuple[Array, Array]:
    """Directions and constants: all families are taken to be as frequent."""
    means = _means(phrasings, counts)
    directions = np.linalg.solve(_spread(phrasings, counts), means.T).T
    offsets = -(means * directions).sum(axis=1) / 2
    return directions.astype(np.float32), offsets.astype(np.float32)


def _weights(signals: Array, own: Positions) -> Array:
    """The weights under which the phrasings are likeliest: multinomial logistic regression, by Newton's steps.

    A step that makes them less likely is halved until it does not: far from the end, the curve is not what it seems.
    """
    weights = np.zeros(len(signals))
    likelihood, gradient, curvature = _climb(signals, own, weights)
    for _ in range(_STEPS):
        step = np.linalg.solve(curvature, gradient)
        while True:
            further = _climb(signals, own, weights + step)
            if further[0] >= likelihood or np.abs(step).max() < _STILL:
                break
            step = step / 2
        weights, gained = weights + step, further[0] - likelihood
        likelihood, gradient, curvature = further
        if gained < _STILL * len(own):
            break
    return weights.astype(np.float32)


def _climb(signals: Array, own: Positions, weights: Numbers) -> tuple[float, Numbers, Numbers]:
    """The logarithm of the likelihood of the phrasings, less the ridge, with its gradient and its curvature."""
    ridge = _RIDGE * len(own)
    likelihood = -ridge * float(weights @ weights) / 2
    gradient, curvature = -ridge * weights, ridge * np.eye(len(weights))
    for start in range(0, len(own), _CHUNK):
        part, right = signals[:, start : start + _CHUNK].astype(np.float64), own[start : start + _CHUNK]
        rows = np.arange(len(right))
        scores = np.tensordot(weights, part, axes=1)
        scores -= scores.max(axis=1, keepdims=True)
        likely = np.exp(scores)
        total = likely.sum(axis=1, keepdims=True)
        likely /= total
        likelihood += float(scores[rows, right].sum() - np.log(total).sum())
        weighted = part * likely
        mean = weighted.sum(axis=2)
        gradient = gradient + part[:, rows, right].sum(axis=1) - mean.sum(axis=1)
        curvature += np.einsum("inf,jnf->ij", weighted, part) - mean @ mean.T
    return likelihood, gradient, curvature
