"""The form ``sign_agreement``: of somebody who is known one signature, beside its case, and both or neither."""

import pytest
from sqlalchemy import delete, select, update

from bot.cases import records
from bot.messages import OpenSignOffs, Receipt, SignOffsView, SubmitForm
from knowledge.library import Library
from tests.bot.induction.walking import ANNA, BEN, School, newer

ANSWERS = {
    "read": "policy\nhandbook", "name": "Anna Example", "role": "Class teacher", "signed": "Anna Example",
    "day": "2026-11-23",
}  # fmt: skip


def _send(school: School, sender: str = "demo-deputy-head", draft: str = "f" * 32, **changes: str) -> Receipt:
    reply = school.hears(SubmitForm("sign_agreement", draft, ANSWERS | changes, sender=sender))
    assert isinstance(reply, Receipt), reply
    return reply


def _signed(school: School, owner: str = ANNA) -> SignOffsView:
    reply = school.hears(OpenSignOffs(owner))
    assert isinstance(reply, SignOffsView)
    return reply


def _count(school: School) -> tuple[int, int]:
    with school.reports.store.reading() as connection:
        return tuple(  # type: ignore[return-value]
            len(connection.execute(select(table)).all()) for table in (records.cases, records.sign_offs)
        )


@pytest.mark.both_engines
def test_the_form_of_somebody_who_is_known_is_their_signature(school: School) -> None:
    _send(school)
    (row,) = _signed(school).rows
    assert (row.name, row.role, row.version, row.stands) == ("Anna Example", "Class teacher", "2.0", True)
    assert row.signed_at == school.clock.now()
    assert school.agreement(ANNA).due == ()
    lead = {one.person: one for one in school.lead().rows}
    assert (lead["demo-deputy-head"].where, lead["demo-deputy-head"].due) == ("Signed without the walk", "")


def test_sent_twice_it_is_one_case_and_one_signature(school: School) -> None:
    assert _send(school).reference == _send(school).reference
    assert _count(school) == (1, 1)


def test_the_same_draft_with_other_words_is_a_further_case_and_a_further_signature(school: School) -> None:
    _send(school)
    _send(school, role="Deputy head")
    assert _count(school) == (2, 2)


def test_of_whoever_is_not_known_there_is_the_case_alone(school: School) -> None:
    _send(school, sender="")
    assert _count(school) == (1, 0)


def test_whoever_does_not_say_that_they_read_the_policy_has_not_signed_it(school: School) -> None:
    _send(school, read="handbook")
    assert _count(school) == (1, 0)


def test_words_that_are_no_longer_the_policys_are_no_signature_of_it(school: School) -> None:
    school.library = newer(school.library, **{"17": "I agree to everything."})
    _send(school)
    assert _count(school) == (1, 0)


def test_a_record_of_signatures_that_is_damaged_keeps_no_form_from_being_taken(school: School) -> None:
    school.walk_and_sign(BEN)
    with school.reports.store.writing() as connection:
        connection.execute(delete(records.sign_off_words))
        connection.execute(update(records.sign_offs).values(mac=b"\x00"))
        connection.commit()
    _send(school)
    assert _count(school) == (1, 1)


def test_while_there_are_no_policies_the_form_is_taken_as_ever(school: School) -> None:
    school.library = Library(())
    _send(school)
    assert _count(school) == (1, 0)
