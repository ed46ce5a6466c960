"""The policy owner's pages over HTTP, on the real desk and a real overlay: what they show and do, and to whom."""

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from time import process_time

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from bot.desk import Desk
from bot.messages import Ask, SendQuestion, Shown
from bot.talk.feedback.counting import Counted
from bot.talk.feedback.insights import Insights
from bot.talk.feedback.sent import How, Standing
from bot.testing import FixedClock, Trail
from index.encoder import Encoder
from index.renewal import Figures, Renewal, State
from index.search import Searcher
from integrations import app
from integrations.settings import Settings
from integrations.web.sign_in import OneTimeLinks
from knowledge.library import SHIPPED
from knowledge.overlay import Act, By, Overlay, ToClause, ToRuling
from knowledge.rulings import Verdict
from tests.invented import invented
from tests.web.conftest import Visitor
from tests.web.markup import Page, read
from tests.web.real import application

REACH2 = "reach2-online-safety"
OWNER, DSL = "demo-policy-owner", "demo-dsl"
CANARY = "zebra-canary-71 of room nine"
SHOWN = Shown(Verdict.NOT_COVERED, REACH2, ("7.3", "7.2(3)"))
FOLLOW = "former-pupil-follows-me"
BY = By(OWNER, "policy_owner")
PAGES = (
    "",
    "/figures",
    "/rulings",
    f"/rulings/{REACH2}/{FOLLOW}",
    f"/steps/{REACH2}/your-phone",
    "/draft",
    "/health",
    "/versions",
    "/changes",
)
DOCUMENT = (SHIPPED / REACH2 / "reach2-online-safety-and-social-media-v2.0.txt").read_text(encoding="utf-8")


@dataclass
class Fares:
    """How a change fares, as a test says it."""

    renewal: Renewal = field(default_factory=lambda: Renewal(State.ANSWERED))

    def standing(self) -> Renewal:
        return self.renewal


@pytest.fixture
def overlay(tmp_path: Path, clock: FixedClock) -> Overlay:
    return Overlay(tmp_path / "library", lambda: clock.now().date(), clock.now)


@pytest.fixture
def fares() -> Fares:
    return Fares()


@pytest.fixture
def desk(  # noqa: PLR0913, PLR0917 (fixtures)
    searcher: Searcher,
    reports: app.Reports,
    insights: Insights,
    clock: FixedClock,
    trail: Trail,
    overlay: Overlay,
    fares: Fares,
    encoder: Encoder,
) -> Desk:
    def search() -> Searcher:
        return searcher

    room = app.owning(search, reports, insights, clock, overlay=overlay, renewals=fares, encoder=encoder)
    return app.desk(search, reports, insights, clock, trail, owning=room)


@pytest.fixture
def links(clock: FixedClock) -> OneTimeLinks:
    return OneTimeLinks(clock)


@pytest.fixture
def visitor(desk: Desk, clock: FixedClock, links: OneTimeLinks) -> Iterator[Visitor]:
    with TestClient(application(desk, clock, links), base_url="http://localhost", follow_redirects=False) as client:
        yield Visitor(client)


@pytest.fixture
def owner(visitor: Visitor, links: OneTimeLinks) -> Visitor:
    assert visitor.sign_in(links.issue(OWNER)).status_code == 303
    return visitor


def _sent(insights: Insights, text: str = CANARY, reply_to: str = "", draft: str = "d") -> str:
    insights.keep(SendQuestion(draft * 32, SHOWN, text, reply_to))
    return next(one.id for one in insights.questions() if one.text == text)


def _act(visitor: Visitor, path: str, act: str, **answers: str) -> Response:
    fields = {f"answer.{key}": value for key, value in answers.items()}
    return visitor.post(f"/owner{path}", {"act": act, **fields})


def _after(visitor: Visitor, response: Response) -> Page:
    """The page that it leads to."""
    assert response.status_code == 303, read(response.text).text
    return visitor.look(response.headers["Location"])


# ------------------------------------------------------------------------------------------------ who may


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_the_policy_owner_and_is_small_and_quick(owner: Visitor, page: str) -> None:
    response = owner.get(f"/owner{page}")
    assert response.status_code == 200
    worked = process_time()
    owner.get(f"/owner{page}")
    assert process_time() - worked < 0.2
    assert len(response.content) < 100_000
    shown = read(response.text)
    assert len(shown.all("h1")) == 1
    assert len(shown.ids) == len(set(shown.ids))
    assert "style=" not in response.text


@pytest.mark.parametrize("page", PAGES)
def test_whoever_is_somebody_else_finds_no_such_page(visitor: Visitor, links: OneTimeLinks, page: str) -> None:
    nowhere = visitor.get("/no/such/page")
    assert visitor.get(f"/owner{page}").status_code == 403
    assert "Sign in" in visitor.look(f"/owner{page}").text
    visitor.sign_in(links.issue(DSL))
    refused = visitor.get(f"/owner{page}")
    assert refused.status_code == nowhere.status_code == 404
    assert read(refused.text).one("h1").text == read(nowhere.text).one("h1").text
    assert not read(refused.text).all("a", href="/owner")
    assert visitor.post(f"/owner{page}", {"act": "export_zip"}).status_code == 404


def test_the_pages_are_linked_for_the_policy_owner(owner: Visitor) -> None:
    assert owner.look("/").all("a", href="/owner")


def test_nothing_is_done_without_the_token_of_this_browser(owner: Visitor, insights: Insights) -> None:
    question = _sent(insights)
    response = owner.post(f"/owner/questions/{question}", {"act": "delete", "csrf": "wrong"})
    assert response.status_code == 403
    assert insights.question(question)


def test_what_is_not_there_is_said_so(owner: Visitor) -> None:
    for path in ("/questions/none", f"/rulings/{REACH2}/none", f"/versions/{REACH2}/9.9", "/versions/none/1"):
        assert owner.get(f"/owner{path}").status_code == 404
        assert owner.post(f"/owner{path}", {"act": "delete"}).status_code in {303, 404}


# --------------------------------------------------------------------------------------- what was sent


def test_questions_that_mean_the_like_stand_together(owner: Visitor, insights: Insights) -> None:
    _sent(insights, "can I bring my dog to school", draft="a")
    _sent(insights, "is it ok to bring my dog into school", draft="b")
    _sent(insights, "who pays for the printer ink", draft="c")
    page = owner.look("/owner")
    (together,) = page.all("section", class_="alike")
    assert "bring my dog to school" in together.text
    assert "into school" in together.text
    assert "printer" not in together.text
    assert "printer" in page.text


def test_a_question_becomes_a_phrasing_in_the_words_that_the_owner_chose(
    owner: Visitor, insights: Insights, overlay: Overlay
) -> None:
    question = _sent(insights)
    page = owner.look(f"/owner/questions/{question}")
    assert page.typed("answer.words") == CANARY
    found = read(
        _act(owner, f"/questions/{question}", "search", words="edited", sought="ex pupil follows me on insta").text
    )
    assert found.typed("answer.words") == "edited"
    assert found.all("input", value=f"ruling:{FOLLOW}")
    response = _act(
        owner, f"/questions/{question}", "add_phrasing", words=" may an old  pupil tag me ", near=f"ruling:{FOLLOW}"
    )
    assert "answered from within a minute" in _after(owner, response).one("p", class_="done").text
    assert [(one.text, one.to) for one in overlay.phrasings.own(REACH2)] == [
        ("may an old pupil tag me", ToRuling(FOLLOW))
    ]
    kept = insights.question(question)
    assert (kept.how, kept.what, kept.text) == (How.PHRASING, FOLLOW, CANARY)
    assert "Stored" not in owner.look(f"/owner/questions/{question}").text


def test_a_clause_learns_a_phrasing_as_well(owner: Visitor, insights: Insights, overlay: Overlay) -> None:
    question = _sent(insights)
    _after(owner, _act(owner, f"/questions/{question}", "add_phrasing", words="a zebra phrasing", near="clause:7.3"))
    assert [one.to for one in overlay.phrasings.own(REACH2)] == [ToClause("7.3")]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"words": "", "near": f"ruling:{FOLLOW}"}, "Write the words"),
        ({"words": "x" * 501, "near": f"ruling:{FOLLOW}"}, "too many"),
        ({"words": "a new one"}, "Choose what answers it"),
        ({"words": "a new one", "near": "ruling:none"}, "no such ruling"),
        ({"words": "ex pupil wants to add me on insta", "near": f"ruling:{FOLLOW}"}, "phrasing"),
    ],
)
def test_what_cannot_be_learned_is_given_back_with_the_words(
    owner: Visitor, insights: Insights, overlay: Overlay, answers: dict[str, str], why: str
) -> None:
    question = _sent(insights)
    response = _act(owner, f"/questions/{question}", "add_phrasing", **answers)
    assert response.status_code == 422
    page = read(response.text)
    assert why in page.one("div", class_="summary").text
    assert page.typed("answer.words") == (answers["words"] or CANARY)
    assert overlay.log.changes() == ()
    assert insights.question(question).standing is Standing.NEW


def test_a_question_is_marked_as_not_covered_as_a_new_topic_or_one_that_is_there(
    owner: Visitor, insights: Insights, overlay: Overlay
) -> None:
    first, second = _sent(insights, "may the hamster stay", draft="a"), _sent(insights, "hamster at night", draft="b")
    response = _act(owner, f"/questions/{first}", "not_covered", words="may the hamster stay", topic="topic:")
    assert response.status_code == 422
    assert '<details class="more" open>' in response.text  # what is wrong is in it
    answers = {"words": "may the hamster stay", "topic": "topic:", "about": "Class animals"}
    _after(owner, _act(owner, f"/questions/{first}", "not_covered", **answers))
    topic = insights.question(first).what
    _after(owner, _act(owner, f"/questions/{second}", "not_covered", words="hamster at night", topic=f"topic:{topic}"))
    assert [one.act for one in overlay.log.changes()] == [Act.PHRASING_ADDED, Act.TOPIC_ADDED]
    assert insights.question(second).how is How.NOT_COVERED


def test_who_wants_an_answer_can_be_reached_and_that_it_was_done_is_noted(owner: Visitor, insights: Insights) -> None:
    question = _sent(insights, reply_to="room 4")
    page = owner.look(f"/owner/questions/{question}")
    assert "room 4" in page.text
    assert "Wants an answer" in owner.look("/owner").text
    _after(owner, _act(owner, f"/questions/{question}", "told"))
    assert insights.question(question).standing is Standing.ANSWERED
    assert "Wants an answer" not in owner.look("/owner").text


def test_set_aside_stays_a_while_and_deleted_is_gone_at_once(owner: Visitor, insights: Insights) -> None:
    first, second = _sent(insights, "one", draft="a"), _sent(insights, "two", draft="b")
    _after(owner, _act(owner, f"/questions/{first}", "set_aside"))
    page = _after(owner, _act(owner, f"/questions/{second}", "delete"))
    assert "The words were deleted." in page.text
    assert [one.text for one in insights.questions()] == ["one"]
    assert owner.get(f"/owner/questions/{second}").status_code == 404


def test_what_an_asker_wrote_is_in_no_log_no_address_and_no_count(
    owner: Visitor, insights: Insights, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    question = _sent(insights, reply_to=CANARY)
    words = {"words": CANARY, "sought": CANARY, "about": CANARY}
    with capture_logs() as events:
        responses = [owner.get("/owner"), owner.get(f"/owner/questions/{question}")]
        for act in ("search", "add_phrasing", "not_covered", "told", "set_aside"):
            chosen: tuple[dict[str, str], ...] = ({}, {"near": f"ruling:{FOLLOW}"}, {"near": "clause:none"})
            responses += [_act(owner, f"/questions/{question}", act, **words, **more) for more in chosen]
        fields = {"about": CANARY, "phrasings": CANARY, "cites": "7.3", "row0_verdict": "info", "row0_says": CANARY}
        responses += [_act(owner, "/draft", act, **fields, question=question) for act in ("preview", "put_in")]
        responses.append(owner.get("/owner/changes"))
    assert {one.status_code for one in responses} >= {200, 303, 422}
    for response in responses:
        assert CANARY not in str(response.url)
        assert not any("zebra" in value for value in response.headers.values())
        for quoted in re.findall(r'(?:href|src|action|formaction)="([^"]*)"', response.text):
            assert "zebra" not in quoted
        assert "zebra" not in read(response.text).one("title").text if "<title>" in response.text else True
    assert "zebra" not in repr(events)
    for record in caplog.records:
        assert "zebra" not in record.getMessage() + repr(record.__dict__)
    assert "zebra" not in repr(insights.counts(date(2026, 1, 1)))
    for folder in (settings.records.parent, settings.keys):
        for path in folder.rglob("*"):
            assert not path.is_file() or b"zebra" not in path.read_bytes()


# ------------------------------------------------------------------------------------------------ figures


def test_charts_tell_their_bars_apart_without_colour_and_have_their_numbers_as_tables(
    owner: Visitor, desk: Desk
) -> None:
    for _ in range(3):
        desk.receive(Ask("can I accept a former pupil as a follower?"))
    desk.receive(Ask("who pays for the printer ink"))
    page = owner.look("/owner/figures")
    assert page.one("svg", class_="chart").attributes["role"] == "img"
    assert len(page.all("details", class_="numbers")) == 4
    assert page.text.count("Nothing was counted in these weeks.") == 3
    solid, hatched = page.all("rect", class_="bar bar-0"), page.all("rect", class_="bar bar-1")
    assert solid
    assert hatched
    assert all(one.attributes.get("fill") == "url(#hatched)" for one in hatched)
    last = page.elements.index(page.all("th", scope="row")[12])
    assert page.elements[last].text == "16 November 2026"
    assert [one.text for one in page.elements[last + 1 : last + 3]] == ["4", "1"]


def test_few_of_a_kind_cannot_be_told_from_none(owner: Visitor, desk: Desk, insights: Insights) -> None:
    def kinds() -> str:
        return owner.look("/owner/figures").all("table")[-1].text

    before = kinds()
    for _ in range(4):
        insights.count(Counted.STEP_BEGUN)
        desk.receive(Ask("a child in my class has told me that she cut herself last night"))
    assert kinds() == before
    desk.receive(Ask("a child in my class has told me that she cut herself last night"))
    assert kinds() != before


# ------------------------------------------------------------------------------------------------ rulings


def test_a_ruling_is_written_looked_at_put_in_read_and_accepted(
    owner: Visitor, insights: Insights, overlay: Overlay
) -> None:
    question = _sent(insights)
    begun = owner.look(f"/owner/draft?question={question}")
    assert begun.typed("answer.phrasings") == CANARY
    fields = {
        "policy": REACH2, "question": question, "about": "Put a program on the class laptop", "cites": "7.1(5)",
        "phrasings": "may I put a zebra program on the class laptop\nzebra app on the whiteboard",
        "row0_first": "asker: IT", "row0_verdict": "yes", "row0_exception": "yes",
        "row0_says": "Yes: it is for the “ICT technician or leader” to carry it out.",
        "row0_unless": "The ICT technician or leader should carry it out.",
        "row1_verdict": "no", "row1_says": "No, not “zebra” programs.",
    }  # fmt: skip
    wrong = _act(owner, "/draft", "put_in", **fields)
    assert wrong.status_code == 422
    assert read(wrong.text).typed("answer.row1_says") == fields["row1_says"]
    fields["row1_says"] = "No, not yourself."
    looked = _act(owner, "/draft", "preview", **fields)
    assert looked.status_code == 200, read(looked.text).text
    assert "The ICT technician or leader should carry it out." in read(looked.text).text
    assert overlay.log.changes() == ()
    page = _after(owner, _act(owner, "/draft", "put_in", **fields))
    name = "put-a-program-on-the-class-laptop"
    assert "Waits for its first review." in page.text
    assert insights.question(question).what == name
    accepted = _after(owner, _act(owner, f"/rulings/{REACH2}/{name}", "accept"))
    assert "Decides." in accepted.one("p", class_="standing").text
    log = owner.look("/owner/changes").text
    assert "Demonstration policy owner" in log
    _after(owner, _act(owner, f"/rulings/{REACH2}/{name}", "take_out"))
    assert owner.get(f"/owner/rulings/{REACH2}/{name}").status_code == 404


def test_what_was_learned_can_be_taken_out_again(owner: Visitor, overlay: Overlay) -> None:
    overlay.phrasings.add(REACH2, "a zebra phrasing", ToRuling(FOLLOW), BY)
    path = f"/rulings/{REACH2}/{FOLLOW}"
    assert "a zebra phrasing" in owner.look(f"/owner{path}").text
    _after(owner, _act(owner, path, "take_out_phrasing", phrasing="a zebra phrasing"))
    assert overlay.phrasings.own(REACH2) == ()


# ------------------------------------------------------------------------------------- how a change fared


def test_how_the_last_change_fared_is_said_in_words(owner: Visitor, fares: Fares, clock: FixedClock) -> None:
    fares.renewal = Renewal(State.BUILDING)
    assert "being tried now" in owner.look("/owner").text
    worse = Figures(100, 90, 0, 0), Figures(100, 85, 2, 0)
    fares.renewal = Renewal(State.KEPT_OUT, clock.now(), *worse, lost=("phones in lessons",))
    said = owner.look("/owner").one("div", class_="notice renewal").text
    for words in ("Not taken", "90", "85", "a no for a yes", "phones in lessons"):
        assert words in said
    assert "cannot wait" not in said
    fares.renewal = Renewal(State.BROKEN, clock.now(), problem="topics.toml:3: mend it")
    assert "topics.toml:3" in owner.look("/owner").text


# ------------------------------------------------------------------------------------------------ versions


def _upload(owner: Visitor, content: str, version: str = "2.1", name: str = "policy.txt") -> Response:
    fields = {
        "csrf": owner.token(), "act": "upload", "answer.policy": REACH2, "answer.version": version,
        "answer.approved": "2026-11-01",
    }  # fmt: skip
    return owner.client.post(
        "/owner/versions",
        data=fields,
        files={"document": (name, content.encode())},
        headers={"Sec-Fetch-Site": "same-origin"},
    )


CHANGED = DOCUMENT.replace("should carry out downloading programs", "must carry out downloading programs")


def test_a_version_is_put_in_read_beside_the_other_reviewed_published_and_taken_back(
    owner: Visitor, overlay: Overlay, clock: FixedClock
) -> None:
    assert CHANGED != DOCUMENT
    page = _after(owner, _upload(owner, CHANGED))
    assert "In preparation" in page.one("p", class_="standing").text
    assert [one.text for one in page.all("del")] == ["taken out: should "]
    assert [one.text for one in page.all("ins")] == ["put in: must "]
    assert "In preparation" in owner.look("/owner").text
    touched = [link.attributes["href"] for link in page.all("a") if "version=2.1" in link.attributes.get("href", "")]
    assert touched
    for address in touched:
        reading = owner.look(address)
        assert reading.all("div", class_="side")
        fields = {"act": "accept", "version": "2.1"}
        assert owner.post(address.split("?")[0], fields).status_code == 303
    path = f"/versions/{REACH2}/2.1"
    assert "Steps of the induction to be reviewed" not in owner.look(f"/owner{path}").text
    assert "Rulings to be reviewed: 0." in owner.look(f"/owner{path}").text
    later = (clock.now().date() + timedelta(days=7)).isoformat()
    scheduled = _after(owner, _act(owner, path, "publish", effective=later))
    assert "In force from" in scheduled.one("p", class_="standing").text
    _after(owner, _act(owner, path, "withdraw"))
    published = _after(owner, _act(owner, path, "publish", effective=clock.now().date().isoformat()))
    assert "In force since" in published.one("p", class_="standing").text
    assert [one.version for one in overlay.versions.in_force() if one.slug == REACH2] == ["2.1"]
    before = owner.look(f"/owner/versions/{REACH2}/2.0")
    assert before.all("button", value="roll_back")
    _after(owner, _act(owner, f"/versions/{REACH2}/2.0", "roll_back"))
    assert [one.version for one in overlay.versions.in_force() if one.slug == REACH2] == ["2.0"]


def test_a_step_of_the_induction_whose_clause_changes_is_read_and_accepted(owner: Visitor, overlay: Overlay) -> None:
    page = _after(owner, _upload(owner, invented().decode()))
    assert "to be given again: 0." in page.text
    waiting = [link.attributes["href"] for link in page.all("a") if "/owner/steps/" in link.attributes.get("href", "")]
    assert f"/owner/steps/{REACH2}/your-phone?version=2.1" in waiting
    assert "The clauses that are not the same: 6.2(14), 6.2(25), 7.2(1), 9.2." in page.text
    assert "6.2(28) has the same words under another number" in page.text
    assert "wait for your review" not in owner.look("/owner").text
    today = overlay.log.changes()[0].at.date().isoformat()
    _after(owner, _act(owner, f"/versions/{REACH2}/2.1", "publish", effective=today))
    assert "/owner/steps/" in owner.get("/owner").text
    reading = owner.look(f"/owner/steps/{REACH2}/your-phone")
    assert "kept in the lockers of the office" in reading.text
    assert reading.all("div", class_="side")
    done = _after(owner, owner.post(f"/owner/steps/{REACH2}/your-phone", {"act": "accept", "version": "2.1"}))
    assert "Is shown." in done.text
    assert "The step your-phone of the induction was read and accepted" in owner.look("/owner/changes").text
    assert {one.step.id: one.stands for one in overlay.steps.standings(REACH2)}["your-phone"]
    assert owner.get(f"/owner/steps/{REACH2}/none").status_code == 404


def test_a_version_takes_effect_by_a_fresh_sign_in_alone(
    owner: Visitor, overlay: Overlay, clock: FixedClock, links: OneTimeLinks
) -> None:
    overlay.versions.upload(REACH2, "2.1", "policy.txt", CHANGED.encode(), BY)
    path = f"/versions/{REACH2}/2.1"
    clock.go_on(timedelta(minutes=16))
    today = clock.now().date().isoformat()
    for act in ("publish", "roll_back", "withdraw"):
        response = _act(owner, path, act, effective=today)
        assert response.status_code == 403
        assert "Sign in again" in response.text
    assert [one.version for one in overlay.versions.in_force()] == ["2.0"]
    assert owner.sign_in(links.issue(OWNER)).headers["Location"] == "/owner"
    _after(owner, _act(owner, path, "publish", effective=today))


@pytest.mark.parametrize(
    ("content", "name", "version"),
    [("", "policy.txt", "2.1"), ("\x00\x01", "policy.exe", "2.1"), (CHANGED, "", "2.1"), (CHANGED, "p.txt", "a b/c")],
)
def test_what_is_no_version_is_not_taken_and_the_form_keeps_what_was_typed(
    owner: Visitor, overlay: Overlay, content: str, name: str, version: str
) -> None:
    response = _upload(owner, content, version, name)
    assert response.status_code == 422
    page = read(response.text)
    assert page.one("div", class_="summary").text.strip()
    assert page.one("input", id="version").attributes["value"] == version
    assert overlay.log.changes() == ()


def test_a_document_that_is_too_large_is_refused_before_it_is_read(owner: Visitor) -> None:
    response = _upload(owner, "x" * (12 * 1024 * 1024))
    assert response.status_code == 413


def test_what_was_changed_can_be_taken_out_as_files_and_as_a_comparison(owner: Visitor, overlay: Overlay) -> None:
    overlay.phrasings.add(REACH2, "a zebra phrasing", ToRuling(FOLLOW), BY)
    files = _act(owner, "/changes", "export_zip")
    assert files.headers["Content-Disposition"] == 'attachment; filename="touchstone-knowledge.zip"'
    with zipfile.ZipFile(io.BytesIO(files.content)) as archive:
        assert any(b"a zebra phrasing" in archive.read(name) for name in archive.namelist())
    assert "a zebra phrasing" in _act(owner, "/changes", "export_diff").text
