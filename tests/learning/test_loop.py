import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from pipeline.errors import BadInputError
from pipeline.learning import step
from pipeline.learning.architectures import build
from pipeline.learning.device import exact
from pipeline.learning.loop import PROGRESS, train_together
from pipeline.learning.predict import predict
from pipeline.learning.schedule import STOP_AFTER, rate_at
from pipeline.learning.trained import TrainedFold
from pipeline.learning.training_set import TrainingSet
from pipeline.learning.weights import load_weights
from pipeline.params import Model
from tests.learning.bars import DIGITS, WILD, silent, task, train_fold

STEPS = 5  # an epoch's


@pytest.fixture(scope="module")
def trained() -> TrainedFold:
    return train_fold(task(), silent)


def test_bars_are_learned(trained: TrainedFold) -> None:
    assert [row.epoch for row in trained.epochs] == [1, 2, 3]
    assert trained.epochs[-1].train_loss < trained.epochs[0].train_loss
    assert trained.epochs[-1].validation_accuracy > 0.9


def test_an_epochs_train_loss_is_the_mean_of_its_steps() -> None:
    still: dict[str, Any] = {"epochs": 1, "plain_epochs": 1, "schedule": "constant", "learning_rate": 1e-30}
    five, one = (train_fold(task(batch_size=size, **still), silent).epochs[0].train_loss for size in (16, 80))
    assert five == pytest.approx(one, rel=1e-5)


def test_validation_is_on_originals_only_and_training_on_the_other_folds(trained: TrainedFold) -> None:
    assert trained.probabilities.shape == (80, 10)
    assert trained.digits_trained == 80
    assert trained.digits_seen == 3 * 80


def probabilities_again(fold: TrainedFold, digits: TrainingSet, folder: Path, arch: str = "mlp") -> NDArray[np.float32]:
    """What :func:`predict` says with the weights that were kept."""
    (folder / "weights").write_bytes(fold.weights)
    network = build(arch, "relu", 9)
    load_weights(network, folder / "weights")
    with exact(seed=0):
        return predict(network, digits.images[digits.held(fold.fold)])


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_probabilities_are_those_of_the_kept_weights_in_float32(precision: str, tmp_path: Path) -> None:
    """Whatever was trained in; bfloat16 is slow where the processor lacks it, but right."""
    fold = train_fold(task(fold=1, precision=precision), silent)
    np.testing.assert_array_equal(probabilities_again(fold, DIGITS, tmp_path), fold.probabilities)


def misleading() -> TrainingSet:
    """Fold 0 validates digits whose labels are all wrong: the better it learns, the worse it gets."""
    labels = np.where(DIGITS.folds == 0, (DIGITS.labels + 1) % 10, DIGITS.labels).astype(np.uint8)
    return replace(DIGITS, labels=labels)


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every rate that a step is taken with."""
    taken: list[float] = []
    monkeypatch.setattr(step, "set_rate", lambda _, rate: taken.append(rate))
    return taken


def test_plateau_halves_the_rate_and_stops(rates: list[float], tmp_path: Path) -> None:
    digits = misleading()
    fold = train_fold(task(digits=digits, schedule="plateau", learning_rate=0.001, epochs=20), silent)
    losses = [row.validation_loss for row in fold.epochs]
    best = int(np.argmin(losses)) + 1
    assert best + STOP_AFTER == len(losses) < 20
    by_epoch = [set(rates[epoch * STEPS : (epoch + 1) * STEPS]) for epoch in range(len(losses))]
    assert by_epoch[best:] == [{0.001}, {0.001}, {0.0005}, {0.0005}, {0.00025}, {0.00025}]
    np.testing.assert_array_equal(probabilities_again(fold, digits, tmp_path), fold.probabilities)
    right = (fold.probabilities.argmax(axis=1) == digits.labels[digits.held(0)]).mean()
    assert fold.validation_accuracy == fold.epochs[-1].validation_accuracy == pytest.approx(right)
    assert fold.digits_seen == len(losses) * 80


def test_plateau_keeps_the_last_epoch_not_the_best(tmp_path: Path) -> None:
    digits = misleading()
    plain: dict[str, Any] = {"label_smoothing": 0.0, "schedule": "plateau", "learning_rate": 0.001, "epochs": 20}
    fold = train_fold(task(digits=digits, **plain), silent)
    losses = [row.validation_loss for row in fold.epochs]
    held = digits.labels[digits.held(0)]
    loss = -np.log(probabilities_again(fold, digits, tmp_path)[np.arange(len(held)), held]).mean()
    assert loss == pytest.approx(losses[-1], rel=1e-4)
    assert min(losses) < 0.9 * losses[-1]


def test_a_constant_rate_stays_and_no_loss_however_bad_stops_it(rates: list[float]) -> None:
    fold = train_fold(task(digits=misleading(), schedule="constant", learning_rate=0.001, epochs=10), silent)
    assert len(fold.epochs) == 10
    assert set(rates) == {0.001}


def test_one_cycle_spans_all_epochs(rates: list[float]) -> None:
    train_fold(task(), silent)
    assert len(rates) == 3 * STEPS
    assert rates == [rate_at(place, 3 * STEPS, 0.003, "one-cycle") for place in range(3 * STEPS)]


@pytest.mark.parametrize("plain_epochs", [0, 1, 3])
def test_the_last_epochs_show_the_digits_and_those_before_their_copies(
    plain_epochs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    take = step.Step.take

    def remember(self: step.Step, rows: torch.Tensor) -> None:
        shown.extend(rows.tolist())
        take(self, rows)

    monkeypatch.setattr(step.Step, "take", remember)
    train_fold(task(plain_epochs=plain_epochs), silent)
    epochs = [shown[start : start + 80] for start in range(0, 240, 80)]
    plain, copies = DIGITS.plain(0).tolist(), DIGITS.shown(0, 0).tolist()
    assert [sorted(rows) for rows in epochs] == [copies] * (3 - plain_epochs) + [plain] * plain_epochs
    assert all(rows != sorted(rows) for rows in epochs)
    assert epochs[0] != epochs[1]


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["digitnet", "digit_recognizer"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_batch_norm_and_dropout_repeat_exactly(arch: str, precision: str) -> None:
    model = Model.model_validate({"arch": arch, "activation": "relu"})
    once = task(model=model, epochs=1, batch_size=40, precision=precision)
    assert train_fold(once, silent).weights == train_fold(once, silent).weights


def test_another_seed_or_fold_gives_other_weights(trained: TrainedFold) -> None:
    assert train_fold(replace(task(), seed=1), silent).weights != trained.weights
    assert train_fold(task(fold=1), silent).weights != trained.weights


def test_what_a_fold_validates_does_not_change_its_weights(trained: TrainedFold) -> None:
    """Nor do the copies of what it validates: inverting all of them must leave fold 0 as it was."""
    images = np.where((DIGITS.folds == 0)[:, None, None], 255 - DIGITS.images, DIGITS.images)
    changed = replace(DIGITS, images=images)
    assert train_fold(task(digits=changed), silent).weights == trained.weights
    assert train_fold(task(fold=1, digits=changed), silent).weights != train_fold(task(fold=1), silent).weights


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize("schedule", ["one-cycle", "constant", "plateau"])
def test_every_optimizer_and_schedule_learns(optimizer: str, schedule: str) -> None:
    rate = 0.03 if optimizer == "sgd" else 0.001
    fold = train_fold(task(optimizer=optimizer, schedule=schedule, learning_rate=rate, epochs=4), silent)
    assert fold.validation_accuracy > 0.8


def test_a_loss_that_is_not_finite_is_one_line_that_names_the_rate() -> None:
    with pytest.raises(
        BadInputError, match=r"^train.learning_rate: with 9 the loss of fold 0 became (inf|nan) in epoch \d+; lower it"
    ) as error:
        train_fold(task(**WILD, epochs=10), silent)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("CUDA out of memory."), RuntimeError("DefaultCPUAllocator: can't allocate memory: you")],
    ids=["gpu", "cpu"],
)
def test_memory_that_runs_out_in_a_step_is_one_line(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(step.Step, "take", fail)
    with pytest.raises(BadInputError, match=r"^train.batch_size: with 16 digits a step the memory ran out \("):
        train_fold(task(), silent)


def test_a_gpu_without_room_even_to_start_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise RuntimeError("CUDA error: out of memory")  # as CUDA says before the first tensor

    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "get_rng_state", fail)
    with pytest.raises(BadInputError, match="the memory ran out"):
        train_fold(replace(task(), device="cuda"), silent)


def test_a_batch_larger_than_the_set_is_the_whole_set() -> None:
    assert train_fold(task(batch_size=1000), silent).digits_seen == 3 * 80


def test_digits_left_over_from_full_batches_sit_the_epoch_out() -> None:
    assert train_fold(task(batch_size=32), silent).digits_seen == 3 * 64


@pytest.mark.parametrize("changes", [{}, {"schedule": "plateau", "epochs": 20, "learning_rate": 0.001}])
def test_progress_ends_at_all_steps_with_the_accuracy_beside_it(changes: dict[str, Any]) -> None:
    told: list[tuple[int, str]] = []

    def report(advance: int = 1, note: str = "") -> None:
        told.append((advance, note))

    fold = train_fold(task(digits=misleading(), **changes), report)
    assert sum(advance for advance, _ in told) == PROGRESS
    assert all(advance >= 0 for advance, _ in told)
    assert f"epoch {len(fold.epochs)}/" in told[-1][1]
    assert told[-1][1].endswith(f"validation {fold.epochs[-1].validation_accuracy:.2%}")


@pytest.mark.slow
def test_the_bar_of_folds_of_the_same_steps_shows_their_mean_accuracy() -> None:
    notes: list[str] = []

    def report(advance: int = 1, note: str = "") -> None:  # noqa: ARG001 -- a bar's
        notes.append(note)

    together = train_together([task(fold, uneven(), LENET5) for fold in (0, 1, 2)], report)
    accuracies = [fold.validation_accuracy for fold in together]
    assert len(set(accuracies)) > 1
    assert notes[-1].endswith(f"validation {np.mean(accuracies):.2%}")


LENET5 = Model(arch="lenet5", activation="relu")


def uneven() -> TrainingSet:
    """Three folds, of which the first validates the most digits and so trains on the fewest: 60, 80 and 100."""
    validated = np.repeat([0, 1, 2], [60, 40, 20])
    rows = np.random.default_rng(0).permutation(len(validated))
    folds = np.concatenate([validated[rows], validated[rows]]).astype(np.int8)
    pixels = np.concatenate([np.arange(120), 160 + np.arange(120)])
    return TrainingSet(DIGITS.images[pixels], DIGITS.labels[pixels], folds, np.tile(np.arange(120), 2))


@pytest.mark.slow
def test_folds_of_the_same_steps_learn_what_each_learns_by_itself() -> None:
    """But for the last bits, and for the digits that sit an epoch out."""
    tasks = [task(fold, model=LENET5, epochs=4, learning_rate=0.01) for fold in (0, 1)]
    together, again = train_together(tasks, silent), train_together(tasks, silent)
    assert [fold.weights for fold in together] == [fold.weights for fold in again]
    for found, single in zip(together, (train_fold(one, silent) for one in tasks), strict=True):
        assert found.fold == single.fold
        assert found.digits_seen == single.digits_seen
        np.testing.assert_allclose(found.probabilities, single.probabilities, atol=0.02)
        for one, other in zip(found.epochs, single.epochs, strict=True):
            assert one.train_loss == pytest.approx(other.train_loss, abs=0.02)
            assert one.validation_loss == pytest.approx(other.validation_loss, abs=0.02)


@pytest.mark.slow
def test_folds_of_the_same_steps_take_as_many_as_the_shortest_can(rates: list[float]) -> None:
    digits = uneven()
    together = train_together([task(fold, digits, LENET5, batch_size=16) for fold in (0, 1, 2)], silent)
    assert [fold.digits_trained for fold in together] == [60, 80, 100]
    assert {fold.digits_seen for fold in together} == {3 * 48}
    assert len(rates) == 3 * 3
    assert [len(fold.probabilities) for fold in together] == [60, 40, 20]


@pytest.mark.slow
def test_probabilities_of_folds_of_the_same_steps_are_those_of_their_weights(tmp_path: Path) -> None:
    for fold in train_together([task(fold, uneven(), LENET5) for fold in (0, 1, 2)], silent):
        again = probabilities_again(fold, uneven(), tmp_path, "lenet5")
        np.testing.assert_array_equal(again, fold.probabilities)


@pytest.mark.slow
def test_processor_seconds_of_folds_of_the_same_steps_add_up_to_what_was_spent() -> None:
    before = time.process_time()
    together = train_together([task(fold, uneven(), LENET5) for fold in (0, 1, 2)], silent)
    assert 0 < sum(fold.processor_seconds for fold in together) <= time.process_time() - before


class WithoutFloat64(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's stub
    """A device that has no float64, as MPS: an operation that gives such numbers fails."""

    def __torch_dispatch__(self, operation: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = operation(*args, **(kwargs or {}))
        for part in tree_leaves(found):
            assert not isinstance(part, torch.Tensor) or part.dtype != torch.float64, f"{operation} gives float64"
        return found


@pytest.mark.parametrize("folds", [[0], [0, 1]])
def test_nothing_of_a_training_needs_float64_which_mps_lacks(folds: list[int]) -> None:
    without = WithoutFloat64()  # type: ignore[no-untyped-call]  # torch's stub
    with without, pytest.raises(AssertionError, match="gives float64"):
        torch.ones(1).double()
    with without:
        train_together([task(fold, model=LENET5, epochs=1) for fold in folds], silent)


@pytest.mark.usefixtures("two_threads")
def test_settings_of_the_caller_are_left_alone() -> None:
    before = torch.get_num_threads(), torch.random.get_rng_state(), torch.are_deterministic_algorithms_enabled()
    train_fold(task(epochs=1), silent)
    assert torch.get_num_threads() == before[0] > 1
    assert torch.equal(torch.random.get_rng_state(), before[1])
    assert torch.are_deterministic_algorithms_enabled() == before[2]
