"""Telling in Slack: a form becomes one case, whatever happens on the way, and its words stand in no message."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cases.reports.drafts import code_owner
from bot.messages import DiscardDraft, DraftKept, FormView, Incoming, OpenDraft, OpenForm, SaveDraft, SubmitForm
from bot.talk.feedback.insights import Insights
from bot.testing import FixedClock
from bot.wording import say
from integrations import app
from integrations.slack import forms, modals
from tests.slack.fake import payloads
from tests.slack.fake.person import Person
from tests.slack.fake.slack import FakeSlack
from tests.slack.fake.views import View
from tests.slack.fake.world import Json
from tests.slack.school import CANARY, School, before, leaks_nothing, modal, reports_a_concern, school, tells

pytestmark = pytest.mark.usefixtures("oak")


@pytest.fixture
def oak(
    slack: FakeSlack, reports: app.Reports, clock: FixedClock, insights: Insights, tmp_path: Path
) -> Iterator[School]:
    with school(slack, reports, clock, insights, tmp_path) as opened:
        yield opened


def test_a_concern_is_told_in_a_modal_and_the_receipt_stands_in_it_and_in_a_message_without_content(
    oak: School, ann: Person
) -> None:
    reference = reports_a_concern(ann)
    assert oak.inbox() == [reference]
    assert oak.told(reference)["What did you see or hear?"] == f"He said: {CANARY}"
    message = ann.last
    assert reference in message.text
    assert message.channel == ann.dm
    for word in (CANARY, "concern", "child", "safeguarding"):
        assert word not in (message.text + message.preview).lower()


def test_the_window_opens_before_anything_is_asked_of_the_desk(oak: School, ann: Person, slack: FakeSlack) -> None:
    seen: list[str] = []
    before(oak, OpenForm, lambda _: seen.append(modal(ann).title))
    ann.commands("/concern")
    assert seen == ["One moment"]
    assert [call.method for call in slack.calls if call.method != "auth.test"] == ["views.open", "views.update"]
    assert modal(ann).title == "Report a concern"


def test_contact_and_the_list_of_forms_open_each_form(ann: Person) -> None:
    ann.commands("/contact")
    assert modal(ann).title == "Tell us of a contact"
    ann.opens_home()
    for form, title in (("report_concern", "Report a concern"), ("sign_agreement", "Sign the staff agreement")):
        ann.presses(f"{modals.OPEN_FORM}.{form}")
        assert modal(ann).title == title
        ann.closes()


def test_what_is_typed_behind_the_command_stands_in_the_form(ann: Person) -> None:
    ann.commands("/concern", f"he said {CANARY} & cried", channel="C1")
    assert modal(ann).state["answer.what"]["text"]["value"] == f"he said {CANARY} & cried"
    assert ann.sees("C1") == []


def test_a_form_that_is_submitted_twice_is_one_case_with_one_receipt(oak: School, ann: Person) -> None:
    ann.commands("/concern")
    tells(ann)
    view = modal(ann)
    payload = view.payload()
    ann.submits()
    first = modal(ann).text
    again = oak.slack.deliver("interactive", _body("view_submission", payload, oak.slack))
    assert oak.cases == 1
    assert again.content["response_action"] == "update"
    assert oak.inbox()[0] in json.dumps(again.content)
    assert oak.inbox()[0] in first
    assert len([one for one in ann.sees() if oak.inbox()[0] in one.text]) == 1


def _body(kind: str, view: Json, slack: FakeSlack) -> Json:
    """What Slack delivers of a view of Ann's."""
    whole = payloads.interaction(kind, slack.team("T1"), "U1", slack.token)
    return whole | {"trigger_id": slack.world.trigger("T1", "U1"), "view": view, "response_urls": []}


def test_a_form_is_submitted_after_a_restart(oak: School, ann: Person) -> None:
    ann.commands("/concern")
    tells(ann)
    oak.restart()
    ann.submits()
    assert oak.inbox()[0] in modal(ann).text


def test_a_form_that_was_stored_before_the_process_died_is_one_case_when_it_is_submitted_again(
    oak: School, ann: Person
) -> None:
    """It was committed, and Ann saw no answer: she presses the button again."""
    ann.commands("/concern")
    tells(ann)
    oak.slack.deliver("interactive", _body("view_submission", modal(ann).payload(), oak.slack))
    oak.restart()
    ann.submits()
    assert oak.cases == 1
    assert oak.inbox()[0] in modal(ann).text


def test_a_form_of_before_a_change_is_given_back_with_all_that_was_typed(oak: School, ann: Person) -> None:
    ann.commands("/concern")
    tells(ann)
    modal(ann).given["private_metadata"] = "what another version carried"
    ann.submits()
    assert oak.cases == 0
    assert "before a change here" in modal(ann).text
    assert modal(ann).state["answer.what"]["text"]["value"] == f"He said: {CANARY}"


def test_a_window_that_is_closed_meanwhile_loses_nothing_and_is_said(oak: School, ann: Person) -> None:
    def closes_it(_: Incoming) -> None:
        oak.slack.views.stack("U1").clear()

    before(oak, OpenForm, closes_it)
    with oak.slack.expecting("not_found"):
        ann.commands("/concern")
    assert "closed meanwhile" in ann.last.text


def test_errors_stand_in_place_and_what_was_typed_stays(oak: School, ann: Person) -> None:
    ann.commands("/concern")
    tells(ann, **{"answer.moment": "2031-01-01"})
    ann.submits()
    assert modal(ann).errors == {"answer.moment": "1 January 2031 is still to come"}
    assert modal(ann).state["answer.what"]["text"]["value"] == f"He said: {CANARY}"
    ann.fills({"answer.moment": "2026-11-01"})
    ann.submits()
    assert oak.cases == 1


def test_an_answer_opens_its_questions_at_once_and_what_is_typed_stays(ann: Person) -> None:
    ann.commands("/concern")
    ann.fills({"answer.what": CANARY, "answer.about": "child"})
    assert "answer.adult" not in modal(ann).state
    ann.fills({"answer.also": "adult_here"})
    assert "answer.adult" in modal(ann).state
    assert modal(ann).state["answer.what"]["text"]["value"] == CANARY
    ann.fills({"answer.about": "myself"})
    assert "answer.adult" not in modal(ann).state
    assert "are not asked any more" in modal(ann).text


def test_a_form_carries_the_hash_of_what_it_was_made_for(ann: Person, slack: FakeSlack) -> None:
    ann.commands("/concern")
    was = modal(ann).hash
    ann.fills({"answer.about": "child"})
    assert slack.calls[-1].arguments["hash"] == was


def test_two_answers_at_once_show_what_the_later_one_opens(oak: School, ann: Person) -> None:
    """The first answer is still on its way when the second comes: neither loses what the other opened."""
    ann.commands("/concern")
    ann.fills({"answer.about": "child"})
    was = modal(ann).hash
    ann.fills({"answer.also": "adult_here"})
    late = json.loads(json.dumps(modal(ann).payload())) | {"hash": was}
    yes = {"text": {"type": "plain_text", "text": "Yes", "emoji": False}, "value": "yes"}
    late["state"]["values"]["answer.online"]["chosen"]["selected_option"] = yes
    action = {"type": "static_select", "action_id": "chosen", "block_id": "answer.online", "selected_option": yes}
    body = _body("block_actions", late, oak.slack) | {"actions": [action | {"action_ts": "9999999999.1"}]}
    with oak.slack.expecting("hash_conflict"):
        oak.slack.deliver("interactive", body)
        oak.slack.settle()
    assert {"answer.adult", "answer.platform"} <= set(modal(ann).state)


def test_whom_a_name_means_is_asked_in_the_form_when_it_is_sent(oak: School, ann: Person) -> None:
    ann.commands("/concern")
    ann.fills({"answer.about": "adult_here"})
    ann.fills({"answer.what": CANARY, "answer.danger": "no", "answer.adult": "Demonstration deputy"})
    ann.submits()
    assert oak.cases == 0
    (meant,) = [name for name in modal(ann).state if name.startswith("answer.adult.means")]
    ann.fills({meant: "demo-deputy-head"})
    ann.submits()
    assert oak.cases == 1


def test_a_colleague_who_is_picked_is_left_out_of_the_report(oak: School, ann: Person) -> None:
    ann.commands("/concern")
    tells(ann, **{"answer.not_to.people": ["U2"]})
    ann.submits()
    assert oak.cases == 1
    assert oak.inbox() == []
    assert oak.inbox("demo-deputy-dsl-1") != []


@pytest.mark.parametrize("picked", ["U2", "U4"])
def test_a_form_with_a_picked_colleague_is_one_case_though_slack_says_nothing_of_them_any_more(
    oak: School, ann: Person, slack: FakeSlack, picked: str
) -> None:
    """It was stored and Ann saw no answer; meanwhile Slack answers no question who anybody is."""
    ann.commands("/concern")
    tells(ann, **{"answer.not_to.people": [picked]})
    slack.deliver("interactive", _body("view_submission", modal(ann).payload(), slack))
    oak.office.clock.go_on(timedelta(minutes=6))
    slack.fail("users.info", status=503, times=9)
    ann.submits()
    assert oak.cases == 1
    assert "Reference" in modal(ann).text


def test_nobody_is_reported_by_an_id_and_what_cannot_be_named_is_neither_sent_nor_saved(
    oak: School, ann: Person, slack: FakeSlack
) -> None:
    ann.commands("/concern")
    tells(ann, **{"answer.not_to.people": ["U2", "U4"]})
    slack.deliver("interactive", _body("view_submission", modal(ann).payload(), slack))
    oak.restart()
    slack.fail("users.info", status=503, times=9)
    ann.submits()
    assert modal(ann).errors == {"answer.not_to.people": say("slack.modal.not_named")}
    ann.presses(forms.SAVE_DRAFT)
    assert say("slack.modal.not_named") in modal(ann).text
    slack.stop_failing("users.info")
    ann.submits()
    assert oak.cases == 1
    told = oak.case(oak.inbox("demo-deputy-dsl-1")[0], "demo-deputy-dsl-1")
    assert "Dan" in " ".join(one.answer for one in told.answers)
    assert "U4" not in " ".join(one.answer for one in told.answers)


# ------------------------------------------------------------------------------------------------------- when it breaks


def _broken(_: Incoming) -> None:
    raise OSError(CANARY)


@pytest.mark.parametrize("kind", [SubmitForm, SaveDraft])
def test_when_the_desk_fails_the_form_comes_back_with_all_that_was_typed(
    oak: School, ann: Person, kind: type[Incoming], capsys: pytest.CaptureFixture[str]
) -> None:
    ann.commands("/concern")
    tells(ann)
    before(oak, kind, _broken)
    if kind is SubmitForm:
        ann.submits()
    else:
        ann.presses(forms.SAVE_DRAFT)
    assert modal(ann).state["answer.what"]["text"]["value"] == f"He said: {CANARY}"
    assert "⚠" in modal(ann).text
    assert oak.cases == 0
    assert CANARY not in "".join(capsys.readouterr())


def test_when_a_form_cannot_be_opened_the_window_says_so(oak: School, ann: Person) -> None:
    before(oak, OpenForm, _broken)
    ann.commands("/concern")
    assert "could not be opened" in modal(ann).text


def test_a_message_that_cannot_be_written_takes_no_receipt_away(oak: School, ann: Person) -> None:
    oak.slack.fail("conversations.open", status=500, times=3)
    ann.commands("/concern")
    tells(ann)
    ann.submits()
    assert oak.inbox()[0] in modal(ann).text


def test_a_long_answer_that_is_not_found_where_it_was_kept_is_never_sent_without(oak: School, ann: Person) -> None:
    answers = {"about": "child", "what": f"{CANARY} " * 400, "danger": "no"}
    oak.office.desk.receive(SaveDraft("report_concern", "e" * 32, answers, owner="person:demo-induction-lead"))
    ann.opens_home()
    ann.presses(modals.OPEN_DRAFT, "e" * 32)
    oak.office.desk.receive(DiscardDraft("person:demo-induction-lead", "e" * 32))
    ann.submits()
    assert oak.cases == 0
    assert "is not found where it was kept" in modal(ann).text
    ann.presses(forms.SAVE_DRAFT)
    assert "is not found where it was kept" in modal(ann).text


def test_a_draft_with_a_long_answer_that_is_sent_twice_is_one_case_with_one_receipt(oak: School, ann: Person) -> None:
    """Her first press was stored, and she saw no answer to it: the draft is no more, and what it became is."""
    answers = {"about": "child", "what": f"{CANARY} " * 400, "danger": "no"}
    oak.office.desk.receive(SaveDraft("report_concern", "e" * 32, answers, owner="person:demo-induction-lead"))
    ann.opens_home()
    ann.presses(modals.OPEN_DRAFT, "e" * 32)
    oak.slack.deliver("interactive", _body("view_submission", modal(ann).payload(), oak.slack))
    assert oak.cases == 1
    ann.submits()
    assert oak.cases == 1
    assert oak.inbox()[0] in modal(ann).text


# --------------------------------------------------------------------------------------------------------------- drafts


def test_a_draft_is_saved_and_gone_on_with_in_slack(oak: School, ann: Person) -> None:
    ann.commands("/concern")
    tells(ann)
    ann.presses(forms.SAVE_DRAFT)
    assert "NOT sent" in modal(ann).text
    ann.closes()
    oak.restart()
    ann.opens_home()
    assert CANARY not in json.dumps(ann.home.given if ann.home else {})
    ann.presses(modals.OPEN_DRAFT)
    assert modal(ann).state["answer.what"]["text"]["value"] == f"He said: {CANARY}"
    ann.submits()
    assert oak.cases == 1
    ann.opens_home()
    assert ann.home is not None
    assert "What you left" not in ann.home.text


def test_a_draft_that_was_saved_on_the_page_by_the_same_person_is_gone_on_with_in_slack(
    oak: School, ann: Person, bob: Person
) -> None:
    answers = {"about": "child", "what": f"{CANARY} on the page", "danger": "no", "moment": "about 2026-11-20 15:10"}
    oak.office.desk.receive(SaveDraft("report_concern", "e" * 32, answers, owner="person:demo-induction-lead"))
    ann.opens_home()
    ann.presses(modals.OPEN_DRAFT, "e" * 32)
    assert modal(ann).state["answer.what"]["text"]["value"] == f"{CANARY} on the page"
    assert modal(ann).state["answer.moment"]["day"]["selected_date"] == "2026-11-20"
    bob.opens_home()
    assert bob.home is not None
    assert "e" * 32 not in json.dumps(bob.home.given)


def test_what_is_too_long_for_slack_goes_along_from_where_it_is_kept(oak: School, ann: Person) -> None:
    long = f"{CANARY} " * 400
    answers = {"about": "child", "what": long, "danger": "no"}
    oak.office.desk.receive(SaveDraft("report_concern", "e" * 32, answers, owner="person:demo-induction-lead"))
    ann.opens_home()
    ann.presses(modals.OPEN_DRAFT, "e" * 32)
    assert CANARY not in modal(ann).text
    ann.fills({"answer.place": "in the hall"})
    ann.presses(forms.SAVE_DRAFT)
    ann.closes()
    ann.opens_home()
    ann.presses(modals.OPEN_DRAFT, "e" * 32)
    ann.submits()
    told = oak.told(oak.inbox()[0])
    assert (told["What did you see or hear?"], told["Where was it?"]) == (long.strip(), "in the hall")


def test_a_draft_is_discarded(oak: School, ann: Person) -> None:
    ann.commands("/concern")
    tells(ann)
    ann.presses(forms.SAVE_DRAFT)
    ann.closes()
    ann.opens_home()
    ann.presses(modals.DISCARD_DRAFT)
    assert "gone" in modal(ann).text.lower()
    (reply,) = oak.office.desk.receive(OpenDraft("person:demo-induction-lead"))
    assert not isinstance(reply, FormView)


def test_whom_nobody_knows_saves_under_a_code_reports_and_sees_how_it_stands_by_a_code(
    oak: School, slack: FakeSlack
) -> None:
    dan = slack.person("U4")
    dan.commands("/concern")
    tells(dan)
    dan.presses(forms.SAVE_DRAFT)
    code = _code(modal(dan))
    dan.closes()
    dan.opens_home()
    dan.presses(modals.BY_CODE, "draft")
    dan.fills({modals.CODE_FIELD: "7777-7777-7777"})
    dan.submits()
    assert modals.CODE_FIELD in modal(dan).errors
    dan.fills({modals.CODE_FIELD: code})
    dan.submits()
    assert modal(dan).state["answer.what"]["text"]["value"] == f"He said: {CANARY}"
    assert code not in modal(dan).metadata
    assert code.replace("-", "") not in json.dumps(modal(dan).given)
    dan.submits()
    assert oak.cases == 1
    status, reference = _code(modal(dan)), oak.inbox()[0]
    assert status not in dan.last.text
    dan.presses(modals.MY_REPORTS, in_=dan.last)
    dan.fills({modals.CODE_FIELD: status})
    dan.submits()
    assert reference in modal(dan).text
    oak.office.desk.receive(OpenDraft(f"code:{code.replace('-', '')}"))
    assert oak.cases == 1


@pytest.mark.parametrize("act", ["save", "send"])
def test_a_draft_that_came_back_by_its_code_stays_under_it_after_a_restart(
    oak: School, slack: FakeSlack, act: str
) -> None:
    dan = slack.person("U4")
    long = f"{CANARY} " * 400
    kept = SaveDraft("report_concern", "e" * 32, {"about": "child", "what": long, "danger": "no"}, None, "")
    (reply,) = oak.office.desk.receive(kept)
    assert isinstance(reply, DraftKept)
    dan.opens_home()
    dan.presses(modals.BY_CODE, "draft")
    dan.fills({modals.CODE_FIELD: reply.code})
    dan.submits()
    oak.restart()
    dan.fills({"answer.also": "adult_here"})
    dan.fills({"answer.place": "in the hall"})
    assert reply.code.replace("-", "") not in modal(dan).metadata.replace("-", "")
    if act == "send":
        dan.submits()
        assert oak.told(oak.inbox()[0])["What did you see or hear?"] == long.strip()
        return
    dan.presses(forms.SAVE_DRAFT)
    assert "the code that you have" in modal(dan).text
    (back,) = oak.office.desk.receive(OpenDraft(code_owner(reply.code)))
    assert isinstance(back, FormView)
    assert next(one.value for one in back.questions if one.key == "place") == "in the hall"


def test_an_owner_that_was_sealed_for_one_draft_is_nobody_in_another(oak: School) -> None:
    owners = oak.world.room.owners
    sealed = owners.seal("a" * 32, "code:7KQ42M9XPDH3")
    assert owners.read("a" * 32, sealed) == "code:7KQ42M9XPDH3"
    assert [owners.read("b" * 32, sealed), owners.read("a" * 32, "é"), owners.read("a" * 32, "AAAA")] == [""] * 3


def _code(view: View) -> str:
    return next(word for word in view.text.replace("*", " ").split() if word.count("-") == 2 and len(word) == 14)


def test_a_guest_a_bot_and_one_who_left_can_report(oak: School, slack: FakeSlack) -> None:
    cat = slack.person("U3")
    reports_a_concern(cat)
    slack.team("T1").users["U3"] = replace(slack.team("T1").users["U3"], deleted=True)
    with slack.expecting("user_disabled"):
        reports_a_concern(cat)
    assert oak.cases == 2


# ---------------------------------------------------------------------------------------------- messages, standing


def test_a_message_is_quoted_into_the_draft_and_nothing_goes_into_the_channel(
    oak: School, ann: Person, bob: Person, slack: FakeSlack
) -> None:
    bob.says(f"<b> {CANARY} & *more*", channel="C1")
    (message,) = ann.sees("C1")
    until = len(slack.calls)
    ann.shortcut("report_message", message)
    quoted = modal(ann).state["answer.what"]["text"]["value"]
    assert f"<b> {CANARY} & *more*" in quoted
    assert "Demonstration DSL" in quoted
    assert "#staff-room" in quoted
    assert [one for one in ann.sees("C1") if one.is_ours] == []
    assert f"https://t1.slack.com/archives/C1/p{message.message.ts.replace('.', '')}" in quoted
    reads = {"users.info", "chat.getPermalink"}
    assert {call.method for call in slack.calls[until:]} <= {"views.open", "views.update", *reads}
    ann.fills({"answer.about": "child"})
    ann.fills({"answer.danger": "no"})
    ann.submits()
    assert oak.cases == 1


def test_whom_and_what_a_quoted_message_names_stands_in_the_report(ann: Person, bob: Person, slack: FakeSlack) -> None:
    """Dan is in no directory, of U99 Slack knows nothing, and of no channel but one its name is told."""
    text = "<@U2> and <@U4> and <@U99> told <#C1> and <#C1|staff-room> &lt;b&gt; <!here>: <https://x.example/a|look> <https://y.example>"
    message = bob.leaves(text, "C1")
    with slack.expecting("user_not_found"):
        ann.shortcut("report_message", message)
    quoted = modal(ann).state["answer.what"]["text"]["value"]
    assert (
        "“@Demonstration DSL and @Dan and @U99 told #C1 and #staff-room <b> @here: "
        "look (https://x.example/a) https://y.example”"
    ) in quoted


def test_where_slack_says_neither_names_nor_the_address_the_words_are_quoted_all_the_same(
    oak: School, ann: Person, slack: FakeSlack
) -> None:
    message = slack.person("U4").leaves(f"<@U5> said {CANARY}", "C1")
    oak.restart()
    slack.fail("users.info", status=503, times=9)
    slack.fail("chat.getPermalink", status=503, times=9)
    ann.shortcut("report_message", message)
    quoted = modal(ann).state["answer.what"]["text"]["value"]
    assert "written by @U4 in #staff-room" in quoted
    assert f"said {CANARY}" in quoted
    assert "stands here" not in quoted


def test_a_long_message_with_files_is_quoted_as_far_as_it_fits_and_that_there_are_files_is_said(ann: Person) -> None:
    message = ann.leaves("x" * 3500, "C1")
    ann.shortcut("report_message", message)
    quoted = modal(ann).state["answer.what"]["text"]["value"]
    assert len(quoted) < 3000
    assert "the rest is not copied" in quoted


def test_my_reports_show_how_far_each_has_come_and_nothing_of_what_was_told(ann: Person) -> None:
    reference = reports_a_concern(ann)
    ann.closes()
    ann.presses(modals.MY_REPORTS)
    assert reference in modal(ann).text
    assert "Nobody has opened it yet" in modal(ann).text
    assert CANARY not in json.dumps(modal(ann).given)


# ---------------------------------------------------------------------------------------------------------- canaries


def test_nothing_of_a_form_is_in_a_message_a_preview_metadata_a_button_or_a_log(
    ann: Person, slack: FakeSlack, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    bob = slack.person("U2")
    bob.says(CANARY, channel="C1")
    (message,) = ann.sees("C1")
    ann.shortcut("report_message", message)
    ann.fills({"answer.about": "adult_here"})
    ann.fills({"answer.what": CANARY, "answer.danger": "no", "answer.adult": f"Demonstration deputy, {CANARY}"})
    ann.submits()
    ann.presses(forms.SAVE_DRAFT)
    ann.closes()
    ann.opens_home()
    ann.presses(modals.OPEN_DRAFT)
    (meant,) = [name for name in modal(ann).state if name.startswith("answer.adult.means")]
    ann.fills({meant: "-"})
    ann.submits()
    ann.presses(modals.MY_REPORTS, in_=ann.last)
    leaks_nothing(slack)
    assert CANARY not in caplog.text
    assert CANARY not in "".join(capsys.readouterr())
