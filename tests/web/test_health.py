"""The health check: one word for a machine."""

from tests.web.conftest import House, Visitor


def test_a_server_that_can_do_its_work_says_ok(visitor: Visitor) -> None:
    response = visitor.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


def test_one_that_cannot_says_so_in_one_word_without_the_reason(house: House, visitor: Visitor) -> None:
    house.health.append(RuntimeError("disk full at /srv/secret"))
    response = visitor.get("/healthz")
    assert (response.status_code, response.text) == (503, "failing\n")


def test_the_health_check_leaves_no_cookie(visitor: Visitor) -> None:
    assert "Set-Cookie" not in visitor.get("/healthz").headers


def test_the_heartbeat_is_apart_from_the_health_check_and_one_word(house: House, visitor: Visitor) -> None:
    assert (visitor.get("/heartbeat").status_code, visitor.get("/heartbeat").text) == (503, "stopped\n")
    house.beats = True
    assert (visitor.get("/heartbeat").status_code, visitor.get("/heartbeat").text) == (200, "beating\n")
    assert visitor.get("/healthz").status_code == 200
