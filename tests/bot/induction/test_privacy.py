"""What is said of somebody's walk and signature: in no log, no name of a file and no error."""

import logging

import pytest
from sqlalchemy import delete, update
from structlog.testing import capture_logs

from bot.cases import records
from bot.messages import ExportFile, ExportStandings, NudgeInduction, OpenSignOffs, SignAgreement, TakeCertificate
from tests.bot.induction.walking import ANNA, LEAD, REACH2, School, signature

CANARY = "Quicksilver Canary"


def test_no_name_is_in_a_log_or_in_what_a_file_is_called_whatever_goes_wrong(
    school: School, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    written = {"name": CANARY, "signed": CANARY, "role": f"{CANARY}s keeper"}
    with capture_logs() as said:
        school.walk(ANNA)
        school.sign(ANNA, **written)
        files = [school.hears(TakeCertificate(ANNA)), school.hears(ExportStandings(LEAD))]
        school.hears(NudgeInduction(LEAD))
        school.work()
        with school.reports.store.writing() as connection:
            connection.execute(update(records.sign_off_words).values(sealed=b"\x01changed"))
            connection.commit()
        refusals = [school.refused(OpenSignOffs(ANNA)), school.refused(TakeCertificate(ANNA))]
        with school.reports.store.writing() as connection:
            connection.execute(delete(records.sign_off_words))
            connection.execute(delete(records.sign_offs))
            connection.commit()
        digest = school.agreement("").digest
        refusals.append(school.refused(SignAgreement(REACH2, "f" * 32, digest, signature(**written))))
    names = [file.name for file in files if isinstance(file, ExportFile)]
    assert len(names) == 2
    out = capsys.readouterr()
    everything = "\n".join([*map(str, said), caplog.text, out.out, out.err, *names, *refusals])
    for word in (CANARY, "demo-deputy-head", ANNA):
        assert word not in everything, word


def test_what_is_shown_of_a_message_says_neither_owner_nor_words() -> None:
    for message in (
        SignAgreement(REACH2, "f", "d", signature(name=CANARY), ANNA),
        OpenSignOffs(ANNA),
        TakeCertificate(ANNA),
    ):
        assert CANARY not in repr(message)
        assert ANNA not in repr(message)
