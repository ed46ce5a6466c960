"""The colours, light and dark, held to WCAG 2.2 AA."""

import re

import pytest

from integrations.web.assets import OWN

CSS = (OWN / "touchstone.css").read_text(encoding="utf-8")
THEMES = {"light": 0, "dark": 1}

TEXT_ON = [
    ("text", "ground"),
    ("text", "panel"),
    ("text", "mark"),
    ("soft", "ground"),
    ("soft", "panel"),
    ("link", "ground"),
    ("link", "panel"),
    ("link", "mark"),
    ("on-link", "link"),
    ("on-tell", "tell"),
    ("yes", "ground"),
    ("no", "ground"),
    ("no", "panel"),
    ("ground", "no"),
    ("depends", "ground"),
]
SHAPE_ON = [("control", "ground"), ("focus", "ground"), ("focus", "panel"), ("tell", "ground"), ("link", "ground")]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("front", "back", "least"), [(*pair, 4.5) for pair in TEXT_ON] + [(*pair, 3.0) for pair in SHAPE_ON]
)
def test_words_and_controls_stand_out_from_what_is_behind_them(theme: str, front: str, back: str, least: float) -> None:
    colours = _colours(THEMES[theme])
    assert _contrast(colours[front], colours[back]) >= least


def test_the_style_asks_nobody_else_for_anything() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS


def _colours(theme: int) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", CSS.split(":root {")[theme + 1].split("}")[0]))


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
