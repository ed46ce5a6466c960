"""Reply -> words in a terminal."""

from typing import assert_never

from bot.messages import (
    Answer,
    CaseView,
    DraftKept,
    FormsView,
    FormView,
    InboxView,
    Noted,
    QuestionView,
    Receipt,
    Refusal,
    Reply,
    SectionView,
    Verdict,
)
from bot.wording import say
from knowledge.model import Citation, Clause


def plain(reply: Reply) -> str:  # noqa: PLR0911 (one arm for each kind of Reply)
    """A reply as plain text; forms and cases are for pages and dialogs, and are only named here."""
    match reply:
        case Answer():
            return _answer(reply)
        case SectionView():
            return _section(reply)
        case FormsView(title=title) | FormView(title=title) | InboxView(name=title) | QuestionView(title=title):
            return say("terminal.open_in_browser", title=title)
        case CaseView(row=row):
            return say("terminal.open_in_browser", title=row.reference)
        case DraftKept(headline=headline, code=code):
            return f"{headline} {code}".strip()
        case Receipt():
            return f"{reply.headline} {reply.reference}"
        case Noted():
            return " ".join([reply.headline, *reply.sentences])
        case Refusal(headline=headline):
            return headline
        case _:
            assert_never(reply)


def _answer(answer: Answer) -> str:
    lines = [answer.headline, *(f"{say(f'condition.{one.kind}')}: {one.text}" for one in answer.conditions)]
    nearest = answer.verdict is Verdict.NOT_COVERED
    for number, citation in enumerate(answer.citations):
        if number == 0 and nearest:
            lines += ["", say("answer.nearest")]
        if number == 1 and not nearest:
            lines += ["", say("answer.related")]
        lines += ["", *_clause(citation.clause)]
        following = answer.citations[number + 1 : number + 2]
        if number == 0 or not following or following[0].clause.policy != citation.clause.policy:
            lines.append(f"  {source_line(citation)}")
    return "\n".join([*lines, "", say("terminal.tell_someone")])


def _section(section: SectionView) -> str:
    clause = section.citation.clause
    lines = [" › ".join(clause.headings), f"  {source_line(section.citation)}", ""]  # noqa: RUF001 (as below)
    for passage in section.passages:
        mark = ">" if passage.label == clause.label else " "
        lines.append(f"{mark} {passage.label or ''}  {passage.text}" if passage.label else f"  {passage.text}")
    return "\n".join(lines)


def _clause(clause: Clause) -> list[str]:
    trail = " › ".join(clause.headings)  # noqa: RUF001 (the sign that parts the steps of a path)
    lead_in = [f"  {clause.lead_in}"] if clause.lead_in else []
    return [f"{clause.label}  {trail}", *lead_in, f"  “{clause.text}”"]


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
