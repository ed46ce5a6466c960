"""Labels: how a person cites a clause ("6.2(25)", "12.5 (second)", "(iii)"), as values that can be ordered."""

import re
from dataclasses import dataclass, replace
from functools import total_ordering
from typing import Self

from knowledge.errors import TouchstoneError

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

_PATTERN = re.compile(
    r"""
    (?: (?P<number> (?:\d+|[A-Z]) (?:\.(?:\d+|[A-Za-z]))* )
      | (?P<heading> (?! [\d.]+ \s* \( ) (?= [^¶]* [^\W\d_] ) [^¶]*? )
      | (?= \s* ¶ ) )
    (?: \s* \( (?P<occurrence> """
    + "|".join(ORDINALS[1:])
    + r""" | \d+(?:st|nd|rd|th) ) \) )?
    (?: \s* ¶ (?P<paragraph> \d+ ) )?
    (?P<items> (?: \s* \( (?: \d{1,4} | [A-Za-z] | [ivxl]{2,6} ) \) )* )
    """,
    re.VERBOSE,
)
_ROMAN = re.compile(r"(?=[ivxl])(xl|l?x{0,3})(ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}


class NotALabel(TouchstoneError):
    """This is not a way to cite a clause; write it like 6.2, 6.2(25) or 12.5 (second)."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Label:
    """A citation within one policy.

    Attributes:
        number: the document's own number, part by part: ``("6", "2")``. Empty where it numbers nothing.
        heading: where there is no number, the heading under which the clause stands.
        occurrence: 2 for the second clause that the document gives the same number, and so on.
        paragraph: counts paragraphs that have no number of their own; 0 where the number says it all.
        items: the list items that lead to it, outermost first: ``("25",)``, ``("2", "iii")``.
    """

    number: tuple[str, ...] = ()
    heading: str = ""
    occurrence: int = 1
    paragraph: int = 0
    items: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a label as a person writes it.

        Raises:
            NotALabel: the text is not of that form.
        """
        match = _PATTERN.fullmatch(text.strip())
        if match is None or not text.strip():
            raise NotALabel(text)
        return cls(
            number=tuple(match["number"].split(".")) if match["number"] else (),
            heading=(match["heading"] or "").strip(),
            occurrence=_ordinal_value(match["occurrence"]),
            paragraph=int(match["paragraph"] or 0),
            items=tuple(re.findall(r"\(\s*(\w+)\s*\)", match["items"])),
        )

    def item(self, *names: str) -> Self:
        """The label of a list item below this one."""
        return replace(self, items=(*self.items, *names))

    @property
    def anchor(self) -> str:
        """The label as part of a link: ``6.2-25``, ``12.5-second``. Letters, digits, dots and hyphens only."""
        return re.sub(r"[^0-9A-Za-z.]+", "-", str(self).replace("¶", "p")).strip("-").lower()

    def __str__(self) -> str:
        """The label as a person cites it; ``parse`` reads it back."""
        base = ".".join(self.number) or self.heading
        repeated = f" ({_ordinal_name(self.occurrence)})" if self.occurrence > 1 else ""
        paragraph = f" ¶{self.paragraph}" if self.paragraph else ""
        return (base + repeated + paragraph).strip() + "".join(f"({item})" for item in self.items)

    def __lt__(self, other: Self) -> bool:
        """Document order as far as numbers tell it: 6.2(9) before 6.2(10), (ii) before (iv), 12.5 before its second."""
        return self._key() < other._key()

    def _key(self) -> tuple[object, ...]:
        return (
            tuple(map(_part_key, self.number)),
            self.heading.casefold(),
            self.occurrence,
            self.paragraph,
            tuple(map(_part_key, self.items)),
            (self.number, self.heading, self.items),
        )


def _part_key(part: str) -> tuple[int, int, str]:
    if part.isdigit():
        return (0, int(part), "")
    if _ROMAN.fullmatch(part):
        return (1, _roman_value(part), part)
    return (1, 0, part)


def _roman_value(numeral: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def _ordinal_name(occurrence: int) -> str:
    return ORDINALS[occurrence - 1] if occurrence <= len(ORDINALS) else f"{occurrence}th"


def _ordinal_value(name: str | None) -> int:
    if name is None:
        return 1
    return ORDINALS.index(name) + 1 if name in ORDINALS else int(name[:-2])
