import pytest

from knowledge.inflection import plural, verb_forms


@pytest.mark.parametrize(
    ("noun", "many"),
    [("pupil", "pupils"), ("class", "classes"), ("watch", "watches"), ("policy", "policies"), ("boy", "boys"),
     ("virus", "viruses"), ("nudes", "nudes"), ("y6", "y6s")],
)  # fmt: skip
def test_a_noun_has_its_plural(noun: str, many: str) -> None:
    assert plural(noun) == many


@pytest.mark.parametrize(
    ("verb", "form"),
    [("post", "posted"), ("post", "posting"), ("post", "posts"), ("share", "sharing"), ("share", "shared"),
     ("tag", "tagging"), ("tag", "tagged"), ("bully", "bullied"), ("bully", "bullies"), ("bully", "bullying"),
     ("take", "took"), ("take", "taken"), ("put", "putting"), ("dm", "dming"), ("follow", "followed"),
     ("free", "freeing"), ("search", "searches")],
)  # fmt: skip
def test_a_verb_has_its_forms(verb: str, form: str) -> None:
    assert form in verb_forms(verb)


def test_a_verb_comes_first_among_its_forms_and_each_form_once() -> None:
    for verb in ("post", "put", "hurt", "tag", "share"):
        forms = verb_forms(verb)
        assert forms[0] == verb
        assert len(set(forms)) == len(forms)
