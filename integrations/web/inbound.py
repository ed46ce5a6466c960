"""A verified request -> Incoming."""

import re
from collections.abc import Iterable, Mapping

from starlette.requests import Request

from bot.cases.reports.drafts import PERSON, code_owner
from bot.messages import (
    ActOnCase,
    Ask,
    Attachment,
    CaseAct,
    ConfirmHolder,
    DiscardDraft,
    ExportCases,
    ExportFormat,
    FillForm,
    OpenAccount,
    OpenAttachment,
    OpenCase,
    OpenDraft,
    OpenForm,
    OpenForms,
    OpenInbox,
    OpenOwn,
    OpenQuestion,
    OpenRetention,
    OpenStanding,
    Rate,
    SaveDraft,
    SendQuestion,
    Shown,
    ShowSection,
    SubmitForm,
    TellFact,
)
from bot.wording import say
from integrations.fields import ANSWER_PREFIX, answers
from knowledge.facts import shipped_facts
from knowledge.rulings import Verdict

MAX_QUESTION = 2000
"""How many characters a question may have; the page says so."""

MAX_FIELDS = 200
"""How many fields a posted form may have: more than any form of ours."""

FACT_PREFIX = "fact."
"""What stands before the key of a fact in the name of the button that was pressed for it."""

KNOWN_PREFIX = "known."
"""What stands before the key of a fact that was known before, in the name of its hidden field."""

ASKED_PREFIX = "asked."
"""What stands before the key of a fact that an answer before asked for, so that it can still be told later."""

LABEL_PREFIX = "label."
"""What stands before the number of a clause that an answer showed; the deciding one is the first."""

MAX_LABELS = 5
"""How many clauses an answer shows at most."""

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


OF_SENDERS = frozenset({CaseAct.REPLY, CaseAct.AMEND})
"""What the sender of a report does, and nobody else."""


class NotAQuestion(ValueError):
    """What was typed cannot be asked; the message says why, to the person who typed it."""


async def posted(request: Request) -> Mapping[str, str]:
    """The text fields of a posted form; line ends are a single newline, as they were typed.

    Browsers send each newline of a text area as two characters, which would count against its greatest length.

    Raises:
        HTTPException: 400 for a body that is no form or holds a file, 413 for one that is too large.
    """
    async with request.form(max_files=0, max_fields=MAX_FIELDS) as form:
        return as_typed([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


def as_typed(texts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields of a form by name, with line ends as they were typed; boxes that were ticked a line each."""
    fields: dict[str, str] = {}
    for name, value in texts:
        text = value.replace("\r\n", "\n")
        is_one_more = name in fields and name.startswith(ANSWER_PREFIX)  # of several boxes that were ticked
        fields[name] = f"{fields[name]}\n{text}" if is_one_more else text
    return fields


def ask(fields: Mapping[str, str]) -> Ask:
    """What was typed into the chat, as a question.

    Raises:
        NotAQuestion: nothing was typed, or more than ``MAX_QUESTION`` characters.
    """
    text = fields.get("text", "").strip()
    if not text:
        raise NotAQuestion(say("chat.nothing"))
    if len(text) > MAX_QUESTION:
        raise NotAQuestion(say("chat.too_long", has=f"{len(text):,}", most=f"{MAX_QUESTION:,}"))
    return Ask(text, conversation=page_id(fields, "conversation"))


def tell_fact(fields: Mapping[str, str]) -> TellFact:
    """What was pressed under an answer, with what was known then; a fact pressed anew takes the place of the old.

    Nothing else of the fields goes along, least of all words. Whether there is such a ruling or fact, the desk knows.
    """
    facts = {**_keyed(fields, KNOWN_PREFIX), **_keyed(fields, FACT_PREFIX)}
    conversation = page_id(fields, "conversation")
    return TellFact(fields.get("policy", ""), fields.get("ruling", ""), tuple(facts.items()), conversation)


def pressed(fields: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The facts whose button was pressed, key and value each: one, or none where a meaning was chosen.

    What is no fact, or none of its choices, is left out; an empty value takes a fact back.
    """
    told = _keyed(fields, FACT_PREFIX).items()
    return tuple((key, value) for key, value in told if key in shipped_facts() and _is_choice(key, value))


def asked(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of the facts that the answer asked for, whether or not the next one still does."""
    return tuple(key for key in _keyed(fields, ASKED_PREFIX) if key in shipped_facts())


def _keyed(fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in fields.items() if name.startswith(prefix)}


def _is_choice(key: str, value: str) -> bool:
    return not value or value in shipped_facts()[key].values


def open_forms(person: str | None) -> OpenForms:
    """Which forms there are, and what a person who is signed in left."""
    return OpenForms(owner({}, person))


def open_form(request: Request, fields: Mapping[str, str] | None = None) -> OpenForm:
    """Which form the address names, and what a conversation knows already."""
    given = fields or {}
    return OpenForm(request.path_params["name"], given.get("clause") or None, answers(given))


def fill_form(request: Request, fields: Mapping[str, str], person: str | None) -> FillForm:
    """What is filled in so far."""
    return FillForm(*_filled(request, fields, person))


def submit_form(
    request: Request, fields: Mapping[str, str], person: str | None, attachments: tuple[Attachment, ...] = ()
) -> SubmitForm:
    """What was filled in, for the form that the address names; fields that are not a question's are left out."""
    return SubmitForm(*_filled(request, fields, person), sender=person or "", attachments=attachments)


def save_draft(request: Request, fields: Mapping[str, str], person: str | None) -> SaveDraft:
    """What is filled in so far, to be kept."""
    return SaveDraft(*_filled(request, fields, person))


def open_draft(fields: Mapping[str, str], person: str | None) -> OpenDraft:
    """Which draft: by its code, or one of a person who is signed in."""
    return OpenDraft(owner(fields, person), page_id(fields, "draft"))


def discard_draft(fields: Mapping[str, str], person: str | None) -> DiscardDraft:
    """Which draft is to go: by its code, or one of a person who is signed in."""
    return DiscardDraft(owner(fields, person), page_id(fields, "draft"))


def owner(fields: Mapping[str, str], person: str | None) -> str:
    """Whose a draft is: whoever has its code, else whoever is signed in, else nobody's.

    Not the browser's: at a shared computer the next person has the same one.
    """
    return code_owner(fields.get("code", "")) or (PERSON + person if person else "")


def _filled(
    request: Request, fields: Mapping[str, str], person: str | None
) -> tuple[str, str, dict[str, str], str | None, str]:
    """What every step of a form brings: its name, the draft's id, the answers, the clause, and whose it is."""
    clause = fields.get("clause") or None
    return request.path_params["name"], fields.get("draft", ""), answers(fields), clause, owner(fields, person)


def open_inbox(person: str) -> OpenInbox:
    """The inbox of the person who is signed in."""
    return OpenInbox(person)


def open_case(request: Request, person: str) -> OpenCase:
    """The case that the address names, for the person who is signed in."""
    return OpenCase(person, request.path_params["reference"])


def open_standing(fields: Mapping[str, str], person: str | None) -> OpenStanding:
    """How it stands: with the report of a code, else with those of the person who is signed in."""
    code = fields.get("code", "").strip()
    return OpenStanding(code=code) if code else OpenStanding(person or "")


def act_on_case(request: Request, fields: Mapping[str, str], person: str) -> ActOnCase | None:
    """What the person who is signed in does to the case that the address names; None for nothing that there is."""
    return _act(request, fields, person, frozenset(CaseAct) - OF_SENDERS)


def act_on_own(request: Request, fields: Mapping[str, str], person: str) -> ActOnCase | None:
    """What a sender does to a report of theirs; None for nothing that there is."""
    return _act(request, fields, person, OF_SENDERS)


def _act(request: Request, fields: Mapping[str, str], person: str, acts: frozenset[CaseAct]) -> ActOnCase | None:
    given = fields.get("act", "")
    if given not in acts:
        return None
    reference = request.path_params["reference"]
    return ActOnCase(person, reference, CaseAct(given), page_id(fields, "form"), answers(fields))


def open_own(person: str, *, whole: bool = False) -> OpenOwn:
    """What the person who is signed in reported."""
    return OpenOwn(person, whole)


def open_retention(person: str) -> OpenRetention:
    """What is due to be deleted, for the person who is signed in."""
    return OpenRetention(person)


def export_cases(fields: Mapping[str, str], person: str, references: tuple[str, ...]) -> ExportCases:
    """Which cases are taken out, and as what; what is no format of ours is JSON."""
    given = fields.get("format", "")
    as_what = ExportFormat(given) if given in set(ExportFormat) else ExportFormat.JSON
    ticked = tuple(line for line in answers(fields).get("cases", "").split("\n") if line)
    return ExportCases(person, as_what, references or ticked)


def open_account(person: str) -> OpenAccount:
    """Who is signed in."""
    return OpenAccount(person)


def confirm_holder(fields: Mapping[str, str], person: str) -> ConfirmHolder:
    """Whom the person who is signed in confirms, and in which role."""
    return ConfirmHolder(person, fields.get("holder", ""), fields.get("role", ""))


def open_attachment(request: Request, person: str) -> OpenAttachment:
    """The file that the address names, for the person who is signed in."""
    return OpenAttachment(person, request.path_params["reference"], request.path_params["attachment"])


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
