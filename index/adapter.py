"""The adapter: what our training adds to the weights of the shipped model (LoRA, Hu et al. 2021), merged in numpy."""

import json
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ADAPTER = Path(__file__).with_name("adapter.safetensors")
"""Two small matrices for each weight that is adapted, in half precision; ``touchstone train encoder`` made it."""

UP, DOWN = ".up", ".down"
"""What stands behind the weight's name: its change is up @ down."""

_TYPES = {"F32": np.float32, "F16": np.float16}


def merged(weights: Path, adapter: Path = ADAPTER) -> dict[str, NDArray[np.float32]]:
    """The weights that are adapted, each with its change, by name; the others stay as they are in their file.

    Args:
        weights: the model's safetensors file.
        adapter: the adapter's.

    Raises:
        OSError: a file cannot be read.
        KeyError: the model has no weight that the adapter changes.
    """
    changes = read_tensors(adapter)
    names = sorted(name.removesuffix(UP) for name in changes if name.endswith(UP))
    original = read_tensors(weights, names)
    return {
        name: original[name] + changes[name + UP].astype(np.float32) @ changes[name + DOWN].astype(np.float32)
        for name in names
    }


def read_tensors(path: Path, names: list[str] | None = None) -> dict[str, NDArray[np.float32]]:
    """The tensors of a safetensors file, all or those named, in the precision they are stored in.

    Raises:
        OSError: it cannot be read.
        KeyError: there is no tensor of that name.
    """
    with path.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        found = {}
        for name in header if names is None else names:
            begin, end = header[name]["data_offsets"]
            file.seek(8 + size + begin)
            flat = np.frombuffer(file.read(end - begin), dtype=_TYPES[header[name]["dtype"]])
            found[name] = flat.reshape(header[name]["shape"])
    return found
