"""A ruling decides by what is known: in order, never by a guess, and once decided it stays decided."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from knowledge.rulings import Otherwise, Row, Ruling, Verdict

VALUES = {"one": ("a", "b"), "two": ("a", "b", "c"), "three": ("a", "b")}

FACTS = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in VALUES.items()})
WHEN = st.fixed_dictionaries(
    {},
    optional={
        key: st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)
        for key, values in VALUES.items()
    },
)
ROWS = st.lists(
    st.builds(
        Row,
        verdict=st.sampled_from(list(Verdict)),
        says=st.just("It is so."),
        when=WHEN,
        exception=st.booleans(),
        unless=st.sampled_from(["", "But there is an exception."]),
    ),
    min_size=1,
    max_size=5,
).map(tuple)
RULINGS = st.builds(
    Ruling,
    id=st.just("some-ruling"),
    about=st.just("Something"),
    cites=st.just(("1.1",)),
    phrasings=st.just(()),
    row=ROWS,
    otherwise=st.just(Otherwise(Verdict.DEPENDS, "It depends.", tuple(VALUES))),
)

FORMER_PUPIL = Ruling(
    id="former-pupil",
    about="A former pupil",
    cites=("6.2(25)", "5.3"),
    phrasings=(),
    row=(
        Row(Verdict.YES, "Yes.", {"relative": "yes"}, exception=True, unless="A relative is the exception."),
        Row(Verdict.YES, "Not barred.", {"age": "18 or over"}),
        Row(Verdict.NO, "No.", {"age": "under 18"}, cites=("5.3",)),
    ),
    otherwise=Otherwise(Verdict.DEPENDS, "Not under 18.", ("age", "relative")),
)


def _holds_wholly(row: Row, facts: Mapping[str, str]) -> bool:
    return all(facts.get(key) in values for key, values in row.conditions.items())


@given(RULINGS, FACTS, st.sampled_from([(key, value) for key, values in VALUES.items() for value in values]))
def test_learning_a_fact_changes_a_decided_answer_only_to_that_of_an_earlier_exception(
    ruling: Ruling, facts: dict[str, str], learned: tuple[str, str]
) -> None:
    key, value = learned
    before = ruling.decide(facts)
    if key in facts or before.row is None:
        return
    after = ruling.decide({**facts, key: value})
    assert after.row is not None
    assert after.row == before.row or (after.row < before.row and ruling.row[after.row].exception)


@given(RULINGS, FACTS, st.sampled_from(list(VALUES)))
def test_what_becomes_unknown_turns_no_answer_into_another_unless_it_stated_an_exception(
    ruling: Ruling, facts: dict[str, str], forgotten: str
) -> None:
    known = ruling.decide(facts)
    fewer = ruling.decide({key: value for key, value in facts.items() if key != forgotten})
    if known.row is None:
        assert fewer.row is None
    elif not ruling.row[known.row].exception:
        assert fewer.row in {known.row, None}


@given(RULINGS, FACTS)
def test_the_row_that_decides_holds_and_no_earlier_one_does_or_might_but_for_exceptions(
    ruling: Ruling, facts: dict[str, str]
) -> None:
    decision = ruling.decide(facts)
    if decision.row is None:
        return
    assert _holds_wholly(ruling.row[decision.row], facts)
    for row in ruling.row[: decision.row]:
        assert row.holds(facts) is (None if row.exception and row.holds(facts) is None else False)


@given(RULINGS, FACTS)
def test_where_no_row_decides_one_that_is_no_exception_may_still_hold_or_none_does(
    ruling: Ruling, facts: dict[str, str]
) -> None:
    decision = ruling.decide(facts)
    if decision.row is None:
        assert decision.verdict is Verdict.DEPENDS
        blocked = any(row.holds(facts) is None and not row.exception for row in ruling.row)
        assert blocked or not any(row.holds(facts) for row in ruling.row)


@given(RULINGS, FACTS)
def test_only_unknown_facts_are_asked_and_what_no_row_names_changes_nothing(
    ruling: Ruling, facts: dict[str, str]
) -> None:
    decision = ruling.decide(facts)
    assert not set(decision.asks) & set(facts)
    assert ruling.decide({**facts, "weather": "rain"}) == decision


def test_the_facts_of_the_former_pupil_decide_one_by_one() -> None:
    assert FORMER_PUPIL.decide({}).asks == ("age", "relative")
    assert FORMER_PUPIL.decide({}).verdict is Verdict.DEPENDS
    assert FORMER_PUPIL.decide({"relative": "no"}).asks == ("age",)
    assert FORMER_PUPIL.decide({"age": "18 or over"}).says == "Not barred."
    assert FORMER_PUPIL.decide({"age": "under 18", "relative": "yes"}).verdict is Verdict.YES
    assert FORMER_PUPIL.decide({"age": "under 18", "relative": "no"}).says == "No."


def test_an_exception_that_may_still_hold_is_named_and_blocks_nothing() -> None:
    decision = FORMER_PUPIL.decide({"age": "under 18"})
    assert decision.verdict is Verdict.NO
    assert decision.says == "No. A relative is the exception."
    assert decision.row == 2


def test_a_row_cites_its_own_clauses_before_those_of_the_ruling() -> None:
    assert FORMER_PUPIL.decide({"age": "under 18"}).cites == ("5.3",)
    assert FORMER_PUPIL.decide({"age": "18 or over"}).cites == ("6.2(25)", "5.3")


def test_what_no_longer_matters_is_not_asked() -> None:
    ruling = Ruling(
        id="r",
        about="Something",
        cites=("1.1",),
        phrasings=(),
        row=(
            Row(Verdict.NO, "No.", {"one": "a", "two": "a"}),
            Row(Verdict.YES, "Yes.", {"three": "a"}),
            Row(Verdict.NO, "No, then."),
        ),
        otherwise=Otherwise(Verdict.DEPENDS, "It depends.", ("one", "two", "three")),
    )
    assert ruling.decide({}).asks == ("one", "two", "three")
    assert ruling.decide({"one": "b"}).asks == ("three",)
    assert ruling.decide({"one": "a", "three": "b"}).row is None
    assert ruling.decide({"one": "a"}).asks == ("two", "three")
