"""Reply -> words in a terminal: lines that know what each piece of them is, with or without colour."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from bot.messages import (
    AccountView,
    AgreementView,
    Answer,
    AttachmentContent,
    CaseView,
    DraftKept,
    ExportFile,
    FormsView,
    FormView,
    InboxView,
    InductionLeadView,
    InductionStepView,
    InductionView,
    Noted,
    OwningView,
    OwnView,
    QuestionView,
    Reach,
    Receipt,
    Refusal,
    Reply,
    RetentionView,
    SectionView,
    SignedView,
    SignOffsView,
    StandingView,
)
from bot.wording import say
from integrations.cli.terminal import visible
from knowledge.facts import shipped_facts
from knowledge.model import Citation, Clause
from knowledge.rulings import Verdict


class Part(StrEnum):
    """What a piece of a line is; integrations/cli/colours.py says how each looks."""

    HEADLINE = "headline"
    NO = "no"
    YES = "yes"
    DEPENDS = "depends"
    INFO = "info"
    NOT_COVERED = "not_covered"
    NOTE = "note"
    LABEL = "label"
    TRAIL = "trail"
    LEAD_IN = "lead_in"
    WORDS = "words"
    SOURCE = "source"
    TELL = "tell"
    URGENT = "urgent"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Line:
    """A line before it is wrapped.

    Attributes:
        pieces: its words, each with what they are.
        indent: how many columns it is set in, all its lines once it is wrapped.
    """

    pieces: tuple[tuple[Part, str], ...] = ()
    indent: int = 0

    def __str__(self) -> str:
        """The line without colour, not wrapped."""
        return visible(" " * self.indent + "".join(words for _, words in self.pieces))


def plain(reply: Reply) -> str:
    """A reply as plain text."""
    return "\n".join(map(str, lines(reply)))


def lines(reply: Reply) -> list[Line]:  # noqa: C901, PLR0911, PLR0912 (one arm for each kind of Reply)
    """A reply line by line; forms and cases are for pages and dialogs, and are only named here."""
    match reply:
        case Answer():
            return list(_answer(reply))
        case SectionView():
            return list(_section(reply))
        case (
            FormsView(title=title)
            | FormView(title=title)
            | InboxView(name=title)
            | QuestionView(title=title)
            | AccountView(name=title)
        ):
            return [_line(Part.HEADLINE, say("terminal.open_in_browser", title=title))]
        case StandingView():
            return [_line(Part.HEADLINE, say("terminal.open_in_browser", title=say("standing.title")))]
        case OwnView(title=title) | RetentionView(title=title) | OwningView(title=title) | ExportFile(name=title):
            return [_line(Part.HEADLINE, say("terminal.open_in_browser", title=title))]
        case (
            InductionView(title=title)
            | InductionStepView(title=title)
            | AgreementView(title=title)
            | SignedView(headline=title)
            | SignOffsView(title=title)
            | InductionLeadView(title=title)
        ):
            return [_line(Part.HEADLINE, say("terminal.open_in_browser", title=title))]
        case AttachmentContent(filename=filename):
            return [_line(Part.HEADLINE, say("terminal.open_in_browser", title=filename))]
        case CaseView(row=row):
            return [_line(Part.HEADLINE, say("terminal.open_in_browser", title=row.reference))]
        case DraftKept(headline=headline, code=code):
            return [_line(Part.HEADLINE, f"{headline} {code}".strip())]
        case Receipt():
            return [_line(Part.HEADLINE, f"{reply.headline} {reply.reference}")]
        case Noted():
            return [_line(Part.HEADLINE, " ".join([reply.headline, *reply.sentences]))]
        case Refusal(headline=headline):
            return [_line(Part.HEADLINE, headline)]
        case _:
            assert_never(reply)


def _answer(answer: Answer) -> Iterator[Line]:
    if answer.withdraws:
        yield _line(Part.NOTE, say("answer.withdraws"))
    if answer.urgent:
        yield from _urgent(answer)
    else:
        yield _line(Part(answer.verdict) if answer.verdict else Part.HEADLINE, answer.headline)
    yield from (_line(Part.NOTE, f"{say(f'condition.{one.kind}')}: {one.text}") for one in answer.conditions)
    if answer.facts:
        yield _line(Part.NOTE, say("answer.facts"))
        yield from (_line(Part.NOTE, _known(key, value), indent=2) for key, value in answer.facts)
    yield from (_line(Part.NOTE, _question(key), indent=2) for key in answer.asks)
    yield from (_line(Part.NOTE, meaning.about, indent=2) for meaning in answer.means)
    nearest = answer.verdict is Verdict.NOT_COVERED
    shown = answer.citations if nearest else (*answer.decisive, *answer.near)
    for number, citation in enumerate(shown):
        if number == 0 and nearest:
            yield from (Line(), _line(Part.NOTE, say("answer.nearest")))
        if number == len(answer.decisive) and not nearest and not answer.urgent:
            yield from (Line(), _line(Part.NOTE, say("answer.related")))
        yield Line()
        yield from _clause(citation.clause)
        following = shown[number + 1 : number + 2]
        if number + 1 == len(answer.decisive) or not following or following[0].clause.policy != citation.clause.policy:
            yield _line(Part.SOURCE, source_line(citation), indent=2)
    if answer.ruling:
        reviewed = f"{answer.ruling.reviewed:%B %Y}"
        yield from (Line(), _line(Part.SOURCE, say("answer.ruling", id=answer.ruling.id, reviewed=reviewed)))
    if answer.safety:
        safety = say("urgent.step_line", text=answer.safety.text, source=answer.safety.source)
        yield from (Line(), _line(Part.STEP, safety))
    yield from (Line(), _line(Part.TELL, say("terminal.tell_someone")))


def _question(key: str) -> str:
    """What is asked back, with what can be said to it."""
    fact = shipped_facts()[key]
    return f"{fact.ask} ({' / '.join(choice.label for choice in fact.choices)})"


def _urgent(answer: Answer) -> Iterator[Line]:
    """What to do now, whom to ring and where to report it, before what the policy says."""
    yield from (_line(Part.URGENT, answer.headline), Line())
    for number, step in enumerate(answer.steps, start=1):
        yield Line(((Part.STEP, f"{number}. {step.text}"), (Part.SOURCE, f" ({step.source})")))
    yield from (_line(Part.SOURCE, say("urgent.editions")), Line())
    for one in answer.reach:
        yield Line(((Part.STEP, reach_line(one)), (Part.SOURCE, f"  {one.name}, {one.role}")), indent=2)
    if answer.reach_note:
        yield _line(Part.STEP, answer.reach_note)
    yield from (Line(), _line(Part.STEP, say("terminal.report_it")))
    yield from (Line(), _line(Part.INFO, answer.remark or say("urgent.policy")))


def reach_line(one: Reach) -> str:
    """The numbers of somebody to ring."""
    number = f"{say('urgent.office_number')} {one.telephone}" if one.is_office else one.telephone
    return f"{number}, {say('urgent.out_of_hours')} {one.out_of_hours}" if one.out_of_hours else number


def _known(key: str, value: str) -> str:
    """What was counted: the question, and what the message said to it."""
    fact = shipped_facts()[key]
    return f"{fact.ask} {next(choice.label for choice in fact.choices if choice.value == value)}"


def _section(section: SectionView) -> Iterator[Line]:
    clause = section.citation.clause
    yield _line(Part.TRAIL, " › ".join(clause.headings))  # noqa: RUF001 (as below)
    yield from (_line(Part.SOURCE, source_line(section.citation), indent=2), Line())
    for passage in section.passages:
        mark = ">" if passage.label == clause.label else " "
        if passage.label:
            yield Line(((Part.LABEL, f"{mark} {passage.label}  "), (Part.WORDS, passage.text)))
        else:
            yield _line(Part.LEAD_IN, passage.text, indent=2)


def _clause(clause: Clause) -> Iterator[Line]:
    trail = " › ".join(clause.headings)  # noqa: RUF001 (the sign that parts the steps of a path)
    yield Line(((Part.LABEL, str(clause.label)), (Part.TRAIL, f"  {trail}")))
    if clause.lead_in:
        yield _line(Part.LEAD_IN, clause.lead_in, indent=2)
    yield _line(Part.WORDS, f"“{clause.text}”", indent=2)


def _line(part: Part, words: str, indent: int = 0) -> Line:
    return Line(((part, words),), indent)


def source_line(citation: Citation) -> str:
    """Where a clause stands: the policy's title, version and date, and that its review is overdue where it is."""
    parts = [citation.title]
    if citation.version:
        parts.append(say("citation.version", version=citation.version))
    if citation.approved:
        parts.append(f"{citation.approved:%B %Y}")
    if citation.overdue and citation.review_due:
        parts.append(say("citation.overdue", due=f"{citation.review_due:%B %Y}"))
    return ", ".join(parts)
