"""Turns text into vectors with any sentence-transformers model: what a school prefers, and the reference for ours."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import TouchstoneError


class ModelsNotInstalled(TouchstoneError):
    """A model other than the shipped one needs torch; install Touchstone with its extra: pip install -e '.[models]'."""


class NoSuchModel(TouchstoneError):
    """There is no sentence-transformers model of that name on this machine; give the folder of one."""


class SentenceEncoder:
    """A sentence-transformers model on one thread of the processor: an Encoder.

    A text has the same vector alone and among others to 1e-6.
    """

    def __init__(self, model: str | Path) -> None:
        """Loads the model, some 7 s; torch keeps to one thread from then on. Nothing is fetched from the network.

        Args:
            model: the folder of a sentence-transformers model, or the name of one in the Hugging Face cache.

        Raises:
            ModelsNotInstalled: the extra ``models`` is not installed.
            NoSuchModel: there is none of that name here, or the folder is none.
        """
        try:
            # Here, not above: these cost seconds and 400 MB, and most installations do without them.
            import torch  # noqa: PLC0415
            from huggingface_hub import snapshot_download  # noqa: PLC0415
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise ModelsNotInstalled from error
        # Two threads on two busy cores were 30 times slower than one.
        torch.set_num_threads(1)
        try:
            # A name that is not in the cache would be asked of the network by SentenceTransformer, whatever it is told.
            folder = Path(model) if Path(model).is_dir() else Path(snapshot_download(str(model), local_files_only=True))
            self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError) as error:
            raise NoSuchModel(model) from error
        self._digest = _digest(folder)
        self._dimensions: int = self._model.encode([""]).shape[1]

    @property
    def digest(self) -> str:
        """Hex sha256 of the names and contents of all files in the model's folder."""
        return self._digest

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' vectors: float32 of shape (len(texts), dimensions), in the order given, rows of length 1.

        Of a text as many tokens count as the model's own settings say. Half a surrogate pair reads as "?".
        """
        if not texts:
            return np.empty((0, self._dimensions), dtype=np.float32)
        whole = [text.encode(errors="replace").decode() for text in texts]
        return np.asarray(self._model.encode(whole, normalize_embeddings=True, show_progress_bar=False), np.float32)


def _digest(folder: Path) -> str:
    seen = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        seen.update(f"{path.relative_to(folder).as_posix()}\n{content}\n".encode())
    return seen.hexdigest()
