import sqlite3
from pathlib import Path

from index.families import Elsewhere, Family, Sought, Understood, families
from index.tables import library_of, read_families, write_tables
from knowledge.kinds import Kind
from knowledge.library import Library, Reviewed, Unanswered
from knowledge.vocabulary import Vocabulary


def test_the_families_of_a_library_are_its_rulings_its_topics_and_the_kinds_of_message(library: Library) -> None:
    found = [type(family.of) for family in families(library)]
    assert found == sorted(found, key=[Reviewed, Unanswered, Kind].index)
    assert found.count(Reviewed) == len(library.rulings)
    assert found.count(Unanswered) == len(library.unanswered)


def test_where_there_are_no_rulings_questions_to_other_policies_tell_what_a_question_is(library: Library) -> None:
    known = families(Library(library.policies))
    assert {type(family.of) for family in known} == {Kind, Elsewhere}
    elsewhere = [family for family in known if isinstance(family.of, Elsewhere)]
    assert len(elsewhere) == len(library.rulings) + len(library.unanswered)
    assert {(family.policy, family.clauses) for family in elsewhere} == {(None, ())}
    shipped = {text for family in families(library) for text in family.phrasings}
    assert {text for family in elsewhere for text in family.phrasings} <= shipped


def test_what_a_snapshot_holds_of_families_is_what_was_written(library: Library, tmp_path: Path) -> None:
    for of in (library, Library(library.policies)):
        known = families(of)
        path = tmp_path / f"{len(of.rulings)}.sqlite3"
        write_tables(path, of.policies, of.clauses, known, Vocabulary.shipped())
        connection = sqlite3.connect(path)
        assert tuple(read_families(connection)) == known
        assert library_of(of.policies, known) == of
        connection.close()


def test_what_a_message_may_want_is_told_by_sort(library: Library) -> None:
    ruling, topic = library.rulings[0], library.unanswered[0]
    kind = next(family.of for family in families(library) if isinstance(family.of, Kind))
    sought = tuple(Sought(Family(of), share) for of, share in ((ruling, 0.5), (topic, 0.3), (kind, 0.2)))
    understood = Understood(sought)
    assert understood.rulings == ((ruling, 0.5),)
    assert understood.topics == ((topic, 0.3),)
    assert understood.kinds == ((kind, 0.2),)
    assert understood.elsewhere == 0
