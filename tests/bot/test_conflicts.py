"""Whom a typed name means: never wrongly sure, and nobody who may be meant is passed over."""

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.cases.people.conflicts import is_struck, names_in, person_hash, propose, resolve
from bot.cases.people.directory import Directory, load_directory
from bot.cases.people.names import fold, name
from bot.cases.people.roles import TRUST, Holding, Person, Role
from tests.bot.people import SCHOOL, TODAY, directory, school

ELM = "elm"


def _person(person_id: str, full: str, *roles: Role, also: tuple[str, ...] = (), at: str = SCHOOL) -> Person:
    holds = tuple(Holding(TRUST if role is Role.TRUST_SAFEGUARDING_LEAD else at, role) for role in roles)
    return Person(person_id, full, also, holds, mail=f"{person_id}@school.example")


PEOPLE = Directory(
    (school(), school(ELM)),
    (
        _person("john", "John Smith", Role.DSL),
        _person("jon", "Jon Smyth", Role.SLT),
        _person("jane", "Jane Smith", Role.DEPUTY_DSL),
        _person("sian", "Siân Llewellyn-Jones", Role.HEADTEACHER, also=("Sian Jones",)),
        _person("kate", "Katherine O'Brien", Role.DEPUTY_HEAD, also=("Kate O'Brien",)),
        _person("bill", "William Turner", Role.CHAIR_OF_GOVERNORS),
        _person("bjorn", "Bjørn Müller", Role.VICE_CHAIR),
        _person("mo", "Mohammed Al-Hassan", Role.DEPUTY_DSL),
        _person("wei", "Wei Ng", Role.INDUCTION_LEAD),
        _person("anne", "Anne-Marie de Souza", Role.SLT),
        _person("head", "Alan Head", Role.POLICY_OWNER),
        _person("mrs", "Mrs Olive Baxter", Role.DATA_PROTECTION_LEAD),
        _person("trust", "Priya Venkataraman", Role.TRUST_SAFEGUARDING_LEAD),
        _person("far", "William Turner", Role.HEADTEACHER, at=ELM),
        _person("farther", "Oona Quill", Role.DSL, at=ELM),
    ),
)

SURE = {
    "Jane Smith": {"jane"},
    "jane smith": {"jane"},
    "  Ms  JANE   SMITH ": {"jane"},
    "Siân Llewellyn-Jones": {"sian"},
    "Sian Llewellyn Jones": {"sian"},
    "sian llewellynjones": {"sian"},
    "Sian Jones": {"sian"},
    "Katherine O'Brien": {"kate"},
    "Katherine OBrien": {"kate"},
    "Kate O\u2019Brien": {"kate"},
    "Mrs Kate O'Brien": {"kate"},
    "Bjorn Muller": {"bjorn"},
    "Bjørn Müller": {"bjorn"},
    "Mohammed Al Hassan": {"mo"},
    "Mohammed Alhassan": {"mo"},
    "Wei Ng": {"wei"},
    "Anne-Marie de Souza": {"anne"},
    "Annemarie DeSouza": {"anne"},
    "Dr Priya Venkataraman": {"trust"},
    "Alan Head": {"head"},
    "Miss Olive Baxter": {"mrs"},
    "Smith the DSL": {"john"},
    "Mr Smith the DSL": {"john"},
    "Mr Smith, DSL": {"john"},
    "John Smith (DSL)": {"john"},
    "the DSL, John Smith": {"john"},
    "our chair of governors William Turner": {"bill"},
    "Mohammed the deputy DSL": {"mo"},
    "Siân, the head": {"sian"},
    "Llewellyn Jones, Head": {"sian"},
    "the DSL": {"john"},
    "DSL": {"john"},
    "Our designated safeguarding lead": {"john"},
    "chair of governors": {"bill"},
    "The Chair": {"bill"},
    "deputy DSLs": {"jane", "mo"},
    "headteacher": {"sian"},
    "The Head Teacher": {"sian"},
    "the principal": {"sian"},
    "jane@school.example": {"jane"},
    " JOHN@school.example ": {"john"},
}
"""What is typed, and who alone may be struck without a question."""

ASKED = {
    "John Smith": {"john", "jon"},  # Jon Smyth is a slip away
    "Jon Smith": {"john", "jon"},
    "John Smyth": {"john", "jon"},
    "Smith": {"john", "jane", "jon"},
    "Mr Smith": {"john", "jane"},
    "J Smith": {"john", "jane"},
    "J. Smith": {"john", "jane"},
    "JS": {"john", "jane", "jon"},
    "J.S.": {"john", "jane", "jon"},
    "Smith John": {"john"},
    "Jane": {"jane"},
    "Jane Smiht": {"jane"},
    "Jayne Smith": {"jane"},
    "Janet Smith": {"jane"},
    "Steve Smith": {"john", "jane"},
    "Mr Jane Smith the DSL": {"john", "jane"},
    "Jane Smith the DSL": {"john", "jane"},
    "William Turner": {"bill", "far"},  # two of one name in the trust
    "Bill Turner": {"bill", "far"},
    "Will": {"bill"},
    "Billy": {"bill"},
    "Turner": {"bill"},
    "Wiliam Tuner": {"bill"},
    "Llewellyn": {"sian"},
    "Mrs Jones": {"sian"},
    "Sian Llewelyn": {"sian"},
    "Shan Jones": {"sian"},
    "Katie O'Brien": {"kate"},
    "Cathy OBrien": {"kate"},
    "Ms O'Brian": {"kate"},
    "Bjoern Mueller": {"bjorn"},
    "Mueller": {"bjorn"},
    "Muhammad Al-Hasan": {"mo"},
    "Mo Hassan": {"mo"},
    "Hassan": {"mo"},
    "Mr Ng": {"wei"},
    "Mr Wei": {"wei"},
    "De Souza": {"anne"},
    "Anne Marie": {"anne"},
    "Ann-Marie D'Souza": {"anne"},
    "Priya": {"trust"},
    "Venkatraman": {"trust"},
    "Priya Venkatramen": {"trust"},
    "Mr Olive Baxter": {"mrs"},
    "Oona Quill": {"farther"},
    "Ona Quill": {"farther"},
    "the head": {"sian", "head"},  # Alan Head
    "Mr Head": {"head"},
    "Sian Head": {"sian", "head"},  # a name, though Siân is the head
    "Mohammed DSL": {"mo", "john"},
    "J the DSL": {"john"},
    "the deputy": {"jane", "mo", "kate"},
    "SLT": {"jon", "anne"},
    "the safeguarding team": {"john", "jane", "mo"},
    "a governor": {"bill", "bjorn"},
    "the headteacher's husband": {"sian"},
    "the heads husband": {"sian"},
    "former headteacher": {"sian"},
    "Oliver": {"mrs"},  # Olive is a slip away
    "not the headteacher": {"sian"},
    "headteacher?": {"sian"},
    "the headteacher at my last school": {"sian"},
    "the DSL or the chair": {"john", "bill"},
    "Mr Brown the DSL": {"john"},
    "Jane Smith's brother": {"jane"},
    "the caretaker, Mr Turner": {"bill"},
    "son of Jane Smith": {"jane"},
    "Jane Smith in Year 4": {"jane"},
}
"""What is typed, and who must be among those the sender is asked about; nobody is struck without it."""

WHO = ("my line manager", "Line manager", "head of year 4", "head of maths", "my boss", "the caretaker")
NOBODY = (
    "Peter Brown", "Gerald", "Ms Green", "Li", "Lee Ngozi", "Mr Lee", "Kieran in Year 5", "", "  ", "?", "12", "Quill",
    "Sam Taylor", "Dave", "Emma Watts", "Mrs Patel",
)  # fmt: skip


def _ids(persons: tuple[Person, ...]) -> set[str]:
    return {person.id for person in persons}


def test_the_lists_are_long_enough_to_mean_something() -> None:
    assert len(SURE) + len(ASKED) + len(WHO) + len(NOBODY) >= 120


@pytest.mark.parametrize("typed", SURE)
def test_a_whole_name_or_a_role_is_struck_without_a_question(typed: str) -> None:
    match = propose(typed, PEOPLE, SCHOOL, TODAY)
    assert _ids(match.certain) == SURE[typed]
    assert not match.is_asked


@pytest.mark.parametrize("typed", ASKED)
def test_whatever_only_comes_near_is_asked_and_strikes_nobody_yet(typed: str) -> None:
    match = propose(typed, PEOPLE, SCHOOL, TODAY)
    assert match.certain == ()
    assert _ids(match.close) >= ASKED[typed]


@pytest.mark.parametrize("typed", WHO)
def test_a_role_that_the_directory_does_not_know_is_asked_for_its_name(typed: str) -> None:
    match = propose(typed, PEOPLE, SCHOOL, TODAY)
    assert match.certain == ()
    assert match.who


@pytest.mark.parametrize("typed", NOBODY)
def test_a_name_that_is_nobodys_asks_nothing(typed: str) -> None:
    match = propose(typed, PEOPLE, SCHOOL, TODAY)
    assert (match.certain, match.close, match.who) == ((), (), False)


def test_questions_are_short_enough_to_be_read() -> None:
    assert max(len(propose(typed, PEOPLE, SCHOOL, TODAY).close) for typed in ASKED) <= 5


GIVEN = fold(
    """
    Oliver George Arthur Noah Muhammad Leo Oscar Harry Archie Jack Amelia Olivia Isla Ava Freya Lily Florence
    Mia Rosie Grace Karen Susan Linda Tracey Sharon Paul Mark Kevin Ian Graham John Jane Kate William Sian Wei
    Anne Priya
    """
)
SURNAMES = fold(
    """
    Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White
    Roberts Green Hall Wood Jackson Clarke Khan Singh Kaur Hussain Begum Okafor Nowak Kowalski Smith Turner Ng
    Head Baxter Souza Mueller Hassan
    """
)


def test_of_fourteen_hundred_names_only_those_that_are_somebodys_are_sure_and_few_are_asked_about() -> None:
    found = [f"{given} {surname}" for given in GIVEN for surname in SURNAMES]
    matches = {typed: propose(typed, PEOPLE, SCHOOL, TODAY) for typed in found}
    sure = {typed: _ids(match.certain) for typed, match in matches.items() if match.sure}
    assert sure == {"jane smith": {"jane"}, "sian jones": {"sian"}, "wei ng": {"wei"}}
    asked = sum(match.is_asked for match in matches.values())
    assert len(matches) == 1368
    assert asked / len(matches) < 0.25  # a fifth of these surnames are in the directory


def test_the_likest_stands_first() -> None:
    assert propose("Jon Smith", PEOPLE, SCHOOL, TODAY).close[0].id in {"john", "jon"}
    assert propose("Katie O'Brien", PEOPLE, SCHOOL, TODAY).close[0].id == "kate"


def test_a_role_in_words_means_whoever_holds_it_and_whoever_they_cover_for() -> None:
    cover = Holding(SCHOOL, Role.HEADTEACHER, begins=TODAY, until=TODAY, covers="head")
    base = directory(("head", "headteacher"))
    people = Directory(base.schools, (*base.persons, Person("acting", "Ada Acting", holds=(cover,))))
    assert _ids(propose("the headteacher", people, SCHOOL, TODAY).certain) == {"head", "acting"}


def test_the_demonstration_head_is_known_in_words() -> None:
    people = load_directory()
    assert propose("the headteacher", people, "demo-school", TODAY).close[0].id == "demo-headteacher"
    assert "demo-dsl" in _ids(propose("Demonstration DSL", people, "demo-school", TODAY).close)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Jane Smith", ("Jane Smith",)),
        ("Jane Smith and Wei Ng", ("Jane Smith", "Wei Ng")),
        ("Jane Smith, Wei Ng; the head\nMo & Jo", ("Jane Smith", "Wei Ng", "the head", "Mo", "Jo")),
        ("Smith, Jane", ("Jane Smith",)),
        ("Mr Smith, the DSL", ("Mr Smith the DSL",)),
        ("the head, the DSL", ("the head", "the DSL")),
        ("Andy Sanderson", ("Andy Sanderson",)),
        (" , ;\n", ()),
    ],
)
def test_several_names_in_one_field_are_told_apart(text: str, names: tuple[str, ...]) -> None:
    assert tuple(" ".join(one.split()) for one in names_in(text)) == names


def test_what_the_sender_answers_decides_and_until_then_those_asked_about_are_held_back() -> None:
    names = names_in("Jane Smith; Turner; my line manager; Peter Brown")
    open_still = resolve(names, PEOPLE, SCHOOL, TODAY)
    assert open_still.struck == {"jane"}
    assert [typed for typed, _ in open_still.asked] == ["Turner", "my line manager"]
    assert open_still.held_back == {"bill"}
    assert "Turner" not in repr(open_still)
    answered = resolve(names, PEOPLE, SCHOOL, TODAY, confirmed={"Turner": "bill", "my line manager": None})
    assert answered.struck == {"jane", "bill"}
    assert answered.asked == ()
    assert resolve(["Turner"], PEOPLE, SCHOOL, TODAY, confirmed={"Turner": None}).struck == frozenset()


def test_somebody_named_who_takes_up_a_role_later_is_found_by_asking_again() -> None:
    before = directory(("ann", "dsl"))
    after = Directory(before.schools, (*before.persons, _person("new", "Peter Brown", Role.DEPUTY_DSL)))
    assert resolve(["Peter Brown"], before, SCHOOL, TODAY).struck == frozenset()
    assert resolve(["Peter Brown"], after, SCHOOL, TODAY).struck == {"new"}


HERE = [person for person in PEOPLE.persons if person.id not in {"far", "farther"}]


@given(
    person=st.sampled_from(HERE), at=st.integers(0, 40), letter=st.sampled_from("aeiounrstlx"), how=st.integers(0, 2)
)
@examples(max_examples=600)
def test_one_slip_in_a_whole_name_is_asked_about_never_sure_never_passed_over(
    person: Person, at: int, letter: str, how: int
) -> None:
    place = at % len(person.name)
    slip = person.name[:place] + ("" if how == 0 else letter) + person.name[place + (how < 2) :]
    match = propose(slip, PEOPLE, SCHOOL, TODAY)
    if "".join(name(fold(slip)).words) != "".join(name(fold(person.name)).words):
        assert match.certain == ()
    assert person in (*match.certain, *match.close)


@given(st.text(max_size=60))
@examples(max_examples=300)
def test_no_text_breaks_it_or_strikes_anybody_at_another_school(typed: str) -> None:
    for one in (typed, *names_in(typed)):
        assert not {person.id for person in propose(one, PEOPLE, SCHOOL, TODAY).certain} & {"far", "farther"}


def test_a_hash_says_nothing_of_whose_it_is_and_needs_the_key() -> None:
    key, other = bytes(32), bytes(31) + b"x"
    assert person_hash(key, "jane") == person_hash(key, "jane")
    assert len({person_hash(key, "jane"), person_hash(other, "jane"), person_hash(key, "john")}) == 3
    assert len(person_hash(key, "jane")) == 64
    assert is_struck(key, "jane", {person_hash(key, "jane")})
    assert not is_struck(key, "john", {person_hash(key, "jane")})
