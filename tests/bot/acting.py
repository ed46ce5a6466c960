"""What tests of acts do again and again: act as a person, and read what became of it."""

import secrets

from bot.desk import Desk
from bot.messages import ActOnCase, CaseAct, CaseView, OwnView, Receipt, Reply, SubmitForm
from tests.bot.reporting import ANSWERS

NOTE = {"text": "Spoke to his teacher."}
CLOSING = {"decision": "Watch.", "reason": "Nothing further was seen.", "outcome": "no_action"}


def act(desk: Desk, person: str, reference: str, what: CaseAct, answers: dict[str, str] | None = None) -> Reply:
    """Acts once, with a form of its own."""
    (reply,) = desk.receive(ActOnCase(person, reference, what, secrets.token_hex(16), answers or {}))
    return reply


def done(desk: Desk, person: str, reference: str, what: CaseAct, answers: dict[str, str] | None = None) -> CaseView:
    """Acts, and it is done."""
    reply = act(desk, person, reference, what, answers)
    assert isinstance(reply, CaseView), reply
    assert reply.done, (reply.notice, [(one.act, one.questions) for one in reply.acts if one.has_errors])
    return reply


def sent_by(desk: Desk, sender: str, answers: dict[str, str] | None = None, form: str = "report_concern") -> Receipt:
    """A report that somebody sends who is signed in."""
    (reply,) = desk.receive(SubmitForm(form, secrets.token_hex(16), answers or ANSWERS, sender=sender))
    assert isinstance(reply, Receipt)
    return reply


def own(desk: Desk, person: str, reference: str, what: CaseAct, answers: dict[str, str]) -> OwnView:
    """Acts as the sender of a report."""
    reply = act(desk, person, reference, what, answers)
    assert isinstance(reply, OwnView)
    return reply


def happened(view: CaseView) -> list[str]:
    """What happened, in order, without who and when."""
    return [row.what for row in view.chronology]
