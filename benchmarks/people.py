"""People at the chat, each with a cookie of their own, who ask the next thing as soon as they are answered."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Lock
from urllib.parse import urlencode

_PATIENCE = 60


class Person:
    """One browser, with its connection kept open."""

    def __init__(self, port: int) -> None:
        """Opens the chat, as everybody has to first."""
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._connection.request("GET", "/")
        response = self._connection.getresponse()
        page = response.read().decode()
        self._cookie = (response.headers["Set-Cookie"] or "").partition(";")[0]
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        if found is None:
            raise RuntimeError("the chat has no token")
        self._token = found[1]

    def ask(self, question: str) -> float:
        """Asks, and gives the seconds from the press of the button to the last byte of the answer."""
        body = urlencode({"text": question, "csrf": self._token})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self._cookie,
            "HX-Request": "true",
            "Sec-Fetch-Site": "same-origin",
        }
        began = time.perf_counter()
        self._connection.request("POST", "/ask", body, headers)
        response = self._connection.getresponse()
        answer = response.read()
        seconds = time.perf_counter() - began
        if response.status != 200 or b'<article class="answer"' not in answer:  # noqa: PLR2004 (HTTP's own)
            raise RuntimeError(f"no answer: {response.status}")
        return seconds

    def leave(self) -> None:
        """Closes the browser."""
        self._connection.close()


def at_once(port: int, people: int, each: int, questions: Iterator[str]) -> tuple[list[float], float]:
    """So many people at once, each with so many questions: all times, and answers a second over the whole."""
    crowd = [Person(port) for _ in range(people)]
    drawing = Lock()

    def asks(person: Person) -> list[float]:
        times = []
        for _ in range(each):
            with drawing:
                question = next(questions)
            times.append(person.ask(question))
        return times

    began = time.perf_counter()
    with ThreadPoolExecutor(people) as threads:
        times = [one for person in threads.map(asks, crowd) for one in person]
    seconds = time.perf_counter() - began
    for person in crowd:
        person.leave()
    return times, len(times) / seconds
