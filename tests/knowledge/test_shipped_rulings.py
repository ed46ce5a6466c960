"""The shipped rulings: right in themselves, in force, and never a yes where a cited clause says no."""

from collections.abc import Iterator, Mapping

import pytest

from knowledge.facts import shipped_facts
from knowledge.library import SHIPPED, Library
from knowledge.locks import standings
from knowledge.ruling_checks import check
from knowledge.ruling_tables import NOT_SAID, known_or_not, table, values_of
from knowledge.rulings import Ruling, Verdict, read_rulings

SLUG = "reach2-online-safety"
POLICY = Library.shipped().policy(SLUG)
FILES = read_rulings(SHIPPED / SLUG)
RULINGS = {ruling.id: ruling for file in FILES for ruling in file.rulings}
EACH = pytest.mark.parametrize("ruling", RULINGS.values(), ids=list(RULINGS))

WRITTEN_OR_NOT = ("written", "spoken", "none", "assumed")
BARRED: Mapping[str, tuple[Mapping[str, tuple[str, ...]], ...]] = {
    # What a clause forbids, in terms of facts, written from the policy's text and not from the rulings.
    "5.3": (
        {"age": ("under 18",), "relative": ("no",)},
        {"channel": ("social media",), "relative": ("no",)},
        {"relative": ("no",), "same_school": ("yes",)},
    ),
    "6.2(5)": (
        {"identifies": ("yes",)},
        {"consent": ("none", "assumed")},
        {"consent": ("spoken",), "purpose": ("school account",)},
    ),
    "6.2(12)": ({"persona": ("REAch2",)},),
    "6.2(17)": ({"posted": ("yes",)}, {"approval": ("none",)}),
    "6.2(20)": ({"on_business": ("yes",)},),
    "6.2(21)": (
        {"on_business": ("yes",), "approval": ("none", "leadership", "head of communications")},
        {"on_business": ("yes",), "approval_when": ("afterwards",)},
    ),
    "6.2(23)": ({"account": ("own", "own professional")},),
    "6.2(25)": ({"age": ("under 18",), "relative": ("no",)}, {"same_school": ("yes",), "relative": ("no",)}),
    "6.2(27)": ({"same_school": ("yes",)},),
    "6.2(37)": ({"approval": ("none",)}, {"approval_when": ("afterwards",)}),
    "6.2(38)": ({"account": ("own", "own professional")},),
    "6.3(1)": (
        {"approval": ("none", "leadership", "head of communications")},
        {"approval_form": ("spoken",)},
        {"approval_when": ("afterwards",)},
    ),
    "6.3(4)": ({"in_activity": ("yes",)}, {"account": ("own", "own professional"), "consent": WRITTEN_OR_NOT}),
    "6.3(7)": ({"who": ("parent", "current pupil")},),
    "7.1(5)": (
        {"asker": ("teacher", "teaching assistant", "office", "site", "leader", "governor", "volunteer", "supply")},
    ),
    "7.2(1)": (
        {"room": ("with children",), "phone_state": ("in pocket", "silent", "in use")},
        {"place": ("contact time",), "phone_state": ("in pocket", "silent", "in use")},
    ),
    "7.2(3)": (
        {"emergency": ("no",)},
        {"emergency": ("yes",), "room": ("with children",)},
        {"place": ("visit",), "phone_state": ("in use",)},
    ),
    "7.2(4)": ({"device": ("own",)}, {"consent": ("none", "assumed")}),
    "7.2(5)": ({"device": ("own",)},),
    "7.2(6)": ({"purpose": ("personal",)}, {"account": ("own", "own professional")}),
    "9.1": (
        {"channel": ("personal email", "own phone"), "relative": ("no",)},
        {"on_business": ("yes",)},
        {"on_business": ("yes",), "approval": ("none", "leadership", "head of communications")},
        {"on_business": ("yes",), "approval_when": ("afterwards",)},
        {"who": ("current pupil", "other child", "parent")},
    ),
}


def _barring(ruling: Ruling) -> Iterator[Mapping[str, tuple[str, ...]]]:
    """What the clauses of a ruling forbid in terms of its facts alone."""
    for label in ruling.cites:
        for facts in BARRED.get(label, ()):
            if label == "5.3" and "channel" in ruling.keys and "channel" not in facts:
                continue  # 5.3 is about social networking, and this ruling is about other ways too
            if (
                label == "9.1"
                and set(facts) == {"on_business"}
                and {"6.2(21)", "approval"} <= {*ruling.cites, *ruling.keys}
            ):
                continue  # 6.2(21) excepts what the headteacher approved beforehand: the next two lines are left
            if set(facts) <= set(ruling.keys):
                yield facts


def test_there_is_nothing_to_complain_of() -> None:
    assert [str(problem) for problem in check(FILES, POLICY, shipped_facts())] == []


def test_every_ruling_is_reviewed_and_decides() -> None:
    assert [standing.ruling.id for standing in standings(SHIPPED / SLUG, POLICY) if not standing.decides] == []


@EACH
def test_no_yes_where_a_cited_clause_says_no(ruling: Ruling) -> None:
    barring = list(_barring(ruling))
    for facts in known_or_not(values_of(ruling, shipped_facts())):
        if ruling.decide(facts).verdict is Verdict.YES:
            for barred in barring:
                assert not all(facts.get(key) in values for key, values in barred.items()), facts


def test_what_the_clauses_forbid_touches_most_of_the_rulings_that_can_say_yes() -> None:
    can_say_yes = [ruling for ruling in RULINGS.values() if ruling.keys and any(r.verdict == "yes" for r in ruling.row)]
    free = {ruling.id for ruling in can_say_yes if not any(_barring(ruling))}
    # what their clauses speak of is no fact there (contact time is a room, school business goes without saying), or is
    # encouraged, or is owed (a report)
    assert free <= {
        "adult-former-pupil-contacts-me",
        "deputy-said-i-could",
        "head-agreed-to-my-own-phone",
        "own-phone-any-exception",
        "phone-at-break",
        "phone-for-a-login-code",
        "phone-in-the-staff-room",
        "phone-kept-on-for-a-reason",
        "professional-blog",
        "pupils-watch-the-schools-feed",
        "school-on-my-profile",
        "small-message-from-a-pupil",
        "teacher-without-the-school",
        "where-an-agreed-phone-is-used",
    }


@EACH
def test_each_combination_is_in_one_line_of_the_table_and_says_what_the_ruling_says(ruling: Ruling) -> None:
    values = values_of(ruling, shipped_facts())
    lines = table(ruling, values)
    for facts in known_or_not(values):
        told = tuple(facts.get(key, NOT_SAID) for key in values)
        (line,) = (line for line in lines if all(value in cell for value, cell in zip(told, line.facts, strict=True)))
        assert line.decision == ruling.decide(facts)


@pytest.mark.parametrize(
    ("ruling", "facts", "verdict"),
    [
        ("former-pupil-follows-me", {}, "depends"),
        ("former-pupil-follows-me", {"age": "18 or over"}, "yes"),
        ("former-pupil-follows-me", {"age": "under 18"}, "no"),
        ("former-pupil-follows-me", {"age": "under 18", "relative": "yes"}, "yes"),
        ("current-pupil-befriends-me", {}, "no"),
        ("current-pupil-befriends-me", {"relative": "yes"}, "depends"),
        ("related-pupil-at-my-school", {"relative": "yes", "same_school": "yes"}, "depends"),
        ("parent-was-a-friend-before", {"friend_before": "yes"}, "no"),
        ("pupil-messages-me", {"channel": "social media"}, "info"),
        ("reply-to-a-pupils-message", {}, "no"),
        ("ignoring-a-pupils-message", {}, "no"),
        ("adult-former-pupil-contacts-me", {"age": "under 18"}, "no"),
        ("i-befriend-a-pupil", {"relative": "yes"}, "depends"),
        ("head-agreed-to-my-own-phone", {"approval_when": "afterwards"}, "no"),
        ("head-agreed-to-my-own-phone", {"approval": "headteacher"}, "yes"),
        ("head-agreed-to-my-own-phone", {"approval": "leadership"}, "no"),
        ("parent-calls-my-own-number", {"approval": "headteacher", "approval_when": "beforehand"}, "yes"),
        ("parent-calls-my-own-number", {"approval": "headteacher", "approval_when": "afterwards"}, "no"),
        ("parent-emails-my-own-address", {"approval": "headteacher", "approval_when": "beforehand"}, "depends"),
        ("deputy-said-i-could", {"approval": "leadership"}, "no"),
        ("the-schools-logo", {"approval_form": "spoken"}, "no"),
        ("own-child-in-uniform", {"approval": "none"}, "no"),
        ("photo-on-my-phone", {"device": "own", "consent": "written"}, "no"),
        ("photo-on-the-school-ipad", {"device": "school"}, "depends"),
        ("photo-on-the-school-ipad", {"device": "school", "consent": "assumed"}, "no"),
        ("photo-on-the-schools-page", {"consent": "spoken"}, "no"),
        ("photo-on-the-schools-page", {"consent": "written"}, "yes"),
        ("photo-on-the-schools-page", {"consent": "written", "identifies": "yes"}, "no"),
        ("photo-on-the-schools-page", {"consent": "written", "device": "own"}, "no"),
        ("phone-in-my-pocket", {"phone_state": "silent"}, "no"),
        ("phone-in-my-pocket", {"place": "break"}, "yes"),
        ("phone-in-my-pocket", {"place": "break", "room": "with children"}, "no"),
        ("phone-at-break", {}, "depends"),
        ("phone-at-break", {"room": "staff room or office"}, "yes"),
        ("phone-at-break", {"place": "visit", "room": "other"}, "depends"),
        ("phone-in-my-pocket", {"place": "off site"}, "depends"),
        ("phone-in-my-pocket", {"room": "with children", "phone_state": "in use", "approval": "leadership"}, "no"),
        ("photo-on-the-school-ipad", {"device": "school", "consent": "spoken", "purpose": "school account"}, "depends"),
        ("photo-on-the-school-ipad", {"device": "school", "consent": "spoken", "purpose": "setting only"}, "yes"),
        ("work-email-for-a-private-account", {"account": "own"}, "no"),
        ("school-email-from-my-own-account", {"on_business": "no", "who": "former pupil"}, "depends"),
        ("former-pupil-follows-me", {"age": "18 or over", "relative": "yes"}, "yes"),
        ("phone-on-a-trip", {"emergency": "yes"}, "yes"),
        ("ring-a-parent-from-my-mobile", {}, "depends"),
        ("ring-a-parent-from-my-mobile", {"approval": "none"}, "no"),
        ("ring-a-parent-from-my-mobile", {"approval": "headteacher"}, "depends"),
        ("ring-a-parent-from-my-mobile", {"approval": "headteacher", "approval_when": "beforehand"}, "yes"),
        ("ring-a-parent-from-my-mobile", {"approval": "headteacher", "approval_when": "afterwards"}, "no"),
        ("ring-a-pupil-from-my-mobile", {"approval": "headteacher", "approval_when": "beforehand"}, "yes"),
        ("ring-a-pupil-from-my-mobile", {"approval": "headteacher", "on_business": "no"}, "no"),
        ("film-a-lesson-on-my-own-device", {"device": "school"}, "depends"),
        ("ring-a-parent-from-my-mobile", {"approval": "leadership", "approval_when": "beforehand"}, "no"),
        ("the-schools-logo", {"approval": "head of communications"}, "no"),
        ("the-schools-logo", {"approval": "headteacher", "approval_form": "written"}, "depends"),
        ("comment-on-the-schools-post", {}, "no"),
        ("like-the-schools-post", {}, "yes"),
        ("close-a-school-account", {}, "not_covered"),
        ("sharing-a-login", {"asker": "it"}, "no"),
        ("linkedin", {}, "yes"),
        ("linkedin", {"who": "parent"}, "no"),
        ("linkedin", {"who": "former pupil", "account": "own professional"}, "depends"),
        ("photo-on-the-schools-page", {"consent": "written", "account": "own"}, "no"),
        ("photo-on-the-school-ipad", {"device": "school", "consent": "written", "purpose": "personal"}, "no"),
        ("pupil-messages-me", {"channel": "social media", "age": "18 or over"}, "depends"),
    ],
)
def test_a_verdict_that_a_second_reader_expects_from_the_clauses(
    ruling: str, facts: dict[str, str], verdict: str
) -> None:
    assert RULINGS[ruling].decide(facts).verdict == verdict


def test_whom_to_tell_is_whom_the_clause_names() -> None:
    told = RULINGS["pupil-messages-me"].decide({"channel": "social media", "relative": "no"}).says
    assert "designated person for child protection" in told
    assert "senior leadership team" not in told
    assert "senior leadership team" in RULINGS["parent-was-a-friend-before"].decide({}).says
    assert "headteacher" in RULINGS["acted-outside-the-policy"].decide({}).says
    assert "for you to decide" in RULINGS["bullied-by-a-colleague"].decide({}).says
