"""Reply -> HTML."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.cases import dates
from bot.cases.forms import kinds
from bot.cases.people.sessions import Session
from bot.messages import (
    AccountView,
    AgreementView,
    Answer,
    Asked,
    AttachmentContent,
    CaseState,
    CaseView,
    Changes,
    DraftKept,
    ExportFile,
    Figures,
    FormQuestion,
    FormsView,
    FormView,
    Health,
    InboxView,
    InductionLeadView,
    InductionStepView,
    InductionView,
    Noted,
    OpenOwning,
    OwningHome,
    OwningPage,
    OwningView,
    OwnView,
    QuestionView,
    Receipt,
    Refusal,
    Reply,
    RetentionView,
    RulingDraft,
    RulingRead,
    RulingRows,
    SectionView,
    SignedView,
    SignOffsView,
    StandingView,
    StepRead,
    VersionRead,
    Versions,
)
from bot.wording import say
from integrations.fields import ANSWER_PREFIX
from integrations.shown import (
    UNDATED,
    citation_address,
    fact_choices,
    fact_label,
    fact_question,
    month,
    owning_address,
)
from integrations.web.assets import Assets
from integrations.web.charts import draw
from integrations.web.inbound import (
    ASKED_PREFIX,
    FACT_PREFIX,
    KNOWN_PREFIX,
    LABEL_PREFIX,
    MAX_QUESTION,
)
from integrations.web.outline import outline
from integrations.web.visitors import FIELD
from integrations.web.walking import TICKED, VERDICT_PREFIX
from knowledge.model import Citation, Policy

TEMPLATES = Path(__file__).parent / "templates"

_DAY = re.compile(r"\d{4}-(0\d|1[0-2])-[0-3]\d", re.ASCII)
_DIALLED = frozenset("+0123456789")
_NUMBER = re.compile(r"\+?[\d ()-]{3,}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a page, between its header and its footer.

    Attributes:
        title: what the browser's tab says.
        html: the content; every value in it is escaped.
    """

    title: str
    html: Markup


@dataclass(frozen=True, slots=True)
class MomentFields:
    """A day and its time as a form shows them: what stands in each field, and of which type the field is.

    What a field for days or times would not show, since it is none, stands in a field for text: nothing typed is lost.
    """

    day: str
    time: str
    is_rough: bool

    @property
    def day_type(self) -> str:
        """The type of the field for the day."""
        return "date" if not self.day or _DAY.fullmatch(self.day) else "text"

    @property
    def time_type(self) -> str:
        """The type of the field for the time."""
        return "time" if not self.time or _TIME.fullmatch(self.time) else "text"


class Renderer:
    """Fills the templates; everything that is put into one is escaped, and a value that is missing is an error."""

    def __init__(self, assets: Assets, forms: Mapping[str, str]) -> None:
        """Reads no template yet.

        Args:
            assets: the files that pages name.
            forms: for the name of each form, the words on a link to it.
        """
        self._forms = forms
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "day": dates.day_in_words,
            "fact_choices": fact_choices,
            "fact_question": fact_question,
            "fact_label": fact_label,
            "form_title": self._form_title,
            "moment": dates.moment_in_words,
            "moment_fields": moment_fields,
            "month": month,
            "drawn": draw,
            "names": names,
            "telephone_address": telephone_address,
        }
        self._environment.tests["numbered"] = is_numbered
        self._environment.globals |= {
            "address": assets.address,
            "citation_address": citation_address,
            "owning_address": owning,
            "policy_address": policy_address,
            "section_address": section_address,
            "walk_address": walk_address,
            "say": say,
            "ANSWER_PREFIX": ANSWER_PREFIX,
            "ASKED_PREFIX": ASKED_PREFIX,
            "CSRF": FIELD,
            "FACT_PREFIX": FACT_PREFIX,
            "KNOWN_PREFIX": KNOWN_PREFIX,
            "LABEL_PREFIX": LABEL_PREFIX,
            "MAX_QUESTION": MAX_QUESTION,
            "TICKED": TICKED,
            "VERDICT_PREFIX": VERDICT_PREFIX,
        }

    def reply(  # noqa: C901, PLR0911, PLR0912 (one arm for each kind of Reply)
        self, reply: Reply, token: str, conversation: str = "", asked: tuple[str, ...] = ()
    ) -> Content:
        """One reply of the desk; the token is the visitor's, for a form, the conversation's id for its buttons.

        ``asked`` are the facts that were asked for before: whatever the answer came to, they can still be told.
        """
        match reply:
            case Answer():
                told = {*dict(reply.facts), *reply.asks}
                open_still = tuple(key for key in asked if key not in told)
                return self.fill(
                    say("chat.answer"),
                    "answer.html",
                    answer=reply,
                    token=token,
                    conversation=conversation,
                    open_still=open_still,
                )
            case SectionView():
                title = reply.citation.clause.headings[-1] if reply.citation.clause.headings else reply.citation.title
                return self.fill(title, "section.html", section=reply, parts=outline(reply.passages))
            case QuestionView():
                title = titled(reply.title, is_wrong=reply.has_errors or bool(reply.notice))
                return self.fill(title, "question.html", question=reply, token=token)
            case Noted():
                return self.fill(reply.headline, "noted.html", noted=reply)
            case FormView():
                title = titled(reply.title, is_wrong=reply.has_errors or bool(reply.notice))
                return self.fill(title, "form.html", form=reply, token=token)
            case FormsView():
                return self.fill(reply.title, "forms.html", forms=reply, token=token)
            case DraftKept():
                return self.fill(reply.headline, "kept.html", kept=reply, token=token)
            case Receipt():
                return self.fill(say("receipt.title"), "receipt.html", receipt=reply)
            case InboxView():
                unread = sum(not row.opened for row in reply.rows)
                title = say("inbox.unread", count=unread) if unread else say("inbox.title")
                return self.fill(title, "inbox.html", inbox=reply, token=token, states=tuple(CaseState))
            case StandingView():
                return self.fill(say("standing.title"), "standing.html", standing=reply, token=token)
            case CaseView():
                title = titled(reply.row.reference, is_wrong=reply.has_errors or bool(reply.notice))
                return self.fill(title, "case.html", case=reply, token=token)
            case OwnView():
                title = titled(reply.title, is_wrong=reply.has_errors or bool(reply.notice))
                return self.fill(title, "own.html", own=reply, token=token)
            case RetentionView():
                title = titled(reply.title, is_wrong=reply.has_errors or bool(reply.notice))
                return self.fill(title, "retention.html", retention=reply, token=token)
            case ExportFile():
                return self.fill(reply.name, "refusal.html", refusal=Refusal(reply.name))
            case Refusal():
                return self.fill(say("page.none"), "refusal.html", refusal=reply)
            case AttachmentContent():
                return self.fill(reply.filename, "message.html", title=reply.filename, sentences=())
            case AccountView():
                return self.account(reply, token)
            case InductionView():
                return self.induction(reply, token)
            case InductionStepView():
                title = titled(reply.title, is_wrong=bool(reply.notice))
                return self.fill(title, "step.html", step=reply, token=token)
            case AgreementView():
                title = titled(reply.title, is_wrong=reply.has_errors or bool(reply.notice))
                return self.fill(title, "agreement.html", view=reply, token=token)
            case SignedView():
                return self.fill(reply.headline, "signed.html", signed=reply, token=token)
            case SignOffsView():
                return self.fill(reply.title, "sign_offs.html", view=reply, token=token, is_known=bool(reply.rows))
            case InductionLeadView():
                title = titled(reply.title, is_wrong=reply.has_errors or bool(reply.notice))
                return self.fill(title, "induction_lead.html", lead=reply, token=token)
            case OwningView():
                title = titled(reply.title, is_wrong=reply.has_errors)
                return self.fill(title, "owner.html", view=reply, kind=_OWNING[type(reply.content)], token=token)
            case _:
                assert_never(reply)

    def induction(self, walk: InductionView, token: str, *, is_known: bool = False, is_lead: bool = False) -> Content:
        """The whole walk; whoever looks after it finds the way to everybody's there."""
        return self.fill(walk.title, "induction.html", walk=walk, token=token, is_known=is_known, is_lead=is_lead)

    def account(
        self, account: AccountView, token: str, sessions: Sequence[Session] = (), this: Session | None = None
    ) -> Content:
        """Who somebody is here, with their sessions, and which of them this is."""
        title = say("account.title")
        return self.fill(title, "account.html", account=account, token=token, sessions=sessions, this=this)

    def fill(self, title: str, template: str, /, **values: object) -> Content:
        """A template filled with values.

        Raises:
            jinja2.UndefinedError: the template needs a value that is not given.
        """
        return Content(title, Markup(self._environment.get_template(template).render(values)))  # noqa: S704 (autoescaped)

    def _form_title(self, name: str) -> str:
        return self._forms.get(name, name.replace("_", " ").capitalize())


_OWNING: Mapping[type[object], str] = {
    OwningHome: "home",
    Asked: "asked",
    Figures: "figures",
    RulingRows: "rulings",
    RulingRead: "ruling",
    StepRead: "step",
    RulingDraft: "draft",
    Health: "health",
    Versions: "versions",
    VersionRead: "version",
    Changes: "changes",
    type(None): "",
}
"""For each kind of page of the policy owner the part of its template."""


def owning(page: str, policy: str = "", item: str = "", version: str = "") -> str:
    """Where a page of the policy owner is."""
    return owning_address(OpenOwning("", OwningPage(page), policy, item, version))


def moment_fields(question: FormQuestion) -> MomentFields:
    """The fields of a date or a moment, as far as they were filled in."""
    return MomentFields(*dates.parts(question.value))


def names(question: FormQuestion) -> str:
    """The names that were typed, one a line, without whom they mean."""
    return "\n".join(one.name for one in kinds.named(question.value))


def titled(title: str, *, is_wrong: bool) -> str:
    """What the browser's tab says: first of all, whether something has to be put right."""
    return say("page.error", title=title) if is_wrong else title


def telephone_address(number: str) -> str:
    """What a telephone dials; empty where there is more in it than a number."""
    return f"tel:{''.join(sign for sign in number if sign in _DIALLED)}" if _NUMBER.fullmatch(number) else ""


def is_numbered(marker: str) -> bool:
    """Whether a marker says something ("1.", "(a)"), and is not a mere bullet."""
    return any(map(str.isalnum, marker))


def policy_address(policy: Policy) -> str:
    """Where a policy can be read."""
    return f"/policies/{quote(policy.slug)}/{quote(policy.version or UNDATED)}"


def section_address(citation: Citation) -> str:
    """Where the section of a clause is to be had alone."""
    return "/section?" + urlencode({"policy": citation.clause.policy, "label": str(citation.clause.label)})


def walk_address(policy: str) -> str:
    """Where the walk through a policy begins."""
    return f"/induction/of/{quote(policy)}"
