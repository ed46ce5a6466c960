"""The tour in the documentation shows every page that there is, and no other."""

from tests.pages.listed import PAGES
from tests.pages.tour import FOLDER, MOST_BYTES, SHOWN, TOUR, written


def test_the_tour_is_that_of_the_list() -> None:
    if FOLDER:
        TOUR.write_text(written(), encoding="utf-8")
        for old in set(SHOWN.glob("*.webp")) - {SHOWN / f"{one.name}.webp" for one in PAGES if one.says}:
            old.unlink()
    assert TOUR.read_text(encoding="utf-8") == written(), "make pictures writes it anew"


def test_every_page_that_has_an_address_is_in_the_tour() -> None:
    shown = {page.shows for page in PAGES if page.says}
    assert {page.shows for page in PAGES if page.shows.startswith("GET ")} - shown == set()


def test_the_tour_has_a_picture_of_each_and_is_small() -> None:
    pictures = {path.stem: path.stat().st_size for path in SHOWN.iterdir()}
    assert set(pictures) == {page.name for page in PAGES if page.says}, "make pictures takes them anew"
    assert sum(pictures.values()) < MOST_BYTES * len(pictures)
