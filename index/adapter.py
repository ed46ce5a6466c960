"""The adapter: what our training adds to the weights of the shipped model (LoRA, Hu et al. 2021), merged in numpy."""

import hashlib
import json
import os
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.disk import flush

ADAPTER = Path(__file__).with_name("adapter.safetensors")
"""Two small matrices for each weight that is adapted, in half precision; ``touchstone train encoder`` made it."""

UP, DOWN = ".up", ".down"
"""What stands behind the weight's name: its change is up @ down."""

_TYPES = {"F32": np.float32, "F16": np.float16, "I64": np.int64}
_SEAL = ".sha256"


def merge(weights: Path, adapter: Path, into: Path) -> None:
    """Writes the model's weights with the adapter's changes: the same names, shapes and places as in the model's file.

    It is written aside and moved into place, with its sha256 beside it.

    Args:
        weights: the model's safetensors file.
        adapter: the adapter's.
        into: the file to write; its folder is made.

    Raises:
        OSError: a file cannot be read or written.
        KeyError: the model has no weight that the adapter changes.
    """
    changes = read_tensors(adapter)
    begin, header = _header(weights)
    into.parent.mkdir(parents=True, exist_ok=True)
    aside = into.with_name(f".{into.name}-{os.getpid()}.part")
    try:
        shutil.copyfile(weights, aside)
        with aside.open("r+b") as file:
            for name in sorted(name.removesuffix(UP) for name in changes if name.endswith(UP)):
                change = changes[name + UP].astype(np.float32) @ changes[name + DOWN].astype(np.float32)
                file.seek(begin + header[name]["data_offsets"][0])
                file.write((read_tensors(weights, [name])[name] + change).tobytes())
        flush(aside)
        _seal(into).write_text(_sha256(aside), encoding="ascii")
        aside.replace(into)
    finally:
        aside.unlink(missing_ok=True)


def is_merged(into: Path) -> bool:
    """Whether the file is there as ``merge`` wrote it, to the last bit."""
    try:
        return _sha256(into) == _seal(into).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False


def read_tensors(path: Path, names: list[str] | None = None) -> dict[str, NDArray[Any]]:
    """The tensors of a safetensors file, all or those named, in the precision they are stored in.

    Raises:
        OSError: it cannot be read.
        KeyError: there is no tensor of that name.
    """
    begin, header = _header(path)
    with path.open("rb") as file:
        found = {}
        for name in header if names is None else names:
            first, last = header[name]["data_offsets"]
            file.seek(begin + first)
            flat = np.frombuffer(file.read(last - first), dtype=_TYPES[header[name]["dtype"]])
            found[name] = flat.reshape(header[name]["shape"])
    return found


def _header(path: Path) -> tuple[int, dict[str, Any]]:
    """At which byte of a safetensors file the tensors begin, and what it says of each."""
    with path.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    return 8 + size, header


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal(into: Path) -> Path:
    return into.with_name(into.name + _SEAL)
