"""A version 2.1 of the shipped policy that nobody ever approved: three clauses reworded, one removed, one new."""

import tempfile
from pathlib import Path

from knowledge.clauses import assemble
from knowledge.library import SHIPPED
from knowledge.model import Policy
from knowledge.readers import read_document

REACH2 = "reach2-online-safety"
VERSION = "2.1"

REWORDED = {
    "6.2(25)": (
        "any ex-pupil of the school under the age of 18 as",
        "any ex-pupil of the school under the age of 21 as",
    ),
    "7.2(1)": (
        "kept in a secure place (not in a pocket), switched off",
        "kept in the lockers of the office, switched off",
    ),
    "9.2": ("share their work log-ins or passwords with", "share or write down their work log-ins or passwords for"),
}
REMOVED = (
    "- Complaints should not be dealt with via social media and should be diverted to an appropriate communications "
    "channel;\n"
)
"""6.2(14): every bullet after it has another label in 2.1."""
NEW = "- Staff should not stream live from the school without the approval of the headteacher.\n"
"""7.2(7)."""
_LAST = "- School photographs and recordings can only be transferred to, and stored on a school computer.\n"


def invented() -> bytes:
    """The document."""
    text = next((SHIPPED / REACH2).glob("*.txt")).read_text(encoding="utf-8")
    changes = [*REWORDED.values(), (REMOVED, ""), (_LAST, _LAST + NEW)]
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text.encode()


def invented_policy() -> Policy:
    """What is read of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.txt"
        path.write_bytes(invented())
        passages, clauses = assemble(read_document(path), REACH2)
    return Policy(REACH2, "Online Safety and Social Media policy", VERSION, None, None, passages, clauses)
