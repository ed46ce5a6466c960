"""The papers on data protection: what they say of the product is what the code does."""

import re
from datetime import date
from pathlib import Path

import pytest

from bot.cases import records
from bot.cases.keys import keystore
from bot.cases.people.roles import Role
from bot.cases.people.sessions import ABSOLUTE_END, IDLE_END
from bot.cases.receiving.access import opening
from bot.talk.feedback import insights
from bot.talk.turns.context import LASTS as CONTEXT_LASTS
from bot.wording import say
from integrations.papers import load_papers
from integrations.settings import Settings
from integrations.web.once import LASTS as ONCE_LASTS
from integrations.web.sign_in import FRESH, LINK_LASTS

FOLDER = Path(__file__).parents[2] / "docs" / "data-protection"
PAPERS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
RECORD, NOTICE, RETENTION = (PAPERS[name] for name in ("record-of-processing", "privacy-notice", "retention-schedule"))
BASIS = ("appropriate-policy-document", "impact-assessment", "privacy-notice", "record-of-processing", "README")


def _section(text: str, heading: str) -> str:
    return text.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


def test_the_record_names_every_table_that_is_kept_and_no_other() -> None:
    named = set(re.findall(r"^\| `(\w+)` \|", _section(RECORD, "What is stored"), re.MULTILINE))
    kept = {*records.metadata.tables, *keystore.metadata.tables, *insights.metadata.tables}
    assert named == kept


def test_the_record_says_sealed_of_what_is_sealed() -> None:
    for name, table in records.metadata.tables.items():
        (row,) = re.findall(rf"^\| `{name}` \| .*? \| (.*?) \|$", RECORD, re.MULTILINE)
        is_sealed = any(column.name.endswith("sealed") for column in table.columns)
        assert ("AES-256-GCM" in row) is is_sealed, name
        assert ("chained" in row) is ("mac" in table.c), name


def test_those_who_open_a_case_are_the_roles_of_the_table_of_access() -> None:
    named = set(re.findall(r"`(\w+)`", _section(RECORD, "Who opens a case")))
    assert named == {role.value for role in opening()}
    (listed,) = re.findall(r"\[(designated safeguarding lead.*?)\]", NOTICE)
    assert set(listed.split(", ")) == {say(f"role.{role}") for role in Role if role in opening()}


def test_every_setting_that_is_named_is_one_and_none_is_left_out_that_says_where_or_what() -> None:
    named = set(re.findall(r"`TOUCHSTONE_(\w+)`", _section(RECORD, "Settings on which this rests")))
    assert named <= {name.upper() for name in Settings.model_fields}
    assert {"MODE", "VAR", "DATABASE", "KEYS_DATABASE", "MASTER_KEY", "MASTER_KEY_FILE", "ATTACHMENTS"} <= named


def test_the_periods_are_those_of_the_code() -> None:
    minutes = {name: round(lasts.total_seconds() / 60) for name, lasts in {
        "context": CONTEXT_LASTS, "idle": IDLE_END, "once": ONCE_LASTS, "fresh": FRESH,
    }.items()}  # fmt: skip
    assert f"no words | {minutes['context']} minutes, in memory alone" in RETENTION
    assert (
        f"| {minutes['idle']} minutes without use, at most {round(ABSOLUTE_END.total_seconds() / 3600)} hours"
        in RETENTION
    )
    assert f"| {round(LINK_LASTS.total_seconds() / 3600)} hours, in memory alone |" in RETENTION
    assert f"| {minutes['once']} minute, in memory alone |" in RETENTION
    for paper in ("impact-assessment", "appropriate-policy-document"):
        assert f"a sign-in of the last {minutes['fresh']} minutes" in PAPERS[paper]
    for sentence in (say("account.closed.ends"), say("account.again.why")):
        stated = set(re.findall(r"(\d+) minutes", sentence))
        assert stated <= {str(minutes["idle"]), str(minutes["fresh"])}


@pytest.mark.parametrize("paper", BASIS)
def test_the_lawful_basis_is_public_task_with_the_safeguarding_condition_and_never_consent(paper: str) -> None:
    text = " ".join(PAPERS[paper].lower().split())
    assert "public task" in text
    assert "schedule 1, paragraph" in text
    assert "18" in text
    for said in re.findall(r"[^.|]*\bconsent\b[^.|]*", text):
        assert re.search(r"never|not rest on|without consent|asks for consent|none can be", said), said


def test_no_form_of_ours_asks_for_consent_to_report() -> None:
    forms = (Path(__file__).parents[2] / "bot" / "cases" / "forms").glob("*.toml")
    assert not [path.name for path in forms if re.search(r"\bI consent\b", path.read_text(encoding="utf-8"))]


def test_the_example_of_what_a_school_says_of_its_papers_is_good(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAPERS["README"], re.DOTALL)
    path = tmp_path / "data-protection.toml"
    path.write_text(example, encoding="utf-8")
    assert load_papers(path, date(2026, 11, 20)).overdue(date(2027, 11, 2)) == ()
    assert len(load_papers(path, date(2026, 11, 20)).overdue(date(2027, 11, 3))) == 3


def test_each_paper_leaves_the_school_what_only_the_school_knows() -> None:
    for name in ("impact-assessment", "privacy-notice", "appropriate-policy-document", "retention-schedule"):
        assert len(re.findall(r"\[[^\]]+\](?!\()", PAPERS[name])) >= 3, name


def test_every_link_of_the_papers_leads_somewhere() -> None:
    for name, text in PAPERS.items():
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert (FOLDER / target).exists(), f"{name}: {target}"
