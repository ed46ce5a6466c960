"""The table of access in words: ``python -m bot.cases.receiving.access_page > docs/access.md``."""

import sys

from bot.cases.people.roles import Role
from bot.cases.receiving.access import Act, Relation, allowed, shipped
from bot.wording import say


def access_page() -> str:
    """The page, in Markdown: for each relation to a case, who may do what, and why; what is not there is denied."""
    lines = [f"# {say('access.title')}", "", say("access.generated"), ""]
    for relation in Relation:
        lines += [f"## {say(f'relation.{relation}')}", "", *_table(relation), ""]
    lines += [f"## {say('access.why')}", ""]
    for allow in shipped().allow:
        lines.append(f"- {_listed(allow.acts)}: {allow.source}.")
    for never in shipped().never:
        lines.append(f"- {say('access.never', acts=_listed(never.acts))}: {never.source}.")
    return "\n".join(lines) + "\n"


def _table(relation: Relation) -> list[str]:
    acts: dict[str, list[str]] = {}
    for act in Act:
        acts.setdefault(_who(act, relation), []).append(say(f"act.{act}"))
    shown = [f"| {', '.join(what)} | {who} |" for who, what in acts.items() if who]
    return [f"| {say('access.act')} | {say('access.who')} |", "|---|---|", *shown] if shown else [say("access.nothing")]


def _who(act: Act, relation: Relation) -> str:
    if allowed(act, [], [relation]):
        return say("access.anybody")
    return ", ".join(say(f"role.{role}") for role in Role if allowed(act, [role], [relation]))


def _listed(acts: frozenset[Act]) -> str:
    return ", ".join(say(f"act.{act}") for act in Act if act in acts)


if __name__ == "__main__":
    sys.stdout.write(access_page())
