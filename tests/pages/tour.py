"""The tour: a picture of every page, at a desk by day and on a phone by night, and a sentence under it.

With TOUCHSTONE_PICTURES=docs/pictures the test of the pages takes the pictures and writes docs/tour.md (make pictures).
"""

import os
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.pages.eyes import DESK, PHONE
from tests.pages.listed import PAGES

DOCS = Path(__file__).parents[2] / "docs"
TOUR, SHOWN = DOCS / "tour.md", DOCS / "pictures" / "tour"

MOST_BYTES = 40_000
"""For a picture, on average."""
HEIGHT, GAP, QUALITY = 600, 24, 45

_set = os.environ.get("TOUCHSTONE_PICTURES")  # noqa: TID251 (tests, not the product)
FOLDER = Path(_set) / "tour" if _set else None
"""Where pictures go; none are taken without one."""

HEAD = """# A tour of the pages

Every page as it is, at a desk and, in the dark, on a phone: taken by the tests that look every page over (`make
pictures`; the list of pages is `tests/pages/listed.py`). School, people and reports are invented.
"""


def take(page: Page, path: Path) -> None:
    """One picture of both: the desk on the left, the phone beside it."""
    shots = []
    for size, scheme in ((DESK, "light"), (PHONE, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        shots.append(Image.open(BytesIO(page.screenshot())).convert("RGB"))
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    scaled = [one.resize((one.width * HEIGHT // one.height, HEIGHT), Image.Resampling.LANCZOS) for one in shots]
    both = Image.new("RGB", (sum(one.width for one in scaled) + GAP, HEIGHT), "#808a8e")
    both.paste(scaled[0], (0, 0))
    both.paste(scaled[1], (scaled[0].width + GAP, 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    both.save(path, quality=QUALITY, method=6)


def written() -> str:
    """The page of the documentation."""
    shown = [one for one in PAGES if one.says]
    return HEAD + "".join(f"\n{one.says}\n\n![{one.says}](pictures/tour/{one.name}.webp)\n" for one in shown)
