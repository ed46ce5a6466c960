"""What the form ``sign_agreement`` makes beside its case: a sign-off, so that one signature is given once."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from bot.cases.people.directory import Directory
from bot.cases.people.signatures import SignOffsDamaged
from bot.cases.reports.drafts import PERSON
from bot.cases.reports.filing import Report
from bot.cases.reports.intake import Afterwards
from bot.induction.agreement import POLICY
from bot.induction.definitions import Definition, Definitions
from bot.induction.document import document_of
from bot.induction.signing import FORM, Signing, SignOffs, Written
from knowledge.errors import TouchstoneError

NAME = "sign_agreement"
"""The form."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Formed:
    """Makes a sign-off of a form that somebody of the directory sent, in the transaction of its case.

    The words of the form must be those of the policy in force, and its reading must be said: else there is the case
    alone, as for whoever sends it without being known. Whatever is wrong with sign-offs keeps no form from being taken.

    Attributes:
        definitions: which policies are signed.
        sign_offs: what is signed.
        directory: gives the directory of now.
        words: the agreement as the form shows it.
    """

    definitions: Definitions
    sign_offs: SignOffs
    directory: Callable[[], Directory]
    words: str

    def prepared(self, report: Report, fingerprint: str) -> Callable[[Connection], Afterwards] | None:
        """What adds the sign-off to the case's transaction; None where none is made.

        Raises:
            SQLAlchemyError: the key of what is written cannot be stored.
        """
        if report.form != NAME or not report.sender or POLICY not in report.answers.get("read", "").splitlines():
            return None
        definition = self._signed()
        if definition is None:
            return None
        answers = report.answers
        written = Written(answers["name"], answers["role"], answers["signed"], tuple(answers["read"].splitlines()))
        school, owner = self.directory().schools[0].id, PERSON + report.sender
        document = document_of(definition.policy)
        add = self.sign_offs.prepared(Signing(owner, document, self.words, written, fingerprint, school, FORM))

        def with_the_case(connection: Connection) -> Afterwards:
            try:
                end = add(connection)
            except SignOffsDamaged:
                _log.error("no sign-off beside the form: the record of who signed is damaged")
                return _nothing
            return lambda: self.sign_offs.remember(end)

        return with_the_case

    def _signed(self) -> Definition | None:
        """The policy whose agreement the form shows, in the version in force; None where it shows none."""
        try:
            found = [one for one in self.definitions.all() if one.agreement.text == self.words]
        except TouchstoneError as failure:
            _log.error("no sign-off beside the form", cause=type(failure).__name__)
            return None
        return found[0] if found else None


def _nothing() -> None:
    """Nothing is left to do."""
