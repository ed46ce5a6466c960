"""The school's words: each finds its concept, however it is typed, and ordinary English finds none."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.datafile import BadDataFile
from knowledge.vocabulary import SHIPPED, NoSuchConcept, Vocabulary
from knowledge.words import tokens

VOCABULARY = Vocabulary.shipped()
WORDS = [(name, word) for name in VOCABULARY.names for word in VOCABULARY.words_of(name)]
NOISE = ["qwx", "zzyzx,", "9876.", "\u00e9\u00e8", "\U0001f937", "?!"]
FILE = """idioms = ["head lice"]

[[concept]]
name = "pupil"
words = ["pupil", "kid"]

[[concept]]
name = "social_media"
words = ["social media", "on-line post"]

[[concept]]
name = "instagram"
words = ["insta"]
verbs = ["gram"]
broader = ["social_media"]
"""


def _names(text: str) -> set[str]:
    return {found.concept for found in VOCABULARY.concepts(text)}


def _file(folder: Path, text: str, name: str = "vocabulary.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_there_are_words_enough_for_any_school() -> None:
    assert len(WORDS) >= 300
    assert len(VOCABULARY.names) >= 75


def test_every_word_finds_its_own_concept() -> None:
    assert [pair for pair in WORDS if pair[0] not in _names(pair[1])] == []
    assert [pair for pair in WORDS if pair[0] not in _names(pair[1].upper().replace("'", "\u2019"))] == []


@given(
    st.sampled_from(WORDS), st.lists(st.sampled_from(NOISE), max_size=6), st.lists(st.sampled_from(NOISE), max_size=6)
)
def test_a_word_is_found_wherever_it_stands_and_says_where(
    pair: tuple[str, str], before: list[str], after: list[str]
) -> None:
    name, word = pair
    around = VOCABULARY.concepts(" ".join([*before, word, *after]))
    [found] = [one for one in around if one.concept == name and one.at == len(tokens(" ".join(before)))]
    assert set(found.said) <= set(tokens(word))


@given(st.text(max_size=200))
def test_no_text_is_too_strange_to_look_through(text: str) -> None:
    ends = 0
    for found in VOCABULARY.concepts(text):
        assert found.at >= ends
        ends = found.at


def test_no_word_is_shorter_than_two_letters() -> None:
    assert [word for _, word in WORDS if len(re.sub(r"\W", "", word)) < 2] == []


def test_few_words_stand_for_two_concepts_and_both_are_found() -> None:
    concepts: dict[str, set[str]] = {}
    for name, word in WORDS:
        concepts.setdefault(word, set()).add(name)
    twice = {word: names for word, names in concepts.items() if len(names) > 1}
    assert set(twice) == {"photograph"}
    assert all(_names(word) >= names for word, names in twice.items())


@pytest.mark.parametrize(
    ("text", "there", "not_there"),
    [
        ("an ex-pupil wrote to me", "former_pupil", "pupil"),
        ("our head of year", "staff", "headteacher"),
        ("the deputy DSL", "safeguarding_lead", "deputy_head"),
        ("is child protection for us all?", "safeguarding", "pupil"),
        ("the head lice letter", "", "headteacher"),
        ("my niece's godmother", "friend", "parent"),
    ],
)
def test_the_longest_phrase_wins(text: str, there: str, not_there: str) -> None:
    assert not_there not in _names(text)
    assert not there or there in _names(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("WhatsApp groups", "whatsapp"),
        ("WHATSAPP GROUP", "group_chat"),
        ("e-mail", "email"),
        ("email", "email"),
        ("e mail", "email"),
        ("Emails", "email"),
        ("the pupils\u2019 phones", "pupil"),
        ("a kid's phone", "pupil"),
        ("kid\u2019ll", "pupil"),
        ("cyberbullying", "online_abuse"),
        ("cyber bullying", "online_abuse"),
        ("cyber-bullying", "online_abuse"),
        ("staffroom", "staff_room"),
        ("whats app", "whatsapp"),
        ("what's app", "whatsapp"),
        ("f\u00e9llow my page but \uff49nsta", "instagram"),
        ("parents evenings", "school_event"),
        ("logged in", "logging_in"),
        ("her login", "password"),
        ("a login", "logging_in"),
    ],
)
def test_case_plurals_hyphens_accents_and_quotes_do_not_matter(text: str, name: str) -> None:
    assert name in _names(text)


def test_a_verb_counts_in_all_its_forms_and_leaves_what_it_is_done_to() -> None:
    for text in ("she took some photos", "taking her photo", "has he taken a photo", "takes photos"):
        assert {"photographing", "photo"} <= _names(text)
    found = {one.concept: one for one in VOCABULARY.concepts("Did you give out my number?")}
    assert found["contact_details"].said in {("give", "out", "my", "number"), ("my", "number")}


def test_what_stands_in_brackets_is_context_and_counts_for_itself(tmp_path: Path) -> None:
    own = _file(tmp_path, '[[concept]]\nname = "den"\nwords = ["(wolf cub) den-book", "den"]\n')
    vocabulary = Vocabulary.of([_file(tmp_path, FILE.replace("kid", "wolf cub"), "other.toml"), own])
    for text in ("our Wolf Cub den-books", "our wolf cub denbook"):
        assert [(one.concept, one.word) for one in vocabulary.concepts(text)] == [
            ("den", "wolf cub den-book"), ("pupil", "wolf cub"),
        ]  # fmt: skip
    assert vocabulary.concepts("a denbook") == ()
    assert {"personal_device", "mobile_phone"} <= _names("my own phone")
    assert {"profile", "facebook"} <= _names("our Facebook page")


def test_a_verb_does_not_reach_beyond_two_words() -> None:
    assert "photographing" in _names("take the new photo")
    assert "photographing" not in _names("take the register before any of the photos")


def test_what_a_concept_is_a_kind_of_comes_nearest_first() -> None:
    assert VOCABULARY.with_broader(["whatsapp"]) == ("whatsapp", "messaging_app", "social_media")
    assert VOCABULARY.with_broader(["pupil", "instagram", "facebook"]) == (
        "pupil", "instagram", "facebook", "social_media",
    )  # fmt: skip
    assert VOCABULARY.with_broader([]) == ()


def test_a_concept_that_is_not_there_is_an_error() -> None:
    with pytest.raises(NoSuchConcept, match="unicorn"):
        VOCABULARY.words_of("unicorn")
    with pytest.raises(NoSuchConcept, match="unicorn"):
        VOCABULARY.with_broader(["pupil", "unicorn"])


def test_all_words_are_single_and_hold_every_form() -> None:
    assert {"pupil", "pupils", "email", "mail", "insta", "posting", "tagged", "took", "number"} <= VOCABULARY.all_words
    assert not [word for word in VOCABULARY.all_words if " " in word or "-" in word]


def test_a_schools_own_file_adds_concepts_and_words(tmp_path: Path) -> None:
    own = _file(
        tmp_path,
        '[[concept]]\nname = "pupil"\nwords = ["otter"]\n'
        '[[concept]]\nname = "forest_app"\nwords = ["squirrel-talk"]\nbroader = ["school_platform"]\n',
    )
    both = Vocabulary.of([SHIPPED, own])
    assert both.words_of("pupil") == (*VOCABULARY.words_of("pupil"), "otter")
    assert {one.concept for one in both.concepts("an otter on SquirrelTalk")} == {"pupil", "forest_app"}
    assert both.with_broader(["forest_app"]) == ("forest_app", "school_platform")
    assert both.names == (*VOCABULARY.names, "forest_app")
    assert _names("an otter on SquirrelTalk") == set()


@pytest.mark.parametrize(
    ("before", "after", "line", "what"),
    [
        ('words = ["insta"]', 'word = ["insta"]', 13, "unknown key 'concept.2.word'"),
        ('name = "instagram"', 'name = "pupil"', 11, "'pupil' stands here twice"),
        ('name = "instagram"', 'name = "Insta gram"', 11, "is no name"),
        ('broader = ["social_media"]', 'broader = ["socialmedia"]', 15, "there is no concept 'socialmedia'"),
        ('"kid"]', '"kid", "PUPIL"]', 5, "'PUPIL' says the same as 'pupil'"),
        ('"kid"]', '"kid", "k-id"]', 5, "'k-id' says the same as 'kid'"),
        ('"kid"]', '"kid", "(kid) (ling)"]', 5, "brackets go round whole words"),
        ('"kid"]', '"kid", "kid(s)"]', 5, "brackets go round whole words"),
        ('"kid"]', '"kid", "wolf (cub"]', 5, "brackets go round whole words"),
        ('"kid"]', '"kid", "x"]', 5, "'x' is too short"),
        ('"kid"]', '"kid", "\U0001f937"]', 5, "is too short"),
        ('words = ["pupil", "kid"]', "words = []", 3, "'pupil' has no words"),
        ('words = ["pupil", "kid"]', 'words = "pupil"', 5, "'concept.0.words'"),
        ('verbs = ["gram"]', 'verbs = ["gram", "Gram"]', 14, "'Gram' says the same as 'gram'"),
        ('["head lice"]', '["head lice", "head-lice"]', 1, "says the same as 'head lice'"),
        ('words = ["insta"]', "words = [", 14, "is not TOML"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_at_its_line(
    tmp_path: Path, before: str, after: str, line: int, what: str
) -> None:
    assert before in FILE
    with pytest.raises(BadDataFile) as error:
        Vocabulary.of([_file(tmp_path, FILE.replace(before, after, 1))])
    assert what in str(error.value)
    assert error.value.line == line


def test_a_concept_that_is_a_kind_of_itself_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, FILE)
    loop = _file(
        tmp_path, '[[concept]]\nname = "social_media"\nwords = ["socials"]\nbroader = ["instagram"]\n', "own.toml"
    )
    assert Vocabulary.of([path]).names == ("pupil", "social_media", "instagram")
    with pytest.raises(BadDataFile, match=r"is a kind of .* is a kind of") as error:
        Vocabulary.of([path, loop])
    assert (error.value.path, error.value.line) == (loop, 4)


@pytest.mark.parametrize(
    ("text", "there", "not_there"),
    [
        ("Please head straight to the hall and sit in your usual places.", set(), {"headteacher"}),
        ("Could you read the next page of the story to them?", set(), {"profile", "website"}),
        ("I would like to swap my Tuesday for a Thursday.", set(), {"reacting", "connecting"}),
        ("The following rooms need new blinds.", set(), {"connecting"}),
        ("Follow the marked path round the pond.", set(), {"connecting"}),
        ("The parcel came by post this morning.", set(), {"posting"}),
        ("She holds the record for the long jump.", set(), {"filming"}),
        ("There is a sign on the door about the boiler.", set(), {"agreement"}),
        ("What is the link between rain and rivers?", set(), {"website"}),
        ("Put the blocks in order of size.", set(), {"posting", "connecting"}),
        ("We are off to the shops for milk.", set(), {"personal_use"}),
        ("Is there any break in the clouds today?", set(), {"break_time", "storage"}),
        ("The lift is out of order, use the stairs.", set(), {"lift"}),
        ("Send the tray back when you are done.", set(), {"vulnerable_pupil", "contacting"}),
        ("It may rain; it often does.", set(), {"it_support", "software"}),
        ("He hurt himself on the slide at playtime.", {"break_time"}, {"self_harm"}),
        ("Which team won the football game?", set(), {"game", "school_platform"}),
        ("Watch out for the wet floor.", set(), {"smartwatch", "monitoring"}),
        ("Roll out the blue gym mat.", set(), {"trust"}),
        ("We ran out of art supplies.", set(), {"visiting_staff"}),
        ("The word 'concern' has two syllables.", set(), {"safeguarding"}),
        ("Ta very much for the biscuits!", set(), {"teaching_assistant"}),
        ("I will add it to the list for Monday.", set(), {"connecting"}),
        ("Take the register and hand out the fruit.", set(), {"photographing", "contact_details"}),
        ("Tell them to line up quietly.", set(), {"reporting"}),
        ("The charger is on x number four, by the sink.", set(), {"website", "mobile_phone"}),
        ("My godson's in Year 4 here, can I tag his mum on fb?",
         {"friend", "year_group", "reacting", "parent", "facebook"}, {"pupil"}),
        ("Lost my memory stick with class photos on it",
         {"storage", "photo"}, {"connecting"}),
        ("one of our LSAs has been messaging a y10 lad on Snap Chat",
         {"teaching_assistant", "contacting", "year_group", "pupil", "snapchat"}, {"former_pupil"}),
        ("Can the caretaker carry his mobile in the playground?",
         {"office_and_site_staff", "mobile_phone", "playground"}, {"colleague"}),
        ("SENCO asked for the EHCP to be put on Google Drive",
         {"staff", "vulnerable_pupil", "storage"}, {"posting", "browsing"}),
        ("someone's made a fake profile pretending to be our headteacher",
         {"fake_account", "headteacher"}, {"profile"}),
        ("a trustee keeps commenting on my holiday pics",
         {"governor", "reacting", "out_of_hours", "photo"}, {"parent"}),
        ("Is it ok to let ChatGPT write my reports?", {"ai_tool"}, {"reporting"}),
        ("forgot to log off the laptop in the staffroom", {"logging_in", "computer", "staff_room"}, {"classroom"}),
        ("two girls have been sending nudes, who do I tell", {"pupil", "indecent_images", "reporting"}, {"photo"}),
        ("my niece started in Reception class", {"relative", "year_group"}, {"school_office"}),
        ("got a friend request from a kid i used to teach", {"connecting", "pupil", "former_pupil"}, {"friend"}),
        ("Can I tutor a child from another class at the weekend?",
         {"private_work_with_families", "pupil", "out_of_hours"}, {"teacher"}),
        ("is smoothwall blocking roblox on the ipads", {"filtering_and_monitoring", "game", "tablet"}, {"malware"}),
        ("a supply teacher filmed the nativity on her own phone",
         {"visiting_staff", "filming", "school_event", "personal_device"}, {"teacher"}),
        ("the grandparents gave me a voucher", {"relative", "gift"}, {"parent"}),
        ("Do volunteers need a DBS for the residential?", {"volunteer", "background_check", "trip"}, {"staff"}),
        ("which chapter of KCSIE covers the prevent duty", {"policy", "extremism"}, {"safeguarding"}),
        ("dad is slagging off the school on X", {"parent", "online_abuse", "twitter"}, {"complaint"}),
    ],
)  # fmt: skip
def test_ordinary_sentences_give_what_they_speak_of_and_no_more(
    text: str, there: set[str], not_there: set[str]
) -> None:
    names = _names(text)
    assert there <= names
    assert not names & not_there
