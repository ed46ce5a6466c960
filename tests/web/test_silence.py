"""What the pages tell somebody to whom a case is not open: the same bytes as for one that there is not."""

from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from bot.cases.reference import ALPHABET
from bot.desk import Desk
from bot.messages import Receipt, SubmitForm
from bot.testing import FixedClock
from integrations.web.sign_in import OneTimeLinks
from tests.web.conftest import Visitor
from tests.web.real import application

ANSWERS = {"about": "child", "what": "He is afraid.", "danger": "no"}


@pytest.fixture
def links(clock: FixedClock) -> OneTimeLinks:
    return OneTimeLinks(clock)


@pytest.fixture
def visitor(desk: Desk, clock: FixedClock, links: OneTimeLinks) -> Iterator[Visitor]:
    whole = application(desk, clock, links)
    with TestClient(whole, base_url="http://localhost", follow_redirects=False) as client:
        yield Visitor(client)


@pytest.fixture
def there(desk: Desk) -> str:
    (receipt,) = desk.receive(SubmitForm("report_concern", "d", ANSWERS))
    assert isinstance(receipt, Receipt)
    return receipt.reference


def _all_of(response: Response, asked: str) -> tuple[int, dict[str, str], str]:
    """Everything, but for the reference that the browser is to remember, since it has just asked for it."""
    headers = {name: value.replace(asked, "asked for") for name, value in response.headers.items()}
    return response.status_code, headers, response.text


def _missing(reference: str) -> str:
    return reference[:-1] + next(sign for sign in ALPHABET if sign != reference[-1])


@pytest.mark.parametrize("who", ["demo-chair", "demo-policy-owner", "demo-administrator", None])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_a_case_of_others_and_none_at_all_are_the_same_page_to_the_last_byte(
    visitor: Visitor, links: OneTimeLinks, there: str, who: str | None, method: str
) -> None:
    if who:
        visitor.sign_in(links.issue(who))
    visitor.get("/")
    asked = (there, _missing(there))
    answers = [visitor.client.request(method, f"/inbox/{reference}") for reference in asked]
    assert _all_of(answers[0], asked[0]) == _all_of(answers[1], asked[1])
    assert answers[0].status_code in {303, 403, 404, 405}
    assert there not in answers[0].text


def test_the_dsl_sees_it_by_the_same_address(visitor: Visitor, links: OneTimeLinks, there: str) -> None:
    visitor.sign_in(links.issue("demo-dsl"))
    assert "He is afraid." in visitor.get(f"/inbox/{there}").text


@pytest.mark.parametrize("odd", ["%00", "C-2222%00-2222", "..%2f..%2fetc", "' or 1=1 --", "%ff%fe", "x" * 5000])
def test_whatever_stands_in_the_place_of_a_reference_is_refused_in_the_same_words(
    visitor: Visitor, links: OneTimeLinks, there: str, odd: str
) -> None:
    visitor.sign_in(links.issue("demo-dsl"))
    response = visitor.get(f"/inbox/{odd}")
    assert response.status_code == 404
    assert there not in response.text
    assert odd not in response.text


def test_many_wrong_codes_open_no_draft_and_change_nothing(
    visitor: Visitor, desk: Desk, clock: FixedClock, links: OneTimeLinks
) -> None:
    kept = visitor.post("/forms/report_concern/save", {"draft": "d" * 32, "answer.what": "He is afraid."})
    assert kept.status_code == 303
    with TestClient(application(desk, clock, links), base_url="http://localhost", follow_redirects=False) as client:
        other = Visitor(client)
        said: set[str] = set()
        for number in range(30):
            assert other.post("/drafts", {"code": f"{ALPHABET[number]}" * 12}).status_code == 303
            said.add(other.get("/drafts").text.replace(other.token(), ""))
        assert len(said) == 1
        assert "He is afraid." not in said.pop()
