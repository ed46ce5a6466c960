"""Draws how long the oldest unseen report had been lying, hour by hour, as a picture of lines (SVG)."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from tests.load.term import Hour

WIDTH, HEIGHT, LEFT, BELOW = 960, 320, 60, 40
DAY = timedelta(days=1)


def plot(hours: Sequence[Hour]) -> str:
    """The picture: about a child in a full line, of all other reports in a pale one."""
    first, last = hours[0].at, hours[-1].at
    top = max(max(hour.child, hour.other) for hour in hours) or DAY

    def x(hour: Hour) -> float:
        return LEFT + (hour.at - first) / (last - first) * (WIDTH - LEFT - 10)

    def y(span: timedelta) -> float:
        return HEIGHT - BELOW - span / top * (HEIGHT - BELOW - 20)

    def line(of: Callable[[Hour], timedelta], colour: str) -> str:
        points = " ".join(f"{x(hour):.1f},{y(of(hour)):.1f}" for hour in hours)
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1"/>'

    days = [DAY * number for number in range(int(top / DAY) + 1)]
    marks = [
        f'<text x="{LEFT - 8}" y="{y(span) + 4:.1f}" text-anchor="end">{span.days} d</text>'
        f'<path d="M{LEFT} {y(span):.1f}H{WIDTH - 10}" stroke="#ddd"/>'
        for span in days
    ]
    weeks = [
        f'<text x="{x(hour):.1f}" y="{HEIGHT - 14}">{hour.at:%d %b}</text>'
        for hour in hours
        if hour.at.weekday() == 0 and hour.at.hour == 0 and hour.at.isocalendar().week % 2 == 0
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"',
            ' font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            *marks,
            *weeks,
            line(lambda hour: hour.other, "#c9a227"),
            line(lambda hour: hour.child, "#1d4f91"),
            f'<text x="{LEFT + 10}" y="16" fill="#1d4f91">about a child</text>',
            f'<text x="{LEFT + 110}" y="16" fill="#8a6d10">all others</text>',
            "</svg>\n",
        ]
    )
