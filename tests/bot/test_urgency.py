"""What cannot wait is found; what only sounds so, is asked about, or is in hand already is no alarm."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.urgency.finding import (
    LEARNED,
    LEARNED_FROM,
    LEARNED_OF_RULINGS,
    Standing,
    find_urgency,
    learned_urgency,
    read_standing,
)
from bot.talk.urgency.patterns import FOLDER, Occasion, load_urgency
from index.families import Family, Sought, Understood
from knowledge.datafile import BadDataFile
from knowledge.kinds import shipped_kinds
from knowledge.library import Library

SETS = Path(__file__).parents[1] / "talk_urgency"
FLOORS: dict[str, dict[str, float]] = json.loads((SETS / "floors.json").read_text(encoding="utf-8"))
URGENT_PHRASINGS = [phrasing for kind in shipped_kinds() if kind.urgent for phrasing in kind.phrasings]


def _is_alarm(text: str) -> bool:
    found = find_urgency(text)
    return found is not None and found.is_alarm


def _messages(name: str) -> list[tuple[str, bool]]:
    lines = (SETS / name).read_text(encoding="utf-8").splitlines()
    return [(row["q"], row["urgent"]) for row in map(json.loads, lines)]


@pytest.mark.parametrize("name", FLOORS)
def test_of_the_urgent_as_many_are_found_and_of_the_others_as_few_are_an_alarm_as_were_measured(name: str) -> None:
    messages = _messages(name)
    urgent = [_is_alarm(text) for text, is_urgent in messages if is_urgent]
    others = [_is_alarm(text) for text, is_urgent in messages if not is_urgent]
    assert 100 * sum(urgent) / len(urgent) >= FLOORS[name]["found"]
    assert 100 * sum(others) / len(others) <= FLOORS[name]["false_alarms"]


def test_what_messages_are_like_is_an_alarm_too_where_it_is_told_and_no_imagined_case() -> None:
    kinds = {kind.id: kind for kind in shipped_kinds() if kind.urgent}
    assert set(LEARNED) == set(kinds)
    searched = kinds["urgent-searched"]

    def like(likelihood: float) -> Understood:
        return Understood((Sought(Family(searched), likelihood),))

    found = learned_urgency(like(LEARNED_FROM), "he typed that on the laptop", is_question=False)
    assert found is not None
    assert (found.occasions, found.is_alarm, found.is_online) == ((Occasion.SEARCH,), True, True)
    assert learned_urgency(like(LEARNED_FROM - 0.01), "he typed that on the laptop", is_question=False) is None
    assert learned_urgency(like(1.0), "what would I do if a child ever typed that?", is_question=True) is None


def test_who_is_near_a_ruling_on_a_danger_and_does_not_ask_tells_of_it(library: Library) -> None:
    rulings = {one.ruling.id: one for one in library.rulings}
    assert set(LEARNED_OF_RULINGS) <= set(rulings)
    near = Understood((Sought(Family(rulings["nude-image-among-pupils"]), 0.9),))
    found = learned_urgency(near, "they have it on a phone", is_question=False)
    assert found is not None
    assert found.occasions == (Occasion.INDECENT_IMAGES,)
    assert learned_urgency(near, "do they have it on a phone", is_question=True) is None


def test_every_set_that_is_there_has_its_floors() -> None:
    assert {path.name for path in SETS.glob("*.jsonl")} == set(FLOORS)


def test_nine_in_ten_of_the_phrasings_are_found_by_the_patterns_alone() -> None:
    assert len(URGENT_PHRASINGS) >= 200
    assert sum(map(_is_alarm, URGENT_PHRASINGS)) / len(URGENT_PHRASINGS) >= 0.9


def test_the_phrasings_and_the_messages_share_none() -> None:
    assert not {text for name in FLOORS for text, _ in _messages(name)} & set(URGENT_PHRASINGS)


@pytest.mark.parametrize(
    ("text", "occasion"),
    [
        ("dad hit him last week, fine now", Occasion.CHILD_AT_RISK),
        ("Y6 boys passing a phone round with a naked girl on it", Occasion.INDECENT_IMAGES),
        ("some man online has been asking one of my pupils for photos", Occasion.GROOMING),
        ("he said he knows where I park", Occasion.THREAT_TO_STAFF),
        ("a boy threatened to stab another pupil with scissors", Occasion.THREAT),
        ("a year 9 told me she wants to die", Occasion.SELF_HARM),
        ("saw a y5 looking up porn on the ipad", Occasion.SEARCH),
        ("a TA is messaging a y6 girl at night on instagram", Occasion.ADULT_BEHAVIOUR),
    ],
)
def test_each_occasion_is_told_apart(text: str, occasion: Occasion) -> None:
    found = find_urgency(text)
    assert found is not None
    assert found.is_alarm
    assert found.occasions[0] is occasion


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("if a child ever told me they were being hurt what would I do", Standing.IMAGINED),
        ("what does the policy say about indecent images", Standing.IMAGINED),
        ("scenario: a Y5 girl tells you her uncle touches her. what do you do?", Standing.IMAGINED),
        ("could a colleague be sacked for messaging a pupil on snapchat", Standing.IMAGINED),
        ("what do I do if a child told me this morning that her dad hits her", Standing.TOLD),
        ("not a scenario: a Y5 girl says her uncle touches her", Standing.TOLD),
        ("what does the policy say about it? her dad hit her again", Standing.TOLD),
        ("reported to the DSL that she's cutting herself, which form now", Standing.HANDED_ON),
        ("police are dealing with the man who messaged our y6s", Standing.HANDED_ON),
        ("haven't told the DSL yet but she's cutting herself", Standing.TOLD),
        ("should I tell the DSL that she's cutting herself", Standing.TOLD),
        ("she told the police her dad hit her", Standing.TOLD),
        ("told the DSL about the bruises but he's hit him again last night", Standing.TOLD),
        ("told the DSL her dad hit her and nothing has been done", Standing.TOLD),
    ],
)
def test_a_question_a_training_and_what_is_in_hand_are_no_alarm_and_a_real_one_is(
    text: str, standing: Standing
) -> None:
    found = find_urgency(text)
    assert found is not None
    assert found.standing is standing


def test_what_happened_online_is_told_from_what_did_not() -> None:
    online, offline = find_urgency("a man on snap asks her for pics, she is 9"), find_urgency("dad hit him last week")
    assert online is not None
    assert offline is not None
    assert (online.is_online, offline.is_online) == (True, False)


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("she says that today is her last day", Standing.TOLD),
        ("what would I do if a child gave me a note like that? Who do I tell?", Standing.IMAGINED),
        ("she gave me a note like that. the DSL has it", Standing.HANDED_ON),
        ("", Standing.TOLD),
    ],
)
def test_how_a_message_tells_is_read_without_a_pattern_that_finds_the_danger(text: str, standing: Standing) -> None:
    assert read_standing(text) is standing


def test_the_end_of_a_very_long_message_is_read_too() -> None:
    assert _is_alarm("we had a lovely trip. " * 2000 + "her dad hit her with a belt")


@given(st.text(max_size=400))
def test_any_text_is_read_the_same_way_twice(text: str) -> None:
    assert find_urgency(text) == find_urgency(text)
    assert read_standing(text) is read_standing(text)


def test_a_message_takes_less_than_five_milliseconds_of_processor_time() -> None:
    messages = [text for text, _ in _messages("messages_build.jsonl")]
    find_urgency("the patterns are read once")
    began = time.process_time()
    for message in messages:
        find_urgency(message)
    assert (time.process_time() - began) / len(messages) < 0.005


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ('occasion = "weather"\nsaid = ["rain"]', "'rule.0.occasion'"),
        ('occasion = "threat"\nsaid = ["{nothing}"]', "'nothing' stands in no"),
        ('occasion = "threat"\nsaid = ["(open"]', "is no pattern"),
        ('occasion = "threat"\nsaid = ["x"]\ncolour = "red"', "unknown key"),
    ],
)
def test_what_is_wrong_in_the_patterns_is_named(tmp_path: Path, rule: str, wrong: str) -> None:
    for name in ("words.toml", "frames.toml"):
        (tmp_path / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    load_urgency(tmp_path)
    (tmp_path / "child.toml").write_text(f"[[rule]]\n{rule}\n", encoding="utf-8")
    with pytest.raises(BadDataFile, match=wrong):
        load_urgency(tmp_path)
