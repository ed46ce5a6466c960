"""A case as a PDF: what was told, what happened, and on each page who took it out and when."""

import unicodedata
from datetime import UTC
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

from bot.cases.dates import moment_in_words
from bot.cases.receiving.taken import Taken, Taker
from bot.messages import CaseAnswer
from bot.wording import say

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
"""DejaVu Sans: Latin, Greek, Cyrillic, Arabic, Hebrew and more; what it has not is named by its Unicode name."""

_FAMILY = "DejaVu"
_SMALL, _TEXT, _HEAD, _TITLE = 8, 10.5, 13, 17
_LINE = 5.2
_GREY = 90


def as_pdf(case: Taken, taker: Taker) -> bytes:
    """One case as a PDF, tagged with nothing of its content but the reference."""
    pdf = _Document(taker)
    row = case.view.row
    pdf.set_title(row.reference)
    pdf.add_page()
    _words(pdf, say("export.title", form=row.form, reference=row.reference), _TITLE)
    received = f"{say('export.received')} {moment_in_words(row.received)}."
    state = f"{received} {say('export.state')}: {say(f'inbox.{row.state}')}."
    _words(pdf, f"{state} {say('inbox.urgent') if row.urgent else ''}".strip(), _TEXT)
    for fact in case.view.facts:
        _words(pdf, fact, _TEXT)
    _words(pdf, say("case.told"), _HEAD, above=4)
    for answer in case.view.answers:
        _answer(pdf, answer)
    if case.view.attachments:
        _words(pdf, say("attach.heading"), _HEAD, above=4)
        for file in case.view.attachments:
            _words(pdf, f"{file.name} ({file.type}, {file.size})", _TEXT)
    _words(pdf, say("case.happened"), _HEAD, above=4)
    for event in case.view.chronology:
        detail = f" ({event.detail})" if event.detail else ""
        _words(pdf, moment_in_words(event.at), _SMALL, above=2, grey=True)
        _words(pdf, f"{event.what} {event.who}{detail}".strip(), _TEXT)
        for said in event.said:
            _answer(pdf, said)
    return bytes(pdf.output())


class _Document(FPDF):
    """Pages with the watermark at their foot."""

    def __init__(self, taker: Taker) -> None:
        super().__init__(format="A4")
        self._taker = taker
        self.add_font(_FAMILY, fname=FONT)
        font = self.fonts[_FAMILY.lower()]
        self.signs = frozenset(font.cmap) if isinstance(font, TTFFont) else frozenset[int]()
        self.set_margins(20, 18, 20)
        self.set_auto_page_break(auto=True, margin=22)
        self.set_creation_date(taker.at.astimezone(UTC))
        self.set_creator("Touchstone")

    def footer(self) -> None:
        """Who took it out, when, and the number of the page."""
        self.set_y(-15)
        self.set_font(_FAMILY, size=_SMALL)
        self.set_text_color(_GREY)
        self.cell(0, 4, shown(self._taker.watermark(), self.signs), align="C", new_x="LMARGIN", new_y="NEXT")
        self.cell(0, 4, say("export.page", number=self.page_no(), count="{nb}"), align="C")


def _answer(pdf: _Document, answer: CaseAnswer) -> None:
    _words(pdf, answer.ask, _SMALL, above=1.5, grey=True)
    _words(pdf, answer.answer, _TEXT)


def _words(pdf: _Document, text: str, size: float, *, above: float = 0, grey: bool = False) -> None:
    if above:
        pdf.ln(above)
    pdf.set_font(_FAMILY, size=size)
    pdf.set_text_color(_GREY if grey else 0)
    pdf.multi_cell(0, _LINE * size / _TEXT, shown(text, pdf.signs), align="L", new_x="LMARGIN", new_y="NEXT")


def shown(text: str, signs: frozenset[int]) -> str:
    """A text as a font with these signs can show it: any other stands there by its name, so that nothing is lost."""
    return "".join(sign if ord(sign) in signs or sign == "\n" else _named(sign) for sign in text.replace("\t", " "))


def _named(sign: str) -> str:
    if unicodedata.category(sign) in {"Cf", "Mn"}:
        return ""  # it shapes the signs around it, and says nothing itself
    return f"[{unicodedata.name(sign, f'U+{ord(sign):04X}').lower()}]"
