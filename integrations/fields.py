"""Fields of a form as any platform shows it, read back into answers: one field each, or several for one answer."""

from collections.abc import Mapping

from bot.messages import MEANS

ANSWER_PREFIX = "answer."
"""Before the key of a question, in the name of its field, so that no key can be taken for one of our own.

A moment has further fields ``.time`` and ``.about`` behind it. A name of which nobody can be sure whom it means has
``.named.<number>``, the name, and ``.means.<number>``, whom the sender said.
"""


def answers(fields: Mapping[str, str]) -> dict[str, str]:
    """The answers of a form, by the key of the question, from its fields by name; what is no answer is left out."""
    given = {
        name.removeprefix(ANSWER_PREFIX): value for name, value in fields.items() if name.startswith(ANSWER_PREFIX)
    }
    found = {key: value for key, value in given.items() if "." not in key}
    for key, value in given.items():
        match key.split("."):
            case [question, "time"]:
                day = f"{found.get(question, '')} {value}".strip()
                found[question] = f"about {day}" if day and given.get(f"{question}.about") else day
            case [question, "means", number] if question in found:
                found[question] = _meaning(found[question], given.get(f"{question}.named.{number}", ""), value)
    return found


def _meaning(names: str, name: str, person: str) -> str:
    """The names, one a line, with whom the sender meant by one of them."""
    lines = [line if MEANS in line else " ".join(line.split()) for line in names.split("\n")]
    return "\n".join(f"{line}{MEANS}{person}" if line and line == name else line for line in lines)
