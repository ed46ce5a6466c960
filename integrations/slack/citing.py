"""Clauses as blocks: quoted word for word under an answer, in their section, and in which policy they stand."""

import json
from collections.abc import Iterable, Iterator

from bot.messages import Answer, SectionView
from bot.wording import say
from integrations.shown import citation_address, month
from integrations.slack.blocks import Block, context, escape, link, quote, section, sections
from knowledge.model import Citation, Passage
from knowledge.rulings import Verdict

_MOST_PASSAGES = 90
_MOST_SIZE = 100_000
"""Characters of the blocks of a section, as they go over the wire; a view takes a quarter of a million in all."""

_NEAR_LENGTH = 300
_TRAIL = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


def goes_on(address: str) -> str:
    """What is said where something was cut.

    Args:
        address: of the pages, without a slash at its end; empty where people cannot open them. So in all of this file.
    """
    return say("slack.asking.goes_on" if address else "slack.asking.goes_on_here")


def quoted(answer: Answer, address: str) -> Iterator[Block]:
    """The clauses that decide, word for word; then, short, those that are near."""
    if not answer.citations:
        return
    is_open = answer.verdict is Verdict.NOT_COVERED
    if is_open:
        yield section(f"*{escape(say('answer.nearest'))}*")
    for one in answer.citations if is_open else answer.decisive:
        yield from _cited(one, address)
    if answer.near and not is_open:
        yield context(escape(say("answer.related")), *(_near(one, address) for one in answer.near))
    if answer.ruling:
        ruled = say("answer.ruling", id=answer.ruling.id, reviewed=month(answer.ruling.reviewed))
        yield context(escape(ruled))


def _cited(citation: Citation, address: str) -> Iterator[Block]:
    """Which clause, what it says word for word, and in which policy."""
    clause = citation.clause
    yield context(headed(citation, address))
    yield quote(clause.text, clause.lead_in or "")
    yield context(source(citation, address))


def headed(citation: Citation, address: str) -> str:
    """Which clause it is, and under which headings, as markup."""
    return f"*{labelled(citation, address)}* {_TRAIL.join(map(escape, citation.clause.headings))}".strip()


def labelled(citation: Citation, address: str) -> str:
    """The label of a clause, leading to it, as markup."""
    return link(_address(citation, address), str(citation.clause.label))


def _near(citation: Citation, address: str) -> str:
    """A clause that is near, in a line: its label and how it begins."""
    text = citation.clause.text
    begins = text if len(text) <= _NEAR_LENGTH else text[:_NEAR_LENGTH].rsplit(" ", 1)[0] + " …"
    return f"*{link(_address(citation, address), str(citation.clause.label))}* “{escape(begins)}”"


def source(citation: Citation, address: str) -> str:
    """The policy's title, version and date, and that its review is overdue, as markup."""
    parts = [link(_address(citation, address), citation.title)]
    parts += [escape(say("citation.version", version=citation.version))] if citation.version else []
    parts += [escape(month(citation.approved))] if citation.approved else []
    said = ", ".join(parts)
    if citation.overdue and citation.review_due:
        said += f"; *{escape(say('citation.overdue', due=month(citation.review_due)))}*"
    return said


def _address(citation: Citation, address: str) -> str:
    return f"{address}{citation_address(citation)}" if address else ""


def section_blocks(view: SectionView, address: str) -> list[Block]:
    """A section word for word; where it is longer than fits, it goes on on its page."""
    blocks = [*passages(view)]
    fit = [*_fitting(blocks[:_MOST_PASSAGES])]
    more = [escape(goes_on(address))] if len(blocks) > len(fit) else []
    return [*fit, context(*where(view, address), *more)]


def where(view: SectionView, address: str) -> list[str]:
    """In which policy it stands, and the way to its page."""
    page = link(_address(view.citation, address), say("section.in_policy")) if address else ""
    return [source(view.citation, address), *filter(None, [page])]


def passages(view: SectionView) -> Iterator[Block]:
    """A section word for word, the clause that was asked for marked."""
    headings = view.citation.clause.headings
    if headings:
        yield section(f"*{_TRAIL.join(map(escape, headings))}*")
    for passage in view.passages:
        yield from _passage(passage, view)


def _fitting(blocks: Iterable[Block]) -> Iterator[Block]:
    """As many of the first ones as Slack takes together."""
    size = 0
    for block in blocks:
        size += len(json.dumps(block))
        if size > _MOST_SIZE:
            return
        yield block


def _passage(passage: Passage, view: SectionView) -> Iterator[Block]:
    is_it = passage.label is not None and passage.label == view.citation.clause.label
    before = f"{passage.label} " if passage.label is not None else ""
    if is_it:
        yield context(escape(say("section.this_clause")))
        yield quote(f"{before}{passage.text}")
    else:
        yield from sections(f"{before}{passage.text}")
