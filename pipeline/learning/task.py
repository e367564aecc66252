"""What is asked of a training: one fold of some digits, by a recipe."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.learning.recipes import Recipe
from pipeline.learning.training_set import TrainingSet
from pipeline.params import Model


@dataclass(frozen=True)
class Task:
    """One fold to train."""

    digits: TrainingSet
    fold: int
    model: Model
    recipe: Recipe  # its precision not auto
    seed: int
    device: str
    beside: tuple[int, ...] = ()  # other folds of the same steps, which change this one's last bits

    @cached_property
    def own_seed(self) -> int:
        """What everything random in the fold comes from."""
        return int(np.random.SeedSequence([self.seed, self.fold]).generate_state(1)[0])
