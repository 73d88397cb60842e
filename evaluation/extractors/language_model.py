"""A causal language model from a local folder: how likely it finds texts, and its last state as their features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from evaluation.extractors.sentence import digest_with_tokenizer, folder_of, network_of, padded, tokenizer_of
from multigan.errors import DataError

NAME = "gpt2"
LONGEST = 1024
TOKENS_AT_ONCE = 1024
"""Each has a logit for every word: GPT-2's 50,257 in float32, and as many log-probabilities, are 0.4 GB then."""


class LanguageModel:
    """Scores of texts under a causal language model: features [N, 2] = (log p in nats, tokens that it is of).

    Each text is tokenised by the model's own tokeniser and preceded by its beginning mark (GPT-2: <|endoftext|>), so
    that every token of the text is scored and the end is not. Of a text longer than the context the beginning counts.
    """

    def __init__(self, folder: Path, device: torch.device, name: str = NAME) -> None:
        from transformers import AutoModelForCausalLM

        self.name = name
        self._device = device
        self._tokenizer = tokenizer_of(folder)
        self._network, self._longest = network_of(AutoModelForCausalLM, folder, device, LONGEST)
        begin = self._tokenizer.bos_token_id
        self._begin = self._tokenizer.eos_token_id if begin is None else begin
        if self._begin is None:
            raise DataError(
                f"The tokeniser in {folder} has no mark for the beginning or end of a text, after which a language "
                "model starts; give a model that has one, such as GPT-2."
            )

    @cached_property
    def digest(self) -> str:
        """sha256 of the weights and the tokeniser."""
        return digest_with_tokenizer(self._network, self._tokenizer)

    @property
    def preprocessing(self) -> str:
        """How texts become tokens."""
        return f"the model's own tokens, the first {self._longest - 1}, after its beginning mark; v1"

    def prepare(self, sample: str) -> list[int]:
        """Token numbers, the beginning mark first."""
        numbers = self._tokenizer(sample, add_special_tokens=False)["input_ids"]
        return [self._begin, *numbers[: self._longest - 1]]

    def forward(self, prepared: Sequence[list[int]]) -> np.ndarray:
        """Features float32 [N, 2]: the log-probability of each text in nats, and how many tokens it has."""
        scores = np.empty((len(prepared), 2), np.float32)
        with torch.inference_mode():
            for places, numbers, mask in self._parts(prepared):
                logits = self._network(input_ids=numbers, attention_mask=mask).logits[:, :-1]
                log_prob = logits.log_softmax(dim=2).gather(2, numbers[:, 1:, None])[:, :, 0].double()
                scored = mask[:, 1:].double()
                sums = torch.stack([(log_prob * scored).sum(dim=1), scored.sum(dim=1)], dim=1)
                scores[places] = sums.cpu().numpy()
        return scores

    def _parts(self, prepared: Sequence[list[int]]) -> Iterator[tuple[list[int], Tensor, Tensor]]:
        """Rows of like length by their places, as numbers and mask, about ``TOKENS_AT_ONCE`` at a time."""
        waiting: list[int] = []
        for place in sorted(range(len(prepared)), key=lambda place: len(prepared[place])):
            if waiting and (len(waiting) + 1) * len(prepared[place]) > TOKENS_AT_ONCE:
                yield waiting, *padded([prepared[row] for row in waiting], self._device)
                waiting = []
            waiting.append(place)
        yield waiting, *padded([prepared[row] for row in waiting], self._device)


class LastState(LanguageModel):
    """The last state [N, D] of a causal language model at a text's last token: MAUVE's features (arXiv:2102.01454)."""

    def forward(self, prepared: Sequence[list[int]]) -> np.ndarray:
        """Features float32 [N, D]."""
        rows: dict[int, np.ndarray] = {}
        with torch.inference_mode():
            for places, numbers, mask in self._parts(prepared):
                states = self._network.base_model(input_ids=numbers, attention_mask=mask).last_hidden_state
                last = states[torch.arange(len(places)), mask.sum(dim=1) - 1]
                rows |= dict(zip(places, last.float().cpu().numpy(), strict=True))
        return np.stack([rows[place] for place in range(len(prepared))])


def load(device: torch.device, files: Mapping[str, Path]) -> LanguageModel:
    """The language model whose files these are; it scores texts."""
    return LanguageModel(folder_of(files), device)


def load_states(device: torch.device, files: Mapping[str, Path]) -> LastState:
    """The language model whose files these are; it gives features of texts."""
    return LastState(folder_of(files), device, f"{NAME}-state")
