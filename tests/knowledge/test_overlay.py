"""What a school adds: every door, on real files; what is wrong is refused with its place and changes nothing."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge.datafile import BadDataFile
from knowledge.library import Library, NoSuchPolicy
from knowledge.overlay import (
    Act,
    CannotAccept,
    CannotBeVersion,
    CannotPublish,
    NoSuchPhrasing,
    NoSuchVersion,
    NothingToAttachTo,
    OwnPhrasing,
    Refused,
    Source,
    ToClause,
    ToRuling,
    ToTopic,
)
from knowledge.overlay.changelog import FILE as LOG
from knowledge.readers.errors import UnreadableDocument
from tests.knowledge.overlays import DOORS, NEWER, OWNER, RULINGS, TEXT, TODAY, World, world

TOMORROW = TODAY + timedelta(days=1)
OWN_RULING = """
[[ruling]]
id = "boiler-room"
about = "The boiler room"
cites = ["1.2"]
phrasings = ["a pupil is at the boiler room door"]
[[ruling.row]]
verdict = "no"
says = "No: pupils should not open it."
"""


@pytest.fixture
def school(tmp_path: Path) -> World:
    return world(tmp_path)


def _files(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


# ------------------------------------------------------------------------------------------------ what is merged


def test_without_an_overlay_it_is_what_is_shipped(school: World) -> None:
    assert school.library() == Library.shipped(school.shipped)
    assert [(one.version, one.source, one.in_force) for one in school.overlay.versions.of(DOORS)] == [
        ("1.0", Source.SHIPPED, True)
    ]


def test_a_phrasing_for_a_ruling_stands_with_the_shipped_ones(school: World) -> None:
    school.overlay.phrasings.add(DOORS, "last  one out,\n do I turn the key", ToRuling("lock-the-door"), OWNER)
    (one,) = [one for one in school.library().rulings if one.ruling.id == "lock-the-door"]
    assert one.ruling.phrasings[-1] == "last one out, do I turn the key"
    assert school.overlay.phrasings.own(DOORS) == (
        OwnPhrasing("last one out, do I turn the key", ToRuling("lock-the-door")),
    )


def test_a_phrasing_for_a_clause_without_a_ruling_is_a_family_of_that_clause(school: World) -> None:
    school.overlay.phrasings.add(DOORS, "a child wants to see the boiler", ToClause("1.2"), OWNER)
    (cited,) = school.library().cited
    assert (cited.fallback.cites, cited.fallback.phrasings) == (("1.2",), ("a child wants to see the boiler",))


def test_a_topic_and_its_phrasings_are_the_schools(school: World) -> None:
    name = school.overlay.phrasings.add_topic(
        DOORS, "The car park's gate", "can I leave the gate open", ("1.1",), OWNER
    )
    school.overlay.phrasings.add(DOORS, "who opens the gate", ToTopic(name), OWNER)
    school.overlay.phrasings.add(DOORS, "is the heating on", ToTopic("heating"), OWNER)
    topics = {one.topic.id: one.topic for one in school.library().unanswered}
    assert topics[name].phrasings == ("can I leave the gate open", "who opens the gate")
    assert topics[name].near == ("1.1",)
    assert topics["heating"].phrasings[-1] == "is the heating on"


def test_a_phrasing_that_is_taken_out_is_gone_and_a_shipped_one_stays(school: World) -> None:
    for text in ("turn the key?", "shut the door?"):
        school.overlay.phrasings.add(DOORS, text, ToRuling("lock-the-door"), OWNER)
    school.overlay.phrasings.take_out(DOORS, "turn the key?", OWNER)
    assert [one.text for one in school.overlay.phrasings.own(DOORS)] == ["shut the door?"]
    with pytest.raises(NoSuchPhrasing):
        school.overlay.phrasings.take_out(DOORS, "do I lock up when I go", OWNER)
    school.overlay.phrasings.take_out(DOORS, "shut the door?", OWNER)
    assert school.library() == Library.shipped(school.shipped)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Do I lock up, when I go?", "ruling lock-the-door (%s/doors/rulings/all.toml:6)"),
        ("can I turn the heating up", "topic heating (%s/doors/not_covered/all.toml:6)"),
        ("mine already", "clause 1.2 (%s/doors/phrasings.toml:4)"),
    ],
)
def test_a_phrasing_that_stands_somewhere_is_refused_with_both_places(school: World, text: str, place: str) -> None:
    school.overlay.phrasings.add(DOORS, "mine already", ToClause("1.2"), OWNER)
    before = _files(school.root)
    with pytest.raises(Refused) as refused:
        school.overlay.phrasings.add(DOORS, text, ToRuling("close-windows"), OWNER)
    folder = school.root if "phrasings" in place else school.shipped
    assert place % folder in str(refused.value)
    assert f"{school.root}/doors/phrasings.toml" in str(refused.value)
    assert _files(school.root) == before


@pytest.mark.parametrize("text", ["", "?!", "word " * 101])
def test_a_phrasing_has_words_and_not_too_many(school: World, text: str) -> None:
    with pytest.raises(Refused):
        school.overlay.phrasings.add(DOORS, text, ToRuling("close-windows"), OWNER)


@pytest.mark.parametrize("to", [ToRuling("no-such"), ToClause("9.9"), ToTopic("no-such")])
def test_a_phrasing_for_what_is_not_there_is_refused(school: World, to: ToRuling | ToClause | ToTopic) -> None:
    with pytest.raises(NothingToAttachTo):
        school.overlay.phrasings.add(DOORS, "some words", to, OWNER)


def test_whatever_is_typed_comes_back_as_it_was(school: World) -> None:
    text = "he said \"no\" \\ and left\x7f \U0001f600 [[phrasing]] text = 'x'"
    school.overlay.phrasings.add(DOORS, text, ToClause("1.2"), OWNER)
    assert school.overlay.phrasings.own(DOORS)[0].text == text
    assert school.overlay.log.verify().by_hand == ()


# ------------------------------------------------------------------------------------------------------- rulings


def test_a_ruling_decides_once_its_review_is_accepted_and_until_then_its_clause_answers(school: World) -> None:
    assert school.overlay.rulings.put_in(DOORS, OWN_RULING, OWNER) == ("boiler-room",)
    assert "boiler-room" not in school.deciding
    assert [one.fallback.name for one in school.library().cited] == ["boiler-room"]
    school.overlay.rulings.accept(DOORS, "boiler-room", OWNER)
    assert "boiler-room" in school.deciding
    assert school.library().cited == ()
    assert school.overlay.rulings.source_of(DOORS, "boiler-room") is Source.OWN


def test_what_is_wrong_in_a_ruling_is_said_in_the_checkers_words_with_its_line(school: World) -> None:
    text = OWN_RULING.replace('cites = ["1.2"]', 'cites = ["9.9"]')
    problems = [one for one in school.overlay.rulings.check(DOORS, text) if not one.is_warning]
    assert [str(one) for one in problems] == [
        "ruling.toml:5: boiler-room: there is no clause 9.9; `touchstone clauses` shows those there are"
    ]
    with pytest.raises(Refused):
        school.overlay.rulings.put_in(DOORS, text, OWNER)
    assert not (school.root / DOORS).exists()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[ruling]\n", "is not TOML"),
        ("", "'ruling' is missing"),
        (OWN_RULING + 'mood = "good"\n', "unknown key 'ruling.0.row.0.mood'"),
        (OWN_RULING.replace("a pupil is at the boiler room door", "who locks the outer door"), "ruling lock-the-door"),
        (OWN_RULING + OWN_RULING, "two rulings have one id"),
    ],
)
def test_no_text_of_a_ruling_that_is_wrong_is_put_in(school: World, text: str, what: str) -> None:
    assert any(what in str(one) for one in school.overlay.rulings.check(DOORS, text))
    with pytest.raises(Refused, match=what.replace("(", r"\(")):
        school.overlay.rulings.put_in(DOORS, text, OWNER)


def test_the_skeleton_of_a_ruling_is_refused_until_it_is_written(school: World) -> None:
    assert any(
        not one.is_warning for one in school.overlay.rulings.check(DOORS, school.overlay.rulings.draft(DOORS, "1.1"))
    )


def test_an_own_ruling_of_a_shipped_id_stands_in_its_place_until_it_is_taken_out(school: World) -> None:
    text = RULINGS.split("\n\n")[0].replace("Lock the outer door when you leave.", "Lock it.")
    school.overlay.rulings.put_in(DOORS, text, OWNER)
    assert "lock-the-door" in school.deciding  # the shipped one goes on until the other is read
    school.overlay.rulings.accept(DOORS, "lock-the-door", OWNER)
    said = {one.ruling.id: one.ruling.row[0].says for one in school.library().rulings}
    assert said["lock-the-door"] == "Lock it."
    school.overlay.rulings.take_out(DOORS, "lock-the-door", OWNER)
    said = {one.ruling.id: one.ruling.row[0].says for one in school.library().rulings}
    assert said["lock-the-door"] == "Lock the outer door when you leave."
    with pytest.raises(NothingToAttachTo):
        school.overlay.rulings.take_out(DOORS, "lock-the-door", OWNER)


# ------------------------------------------------------------------------------------------------------ versions


def test_a_version_is_answered_from_only_once_it_is_published(school: World) -> None:
    school.upload()
    assert school.library().policies[0].version == "1.0"
    school.publish()
    assert school.library().policies[0].version == "2.0"
    assert [(one.version, one.source, one.in_force) for one in school.overlay.versions.of(DOORS)] == [
        ("1.0", Source.SHIPPED, False),
        ("2.0", Source.OWN, True),
    ]


def test_rulings_whose_clauses_changed_stop_moved_ones_go_on_and_a_review_lets_them_decide_again(school: World) -> None:
    school.upload()
    touched = school.overlay.versions.touches(DOORS, "2.0")
    assert [one.ruling.id for one in touched.rulings] == ["close-windows"]
    assert touched.still == 1
    assert touched.comparison.touched == {"1.2", "2.2"}
    school.publish()
    assert school.deciding == {"lock-the-door"}
    (fallback,) = [one.fallback for one in school.library().cited]
    assert (fallback.name, fallback.cites) == ("close-windows", ("2.1", "2.2"))
    school.overlay.rulings.accept(DOORS, "close-windows", OWNER)
    assert school.deciding == {"lock-the-door", "close-windows"}
    school.overlay.versions.roll_back(DOORS, "1.0", OWNER)
    assert school.deciding == {"lock-the-door", "close-windows"}
    assert school.library().policies == Library.shipped(school.shipped).policies


def test_a_review_can_be_accepted_before_the_version_is_in_force(school: World) -> None:
    school.upload()
    school.overlay.rulings.accept(DOORS, "close-windows", OWNER, "2.0")
    assert "close-windows" in school.deciding
    school.publish(effective=TOMORROW)
    school.day = TOMORROW
    assert "close-windows" in school.deciding


def test_a_ruling_goes_with_its_clause_to_another_label_and_says_that(school: World) -> None:
    renumbered = (
        TEXT.replace("2.2 ", "2.3 ").replace("2.1 ", "2.2 ").replace("Windows\n", "Windows\n\n2.1 Doors first.\n")
    )
    school.upload(text=renumbered)
    school.publish()
    (one,) = [one.ruling for one in school.library().rulings if one.ruling.id == "close-windows"]
    assert (one.cites, one.row[0].says) == (("2.2", "2.3"), "2.2 says to close them.")
    assert {one.topic.id: one.topic.near for one in school.library().unanswered}["heating"] == ("2.2",)


def test_a_review_of_reworded_and_renumbered_clauses_holds_for_both_versions(school: World) -> None:
    school.upload(text=NEWER.replace("2.1 Staff", "2.3 Staff").replace("every window", "each window"))
    school.publish()
    school.overlay.rulings.accept(DOORS, "close-windows", OWNER)
    (one,) = [one.ruling for one in school.library().rulings if one.ruling.id == "close-windows"]
    assert (one.cites, one.row[0].says) == (("2.3", "2.2"), "2.3 says to close them.")
    school.overlay.versions.roll_back(DOORS, "1.0", OWNER)
    (one,) = [one.ruling for one in school.library().rulings if one.ruling.id == "close-windows"]
    assert one.cites == ("2.1", "2.2")


def test_a_ruling_whose_clause_is_gone_cannot_be_accepted_and_another_of_its_id_can(school: World) -> None:
    school.overlay.rulings.put_in(DOORS, OWN_RULING, OWNER)
    school.overlay.rulings.accept(DOORS, "boiler-room", OWNER)
    school.upload()
    school.publish()
    with pytest.raises(CannotAccept, match=r"1\.2"):
        school.overlay.rulings.accept(DOORS, "boiler-room", OWNER)
    instead = OWN_RULING.replace('"1.2"', '"1.1"').replace('"no"', '"info"').replace("No: pupils", "Pupils")
    school.overlay.rulings.put_in(DOORS, instead, OWNER)
    school.overlay.rulings.accept(DOORS, "boiler-room", OWNER)
    assert "boiler-room" in school.deciding


def test_a_phrasing_for_a_clause_goes_with_it_and_falls_away_with_it(school: World) -> None:
    school.overlay.phrasings.add(DOORS, "a child wants to see the boiler", ToClause("1.2"), OWNER)
    school.overlay.phrasings.add(DOORS, "who shuts them in the afternoon", ToClause("2.1"), OWNER)
    school.upload(text=NEWER.replace("2.1 Staff should close every", "2.7 Staff should close each"))
    (touched, _) = school.overlay.versions.touches(DOORS, "2.0").phrasings
    assert touched.phrasings == ("a child wants to see the boiler",)
    school.publish()
    cites = {one.fallback.phrasings: one.fallback.cites for one in school.library().cited}
    assert cites["who shuts them in the afternoon",] == ("2.7",)
    assert ("a child wants to see the boiler",) not in cites


def test_a_version_takes_effect_by_itself_on_its_day(school: World) -> None:
    school.upload()
    school.publish(effective=TOMORROW)
    assert school.overlay.versions.scheduled(DOORS) == ((TOMORROW, "2.0"),)
    assert school.library().policies[0].version == "1.0"
    school.day = TOMORROW
    assert school.library().policies[0].version == "2.0"
    assert school.overlay.versions.scheduled(DOORS) == ()


def test_what_is_to_take_effect_can_be_withdrawn_and_what_did_cannot(school: World) -> None:
    school.upload()
    school.publish(effective=TOMORROW)
    school.overlay.versions.withdraw(DOORS, "2.0", OWNER)
    school.day = TOMORROW
    assert school.library().policies[0].version == "1.0"
    school.publish()
    with pytest.raises(CannotPublish):
        school.overlay.versions.withdraw(DOORS, "2.0", OWNER)


def test_roll_back_puts_what_was_in_force_back_and_withdraws_what_was_to_come(school: World) -> None:
    school.upload()
    school.upload("3.0", TEXT.replace("must lock", "must always lock"))
    school.publish()
    assert school.overlay.versions.before(DOORS) == "1.0"
    school.publish("3.0", TOMORROW)
    with pytest.raises(CannotPublish):
        school.overlay.versions.roll_back(DOORS, "3.0", OWNER)
    school.overlay.versions.roll_back(DOORS, "1.0", OWNER)
    with pytest.raises(CannotPublish):
        school.overlay.versions.roll_back(DOORS, "1.0", OWNER)
    for school.day in (TODAY, TOMORROW):
        assert school.library().policies == Library.shipped(school.shipped).policies


def test_what_was_shipped_stays_when_an_upgrade_takes_it_away(school: World) -> None:
    school.upload()
    school.publish()
    description = school.shipped / DOORS / "policy.toml"
    description.write_text(description.read_text().replace("1.0", "4.0"), encoding="utf-8")
    assert school.library().policies[0].version == "2.0"
    assert school.overlay.versions.policy(DOORS, "1.0").clauses == Library.shipped(school.shipped).policies[0].clauses
    school.overlay.versions.roll_back(DOORS, "1.0", OWNER)
    assert school.library().policies[0].version == "1.0"


@pytest.mark.parametrize(
    ("version", "effective", "error"),
    [("9.9", TODAY, NoSuchVersion), ("1.0", TODAY, CannotPublish), ("2.0", TODAY - timedelta(days=1), CannotPublish)],
)
def test_what_cannot_be_published_is_not(school: World, version: str, effective: date, error: type[Exception]) -> None:
    school.upload()
    with pytest.raises(error):
        school.publish(version, effective)


@pytest.mark.parametrize("version", ["", "..", ".", "2/1", "-", "x" * 60, "2.0\n", "1.0"])
def test_a_version_is_called_so_that_it_can_be_a_folder_and_no_name_is_given_twice(school: World, version: str) -> None:
    with pytest.raises(CannotBeVersion):
        school.upload(version)
    assert not list(school.root.glob("*/*"))


def test_a_version_that_was_never_published_can_be_uploaded_again_and_one_that_was_cannot(school: World) -> None:
    school.upload(text=TEXT + "\n3. Roofs\n\n3.1 Nobody may climb the roof.\n")
    school.overlay.versions.upload(DOORS, "2.0", "../../else where.md", NEWER.encode(), OWNER)
    assert [path.name for path in sorted((school.root / DOORS / "versions" / "2.0").iterdir())] == [
        "else-where.md",
        "policy.toml",
    ]
    school.upload()
    school.publish()
    school.upload()  # the same again is no other
    with pytest.raises(CannotBeVersion):
        school.upload(text=TEXT)


@pytest.mark.parametrize(
    ("name", "content"),
    [("doors.txt", b""), ("doors.exe", b"MZ"), ("doors.txt", b"\0\1\2"), ("policy.toml", b'title = "x"'), ("", b"x")],
)
def test_what_cannot_be_read_is_told_in_the_readers_words_and_kept_nowhere(
    school: World, name: str, content: bytes
) -> None:
    with pytest.raises(UnreadableDocument):
        school.overlay.versions.upload(DOORS, "2.0", name, content, OWNER)
    assert not list(school.root.glob("*/*"))


def test_a_policy_of_the_schools_own_begins_with_an_upload_and_is_asked_once_published(school: World) -> None:
    with pytest.raises(NoSuchPolicy):
        school.overlay.versions.upload("phones", "1.0", "phones.txt", TEXT.encode(), OWNER)
    school.overlay.versions.upload("phones", "1.0", "phones.txt", TEXT.encode(), OWNER, title="Phones")
    assert [one.slug for one in school.library().policies] == [DOORS]
    school.overlay.versions.publish("phones", "1.0", TODAY, OWNER)
    assert [one.title for one in school.library().policies] == ["Doors", "Phones"]
    assert [one.slug for one in school.overlay.versions.in_force()] == [DOORS, "phones"]


@pytest.mark.parametrize("slug", ["../doors", "no-such", "", "/etc"])
def test_a_policy_that_is_not_there_is_said_so(school: World, slug: str) -> None:
    with pytest.raises(NoSuchPolicy):
        school.overlay.versions.of(slug)


# ------------------------------------------------------------------------------------ what somebody wrote by hand


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "line", "what"),
    [
        ("doors/phrasings.toml", '[[phrasing]]\ntext = "x"\n', 1, "name one"),
        ("doors/phrasings.toml", '[[phrasing]]\ntext = "x"\nclause = "1.1"\n', 1, "belong together"),
        ("doors/phrasings.toml", '[[phrasing]]\ntext = "x"\ntxt = "x"\n', 3, "unknown key 'phrasing.0.txt'"),
        (
            "doors/phrasings.toml",
            '[[phrasing]]\ntext = "who locks the outer door"\ntopic = "heating"\n',
            2,
            "all.toml:6",
        ),
        ("doors/phrasings.toml", '[[phrasing]]\ntext = "..."\ntopic = "heating"\n', 2, "no words"),
        ("doors/phrasing.toml", "", 1, "is not known here"),
        ("doors/rulings/x.txt", "", 1, "is not read"),
        ("doors/rulings/x.toml", "[[ruling]]\n", 1, "missing"),
        ("doors/policy.toml", '[[in_force]]\nversion = "9"\nsince = 2026-01-01\n', 1, "there is no version 9"),
        ("doors/versions/2.0/policy.toml", 'title = "x"\nsource = "x.txt"\nversion = "3.0"\n', 1, "name of the folder"),
        ("doors/versions/2.0/policy.toml", 'title = "x"\nsource = "../x"\nversion = "2.0"\n', 2, "not in its folder"),
        ("doors/versions/2.0/x.txt", "x", 1, "cannot be read"),
        ("doors/locks.toml", "[[lock]]\n", 1, "missing"),
        ("windows/phrasings.toml", '[[phrasing]]\ntext = "x"\ntopic = "y"\n', 1, "no policy of that name"),
        ("a b/phrasings.toml", "", 1, "rename it"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_its_line_and_what_to_do(
    school: World, name: str, text: str, line: int, what: str
) -> None:
    _write(school.root / name, text)
    with pytest.raises(BadDataFile) as wrong:
        school.library()
    assert str(school.root) in str(wrong.value)
    assert what in str(wrong.value)
    assert wrong.value.line == line


def test_the_same_phrasing_for_the_same_ruling_does_no_harm_when_an_upgrade_brings_it(school: World) -> None:
    school.overlay.phrasings.add(DOORS, "turn the key?", ToRuling("lock-the-door"), OWNER)
    path = school.shipped / DOORS / "rulings" / "all.toml"
    path.write_text(path.read_text().replace('"do I lock up when I go"', '"do I lock up when I go", "turn the key?"'))
    assert school.library() == Library.shipped(school.shipped)


# ----------------------------------------------------------------------------------------------------------- log


def test_every_change_is_in_the_log_with_who_what_and_when(school: World) -> None:
    school.overlay.phrasings.add(DOORS, "turn the key?", ToRuling("lock-the-door"), OWNER)
    school.upload()
    school.publish(effective=TOMORROW)
    published, added, phrasing = school.overlay.log.changes()
    assert (phrasing.number, phrasing.by, phrasing.act) == (1, OWNER, Act.PHRASING_ADDED)
    assert (phrasing.subject, phrasing.detail) == ("ruling lock-the-door", "turn the key?")
    assert list(phrasing.files) == ["doors/phrasings.toml"]
    assert (added.act, added.subject) == (Act.VERSION_ADDED, "2.0")
    assert (published.act, published.detail) == (Act.PUBLISHED, TOMORROW.isoformat())
    found = school.overlay.log.verify()
    assert (found.changes, found.broken_at, found.by_hand) == (3, None, ())


def _edit(lines: list[str]) -> list[str]:
    return [lines[0].replace("p-owner", "p-other"), *lines[1:]]


def _swap(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], *lines[2:]]


def _drop(lines: list[str]) -> list[str]:
    return lines[1:]


@pytest.mark.parametrize(("tamper", "row"), [(_edit, 1), (_swap, 1), (_drop, 1)])
def test_a_log_that_somebody_edited_shows_it(school: World, tamper: Callable[[list[str]], list[str]], row: int) -> None:
    for text in ("one", "two", "three"):
        school.overlay.phrasings.add(DOORS, text, ToRuling("lock-the-door"), OWNER)
    log = school.root / LOG
    log.write_text("\n".join([*tamper(log.read_text().splitlines()), ""]), encoding="utf-8")
    assert school.overlay.log.verify().broken_at == row


def test_a_tail_cut_off_and_a_file_edited_by_hand_show_in_the_files(school: World) -> None:
    for text in ("one", "two"):
        school.overlay.phrasings.add(DOORS, text, ToRuling("lock-the-door"), OWNER)
    log = school.root / LOG
    log.write_text("\n".join([*log.read_text().splitlines()[:-1], ""]), encoding="utf-8")
    found = school.overlay.log.verify()
    assert (found.broken_at, found.by_hand) == (None, ("doors/phrasings.toml",))
    _write(school.root / DOORS / "not_covered" / "x.toml", TOPIC)
    assert school.overlay.log.verify().by_hand == ("doors/not_covered/x.toml", "doors/phrasings.toml")


TOPIC = '[[topic]]\nid = "x"\nabout = "X"\nphrasings = ["x y z"]\n'


def test_the_zip_holds_every_file_and_the_log_and_the_diff_what_is_new(school: World) -> None:
    school.overlay.phrasings.add(DOORS, "turn the key?", ToRuling("lock-the-door"), OWNER)
    school.upload()
    with zipfile.ZipFile(io.BytesIO(school.overlay.log.export_zip())) as archive:
        assert {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()} == _files(
            school.root
        )
        rows = [json.loads(line) for line in archive.read(LOG).splitlines()]
    assert [row["change"]["number"] for row in rows] == [1, 2]
    diff = school.overlay.log.export_diff()
    assert '+text = "turn the key?"' in diff
    assert "-1.2 Pupils should not open the door of the boiler room." in diff
    assert "--- shipped/doors/doors.txt\n+++ policies/doors/versions/2.0/doors.txt\n" in diff
