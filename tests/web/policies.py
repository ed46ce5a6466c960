"""Two small policies that have something of everything a document can have."""

from datetime import date

from knowledge.model import Passage, PassageKind, Policy
from knowledge.numbering import Label

NUMBERED = Policy(
    slug="reach2-online-safety",
    title="Online Safety and Social Media policy",
    version="2.0",
    approved=date(2023, 7, 1),
    review_months=36,
    passages=(
        Passage(PassageKind.HEADING, "Online Safety and Social Media policy", level=6),
        Passage(PassageKind.DETAIL, "Executive, July 2023", "Approved:"),
        Passage(PassageKind.FRONT, "At our schools we act with integrity."),
        Passage(PassageKind.FRONT, "Integrity and <b>respect</b>", "-", 1),
        Passage(PassageKind.CONTENTS, "Contents", level=6),
        Passage(PassageKind.CONTENTS, "Key Principles", "1.", 1),
        Passage(PassageKind.CONTENTS, "A section that was taken out", "2.", 1),
        Passage(PassageKind.HEADING, "Key Principles", "5.", 1),
        Passage(PassageKind.CLAUSE, "All staff protect the school's name.", "5.1", label=Label.parse("5.1")),
        Passage(PassageKind.HEADING, "Use in practice", level=6),
        Passage(PassageKind.CLAUSE, "Adhere to these guidelines:", "6.2", label=Label.parse("6.2")),
        Passage(PassageKind.CLAUSE, "Protect privacy;", "-", 1, label=Label.parse("6.2(1)")),
        Passage(PassageKind.CLAUSE, "that of pupils;", "(a)", 2, label=Label.parse("6.2(1)(a)")),
        Passage(PassageKind.CLAUSE, "Ask first.", "-", 1, label=Label.parse("6.2(2)")),
        Passage(PassageKind.LEAD_IN, "In addition everyone must ensure that they:"),
        Passage(PassageKind.CLAUSE, "Keep records.", "-", 1, label=Label.parse("6.2(3)")),
        Passage(PassageKind.FIELD, "", "Signed:"),
        Passage(PassageKind.FIELD, "", "Date:"),
    ),
    clauses=(),
)
UNDATED = Policy(
    slug="guides/phones & cameras",
    title="Phones <at> school",
    version=None,
    approved=None,
    review_months=None,
    passages=(Passage(PassageKind.CLAUSE, "Phones stay in the locker.", label=Label.parse("Phones ¶1")),),
    clauses=(),
)
POLICIES = (NUMBERED, UNDATED)
