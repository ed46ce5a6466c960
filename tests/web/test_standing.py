"""The page of one's own reports: by code, shown once after a redirect, or all of them for whoever is signed in."""

from collections.abc import Callable

import pytest

from bot.messages import OpenStanding
from tests.web.conftest import House, Visitor
from tests.web.scripted import CODE, DSL


def test_without_a_code_nobody_sees_anything(visitor: Visitor) -> None:
    page = visitor.get("/reports")
    assert page.status_code == 200
    assert "C-" not in page.text.replace("UTF-8", "")


def test_a_code_shows_the_report_once_and_the_next_person_not(house: House, visitor: Visitor) -> None:
    posted = visitor.post("/reports", {"code": CODE})
    assert (posted.status_code, posted.headers["Location"]) == (303, "/reports")
    assert house.desk.heard == []
    shown = visitor.get("/reports")
    assert "Nobody has opened it yet" in shown.text
    assert "01632 960101" in shown.text
    assert house.desk.heard == [OpenStanding(code=CODE)]
    assert "01632 960101" not in visitor.get("/reports").text


def test_the_code_stands_in_no_address_and_on_no_page(visitor: Visitor) -> None:
    posted = visitor.post("/reports", {"code": CODE})
    assert CODE not in posted.headers["Location"]
    assert CODE not in visitor.get("/reports").text


def test_a_wrong_code_says_so_and_nothing_else(visitor: Visitor) -> None:
    visitor.post("/reports", {"code": "2222-2222-2222"})
    answer = visitor.get("/reports")
    assert answer.status_code == 404
    assert "There is no report under this code" in answer.text


def test_who_is_signed_in_finds_theirs_and_what_they_were_told(house: House, dsl: Visitor) -> None:
    page = dsl.get("/reports").text
    assert house.desk.heard[-1] == OpenStanding(sender=DSL)
    assert "Closed" in page
    assert "You began something." in page


def test_another_person_at_the_same_desk_sees_no_report_that_was_asked_for_before(
    visitor: Visitor, arrive: Callable[[], Visitor]
) -> None:
    visitor.post("/reports", {"code": CODE})
    assert "01632 960101" not in arrive().get("/reports").text


@pytest.mark.parametrize("token", ["", "x"])
def test_another_website_can_ask_for_nothing(visitor: Visitor, house: House, token: str) -> None:
    assert visitor.post("/reports", {"code": CODE, "csrf": token}).status_code == 403
    assert house.desk.heard == []
