from knowledge.words import fold, tokens


def test_words_are_folded() -> None:
    assert fold("Caf\u00e9 \u2019s \ufb01le") == "cafe 's file"
    assert tokens("Don\u2019t POST, it\u2019s 6.2!") == ("don't", "post", "it's", "6", "2")
