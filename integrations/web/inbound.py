"""A verified request -> Incoming."""

import re
from collections.abc import Mapping

from starlette.requests import Request

from bot.messages import (
    Ask,
    OpenCase,
    OpenForm,
    OpenInbox,
    OpenQuestion,
    Rate,
    SendQuestion,
    Shown,
    ShowSection,
    SubmitForm,
    Verdict,
)

MAX_QUESTION = 2000
"""How many characters a question may have; the page says so."""

MAX_FIELDS = 200
"""How many fields a posted form may have: more than any form of ours."""

ANSWER_PREFIX = "answer."
"""What stands before a question's key in the name of its field, so that no key can be taken for one of our own."""


LABEL_PREFIX = "label."
"""What stands before the number of a clause that an answer showed; the deciding one is the first."""

MAX_LABELS = 5
"""How many clauses an answer shows at most."""

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class NotAQuestion(ValueError):
    """What was typed cannot be asked; the message says why, to the person who typed it."""


async def posted(request: Request) -> Mapping[str, str]:
    """The text fields of a posted form; line ends are a single newline, as they were typed.

    Browsers send each newline of a text area as two characters, which would count against its greatest length.

    Raises:
        HTTPException: 400 for a body that is no form or holds a file, 413 for one that is too large.
    """
    async with request.form(max_files=0, max_fields=MAX_FIELDS) as form:
        return {name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)}


def ask(fields: Mapping[str, str]) -> Ask:
    """What was typed into the chat, as a question.

    Raises:
        NotAQuestion: nothing was typed, or more than ``MAX_QUESTION`` characters.
    """
    text = fields.get("text", "").strip()
    if not text:
        raise NotAQuestion("Write your question first.")
    if len(text) > MAX_QUESTION:
        raise NotAQuestion(f"Your question has {len(text):,} characters; shorten it to {MAX_QUESTION:,} at most.")
    return Ask(text)


def open_form(request: Request) -> OpenForm:
    """Which form the address names."""
    return OpenForm(request.path_params["name"])


def submit_form(request: Request, fields: Mapping[str, str]) -> SubmitForm:
    """What was filled in, for the form that the address names; fields that are not a question's are left out."""
    answers = {
        name.removeprefix(ANSWER_PREFIX): value for name, value in fields.items() if name.startswith(ANSWER_PREFIX)
    }
    return SubmitForm(request.path_params["name"], fields.get("draft", ""), answers)


def open_inbox(person: str) -> OpenInbox:
    """The inbox of the person who is signed in."""
    return OpenInbox(person)


def open_case(request: Request, person: str) -> OpenCase:
    """The case that the address names, for the person who is signed in."""
    return OpenCase(person, request.path_params["reference"])


def show_section(request: Request) -> ShowSection:
    """Which clause the address names: a label, nothing that anybody wrote."""
    return ShowSection(request.query_params.get("policy", ""), request.query_params.get("label", ""))


def rate(fields: Mapping[str, str]) -> Rate:
    """What was said of an answer. Whatever is not "yes" is no."""
    return Rate(page_id(fields, "answer"), shown(fields), fields.get("helpful") == "yes")


def open_question(fields: Mapping[str, str]) -> OpenQuestion:
    """The question that stands over an answer, to be sent to the policy owner perhaps."""
    return OpenQuestion(shown(fields), fields.get("question", ""))


def send_question(fields: Mapping[str, str]) -> SendQuestion:
    """The question as it was sent to the policy owner."""
    return SendQuestion(page_id(fields, "draft"), shown(fields), fields.get("words", ""), fields.get("reply_to", ""))


def reopen_question(question: SendQuestion) -> OpenQuestion:
    """The step before a question was sent, with its words as they were sent."""
    return OpenQuestion(question.shown, question.text)


def shown(fields: Mapping[str, str]) -> Shown:
    """What the answer showed, from the hidden fields that carry it. What is none of our verdicts is "info"."""
    given = fields.get("verdict", "")
    verdict = Verdict(given) if given in set(Verdict) else Verdict.INFO
    numbered = (fields.get(f"{LABEL_PREFIX}{number}", "") for number in range(MAX_LABELS))
    return Shown(verdict, fields.get("policy") or None, tuple(label for label in numbered if label))


def page_id(fields: Mapping[str, str], name: str) -> str:
    """An id that a page of ours carries, or nothing: what is not of that form was not given by us."""
    given = fields.get(name, "")
    return given if _ID.fullmatch(given) else ""
