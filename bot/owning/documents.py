"""What is wrong in the documents, who changed which knowledge, and how the last change fared: each in words."""

from collections.abc import Callable
from datetime import date
from itertools import groupby

from bot.messages import ChangeRow, Changes, DocumentHealth, FindingGroup, FindingRow, Health
from bot.wording import say
from index.renewal import Figures, Renewal, State
from knowledge.health import Finding, examine
from knowledge.model import Policy
from knowledge.overlay import OF_INDUCTION, Change, Overlay

MOST_LOST = 5


def health(policies: tuple[Policy, ...], today: date) -> Health:
    """What a rule can see in each policy in force."""
    return Health(tuple(_document(policy, today) for policy in policies))


def changes(overlay: Overlay, name_of: Callable[[str], str]) -> Changes:
    """The log in words, the newest first, and whether it is whole."""
    found = overlay.log.verify()
    verified = []
    if found.broken_at is not None:
        verified.append(say("owning.log.broken", number=found.broken_at))
    if found.by_hand:
        verified.append(say("owning.log.by_hand", files=", ".join(found.by_hand)))
    is_whole = not verified
    if is_whole:
        verified.append(say("owning.log.whole", count=found.changes))
    return Changes(tuple(_row(one, name_of) for one in overlay.log.changes()), tuple(verified), is_whole)


def renewal_in_words(renewal: Renewal) -> tuple[str, ...]:
    """How the last change of the knowledge fared; nothing where nothing was ever changed."""
    at = "" if renewal.at is None else f"{renewal.at:%-d %B %Y, %H:%M} UTC"
    match renewal.state:
        case State.ANSWERED:
            return (say("owning.renewal.answered", at=at),) if at else ()
        case State.BUILDING:
            return (say("owning.renewal.building"),)
        case State.BROKEN:
            return say("owning.renewal.broken"), renewal.problem
        case State.KEPT_OUT:
            return tuple(_kept_out(renewal))


def _kept_out(renewal: Renewal) -> list[str]:
    words = [say("owning.renewal.kept_out")]
    if renewal.before is not None and renewal.after is not None:
        words += _worse(renewal.before, renewal.after)
    if renewal.lost:
        lost = "; ".join(f"“{one}”" for one in renewal.lost[:MOST_LOST])
        words.append(say("owning.renewal.lost", phrasings=lost))
    words.append(say("owning.renewal.what_to_do"))
    return words


def _worse(before: Figures, after: Figures) -> list[str]:
    """Those figures by which it is worse."""
    of = {"asked": before.asked}
    words = []
    if after.first < before.first:
        words.append(say("owning.renewal.first", before=before.first, after=after.first, **of))
    if after.flips > before.flips:
        words.append(say("owning.renewal.flips", before=before.flips, after=after.flips, **of))
    if after.urgent_missed > before.urgent_missed:
        words.append(say("owning.renewal.urgent", before=before.urgent_missed, after=after.urgent_missed))
    return words


def _row(change: Change, name_of: Callable[[str], str]) -> ChangeRow:
    who = say("event.who", name=name_of(change.by.person), role=say(f"role.{change.by.role}"))
    detail = f": {change.detail}" if change.detail else ""
    step = change.subject.removeprefix(OF_INDUCTION)
    key = "step_accepted" if step != change.subject else change.act
    what = say(f"owning.changed.{key}", subject=step, policy=change.policy)
    return ChangeRow(change.at, who, f"{what}{detail}")


def _document(policy: Policy, today: date) -> DocumentHealth:
    found = examine(policy, today)
    groups = tuple(
        FindingGroup(say(f"health.{problem}"), say(f"health.why.{problem}"), tuple(map(_finding, members)))
        for problem, members in groupby(found, key=lambda finding: finding.problem)
    )
    return DocumentHealth(policy.slug, policy.title, policy.version or "", groups)


def _finding(finding: Finding) -> FindingRow:
    place = say("health.place", places=", ".join(finding.places), line=finding.line, detail=finding.detail)
    return FindingRow(place, say("health.said", source=finding.source) if finding.source else "")
