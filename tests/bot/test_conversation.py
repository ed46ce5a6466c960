import pytest

from bot.messages import Answer, Ask, Intent, TellFact
from bot.talk.answering.answers import Answers
from bot.talk.turns.context import LASTS, Conversations
from bot.talk.turns.conversation import Conversation, NoSuchRuling
from bot.talk.urgency.finding import find_urgency
from bot.testing import FixedClock
from index.search import Searcher
from knowledge.rulings import Verdict

REACH2 = "reach2-online-safety"
FOLLOWS = TellFact(REACH2, "former-pupil-follows-me", (), "here")


@pytest.fixture
def conversation(searcher: Searcher, clock: FixedClock) -> Conversation:
    return Conversation(Answers(lambda: searcher, clock), Conversations(clock))


def _said(conversation: Conversation, *texts: str) -> Answer:
    """The last answer to messages said one after the other."""
    for text in texts:
        (answer,) = conversation.ask(Ask(text, conversation="here"))
    return answer


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("she's 19 now", Verdict.YES), ("he is 15 and no relation of mine", Verdict.NO), ("18 or over", Verdict.YES)],
)
def test_words_do_what_the_buttons_do(conversation: Conversation, text: str, verdict: Verdict) -> None:
    asked = conversation.tell(FOLLOWS)
    assert (asked.verdict, asked.asks) == (Verdict.DEPENDS, ("age", "relative"))
    answer = _said(conversation, text)
    assert answer.verdict is verdict
    pressed = conversation.tell(TellFact(FOLLOWS.policy, FOLLOWS.ruling, answer.facts))
    assert (pressed.verdict, pressed.headline, pressed.facts) == (answer.verdict, answer.headline, answer.facts)


def test_what_turns_out_otherwise_takes_the_answer_before_it_back(conversation: Conversation) -> None:
    conversation.tell(FOLLOWS)
    first = _said(conversation, "he's 15, not related")
    assert (first.verdict, first.withdraws) == (Verdict.NO, False)
    corrected = _said(conversation, "oh sorry, typo, he's 25")
    assert (corrected.verdict, corrected.withdraws) == (Verdict.YES, True)
    changed = conversation.tell(TellFact(FOLLOWS.policy, FOLLOWS.ruling, (("age", "under 18"),), "here"))
    assert (changed.verdict, changed.withdraws) == (Verdict.NO, True)


def test_after_half_an_hour_and_in_another_conversation_nothing_is_known(
    conversation: Conversation, clock: FixedClock
) -> None:
    conversation.tell(FOLLOWS)
    (elsewhere,) = conversation.ask(Ask("18 or over", conversation="there"))
    assert elsewhere.ruling is None or elsewhere.ruling.id != FOLLOWS.ruling
    clock.go_on(2 * LASTS)
    late = _said(conversation, "18 or over")
    assert late.facts == ()


@pytest.mark.parametrize(
    "text", ["why?", "where does it say that?", "which version is this?", "show me the whole clause"]
)
def test_what_is_asked_about_the_answer_leads_to_its_clauses(conversation: Conversation, text: str) -> None:
    before = conversation.tell(FOLLOWS)
    answer = _said(conversation, text)
    assert answer.verdict is Verdict.INFO
    assert answer.decisive == before.decisive
    assert str(before.decisive[0].clause.label) in answer.headline
    assert not answer.asks


def test_thanks_are_no_question_and_what_was_said_stays(conversation: Conversation) -> None:
    conversation.tell(FOLLOWS)
    thanks = _said(conversation, "thank you, that's great")
    assert (thanks.intent, thanks.verdict, thanks.headline) == (Intent.SMALLTALK, None, "You are welcome.")
    assert _said(conversation, "she's 19").verdict is Verdict.YES


def test_two_questions_in_one_message_are_both_answered(conversation: Conversation) -> None:
    answers = conversation.ask(
        Ask("Can I share my work log-in with a colleague? And who receives the alerts from Senso?")
    )
    first, second = ({str(cited.clause.label) for cited in answer.decisive} for answer in answers)
    assert "9.2" in first
    assert second & {"12.3", "12.4"}


def test_a_danger_is_answered_whatever_was_spoken_of(conversation: Conversation) -> None:
    conversation.tell(FOLLOWS)
    answer = _said(conversation, "hang on, a girl just told me her uncle touches her at night")
    assert answer.urgent
    assert answer.offers == ("report_concern",)


def test_a_button_of_a_ruling_that_is_gone_and_facts_that_are_none(conversation: Conversation) -> None:
    with pytest.raises(NoSuchRuling):
        conversation.tell(TellFact(REACH2, "no-such-ruling", ()))
    odd = (("age", "a hundred"), ("no-such-fact", "yes"), ("relative", "no"))
    assert conversation.tell(TellFact(FOLLOWS.policy, FOLLOWS.ruling, odd)).facts == (("relative", "no"),)


def test_a_danger_is_answered_though_the_message_answers_what_was_asked_too(conversation: Conversation) -> None:
    conversation.tell(FOLLOWS)
    answer = _said(conversation, "she's 16, and she says her uncle touches her at night")
    assert answer.urgent


def test_a_question_that_names_another_place_does_not_keep_the_yes(conversation: Conversation) -> None:
    profile = TellFact(REACH2, "school-on-my-profile", (("account", "own professional"),), "here")
    assert conversation.tell(profile).verdict is Verdict.YES
    other = _said(conversation, "and insta?")
    assert other.verdict is Verdict.DEPENDS
    assert "account" not in dict(other.facts)


def test_a_remark_that_tells_nothing_makes_no_yes_of_it_depends(conversation: Conversation) -> None:
    page = TellFact(REACH2, "photo-on-the-schools-page", (), "here")
    assert conversation.tell(page).verdict is Verdict.DEPENDS
    for remark in ("nearly all of them have brought it back", "the head of year is a bit tired of it"):
        assert _said(conversation, remark).verdict is not Verdict.YES


def test_what_the_ruling_turns_on_is_read_though_it_was_not_asked(conversation: Conversation) -> None:
    filmed = TellFact(REACH2, "families-film-at-events", (("approval", "headteacher"),), "here")
    assert conversation.tell(filmed).verdict is Verdict.YES
    posted = _said(conversation, "hm, he tells me he is sharing it on youtube")
    assert (posted.verdict, posted.withdraws) == (Verdict.NO, True)


def test_whoever_was_spoken_of_is_meant_until_somebody_else_is_named(conversation: Conversation) -> None:
    _said(conversation, "a year 4 girl from our school wants me as a friend on tiktok, can i accept?")
    niece = _said(conversation, "and if she's my niece?")
    assert niece.verdict is not Verdict.YES
    assert "6.2(27)" in {str(one.clause.label) for one in niece.decisive}


@pytest.mark.parametrize("said", ["some of them would rather text me", "what about answering at midnight then?"])
def test_a_yes_is_none_to_something_else_that_is_told_or_asked_after_it(conversation: Conversation, said: str) -> None:
    through = TellFact(REACH2, "messages-through-arbor", (), "here")
    assert conversation.tell(through).verdict is Verdict.YES
    after = _said(conversation, said)
    assert after.verdict is Verdict.INFO
    assert after.citations


def test_a_danger_that_no_pattern_has_words_for_is_found_though_the_message_answers_what_was_asked(
    conversation: Conversation,
) -> None:
    conversation.tell(FOLLOWS)
    answer = _said(conversation, "she is 15, it is her stepdad, she does not want to go home to him")
    assert answer.urgent


def test_a_danger_that_no_pattern_has_words_for_is_found_in_a_few_words_in_the_middle_of_something_else(
    conversation: Conversation,
) -> None:
    said = "heard a slap in the changing area, and then crying"
    assert find_urgency(said) is None
    conversation.tell(TellFact(REACH2, "messages-through-arbor", (), "here"))
    assert _said(conversation, said).urgent
