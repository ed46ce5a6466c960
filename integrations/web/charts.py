"""A chart by the week as shapes for an inline SVG: two things side by side, told apart without colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.messages import Chart

WIDTH, HEIGHT = 640, 190
_LEFT, _TOP, _BOTTOM = 8, 24, 28
_GAP = 6
LABELS = 2
"""Every how many weeks one is named under the chart: more would not fit on a phone."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the view box, with its number over it.

    Attributes:
        series: the place of what it counts, from 0: the first is drawn solid, the second hatched.
        middle: where its number stands.
    """

    series: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    value: int


@dataclass(frozen=True, slots=True)
class Tick:
    """The name of a week under the chart."""

    x: float
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart, drawn."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    base: float


def draw(chart: Chart, weeks: Sequence[date]) -> Drawn:
    """The bars of a chart; nothing is drawn for a nought."""
    most = max((value for series in chart.series for value in series.values), default=0) or 1
    slot = (WIDTH - 2 * _LEFT) / max(1, len(weeks))
    wide = (slot - _GAP) / max(1, len(chart.series))
    base, room = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP
    bars = []
    for place, series in enumerate(chart.series):
        for week, value in enumerate(series.values):
            if value:
                tall = round(room * value / most, 1)
                x = round(_LEFT + week * slot + _GAP / 2 + place * wide, 1)
                bars.append(
                    Bar(place, x, round(base - tall, 1), round(wide - 1, 1), tall, round(x + wide / 2, 1), value)
                )
    last = len(weeks) - 1
    ticks = tuple(
        Tick(round(_LEFT + (place + 0.5) * slot, 1), f"{week:%-d %b}")
        for place, week in enumerate(weeks)
        if (last - place) % LABELS == 0
    )
    return Drawn(tuple(bars), ticks, base)
