"""A ruling whose clauses bear other labels in a new version, though their words were read and stand."""

import re
from collections.abc import Mapping
from dataclasses import replace

from knowledge.rulings import Row, Ruling


def relabel(ruling: Ruling, labels: Mapping[str, str]) -> Ruling:
    """The same ruling with other labels, in what it cites and in the sentences that name them; all at once."""
    changed = {old: new for old, new in labels.items() if old != new}
    if not changed:
        return ruling
    longest_first = sorted(map(re.escape, changed), key=len, reverse=True)
    named = re.compile(rf"(?<![\w.(])(?:{'|'.join(longest_first)})(?!\w|\.\d|\s?\()")

    def said(text: str) -> str:
        return named.sub(lambda match: changed[match[0]], text)

    def cited(old: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(changed.get(label, label) for label in old))

    def row(old: Row) -> Row:
        return replace(old, says=said(old.says), unless=said(old.unless), cites=cited(old.cites))

    otherwise = ruling.otherwise and replace(ruling.otherwise, says=said(ruling.otherwise.says))
    return replace(ruling, cites=cited(ruling.cites), row=tuple(map(row, ruling.row)), otherwise=otherwise)
