import math
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.learning.in_training import FoldInTraining, NotFiniteError
from tests.learning.bars import DIGITS, task


def validated(*train_losses: float, **changes: Any) -> FoldInTraining:
    """Finish an epoch a loss, without a step: all validate the same weights."""
    fold = FoldInTraining(task(**changes))
    for loss in train_losses:
        fold.finish_epoch(torch.from_numpy(DIGITS.images), torch.from_numpy(DIGITS.labels.astype(np.int64)), loss, 80)
    return fold


@pytest.mark.parametrize("smoothing", [0.0, 0.05, 0.5])
def test_the_validation_loss_is_of_the_same_smoothed_labels_as_the_training_loss(smoothing: float) -> None:
    result = validated(0.5, label_smoothing=smoothing).result(1.0, 1.0)
    logs, labels = np.log(result.probabilities.astype(np.float64)), DIGITS.labels[DIGITS.held(0)]
    of_labels = logs[np.arange(len(labels)), labels]
    expected = -((1 - smoothing) * of_labels + smoothing * logs.mean(axis=1)).mean()
    assert result.epochs[0].validation_loss == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("loss", [math.inf, math.nan])
def test_another_schedule_is_advised_only_where_it_is_another(loss: float) -> None:
    with pytest.raises(NotFiniteError, match=r"became (inf|nan) in epoch 2; lower it$"):
        validated(0.5, loss, schedule="one-cycle")
    for schedule in ("constant", "plateau"):
        with pytest.raises(NotFiniteError, match=r"lower it \(or train.schedule: one-cycle, which starts low\)$"):
            validated(loss, schedule=schedule)
