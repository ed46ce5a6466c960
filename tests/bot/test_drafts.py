"""Drafts: come back word for word, to nobody but their owner, and are gone when they are sent or discarded."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.cases import records
from bot.cases.keys.keystore import KeyStore
from bot.cases.keys.sealing import CaseKey
from bot.cases.reference import ALPHABET
from bot.cases.reports.drafts import Drafts, DraftUnreadable, NoSuchDraft, code_owner, new_code
from bot.desk import Desk
from bot.messages import (
    DiscardDraft,
    DraftKept,
    FormsView,
    FormView,
    Noted,
    OpenDraft,
    OpenForm,
    OpenForms,
    Receipt,
    Refusal,
    SaveDraft,
    SubmitForm,
)
from bot.testing import FixedClock
from integrations.app import Reports
from integrations.settings import Settings
from tests.bot.reporting import CANARY, count, held_by_another

DSL, HEAD = "person:demo-dsl", "person:demo-headteacher"
ID = "0123456789abcdef" * 2
HALF = {"about": "child", "what": CANARY}


@dataclass
class DestroyingKeys:
    """A key store that can destroy keys: the real one, and a note of what was destroyed."""

    keys: KeyStore
    destroyed: list[str] = field(default_factory=list)

    def new(self, case_id: str, now: datetime) -> CaseKey:
        return self.keys.new(case_id, now)

    def key(self, case_id: str) -> CaseKey:
        return self.keys.key(case_id)

    def destroy(self, case_id: str) -> None:
        self.destroyed.append(case_id)


@pytest.fixture
def keys(reports: Reports) -> DestroyingKeys:
    return DestroyingKeys(reports.keys)


@pytest.fixture
def drafts(reports: Reports, keys: DestroyingKeys, clock: FixedClock) -> Drafts:
    return Drafts(reports.store, keys, b"d" * 32, clock)


def _saved(desk: Desk, owner: str = "", draft: str = ID) -> DraftKept:
    (reply,) = desk.receive(SaveDraft("report_concern", draft, HALF, "9.1", owner))
    assert isinstance(reply, DraftKept)
    return reply


def _values(reply: object) -> dict[str, str]:
    assert isinstance(reply, FormView)
    return {question.key: question.value for question in reply.questions if question.value}


def test_a_draft_comes_back_word_for_word_to_its_owner(drafts: Drafts, clock: FixedClock) -> None:
    begun = drafts.open("report_concern", HALF, "9.1", "moor-green")
    clock.go_on(timedelta(minutes=5))
    kept = drafts.save(begun, DSL, {**HALF, "danger": "no"})
    assert kept.id == begun.id
    assert drafts.resume(DSL) == (kept,)
    assert (kept.form, kept.clause, kept.school) == ("report_concern", "9.1", "moor-green")
    assert kept.answers == {**HALF, "danger": "no"}
    assert kept.updated == clock.now()


def test_nothing_is_stored_until_it_is_saved(drafts: Drafts) -> None:
    begun = drafts.open("report_concern", HALF)
    assert drafts.resume(DSL) == ()
    with pytest.raises(NoSuchDraft):
        drafts.find(DSL, begun.id)


def test_nobody_but_the_owner_opens_changes_or_discards_a_draft(drafts: Drafts) -> None:
    kept = drafts.save(drafts.open("report_concern"), DSL, HALF)
    for other in (HEAD, "", "code:" + "A" * 12, "demo-dsl", DSL.upper()):
        assert drafts.resume(other) == ()
        for act in (drafts.find, drafts.discard):
            with pytest.raises(NoSuchDraft):
                act(other, kept.id)
    another = drafts.save(kept, HEAD, {"about": "myself"})
    assert another.id != kept.id
    assert drafts.find(DSL).answers == HALF


def test_the_newest_comes_first_and_each_can_be_named(drafts: Drafts, clock: FixedClock) -> None:
    first = drafts.save(drafts.open("report_concern"), DSL, HALF)
    clock.go_on(timedelta(minutes=1))
    second = drafts.save(drafts.open("disclose_contact"), DSL, {"sender": "D. S. L."})
    assert [draft.id for draft in drafts.resume(DSL)] == [second.id, first.id]
    clock.go_on(timedelta(minutes=1))
    assert drafts.save(first, DSL, {}).started == first.started
    assert drafts.find(DSL).id == first.id
    assert drafts.find(DSL, second.id).answers == {"sender": "D. S. L."}
    assert [(draft, form) for draft, form, _ in drafts.titles(DSL)] == [
        (first.id, "report_concern"), (second.id, "disclose_contact"),
    ]  # fmt: skip


def test_a_discarded_draft_is_gone_with_its_content_and_its_key(
    drafts: Drafts, keys: DestroyingKeys, reports: Reports
) -> None:
    kept = drafts.save(drafts.open("report_concern"), DSL, HALF)
    drafts.discard(DSL, kept.id)
    assert keys.destroyed == [kept.id]
    assert drafts.resume(DSL) == ()
    with reports.store.reading() as connection:
        row = connection.execute(select(records.drafts)).one()
    assert (row.state, row.sealed) == ("discarded", b"")
    again = drafts.save(kept, DSL, HALF)
    assert again.id != kept.id


def test_whoever_keeps_a_draft_that_was_sent_meanwhile_keeps_a_new_one(drafts: Drafts, reports: Reports) -> None:
    kept = drafts.save(drafts.open("report_concern"), DSL, HALF)
    with reports.store.writing() as connection:
        assert drafts.sent(connection, kept.id, DSL)
        assert not drafts.sent(connection, kept.id, DSL)
        connection.commit()
    assert drafts.resume(DSL) == ()
    assert drafts.save(kept, DSL, {**HALF, "what": "more"}).id != kept.id


def test_no_key_is_destroyed_but_that_of_a_draft_that_is_closed(
    drafts: Drafts, keys: DestroyingKeys, desk: Desk, reports: Reports
) -> None:
    kept = drafts.save(drafts.open("report_concern"), DSL, HALF)
    receiving = replace(desk, intake=replace(desk.intake, drafts=drafts))
    receiving.receive(SubmitForm("report_concern", ID, {**HALF, "danger": "no"}))
    with reports.store.reading() as connection:
        case_id = connection.scalars(select(records.cases.c.id)).one()
    for draft, owner in ((case_id, ""), (case_id, DSL), (kept.id, HEAD), ("nonsense", DSL)):
        receiving.receive(SubmitForm("report_concern", draft, {**HALF, "danger": "no"}, None, owner))
    assert keys.destroyed == []
    receiving.receive(SubmitForm("report_concern", kept.id, {**HALF, "danger": "yes"}, None, DSL))
    assert keys.destroyed == [kept.id]


@pytest.mark.parametrize("owner", [HEAD, "", "code:" + "A" * 12])
def test_nobody_else_closes_a_draft_by_sending_under_its_id(drafts: Drafts, reports: Reports, owner: str) -> None:
    kept = drafts.save(drafts.open("report_concern"), DSL, HALF)
    with reports.store.writing() as connection:
        assert not drafts.sent(connection, kept.id, owner)
        connection.commit()
    assert drafts.find(DSL).answers == HALF


def test_what_is_unsent_is_told_by_id_and_hash_alone(drafts: Drafts, clock: FixedClock) -> None:
    old = drafts.save(drafts.open("report_concern"), DSL, HALF)
    clock.go_on(timedelta(minutes=30))
    drafts.save(drafts.open("report_concern"), HEAD, HALF)
    (unsent,) = drafts.unsent(clock.now() - timedelta(minutes=29))
    assert (unsent.id, unsent.owner_hash, unsent.updated) == (old.id, drafts.hash_of(DSL), old.updated)
    assert CANARY not in repr(unsent)
    assert "demo" not in unsent.owner_hash
    assert len(drafts.unsent(clock.now() + timedelta(seconds=1))) == 2


def test_a_draft_opens_only_in_its_own_place(drafts: Drafts, reports: Reports) -> None:
    one = drafts.save(drafts.open("report_concern"), DSL, HALF)
    other = drafts.save(drafts.open("report_concern"), DSL, {})
    with reports.store.writing() as connection:
        connection.exec_driver_sql(
            "update drafts set sealed = (select sealed from drafts where id = ?) where id = ?", (one.id, other.id)
        )
        connection.commit()
    with pytest.raises(DraftUnreadable):
        drafts.find(DSL, other.id)


def test_a_draft_that_ends_in_white_space_comes_back_as_it_was(drafts: Drafts) -> None:
    kept = drafts.save(drafts.open("report_concern"), DSL, {"what": "\0 x \n\0"})
    assert drafts.find(DSL, kept.id).answers == {"what": "\0 x \n\0"}


# ------------------------------------------------------------------------------------------------ at the desk


def test_whoever_is_not_known_gets_a_code_and_comes_back_with_it_however_it_is_typed(desk: Desk) -> None:
    kept = _saved(desk)
    assert set(kept.code) <= {*ALPHABET, "-"}
    for typed in (kept.code, kept.code.lower(), kept.code.replace("-", " "), f" {kept.code.replace('-', '')} "):
        (form,) = desk.receive(OpenDraft(code_owner(typed)))
        assert _values(form) == HALF
    assert isinstance(form, FormView)
    assert (form.draft, form.clause) == (ID, "9.1")
    assert "NOT sent" in form.kept


def test_a_code_that_is_wrong_tells_nothing(desk: Desk) -> None:
    _saved(desk)
    for wrong in (new_code(), "", "7KQ4", "x" * 500):
        assert isinstance(desk.receive(OpenDraft(code_owner(wrong)))[0], Refusal)


def test_a_person_who_is_known_comes_back_without_a_code_on_whatever_platform(desk: Desk) -> None:
    kept = _saved(desk, DSL)
    assert kept.code == ""
    (offered,) = desk.receive(OpenForms(DSL))
    assert isinstance(offered, FormsView)
    assert [(row.draft, row.title) for row in offered.drafts] == [(ID, "Report a concern")]
    assert _values(desk.receive(OpenDraft(DSL, ID))[0]) == HALF
    for other in ("", HEAD):
        (theirs,) = desk.receive(OpenForms(other))
        assert isinstance(theirs, FormsView)
        assert theirs.drafts == ()


def test_a_draft_that_is_sent_is_closed_with_the_case(desk: Desk, reports: Reports) -> None:
    owner = code_owner(_saved(desk).code)
    (form,) = desk.receive(OpenDraft(owner))
    assert isinstance(form, FormView)
    (receipt,) = desk.receive(SubmitForm(form.form, form.draft, {**HALF, "danger": "no"}, form.clause, owner))
    assert isinstance(receipt, Receipt)
    assert isinstance(desk.receive(OpenDraft(owner))[0], Refusal)
    (again,) = desk.receive(SubmitForm(form.form, form.draft, {**HALF, "danger": "no"}, form.clause, owner))
    assert again == receipt
    assert count(reports) == 1


def test_a_draft_stays_if_its_case_cannot_be_stored(desk: Desk, reports: Reports) -> None:
    owner = code_owner(_saved(desk).code)
    with held_by_another(reports.store):
        (form,) = desk.receive(SubmitForm("report_concern", ID, {**HALF, "danger": "no"}, None, owner))
    assert isinstance(form, FormView)
    assert "NOT stored" in form.notice
    assert form.code.replace("-", "") == owner.removeprefix("code:")
    assert _values(desk.receive(OpenDraft(owner))[0]) == HALF


def test_a_draft_that_cannot_be_kept_is_given_back_with_all_that_was_written(desk: Desk, reports: Reports) -> None:
    with held_by_another(reports.store):
        (form,) = desk.receive(SaveDraft("report_concern", ID, HALF))
    assert isinstance(form, FormView)
    assert "could NOT be kept" in form.notice
    assert _values(form) == HALF


def test_a_draft_is_discarded_at_its_owners_word(desk: Desk) -> None:
    owner = code_owner(_saved(desk).code)
    assert isinstance(desk.receive(DiscardDraft(HEAD, ID))[0], Refusal)
    (noted,) = desk.receive(DiscardDraft(owner))
    assert isinstance(noted, Noted)
    assert isinstance(desk.receive(OpenDraft(owner))[0], Refusal)


def test_saving_again_keeps_the_code(desk: Desk) -> None:
    owner = code_owner(_saved(desk).code)
    (again,) = desk.receive(SaveDraft("report_concern", ID, {**HALF, "danger": "no"}, "9.1", owner))
    assert isinstance(again, DraftKept)
    assert again.code == ""
    assert any("the code that you have" in sentence for sentence in again.sentences)
    assert _values(desk.receive(OpenDraft(owner))[0]) == {**HALF, "danger": "no"}


def test_nothing_of_a_draft_is_on_the_disk_in_clear_nor_is_its_code(desk: Desk, settings: Settings) -> None:
    code = _saved(desk).code
    desk.receive(OpenDraft(code_owner(code)))
    content = b"".join(path.read_bytes() for path in settings.var.rglob("*") if path.is_file())
    assert ID.encode() in content
    for secret in (CANARY, "canary", code, code.replace("-", "")):
        assert secret.encode() not in content
    assert json.dumps(HALF).encode() not in content


def test_only_a_numbered_clause_goes_along_since_it_is_stored_in_clear(desk: Desk, reports: Reports) -> None:
    for given, kept in {"6.2(25)": "6.2(25)", CANARY: None, "Zebra canary": None, "9" * 40: None, "": None}.items():
        (form,) = desk.receive(OpenForm("disclose_contact", given))
        assert isinstance(form, FormView)
        assert form.clause == kept
        desk.receive(SaveDraft("disclose_contact", form.draft, {}, given))
    with reports.store.reading() as connection:
        assert set(connection.scalars(select(records.drafts.c.clause))) == {"6.2(25)", None}


# ------------------------------------------------------------------------------------- from the conversation


def test_what_the_conversation_knows_is_shown_to_be_checked_and_nothing_else(desk: Desk) -> None:
    known = {"with_whom": "parent", "touch": "social_media\nin_person", "platform": "Instagram", "related": "yes"}
    wrong = {"known_by": "nonsense", "nobody_asks": "x"}
    (form,) = desk.receive(OpenForm("disclose_contact", "6.3(7)", {**known, **wrong}))
    assert _values(form) == {"with_whom": "parent", "touch": "in_person\nsocial_media", "platform": "Instagram"}
    assert isinstance(form, FormView)
    assert {question.key for question in form.questions if question.taken_over} == set(_values(form))
    assert form.is_taken_over
    assert not form.has_errors
    assert form.clause == "6.3(7)"


def test_two_forms_never_share_a_draft(desk: Desk) -> None:
    forms = [desk.receive(OpenForm("report_concern"))[0] for _ in range(3)]
    assert len({form.draft for form in forms if isinstance(form, FormView)}) == 3


def test_codes_do_not_repeat() -> None:
    assert len({new_code() for _ in range(2000)}) == 2000


def test_an_owner_is_known_by_a_keyed_hash(desk: Desk) -> None:
    _saved(desk, DSL)
    other_key = replace(desk.filling, drafts=replace(desk.filling.drafts, owner_key=b"x" * 32))
    assert isinstance(replace(desk, filling=other_key).receive(OpenDraft(DSL))[0], Refusal)
