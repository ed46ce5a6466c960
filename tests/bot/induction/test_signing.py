"""The agreement and its signatures: shown whole, signed once a form, kept for good with every word that was signed."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from bot.cases import records
from bot.cases.people.signatures import HEAD
from bot.cases.safekeeping.deletions import DeletionLog
from bot.cases.safekeeping.verification import Fault, verify
from bot.induction.document import changed, document_of, read_document
from bot.messages import (
    AgreementView,
    BeginInduction,
    ExportFile,
    InductionView,
    OpenInduction,
    OpenOwn,
    OpenSignOffs,
    SignAgreement,
    SignedView,
    SignOffsView,
    TakeCertificate,
)
from integrations import app
from knowledge.library import Library
from tests.bot.induction import pdf
from tests.bot.induction.walking import ANNA, BEN, REACH2, School, newer, signature

AGREEMENT = (
    "I have read and understood the REAch2 Online Safety and Social Media Policy. I agree to abide by the rules set out"
    " in this policy and in the school's staff handbook / code of conduct. I understand that failing to abide by this"
    " policy may result in disciplinary action."
)


def _signed(school: School, owner: str) -> SignOffsView:
    reply = school.hears(OpenSignOffs(owner))
    assert isinstance(reply, SignOffsView)
    return reply


def _rows(school: School) -> int:
    with school.reports.store.reading() as connection:
        return len(connection.execute(select(records.sign_offs)).all())


def _faults(school: School, *, contents: bool = True) -> set[Fault]:
    reports = school.reports
    log = DeletionLog(reports.settings.deletions, reports.keys)
    return {finding.fault for finding in verify(reports.store, reports.keys, log, contents=contents).findings}


# ------------------------------------------------------------------------------------------------------- shown


def test_section_17_stands_there_word_for_word_with_all_that_it_binds_to(school: School) -> None:
    view = school.walk(ANNA)
    assert view.agreement.clause.text == AGREEMENT
    assert [(one.name, one.address) for one in view.binds] == [
        ("Online Safety and Social Media policy, version 2.0", f"/policies/{REACH2}/2.0"),
        ("staff handbook / code of conduct", ""),
    ]
    assert view.binds[1].says == "Ask the school for it, and read it before you sign."


def test_where_the_school_says_where_its_handbook_lies_it_is_linked(school: School) -> None:
    where = "https://school.example/handbook"
    settings = school.reports.settings.model_copy(update={"handbook": where})
    school.use(replace(school.reports, settings=settings))
    view = school.agreement(ANNA)
    assert [(one.name, one.address) for one in view.binds[2:]] == [("Staff handbook", where)]
    assert view.binds[1].says == ""


def test_what_the_directory_knows_is_filled_in_for_the_person_to_check(school: School) -> None:
    filled = {question.key: question.value for question in school.agreement(ANNA).questions}
    assert (filled["name"], filled["read"], filled["signed"]) == ("Demonstration deputy headteacher", "", "")
    assert filled["role"].startswith("deputy headteacher, ")
    assert {question.value for question in school.agreement("").questions} == {""}


def test_before_the_steps_that_are_for_everybody_nothing_is_signed(school: School) -> None:
    school.walk_on(ANNA)
    view = school.agreement(ANNA)
    assert not view.is_ready
    reply = school.try_to_sign(ANNA)
    assert isinstance(reply, AgreementView)
    assert reply.notice == "Some steps come first."
    assert _rows(school) == 0


# ------------------------------------------------------------------------------------------------------- signed


@pytest.mark.both_engines
def test_a_signature_is_stored_read_back_and_stands(school: School) -> None:
    view = school.walk(ANNA)
    reply = school.sign(ANNA)
    assert reply.row.stands
    assert (reply.row.version, reply.row.digest) == ("2.0", view.digest)
    assert (reply.row.name, reply.row.role) == ("Anna Example", "Class teacher")
    assert reply.row.signed_at == school.clock.now()
    overview = school.hears(OpenInduction(ANNA))
    assert isinstance(overview, InductionView)
    assert overview.due == ()
    assert overview.signed is not None
    assert overview.signed.sign_off == reply.row.sign_off
    assert _faults(school) == set()


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"read": ""}, "read"),
        ({"read": "bound"}, "read"),
        ({"name": "  "}, "name"),
        ({"role": ""}, "role"),
        ({"signed": ""}, "signed"),
        ({"signed": "Somebody Else"}, "signed"),
        ({"role": "x" * 121}, "role"),
    ],
)
def test_what_is_missing_or_wrong_comes_back_with_all_that_was_filled_in(
    school: School, changes: dict[str, str], wrong: str
) -> None:
    school.walk(ANNA)
    reply = school.try_to_sign(ANNA, **changes)
    assert isinstance(reply, AgreementView)
    assert [question.key for question in reply.questions if question.error] == [wrong]
    filled = {question.key: question.value.strip() for question in reply.questions}
    assert filled == {key: value.strip() for key, value in signature(**changes).items()}
    assert _rows(school) == 0


def test_the_same_form_twice_is_one_signature_and_another_form_a_further_one(school: School) -> None:
    school.walk(ANNA)
    first = school.try_to_sign(ANNA, "f" * 32)
    again = school.try_to_sign(ANNA, "f" * 32)
    assert isinstance(first, SignedView)
    assert isinstance(again, SignedView)
    assert first.row.sign_off == again.row.sign_off
    other = school.sign(ANNA)
    assert other.row.sign_off != first.row.sign_off
    assert [row.sign_off for row in _signed(school, ANNA).rows] == [other.row.sign_off, first.row.sign_off]
    assert [row.stands for row in _signed(school, ANNA).rows] == [True, False]


def test_what_has_changed_since_it_was_shown_is_not_signed(school: School) -> None:
    view = school.walk(ANNA)
    school.library = newer(school.library, **{"3_1": "It applies to all."})
    reply = school.hears(SignAgreement(view.policy, view.form, view.digest, signature(), ANNA))
    assert isinstance(reply, AgreementView)
    assert reply.notice.startswith("The policy has changed since this page was shown, so nothing was signed.")
    assert reply.digest != view.digest
    assert _rows(school) == 0


def test_a_version_ends_the_newest_signatures_whose_words_it_changes_and_no_others(school: School) -> None:
    school.walk(ANNA)
    school.sign(ANNA)
    (old,) = school.library.policies
    (new,) = newer(school.library, **{"3_1": "It applies to all."}).policies
    sign_offs = school.desk.guide.sign_offs
    assert [sign_offs.that_end(old, new), sign_offs.that_end(old, old), sign_offs.that_end(new, old)] == [1, 0, 0]


def test_somebody_with_a_code_walks_signs_and_finds_it_again(school: School) -> None:
    begun = school.hears(BeginInduction())
    assert isinstance(begun, InductionView)
    owner = "code:" + begun.code.replace("-", "")
    signed = school.walk_and_sign(owner)
    assert [row.sign_off for row in _signed(school, owner).rows] == [signed.row.sign_off]
    assert (signed.code, signed.is_new_code) == (begun.code, False)


def test_somebody_with_neither_name_nor_code_signs_and_gets_a_code_the_same_for_the_same_form(school: School) -> None:
    view = school.agreement("")
    replies = [school.hears(SignAgreement(view.policy, view.form, view.digest, signature())) for _ in range(2)]
    codes = {reply.code for reply in replies if isinstance(reply, SignedView)}
    (code,) = codes
    assert all(reply.is_new_code for reply in replies if isinstance(reply, SignedView))
    assert len(_signed(school, "code:" + code.replace("-", "")).rows) == 1
    assert _rows(school) == 1


def test_nobody_sees_or_takes_what_another_signed(school: School) -> None:
    mine = school.walk_and_sign(ANNA)
    assert _signed(school, BEN).rows == ()
    assert school.refused(TakeCertificate(BEN, mine.row.sign_off)) == "There is no such signature of yours."


# ------------------------------------------------------------------------------------------------ due again


def test_after_a_year_it_is_due_again_and_not_a_day_before(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.clock.go_on(timedelta(days=364))
    assert school.agreement(ANNA).due == ()
    school.clock.go_on(timedelta(days=1))
    view = school.agreement(ANNA)
    assert view.due == ("A year is over since you signed on 23 November 2026.",)
    assert view.changed == ()
    assert view.is_ready, "nobody walks again to sign again"
    school.sign(ANNA)
    assert school.agreement(ANNA).due == ()


def test_a_clause_that_changed_is_shown_beside_what_was_signed_and_the_whole_is_signed_again(school: School) -> None:
    school.walk_and_sign(ANNA)
    old = next(one for one in school.library.policy(REACH2).clauses if str(one.label) == "5.3")
    school.library = newer(school.library, **{"5_3": "Nobody may.", "16_1": None})
    view = school.agreement(ANNA)
    assert view.due == ("The policy has changed since you signed on 23 November 2026.",)
    pairs = {change.label: (change.old, change.new) for change in view.changed}
    assert set(pairs) == {"5.3", "16.1"}
    before, after = pairs["5.3"]
    assert before is not None
    assert after is not None
    assert (before.text, after.text) == (old.text, "Nobody may.")
    assert pairs["16.1"][1] is None
    (listed,) = _signed(school, ANNA).rows
    assert (listed.stands, len(listed.changed)) == (False, 2)
    again = school.sign(ANNA)
    assert again.row.version == "2.1"
    assert school.agreement(ANNA).due == ()
    assert [row.version for row in _signed(school, ANNA).rows] == ["2.1", "2.0"]


def test_a_version_that_changes_no_clause_asks_nobody_to_sign_again(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.library = newer(school.library)
    assert school.agreement(ANNA).due == ()


def test_clauses_that_only_bear_other_numbers_have_not_changed(library: Library) -> None:
    old = library.policy(REACH2)
    one, other = old.clauses[3], old.clauses[4]
    swapped = (*old.clauses[:3], replace(one, label=other.label), replace(other, label=one.label), *old.clauses[5:])
    assert changed(document_of(old), document_of(replace(old, clauses=swapped))) == ()


def test_a_document_that_was_kept_is_read_as_it_was(library: Library) -> None:
    document = document_of(library.policy(REACH2))
    assert read_document(document.text, document.digest) == document
    assert "Online Safety" in document.text


# --------------------------------------------------------------------------------- what is changed is noticed


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "tamper",
    [
        update(records.sign_offs).values(school="elsewhere"),
        update(records.sign_offs).where(records.sign_offs.c.number == 1).values(owner_hash="0" * 64),
        update(records.sign_offs).where(records.sign_offs.c.number == 2).values(number=3),
        update(records.signed_policies).values(document='{"policy": "mine"}'),
        delete(records.sign_off_words),
    ],
    ids=["another_school", "somebody_else", "out_of_turn", "other_words", "no_words"],
)
def test_a_row_that_was_changed_is_found(school: School, tamper: object) -> None:
    school.walk_and_sign(ANNA)
    school.walk_and_sign(BEN)
    assert _faults(school) == set()
    with school.reports.store.writing() as connection:
        connection.execute(tamper)  # type: ignore[call-overload]
        connection.commit()
    assert _faults(school) == {Fault.SIGN_OFFS_DAMAGED}


def test_a_chain_that_was_cut_is_found_and_nothing_is_added_to_it(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.walk_and_sign(BEN)
    assert school.reports.keys.head(HEAD) is not None
    with school.reports.store.writing() as connection:
        connection.execute(delete(records.sign_off_words))
        connection.execute(delete(records.sign_offs).where(records.sign_offs.c.number == 2))
        connection.commit()
    assert _faults(school, contents=False) == {Fault.SIGN_OFFS_DAMAGED}
    school.walk("person:demo-dsl")
    view = school.agreement("person:demo-dsl")
    refused = school.refused(SignAgreement(view.policy, view.form, view.digest, signature(), "person:demo-dsl"))
    assert refused.startswith("The record of who signed was changed or cut off.")


def test_a_key_that_died_between_key_and_row_leaves_nothing_signed(school: School) -> None:
    school.walk(ANNA)
    view = school.agreement(ANNA)
    with school.reports.store.writing() as connection:
        taken = {"digest": view.digest, "policy": REACH2, "document": "not the words"}
        connection.execute(insert(records.signed_policies).values(**taken))
        connection.commit()
    refused = school.refused(SignAgreement(view.policy, view.form, view.digest, signature(), ANNA))
    assert refused.startswith("The record of who signed was changed or cut off.")


# ------------------------------------------------------------------------------------------------- taken along


def test_the_certificate_says_who_signed_what_and_when_and_is_the_same_each_time(school: School) -> None:
    signed = school.walk_and_sign(ANNA)
    first = school.hears(TakeCertificate(ANNA))
    school.clock.go_on(timedelta(days=3))
    again = school.hears(TakeCertificate(ANNA, signed.row.sign_off))
    assert isinstance(first, ExportFile)
    assert isinstance(again, ExportFile)
    assert first.content == again.content
    assert (first.name, first.media_type) == (f"certificate-{REACH2}-2026-11-23.pdf", "application/pdf")
    words = pdf.words(first.content)
    for wanted in (
        "Anna Example (Class teacher) has signed the staff agreement at Demonstration School.",
        "Online Safety and Social Media policy, version 2.0",
        AGREEMENT,
        "23 November 2026",
        signed.row.digest,
        signed.row.sign_off,
    ):
        assert wanted in words, wanted


def test_a_certificate_of_an_older_version_says_what_was_signed_then(school: School) -> None:
    signed = school.walk_and_sign(ANNA)
    school.library = newer(school.library, **{"17": "I agree to everything.", "5_3": None})
    file = school.hears(TakeCertificate(ANNA, signed.row.sign_off))
    assert isinstance(file, ExportFile)
    words = pdf.words(file.content)
    assert AGREEMENT in words
    assert "version 2.0" in words


def test_what_somebody_supplied_has_their_walk_and_their_signatures_and_nobody_elses(school: School) -> None:
    school.walk_and_sign(ANNA)
    school.walk_and_sign(BEN)
    file = school.hears(OpenOwn("demo-deputy-head", whole=True))
    assert isinstance(file, ExportFile)
    told = json.loads(file.content)
    assert [one["written"]["name"] for one in told["sign_offs"]] == ["Anna Example"]
    assert [one["policy"] for one in told["inductions"]] == [REACH2]


# --------------------------------------------------------------------------------------------------- privacy


def test_no_name_stands_in_clear_in_what_is_kept(school: School) -> None:
    canary = "Quicksilver Canary"
    school.walk(ANNA)
    school.sign(ANNA, name=canary, signed=canary, role="keeper of canaries")
    kept = [path.read_bytes() for path in school.reports.settings.var.rglob("*") if path.is_file()]
    assert kept
    for word in (canary, "keeper of canaries", "demo-deputy-head"):
        assert not any(word.encode() in content for content in kept), word


def test_a_restart_finds_the_signature(school: School) -> None:
    school.walk_and_sign(ANNA)
    again = app.open_reports(school.reports.settings)
    school.reports.close()
    school.use(again)
    try:
        assert school.agreement(ANNA).due == ()
        assert _faults(school) == set()
    finally:
        again.close()
