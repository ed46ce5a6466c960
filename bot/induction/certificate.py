"""The certificate of a signature: a PDF with who signed what, and when; the same signs each time it is taken."""

from datetime import UTC

from fpdf import FPDF
from fpdf.fonts import TTFFont

from bot.cases.dates import day_in_words
from bot.cases.people.directory import Directory, NoSuchSchool, day_at_school
from bot.cases.people.signatures import SignOffsDamaged
from bot.cases.receiving.taken_pdf import FONT, shown
from bot.induction.signing import SignOff, agreement_digest
from bot.messages import ExportFile
from bot.wording import say

_FAMILY = "DejaVu"
_SMALL, _TEXT, _HEAD, _TITLE = 8, 10.5, 13, 19
_LINE = 5.4
_GREY = 90


def certificate(one: SignOff, school: str) -> ExportFile:
    """The certificate of a sign-off at a school of that name; the name of the file tells of no person.

    Raises:
        SignOffsDamaged: the words that stood over the signature are not in what was signed.
    """
    agreement = agreement_words(one)
    pdf, document = _Document(one), one.document
    pdf.add_page()
    written = one.written
    name, role, signed = (written.name, written.role, written.signed) if written else (say("induction.deleted"), "", "")
    version = document.version or say("certificate.undated")
    _words(pdf, say("certificate.title"), _TITLE)
    _words(pdf, say("certificate.says", name=name, role=role, school=school), _HEAD, above=4)
    _pair(pdf, "policy", say("certificate.policy_line", title=document.title, version=version))
    _pair(pdf, "agreement", agreement)
    _pair(pdf, "signed", signed)
    _pair(pdf, "date", day_in_words(day_at_school(one.at)))
    _pair(pdf, "digest", document.digest)
    _pair(pdf, "agreement_digest", one.signature.agreement)
    _pair(pdf, "reference", one.id)
    name = f"certificate-{document.policy}-{day_at_school(one.at).isoformat()}.pdf"
    return ExportFile(name, "application/pdf", bytes(pdf.output()))


def agreement_words(one: SignOff) -> str:
    """The words that stood over a signature, found by their digest in the policy as it was signed.

    Raises:
        SignOffsDamaged: they are not there.
    """
    for clause in one.document.clauses:
        if agreement_digest(clause.text) == one.signature.agreement:
            return clause.text
    raise SignOffsDamaged


def school_name(one: SignOff, directory: Directory) -> str:
    """The school's name; its id, where it is not in the directory any more."""
    try:
        return directory.school(one.signature.school).name
    except NoSuchSchool:
        return one.signature.school


class _Document(FPDF):
    """One page, with what it was made from at its foot."""

    def __init__(self, one: SignOff) -> None:
        super().__init__(format="A4")
        self.add_font(_FAMILY, fname=FONT)
        font = self.fonts[_FAMILY.lower()]
        self.signs = frozenset(font.cmap) if isinstance(font, TTFFont) else frozenset[int]()
        self.set_margins(24, 24, 24)
        self.set_auto_page_break(auto=True, margin=22)
        self.set_creation_date(one.at.astimezone(UTC))
        self.set_creator("Touchstone")
        self.set_title(say("certificate.title"))

    def footer(self) -> None:
        """What it was made from."""
        self.set_y(-15)
        self.set_font(_FAMILY, size=_SMALL)
        self.set_text_color(_GREY)
        self.cell(0, 4, shown(say("certificate.foot"), self.signs), align="C")


def _pair(pdf: _Document, key: str, value: str) -> None:
    _words(pdf, say(f"certificate.{key}"), _SMALL, above=3, grey=True)
    _words(pdf, value, _TEXT)


def _words(pdf: _Document, text: str, size: float, *, above: float = 0, grey: bool = False) -> None:
    if above:
        pdf.ln(above)
    pdf.set_font(_FAMILY, size=size)
    pdf.set_text_color(_GREY if grey else 0)
    pdf.multi_cell(0, _LINE * size / _TEXT, shown(text, pdf.signs), align="L", new_x="LMARGIN", new_y="NEXT")
