"""How long the server takes for each page that has an address. ``make pages`` measures and prints it.

TOUCHSTONE_PAGE_ROUNDS says how often each is asked for; the figures of docs/performance.md are of a hundred times.
"""

import os
import sys
from statistics import median
from time import perf_counter

import httpx2
import pytest

from integrations.web.sign_in import COOKIE
from tests.pages.house import House
from tests.pages.listed import PAGES, Listed

ROUNDS = int(os.environ.get("TOUCHSTONE_PAGE_ROUNDS", "5"))  # noqa: TID251 (tests, not the product)
MOST_SECONDS = 0.2
BY_ADDRESS = [page for page in PAGES if page.way is None and not page.shows.startswith("GET /sign-in/")]
"""Whoever tries to sign in again and again is made to wait, and is not measured."""


@pytest.mark.parametrize("listed", BY_ADDRESS, ids=lambda page: page.name)
def test_the_server_makes_a_page_in_a_fifth_of_a_second(house: House, listed: Listed) -> None:
    cookies = {COOKIE: house.enter(listed.who)} if listed.who else {}
    address = house.address(listed.address or listed.shows.partition(" ")[2])
    took = []
    with httpx2.Client(cookies=cookies) as client:
        for _ in range(ROUNDS):
            began = perf_counter()
            answer = client.get(address)
            took.append(perf_counter() - began)
            assert answer.status_code == listed.status
    middle, worst = median(took) * 1000, sorted(took)[int(len(took) * 0.95)] * 1000
    sys.stdout.write(f"\n| {listed.name} | {middle:.1f} ms | {worst:.1f} ms | {len(answer.content) / 1000:.1f} KB |")
    assert min(took) < MOST_SECONDS, (
        "the quickest of them: whatever else the machine does, that one is the server's own"
    )
