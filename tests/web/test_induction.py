"""The induction over HTTP and the real desk: walked signed in, by a code, or without either; signed; looked after."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from bot.messages import InductionStepView, OpenInductionStep
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from integrations import app
from integrations.web.sign_in import OneTimeLinks
from knowledge.library import Library
from tests.bot.induction.walking import LEAD, REACH2, School, newer, signature
from tests.web.conftest import Visitor
from tests.web.markup import Page, read
from tests.web.real import application

HOME = f"/induction/of/{REACH2}"
FIRST, SECOND = "whom-it-binds", "children-online"
ANNA = "demo-deputy-head"


@dataclass
class Walker:
    """Somebody at a browser, who looks at a page and presses what is on it."""

    visitor: Visitor
    page: Page = field(default_factory=Page)
    path: str = ""
    html: str = ""
    status: int = 0

    def goes(self, path: str) -> Page:
        return self._shown(self.visitor.get(path), path)

    def sends(self, action: str, fields: Mapping[str, str] | None = None) -> Page:
        """Posts a form of the page, with what stands in its hidden fields."""
        names = ("code", "form", "digest")
        hidden = {
            name: one.attributes["value"] for name in names for one in self.page.all("input", type="hidden", name=name)
        }
        return self._shown(self.visitor.post(action, {**hidden, **(fields or {})}), action)

    def _shown(self, response: Response, path: str) -> Page:
        while response.status_code == 303:
            path = response.headers["location"]
            response = self.visitor.get(path)
        self.status, self.html, self.path = response.status_code, response.text, path
        self.page = read(response.text)
        return self.page

    def does_the_step(self) -> Page:
        """Judges all that there is to judge, ticks all that there is to tick, and goes on."""
        at = self.path.partition("#")[0]
        radios = {one.attributes["name"]: one.attributes["value"] for one in self.page.all("input", type="radio")}
        for name in radios:
            self.sends(f"{at}/judge", {**radios, "situation": name.removeprefix("verdict.")})
        ticks = [one.attributes["value"] for one in self.page.all("input", type="checkbox")]
        return self._shown(self._posts(f"{at}/finish", [("answer.ticked", tick) for tick in ticks]), at)

    def _posts(self, path: str, pairs: list[tuple[str, str]]) -> Response:
        """A form in which several boxes of one name are ticked."""
        fields: dict[str, str | list[str]] = {"csrf": self.visitor.token()}
        fields |= {one.attributes["name"]: one.attributes["value"] for one in self.page.all("input", name="code")}
        for name, value in pairs:
            fields.setdefault(name, [])
            known = fields[name]
            assert isinstance(known, list)
            known.append(value)
        return self.visitor.client.post(path, data=fields, headers={"Sec-Fetch-Site": "same-origin"})

    def walks(self) -> Page:
        """To the agreement."""
        for _ in range(20):
            if "/agreement" in self.path:
                return self.page
            self.does_the_step()
        raise AssertionError(self.path)

    def code(self) -> str:
        return str(re.findall(r"<b>([0-9A-Z-]{14,})</b>", self.html)[0])


Arrive = Callable[[], Walker]


@pytest.fixture
def school(reports: app.Reports, insights: Insights, clock: FixedClock, library: Library) -> School:
    return School(reports, insights, clock, library)


@pytest.fixture
def links(clock: FixedClock) -> OneTimeLinks:
    return OneTimeLinks(clock)


class Now:
    """The desk of now: a test may change what lies below it."""

    def __init__(self, school: School) -> None:
        self._school = school

    def __getattr__(self, name: str) -> object:
        return getattr(self._school.desk, name)


@pytest.fixture
def arrive(school: School, clock: FixedClock, links: OneTimeLinks) -> Iterator[Arrive]:
    whole = application(Now(school), clock, links)  # type: ignore[arg-type]
    clients: list[TestClient] = []

    def new() -> Walker:
        clients.append(TestClient(whole, base_url="http://localhost", follow_redirects=False))
        return Walker(Visitor(clients[-1]))

    yield new
    for client in clients:
        client.close()


@pytest.fixture
def anna(arrive: Arrive, links: OneTimeLinks) -> Walker:
    """Somebody who is signed in."""
    walker = arrive()
    assert walker.visitor.sign_in(links.issue(ANNA)).status_code == 303
    return walker


@pytest.fixture
def lead(arrive: Arrive, links: OneTimeLinks) -> Walker:
    walker = arrive()
    assert walker.visitor.sign_in(links.issue(LEAD)).status_code == 303
    return walker


# ------------------------------------------------------------------------------------------------------- signed in


def test_whoever_is_signed_in_walks_all_of_it_and_signs_and_takes_the_certificate(anna: Walker) -> None:
    page = anna.goes("/induction")
    assert "13 steps" in page.text
    anna.goes(f"{HOME}/steps/{FIRST}")
    page = anna.walks()
    assert "I have read and understood the REAch2 Online Safety and Social Media Policy." in page.text
    page = anna.sends(f"{HOME}/sign", _signed())
    assert anna.path == "/induction/signed"
    assert "Anna Example" in page.text
    sign_off = page.one("input", name="sign_off").attributes["value"]
    file = anna.visitor.post("/induction/signed/certificate", {"sign_off": sign_off})
    assert file.headers["content-type"] == "application/pdf"
    assert file.content.startswith(b"%PDF-")
    assert "attachment" in file.headers["content-disposition"]
    assert "Anna Example" in anna.goes("/induction/signed").text


def _signed(**changes: str) -> dict[str, str]:
    return {f"answer.{key}": value for key, value in signature(**changes).items()}


def test_what_is_done_is_kept_and_the_walk_goes_on_where_it_was_left(anna: Walker, school: School) -> None:
    anna.goes(f"{HOME}/steps/{FIRST}")
    anna.does_the_step()
    assert anna.path == f"{HOME}/steps/{SECOND}"
    page = anna.goes("/induction")
    assert "1 of 13 steps." in page.text
    assert "Go on: Children on social media" in page.text
    reply = school.hears(OpenInductionStep("", f"person:{ANNA}"))
    assert isinstance(reply, InductionStepView)
    assert reply.step == SECOND


def test_a_step_shows_the_plain_words_over_the_clauses_word_for_word(anna: Walker, library: Library) -> None:
    page = anna.goes(f"{HOME}/steps/{FIRST}")
    clause = next(one for one in library.policy(REACH2).clauses if str(one.label) == "15.2")
    assert clause.text in [one.text for one in page.all("p", class_="words")]
    assert "Step 1 of 13" in page.text


def test_a_clause_that_an_earlier_step_has_shown_is_there_to_unfold(anna: Walker) -> None:
    page = anna.goes(f"{HOME}/steps/contacts-and-followers")
    assert any("As an earlier step has shown: 5.3" in one.text for one in page.all("summary"))


def test_a_judgement_is_answered_by_the_ruling_with_its_clauses_and_no_score_is_anywhere(anna: Walker) -> None:
    anna.goes(f"{HOME}/steps/{SECOND}")
    at = f"{HOME}/steps/{SECOND}"
    page = anna.sends(f"{at}/judge", {"situation": "he-left-last-summer", "verdict.he-left-last-summer": "yes"})
    assert anna.path == f"{at}#he-left-last-summer"
    (judged,) = page.all("div", class_="judged")
    assert "You said: Yes." in judged.text
    assert "do not accept or contact a former pupil under 18" in judged.text
    assert "6.2(25)" in judged.text
    for word in ("wrong", "incorrect", "score", "points", "%"):
        assert word not in page.text.lower()


def test_each_situation_that_was_judged_keeps_its_answer_without_script(anna: Walker) -> None:
    at = f"{HOME}/steps/{SECOND}"
    anna.goes(at)
    both = {"verdict.he-left-last-summer": "no", "verdict.your-niece-is-in-year-six": "depends"}
    page = anna.sends(f"{at}/judge", {**both, "situation": "your-niece-is-in-year-six"})
    assert len(page.all("div", class_="judged")) == 2
    assert sorted(one.attributes["value"] for one in page.all("input", type="radio", checked="")) == ["depends", "no"]


def test_what_is_ticked_stays_ticked_while_a_situation_beside_it_is_judged(anna: Walker) -> None:
    at = f"{HOME}/steps/contacts-and-followers"
    anna.goes(at)
    fields = {"situation": "friends-since-school", "verdict.friends-since-school": "no"}
    page = anna.sends(f"{at}/judge", {**fields, "answer.ticked": "went-through-my-contacts"})
    assert [one.attributes["id"] for one in page.all("input", type="checkbox", checked="")] == [
        "went-through-my-contacts"
    ]


def test_a_press_without_a_choice_says_so_and_judges_nothing(anna: Walker) -> None:
    at = f"{HOME}/steps/{SECOND}"
    anna.goes(at)
    page = anna.sends(f"{at}/judge", {"situation": "he-left-last-summer"})
    assert "Choose one of the answers first" in page.one("div", id="summary").text
    situation = page.one("section", id="he-left-last-summer")  # with script this alone is put in the place of the old
    assert "Choose one of the answers first" in situation.text
    assert page.all("div", class_="judged") == []


def test_a_step_that_is_not_done_says_what_is_left_and_is_not_passed(anna: Walker) -> None:
    at = f"{HOME}/steps/your-own-profiles"
    anna.goes(at)
    page = anna.sends(f"{at}/finish", {"answer.ticked": "looked-at-my-profiles"})
    assert anna.path == at
    assert "checks to tick, 1" in page.one("div", id="summary").text
    assert page.one("input", id="looked-at-my-profiles").attributes.get("checked") == ""


def test_only_the_step_on_the_schools_own_page_can_be_skipped(anna: Walker) -> None:
    page = anna.goes(f"{HOME}/steps/the-schools-own-page")
    assert page.one("button", name="skip").text == "I run no page or account of the school."
    anna.sends(f"{HOME}/steps/the-schools-own-page/finish", {"skip": "yes"})
    assert anna.path == f"{HOME}/steps/when-something-is-wrong"
    assert anna.goes(f"{HOME}/steps/{FIRST}").all("button", name="skip") == []
    page = anna.sends(f"{HOME}/steps/{FIRST}/finish", {"skip": "yes"})
    assert "cannot be skipped" in page.text


def test_the_step_on_contacts_offers_the_form_by_which_they_are_made_known(anna: Walker) -> None:
    page = anna.goes(f"{HOME}/steps/contacts-and-followers")
    (link,) = page.all("a", class_="form-link")
    assert link.attributes["href"] == "/forms/disclose_contact"


def test_before_the_steps_are_done_the_agreement_can_be_read_and_not_signed(anna: Walker) -> None:
    page = anna.goes(f"{HOME}/agreement")
    assert "staff handbook / code of conduct" in page.text
    assert page.all("form", class_="questions") == []
    assert "First, these steps" in page.text


def test_a_signature_that_is_not_one_is_given_back_with_what_was_typed(anna: Walker) -> None:
    anna.goes(f"{HOME}/steps/{FIRST}")
    anna.walks()
    page = anna.sends(f"{HOME}/sign", _signed(signed="Somebody Else"))
    assert anna.status == 422
    assert "Type the same name." in page.one("div", id="summary").text
    assert page.one("input", name="answer.signed").attributes["value"] == "Somebody Else"
    assert page.one("title").text.startswith("Error: ")


def test_a_signature_from_another_website_is_not_taken_and_nothing_typed_is_lost(anna: Walker, school: School) -> None:
    anna.goes(f"{HOME}/steps/{FIRST}")
    anna.walks()
    page = anna.sends(f"{HOME}/sign", {**_signed(), "csrf": "another"})
    assert anna.status == 403
    assert page.one("input", name="answer.name").attributes["value"] == "Anna Example"
    assert school.agreement(f"person:{ANNA}").signed is None


def test_whoever_wants_to_sign_in_first_comes_back_to_the_walk(arrive: Arrive, links: OneTimeLinks) -> None:
    walker = arrive()
    walker.goes("/induction/sign-in")
    assert walker.status == 403
    assert walker.visitor.sign_in(links.issue(ANNA)).headers["location"] == "/induction"
    assert walker.visitor.get("/induction/sign-in").headers["location"] == "/induction"


def test_in_a_campaign_the_agreement_can_be_signed_without_the_walk(lead: Walker, anna: Walker) -> None:
    lead.goes("/induction/lead")
    lead.sends("/induction/lead/campaign", {"answer.policy": REACH2, "answer.by": "2026-12-04"})
    page = anna.goes("/induction")
    assert [one.text for one in page.all("a", href=f"{HOME}/agreement", class_="button light")] == [
        "Go to the staff agreement"
    ]
    anna.goes(f"{HOME}/agreement")
    assert "Your signature is stored." in anna.sends(f"{HOME}/sign", _signed()).text


# ------------------------------------------------------------------------------------------------------- by a code


def _began(arrive: Arrive) -> tuple[Walker, str]:
    walker = arrive()
    walker.goes("/induction")
    walker.sends(f"{HOME}/begin")
    return walker, walker.code()


def test_whoever_is_not_known_gets_a_code_and_goes_on_with_it_in_another_browser(arrive: Arrive) -> None:
    walker, code = _began(arrive)
    walker.sends(f"{HOME}/steps/{FIRST}")
    walker.does_the_step()
    elsewhere = arrive()
    elsewhere.goes("/induction")
    page = elsewhere.sends("/induction", {"code": code.lower()})
    assert "1 of 13 steps." in page.text
    elsewhere.sends(f"{HOME}/steps/{SECOND}")
    page = elsewhere.walks()
    page = elsewhere.sends(f"{HOME}/sign", _signed())
    assert "Anna Example" in page.text
    third = arrive()
    third.goes("/induction/signed")
    assert code in page.one("p", class_="reference").text  # as they wrote it down
    assert "Anna Example" in third.sends("/induction/signed", {"code": code}).text


def test_at_a_shared_computer_the_next_person_finds_neither_the_code_nor_how_far_it_went(arrive: Arrive) -> None:
    walker, code = _began(arrive)
    walker.sends(f"{HOME}/steps/{FIRST}")
    walker.does_the_step()
    seen = [
        walker.visitor.get(path) for path in ("/induction", HOME, f"{HOME}/steps/{FIRST}", f"{HOME}/steps/{SECOND}")
    ]
    walker.sends(f"{HOME}/steps/{SECOND}", {"code": code})  # the person is still there
    again = [walker.visitor.get(path) for path in (f"{HOME}/steps/{SECOND}", HOME, f"{HOME}/agreement")]
    for response in [*seen[1:], *again]:
        assert code not in response.text
        assert code.replace("-", "") not in response.text
        assert "1 of 13 steps" not in response.text
        assert response.headers["cache-control"] == "no-store"
    assert {one.name for one in walker.visitor.client.cookies.jar} == {"touchstone_visitor"}


def test_no_address_holds_a_code_or_what_somebody_said(arrive: Arrive) -> None:
    walker, code = _began(arrive)
    walker.sends(f"{HOME}/steps/{SECOND}")
    at = f"{HOME}/steps/{SECOND}"
    sent = walker.visitor.post(
        f"{at}/judge", {"code": code, "situation": "he-left-last-summer", "verdict.he-left-last-summer": "yes"}
    )
    assert sent.headers["location"] == f"{at}#he-left-last-summer"


def test_a_code_that_nobody_has_opens_nothing(arrive: Arrive) -> None:
    walker = arrive()
    walker.goes("/induction")
    page = walker.sends("/induction", {"code": "2345-6789-2345"})
    assert walker.status == 404
    assert "It may have been mistyped" in page.text


def test_whoever_has_neither_account_nor_code_can_look_through_it_and_nothing_is_kept(arrive: Arrive) -> None:
    walker = arrive()
    page = walker.goes(f"{HOME}/steps/{FIRST}")
    assert "not kept" in page.text
    walker.does_the_step()
    assert walker.path == f"{HOME}/steps/{SECOND}"
    assert "0 of 13 steps." in walker.goes("/induction").text


def test_what_was_posted_from_another_website_does_nothing(arrive: Arrive) -> None:
    walker, code = _began(arrive)
    for path in (f"{HOME}/begin", f"{HOME}/steps/{FIRST}/judge", f"{HOME}/steps/{FIRST}/finish", "/induction/signed"):
        assert walker.visitor.post(path, {"csrf": "another", "code": code}).status_code == 403


@pytest.mark.parametrize("path", [f"{HOME}/begin", f"{HOME}/steps/{FIRST}/judge", f"{HOME}/sign"])
def test_what_exists_as_a_post_alone_leads_to_the_walk(arrive: Arrive, path: str) -> None:
    assert arrive().visitor.get(path).headers["location"] == "/induction"


def test_a_policy_or_a_step_that_is_not_there_is_said_to_be_none(anna: Walker) -> None:
    anna.goes("/induction/of/another")
    assert anna.status == 404
    anna.goes(f"{HOME}/steps/another")
    assert anna.status == 404


# ------------------------------------------------------------------------------------------------------- due again


def test_when_a_clause_changed_it_is_shown_as_it_was_and_as_it_is_and_all_of_it_is_signed_again(
    anna: Walker, school: School
) -> None:
    anna.goes(f"{HOME}/steps/{FIRST}")
    anna.walks()
    anna.sends(f"{HOME}/sign", _signed())
    school.library = newer(school.library, **{"9_2": "Passwords may never be shared.", "16_1": None})
    page = anna.goes("/induction")
    assert "has changed since you signed" in page.text
    page = anna.goes(f"{HOME}/agreement")
    sides = [one.text for one in page.all("div", class_="side")]
    assert any("should never share their work log-ins" in one for one in sides)
    assert any("Passwords may never be shared." in one for one in sides)
    assert any("It is not in the policy any more." in one for one in sides)
    page = anna.sends(f"{HOME}/sign", _signed())
    assert "version 2.1" in page.text
    page = anna.goes("/induction/signed")
    assert [one.text for one in page.all("span", class_="mark")][:2] == ["stands", "an earlier one"]


# ------------------------------------------------------------------------------------------- whoever looks after it


def test_whoever_looks_after_induction_sees_who_is_where_and_nobody_else_does(
    lead: Walker, anna: Walker, arrive: Arrive
) -> None:
    anna.goes(f"{HOME}/steps/{FIRST}")
    anna.does_the_step()
    page = lead.goes("/induction/lead")
    (row,) = [one for one in page.all("tr") if "Demonstration deputy head" in one.text]
    assert "1 of 13 steps" in row.text
    assert "/induction/lead" in [one.attributes.get("href") for one in lead.goes("/induction").all("a")]
    for other, status in ((anna, 404), (arrive(), 403)):
        page = other.goes("/induction/lead")
        assert other.status == status
        assert "Demonstration DSL" not in page.text
        assert "/induction/lead" not in [one.attributes.get("href") for one in other.goes("/induction").all("a")]


def test_whoever_looks_after_it_reminds_takes_the_list_along_and_asks_the_whole_staff(lead: Walker) -> None:
    lead.goes("/induction/lead")
    page = lead.sends("/induction/lead/nudge", {"whom": ANNA, "policy": REACH2})
    assert "reminded: 1" in page.text
    file = lead.visitor.post("/induction/lead/file", {"policy": REACH2})
    assert file.headers["content-type"].startswith("text/csv")
    assert "Demonstration deputy head" in file.text
    page = lead.sends("/induction/lead/campaign", {"answer.policy": REACH2, "answer.by": ""})
    assert lead.status == 422
    assert "Say by which day." in page.one("div", id="summary").text
    page = lead.sends("/induction/lead/campaign", {"answer.policy": REACH2, "answer.by": "2026-12-04"})
    assert lead.status == 200
    assert "have signed" in page.text
    campaign = page.one("input", name="campaign").attributes["value"]
    assert "ended" in lead.sends("/induction/lead/end", {"campaign": campaign, "policy": REACH2}).text


def test_who_is_not_it_does_none_of_that(anna: Walker, arrive: Arrive) -> None:
    for act in ("nudge", "campaign", "end", "file"):
        assert anna.visitor.post(f"/induction/lead/{act}", {"policy": REACH2}).status_code == 404
        assert arrive().visitor.post(f"/induction/lead/{act}", {"policy": REACH2}).status_code == 403
