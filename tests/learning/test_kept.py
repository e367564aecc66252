from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import store
from pipeline.learning import kept
from pipeline.learning.kept import KeptTask, keys, known_fold, train_and_keep
from pipeline.learning.recipes import OURS
from pipeline.learning.task import Task
from pipeline.learning.training_set import TrainingSet
from pipeline.params import Model


def digits(seed: int = 0) -> TrainingSet:
    """Forty digits of noise in two folds."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (40, 28, 28), np.uint8)
    rows = np.arange(40)
    return TrainingSet(images, (rows % 10).astype(np.uint8), (rows // 10 % 2).astype(np.int8), rows)


def unseen(advance: int = 1, note: str = "") -> None:
    """A bar that nobody sees."""


RECIPE = replace(OURS, folds=2, epochs=1, plain_epochs=1, batch_size=8, precision="float32")
TASK = Task(digits(), 0, Model(arch="mlp", activation="relu"), RECIPE, 0, "cpu")


@pytest.mark.parametrize(
    "change",
    [
        {"digits": digits(1)},
        {"fold": 1},
        {"beside": (1,)},
        {"model": Model(arch="lenet5", activation="relu")},
        {"model": Model(arch="lenet5", activation="tanh")},
        {"seed": 1},
        {"recipe": replace(RECIPE, learning_rate=0.004)},
        {"recipe": replace(RECIPE, epochs=2)},
    ],
    ids=["digits", "fold", "beside", "network", "activation", "seed", "rate", "epochs"],
)
def test_whatever_changes_a_folds_numbers_changes_its_key(change: dict[str, Any]) -> None:
    found = keys([TASK, replace(TASK, **change)], "cpu")
    assert len(set(found)) == 2
    assert found == keys([TASK], "cpu") + keys([replace(TASK, **change)], "cpu")


def test_what_changes_no_number_changes_no_key() -> None:
    same = [TASK, replace(TASK, digits=digits()), replace(TASK, recipe=replace(RECIPE, run_folds=1))]
    assert len(set(keys(same, "cpu"))) == 1


def test_another_processor_and_other_code_have_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    here = keys([TASK], "cpu")
    there = keys([TASK], "another")
    monkeypatch.setattr(kept, "LIBRARIES", ("numpy",))
    assert len({*here, *there, *keys([TASK], "cpu")}) == 3


def test_a_set_of_digits_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    real = TrainingSet.digest

    def noting(digits: TrainingSet) -> str:
        hashed.append(digits)
        return real(digits)

    monkeypatch.setattr(TrainingSet, "digest", noting)
    keys([replace(TASK, seed=seed) for seed in range(5)], "cpu")
    assert len(hashed) == 1


def test_a_fold_comes_back_as_it_was_trained_and_a_damaged_one_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.PLACE, str(tmp_path))
    store.store.cache_clear()
    (key,) = keys([TASK], "cpu")
    assert known_fold(key) is None
    (trained,) = train_and_keep([KeptTask(TASK, key)], unseen)
    found = known_fold(key)
    assert found is not None
    assert found.to_bytes() == trained.to_bytes()
    place = store.store()
    assert place is not None
    whole = trained.to_bytes()
    for damaged in (b"", whole[:100], whole[:-100], whole[:200] + b"?" * 100 + whole[300:], b"no archive"):
        place.put(key, damaged)
        assert known_fold(key) is None
    store.store.cache_clear()
