"""What was told in a case: its answers, written sealed and read back."""

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from bot.cases import records
from bot.cases.keys.sealing import CaseKey, Place


def write_answers(connection: Connection, case_id: str, key: CaseKey, answers: Mapping[str, str]) -> None:
    """Seals the answers (by question key, in the order of the form) and writes them in the caller's transaction."""
    rows = [
        {
            "case_id": case_id,
            "question": question,
            "position": position,
            "sealed": key.seal(answer, _place(case_id, question)),
        }
        for position, (question, answer) in enumerate(answers.items())
    ]
    if rows:
        connection.execute(insert(records.answers), rows)


def read_answers(connection: Connection, case_id: str, key: CaseKey) -> dict[str, str]:
    """What was told, by question key, in the order of the form.

    Raises:
        SealBroken: an answer was changed or moved.
    """
    table = records.answers
    rows = connection.execute(select(table).where(table.c.case_id == case_id).order_by(table.c.position))
    return {row.question: key.unseal(row.sealed, _place(case_id, row.question)) for row in rows}


def _place(case_id: str, question: str) -> Place:
    return Place("answers", "sealed", f"{case_id}/{question}")
