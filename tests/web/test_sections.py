"""A clause in its section: opened in place, or a page or link of its own."""

from dataclasses import replace

from bot.messages import Ask, Condition, ConditionKind, Refusal, ShowSection
from tests.web.conftest import House, Visitor
from tests.web.markup import read
from tests.web.scripted import ANSWER, CLAUSE, SECTION

ADDRESS = "/section?policy=reach2-online-safety&label=6.2%2825%29"


def test_each_citation_opens_its_section_and_without_script_leads_to_it(visitor: Visitor) -> None:
    page = read(visitor.ask("Can I?").text)
    opened = page.all("details", class_="whole with-script")
    assert [details.attributes["hx-get"] for details in opened] == [
        ADDRESS,
        "/section?policy=reach2-online-safety&label=5.3",
    ]
    links = [link for link in page.all("a") if link.text == "Show the whole section (opens in a new tab)"]
    assert links[0].attributes["href"] == "/policies/reach2-online-safety/2.0#6.2-25"


def test_a_section_is_shown_word_for_word_with_the_clause_marked(house: House, visitor: Visitor) -> None:
    response = visitor.get(ADDRESS, HX_Request="true")
    page = read(response.text)
    assert response.status_code == 200
    assert house.desk.heard == [ShowSection("reach2-online-safety", "6.2(25)")]
    at = 0
    for passage in SECTION.passages:
        at = page.text.index(passage.text, at) + len(passage.text)
    (asked,) = [element for element in page.elements if "asked" in element.attributes.get("class", "").split()]
    assert asked.text.startswith("This is the clause you came from: 6.2(25) Staff should not accept")
    assert "version 2.0, July 2023; its review was due in July 2026" in page.text
    assert not page.all("b")
    assert not page.all("html")


def test_whoever_comes_by_the_address_of_a_section_is_led_to_its_place_in_the_policy(visitor: Visitor) -> None:
    response = visitor.get(ADDRESS)
    assert (response.status_code, response.headers["Location"]) == (303, "/policies/reach2-online-safety/2.0#6.2-25")


def test_a_section_has_no_anchors_that_the_page_it_comes_into_may_have_already(visitor: Visitor) -> None:
    page = read(visitor.get(ADDRESS, HX_Request="true").text)
    assert page.ids == []
    assert page.all("a", class_="label")[1].attributes["href"] == "/policies/reach2-online-safety/2.0#6.2-24"


def test_a_section_that_there_is_not_is_said_in_words(house: House, visitor: Visitor) -> None:
    house.desk.instead[ShowSection] = lambda _: Refusal("There is no clause of that number in this policy.")
    response = visitor.get("/section?policy=x&label=y")
    assert response.status_code == 404
    assert "no clause of that number" in response.text
    assert visitor.get("/section").status_code == 404


def test_what_the_rule_turns_on_stands_under_the_headline(house: House, visitor: Visitor) -> None:
    conditions = (
        Condition(ConditionKind.EXCEPTION, "with the exception of <relatives>"),
        Condition(ConditionKind.APPROVAL, "prior permission from the school"),
        Condition(ConditionKind.CONDITION, "where parents have agreed"),
    )
    house.desk.instead[Ask] = lambda _: replace(ANSWER, conditions=conditions)
    html = visitor.ask("Can I?").text
    told = read(html).one("ul", class_="conditions").text.split("\n")
    assert [line.strip() for line in told if line.strip()] == [
        "Exception: with the exception of <relatives>",
        "Approval: prior permission from the school",
        "Condition: where parents have agreed",
    ]
    assert html.index("headline") < html.index("conditions") < html.index(CLAUSE.text[:20])
    house.desk.instead.clear()
    assert not read(visitor.ask("Can I?").text).all("ul", class_="conditions")
