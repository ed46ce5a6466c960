"""What stands before every page: headers, hosts, other websites, the body's size, tokens."""

from collections.abc import Callable

import pytest
from httpx2 import Response
from starlette.routing import Route

from bot.messages import Ask, FillForm, OpenForm, Reply
from integrations.web.guard import MAX_BODY
from tests.web.conftest import House, Visitor
from tests.web.markup import read

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
CANARY = "canary in the coal mine"


def _broken(_: object) -> Reply:
    raise RuntimeError(CANARY)


def _server_error(house: House, visitor: Visitor) -> Response:
    house.desk.instead[Ask] = _broken
    return visitor.ask("Can I?")


def _unwell(house: House, visitor: Visitor) -> Response:
    house.health.append(RuntimeError(CANARY))
    return visitor.get("/healthz")


def test_the_files_of_all_pages_are_sent_compressed_to_whoever_can_read_that(visitor: Visitor) -> None:
    for encoding, is_packed in (("gzip, br", True), ("identity", False)):
        answer = visitor.get("/static/htmx.js", Accept_Encoding=encoding)
        assert (answer.headers.get("Content-Encoding") == "gzip", "-gzip" in answer.headers["ETag"]) == (is_packed,) * 2
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert b"htmx" in answer.content
    assert "Content-Encoding" not in visitor.get("/").headers, "a page may hold what its length must not tell of"


def _unchanged(_: House, visitor: Visitor) -> Response:
    tag = visitor.get("/static/chat.js").headers["ETag"]
    return visitor.get("/static/chat.js", If_None_Match=tag)


EVERY_KIND: dict[str, tuple[int, Callable[[House, Visitor], Response]]] = {
    "chat": (200, lambda _, visitor: visitor.get("/")),
    "answer": (200, lambda _, visitor: visitor.ask("Can I?")),
    "fragment": (200, lambda _, visitor: visitor.ask("Can I?", HX_Request="true")),
    "form": (200, lambda _, visitor: visitor.get("/forms/report_concern")),
    "form with errors": (422, lambda _, visitor: visitor.post("/forms/report_concern", {})),
    "policies": (200, lambda _, visitor: visitor.get("/policies")),
    "script": (200, lambda _, visitor: visitor.get("/static/htmx.js")),
    "unchanged script": (304, _unchanged),
    "no such script": (404, lambda _, visitor: visitor.get("/static/nonsense.js")),
    "redirect": (303, lambda _, visitor: visitor.get("/ask")),
    "closed inbox": (403, lambda _, visitor: visitor.get("/inbox")),
    "no such page": (404, lambda _, visitor: visitor.get("/nonsense")),
    "wrong method": (405, lambda _, visitor: visitor.client.delete("/")),
    "wrong host": (400, lambda _, visitor: visitor.get("/", Host="attacker.example")),
    "from elsewhere": (403, lambda _, visitor: visitor.ask("Can I?", Sec_Fetch_Site="cross-site")),
    "wrong token": (403, lambda _, visitor: visitor.post("/ask", {"text": "Can I?", "csrf": "wrong"})),
    "too large": (413, lambda _, visitor: visitor.ask("x" * MAX_BODY)),
    "not a form": (400, lambda _, visitor: _with_file(visitor)),
    "server error": (500, _server_error),
    "well": (200, lambda _, visitor: visitor.get("/healthz")),
    "unwell": (503, _unwell),
}


def _with_file(visitor: Visitor) -> Response:
    return visitor.client.post("/ask", files={"text": ("a.txt", b"Can I?")})


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_of_response_carries_the_security_headers(house: House, visitor: Visitor, kind: str) -> None:
    status, request = EVERY_KIND[kind]
    response = request(house, visitor)
    assert response.status_code == status
    headers = response.headers
    assert headers["Content-Security-Policy"] == CONTENT_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"
    is_kept = kind in {"script", "unchanged script"}
    assert headers["Cache-Control"] == ("public, max-age=300" if is_kept else "no-store")
    assert CANARY not in response.text


def test_what_breaks_unforeseen_is_a_page_in_our_words(house: House, visitor: Visitor) -> None:
    house.desk.instead = {OpenForm: _broken, FillForm: _broken}
    for response in (visitor.get("/forms/report_concern"), visitor.post("/forms/report_concern", {"csrf": ""})):
        page = read(response.text)
        assert response.status_code == 500
        assert page.one("h1").text == "Something went wrong here"
        assert page.one("a", class_="tell")
        assert CANARY not in response.text


def test_a_page_that_cannot_be_made_is_a_plain_sentence_without_content(
    house: House, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr("integrations.web.site.Site.page", broken)
    assert house.desk.heard == []
    response = visitor.get("/")
    assert response.status_code == 500
    assert "Something went wrong here (incident" in response.text
    assert CANARY not in response.text
    assert response.headers["Content-Security-Policy"] == CONTENT_POLICY


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "touchstone.school.example"]
)
def test_names_of_this_machine_and_those_given_are_answered(visitor: Visitor, host: str) -> None:
    assert visitor.get("/", Host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "localhost.attacker.example", "127.0.0.1.nip.io", "169.254.0.1", ""]
)
def test_any_other_name_is_not_answered(visitor: Visitor, host: str) -> None:
    response = visitor.get("/", Host=host)
    assert response.status_code == 400
    assert "<html" not in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"},
        {"Sec_Fetch_Site": "nonsense"},
    ],
)
@pytest.mark.parametrize("path", ["/ask", "/forms/report_concern", "/sign-out", "/sign-in/x"])
def test_a_post_from_another_website_is_refused_without_echo_even_with_a_good_token(
    house: House, visitor: Visitor, headers: dict[str, str], path: str
) -> None:
    response = visitor.post(path, {"text": CANARY, "answer.what": CANARY}, **headers)
    assert response.status_code == 403
    assert "another website" in response.text
    assert CANARY not in response.text
    assert "Set-Cookie" not in response.headers
    assert house.desk.heard == []


@pytest.mark.parametrize("origin", ["http://attacker.example", "http://localhost:9999", "https://localhost.example"])
def test_where_a_browser_sends_only_an_origin_it_decides(visitor: Visitor, origin: str) -> None:
    token = visitor.token()
    fields = {"text": "Can I?", "csrf": token}
    assert visitor.client.post("/ask", data=fields, headers={"Origin": origin}).status_code == 403
    assert visitor.client.post("/ask", data=fields, headers={"Origin": "http://localhost"}).status_code == 200
    assert visitor.client.post("/ask", data=fields, headers={"Origin": "null"}).status_code == 200
    assert visitor.client.post("/ask", data=fields).status_code == 200


@pytest.mark.parametrize("length", [MAX_BODY + 1, MAX_BODY * 4])
def test_a_body_that_is_too_large_is_refused_in_our_words_whether_announced_or_not(
    house: House, visitor: Visitor, length: int
) -> None:
    chunks = iter([b"text=", b"x" * (length - 5)])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for response in (
        visitor.client.post("/ask", content=b"text=" + b"x" * (length - 5), headers=form),
        visitor.client.post("/ask", content=chunks, headers=form),
    ):
        assert response.status_code == 413
        assert "That is too much at once" in response.text
    assert house.desk.heard == []


def test_a_body_just_small_enough_is_read(visitor: Visitor) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    response = visitor.client.post("/ask", content=b"text=" + b"x" * (MAX_BODY - 5), headers=form)
    assert response.status_code == 403


def test_every_route_that_takes_a_post_checks_the_token(house: House, visitor: Visitor) -> None:
    paths = [
        route.path.format(
            name="report_concern",
            token=house.links.issue("demo-dsl"),
            reference="C-2222-2222",
            policy="p",
            step="s",
        )
        for route in house.application().routes
        if isinstance(route, Route) and route.methods and "POST" in route.methods
    ]
    taking = [path for path in paths if path.endswith("/export") or path == "/mine/file"]
    assert len(taking) == 3
    assert len(paths) >= 4 + len(taking)
    visitor.token()
    for path in paths:
        for token in ("", "0" * 64, "é"):
            response = visitor.post(path, {"text": "Can I?", "csrf": token})
            assert response.status_code == 403, path
            assert ("Sign in" if path in taking else "For your safety") in response.text
    visitor.sign_in(house.links.issue("demo-dsl"))
    for path in taking:
        refused = visitor.post(path, {"format": "json", "csrf": "0" * 64})
        assert refused.status_code == 403
        assert "For your safety" in refused.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/inbox", "/forms/report_concern", "/static/icon.svg"])
def test_another_website_can_link_to_a_page_and_load_nothing_of_it(
    house: House, visitor: Visitor, path: str, site: str
) -> None:
    for mode, goal in (("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("no-cors", "script")):
        refused = visitor.get(path, Sec_Fetch_Site=site, Sec_Fetch_Mode=mode, Sec_Fetch_Dest=goal)
        assert refused.status_code == 403
        assert "another website" in refused.text
    assert house.desk.heard == []
    followed = visitor.get(path, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")
    assert followed.status_code == (403 if path == "/inbox" else 200)
    assert "another website" not in followed.text


def test_the_token_of_one_visitor_is_no_good_for_another(arrive: Callable[[], Visitor]) -> None:
    one, other = arrive(), arrive()
    token = one.token()
    assert one.post("/ask", {"text": "Can I?", "csrf": token}).status_code == 200
    assert other.token() != token
    assert other.post("/ask", {"text": "Can I?", "csrf": token}).status_code == 403


def test_htmx_gets_a_fresh_token_with_the_refusal_and_can_ask_again(visitor: Visitor) -> None:
    refused = visitor.client.post("/ask", data={"text": "Can I?", "csrf": "old"}, headers={"HX-Request": "true"})
    assert refused.status_code == 403
    page = read(refused.text)
    renewed = page.one("input", id="ask-token")
    assert "press Ask again" in page.text
    assert "hx-swap-oob" in renewed.attributes
    fields = {"text": "Can I?", "csrf": renewed.attributes["value"]}
    assert visitor.client.post("/ask", data=fields, headers={"HX-Request": "true"}).status_code == 200


def test_a_form_that_is_open_in_a_tab_survives_a_restart_of_the_server(house: House, visitor: Visitor) -> None:
    token = visitor.token()
    visitor.client.app = house.application()
    assert visitor.post("/ask", {"text": "Can I?", "csrf": token}).status_code == 200


def test_cookies_can_neither_be_read_by_scripts_nor_sent_from_elsewhere(visitor: Visitor) -> None:
    cookie = visitor.get("/").headers["Set-Cookie"]
    assert cookie.startswith("touchstone_visitor=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Set-Cookie" not in visitor.get("/").headers


def test_over_https_cookies_are_secure(visitor: Visitor) -> None:
    assert "Secure" in visitor.client.get("https://localhost/").headers["Set-Cookie"].split("; ")


@pytest.mark.parametrize("path", ["/", "/policies", "/forms/report_concern", "/inbox", "/nonsense", "/sign-in/x"])
def test_tell_someone_stands_on_every_page(visitor: Visitor, path: str) -> None:
    page = visitor.look(path)
    assert page.one("a", href="/forms", class_="tell").text == "Tell someone"
    assert page.one("html").attributes["lang"] == "en-GB"


def test_files_of_pages_have_their_digest_in_their_address_and_keep_for_a_year(visitor: Visitor) -> None:
    page = visitor.look("/")
    addresses = [
        *(script.attributes["src"] for script in page.all("script")),
        *(link.attributes["href"] for link in page.all("link")),
    ]
    assert len(addresses) == 6
    for address in addresses:
        response = visitor.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert visitor.get("/static/chat.js?v=old").headers["Cache-Control"] == "public, max-age=300"
