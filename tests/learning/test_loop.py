import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import BadInputError
from pipeline.learning import loop
from pipeline.learning.architectures import build
from pipeline.learning.device import choose_device, exact
from pipeline.learning.ensemble import CARD, load_ensemble, save_ensemble
from pipeline.learning.loop import Training, TrainingSet, train_folds
from pipeline.learning.predict import as_input, predict
from pipeline.learning.schedule import make_optimizer, rate_at
from pipeline.learning.weights import load_weights, weights_bytes
from pipeline.params import Model, Train

MLP = Model(arch="mlp", activation="relu")
TRAIN = Train(
    folds=2,
    epochs=3,
    batch_size=16,
    optimizer="adamw",
    learning_rate=0.003,
    schedule="one-cycle",
    weight_decay=0.01,
    label_smoothing=0.05,
    device="cpu",
    seed=0,
)


def bars(count: int) -> TrainingSet:
    """Digits that are bars at ten places; the second half are copies of the first, in their parents' folds."""
    rng = np.random.default_rng(0)
    labels = (np.arange(count) % 10).astype(np.uint8)
    images = rng.integers(0, 40, (count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 3 + 2 * label : 6 + 2 * label] += 200
    folds = np.tile(np.arange(count // 2) // 10 % 2, 2).astype(np.int8)
    return TrainingSet(images, labels, folds, np.arange(count) < count // 2)


DIGITS = bars(160)


@pytest.fixture(scope="module")
def trained() -> Training:
    return train_folds(DIGITS, MLP, TRAIN, workers=1)


def test_bars_are_learned(trained: Training) -> None:
    for fold in trained.folds:
        assert [row.epoch for row in fold.epochs] == [1, 2, 3]
        assert fold.epochs[-1].train_loss < fold.epochs[0].train_loss
        assert fold.epochs[-1].validation_accuracy > 0.9


def test_validation_is_on_originals_only_and_training_on_the_other_folds(trained: Training) -> None:
    for fold in trained.folds:
        assert fold.probabilities.shape == (40, 10)
        assert fold.digits_trained == 80
        assert fold.digits_seen == 3 * 80


@pytest.mark.slow  # starts worker processes, each of which imports torch
def test_weights_are_the_same_for_any_number_of_workers(trained: Training) -> None:
    side_by_side = train_folds(DIGITS, MLP, TRAIN, workers=2)
    assert side_by_side.workers == 2
    for one, other in zip(trained.folds, side_by_side.folds, strict=True):
        assert one.weights == other.weights
        assert one.epochs == other.epochs
        np.testing.assert_array_equal(one.probabilities, other.probabilities)


@pytest.mark.parametrize("arch", ["digitnet", "digit_recognizer"])
def test_batch_norm_and_dropout_repeat_exactly(arch: str) -> None:
    model = Model.model_validate({"arch": arch, "activation": "relu"})
    once = TRAIN.model_copy(update={"epochs": 1, "batch_size": 40})
    first, again = (train_folds(DIGITS, model, once, workers=1) for _ in range(2))
    assert [fold.weights for fold in first.folds] == [fold.weights for fold in again.folds]


def test_another_seed_gives_other_weights(trained: Training) -> None:
    other = train_folds(DIGITS, MLP, TRAIN.model_copy(update={"seed": 1, "epochs": 1}), workers=1)
    assert other.folds[0].weights != trained.folds[0].weights


def test_folds_start_from_different_weights(trained: Training) -> None:
    assert trained.folds[0].weights != trained.folds[1].weights


def test_what_a_fold_validates_does_not_change_its_weights(trained: Training) -> None:
    """Nor do the copies of what it validates: inverting all of them must leave fold 0 as it was."""
    foreign = DIGITS.folds == 0
    images = np.where(foreign[:, None, None], 255 - DIGITS.images, DIGITS.images)
    changed = train_folds(dataclasses.replace(DIGITS, images=images), MLP, TRAIN, workers=1)
    assert changed.folds[0].weights == trained.folds[0].weights
    assert changed.folds[1].weights != trained.folds[1].weights


def test_probabilities_are_those_of_the_saved_weights(trained: Training, tmp_path: Path) -> None:
    path = tmp_path / "fold-1.safetensors"
    path.write_bytes(trained.folds[1].weights)
    network = build("mlp", "relu", 9)
    load_weights(network, path)
    held = DIGITS.images[(DIGITS.folds == 1) & DIGITS.original]
    with exact(seed=0):
        np.testing.assert_array_equal(predict(network, held), trained.folds[1].probabilities)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
@pytest.mark.parametrize("schedule", ["one-cycle", "constant"])
def test_every_optimizer_and_schedule_learns(optimizer: str, schedule: str) -> None:
    rate = 0.03 if optimizer == "sgd" else 0.001
    settings = {"optimizer": optimizer, "schedule": schedule, "learning_rate": rate, "epochs": 4}
    result = train_folds(DIGITS, MLP, TRAIN.model_copy(update=settings), workers=1)
    assert result.folds[0].epochs[-1].validation_accuracy > 0.8


@pytest.mark.parametrize("workers", [1, 2])
def test_a_loss_that_is_not_finite_is_one_line_that_names_the_rate(workers: int) -> None:
    """Decay at this rate multiplies weights by -80 a step."""
    wild = {"optimizer": "sgd", "learning_rate": 9.0, "schedule": "constant", "weight_decay": 9.0, "epochs": 10}
    with pytest.raises(
        BadInputError, match=r"^train.learning_rate: with 9 the loss of fold \d became .*lower it"
    ) as error:
        train_folds(DIGITS, MLP, TRAIN.model_copy(update=wild), workers=workers)
    assert "\n" not in str(error.value)


def test_a_batch_larger_than_the_set_is_the_whole_set() -> None:
    result = train_folds(DIGITS, MLP, TRAIN.model_copy(update={"batch_size": 1000}), workers=1)
    assert result.folds[0].digits_seen == 3 * 80


def test_digits_left_over_from_full_batches_sit_the_epoch_out() -> None:
    result = train_folds(DIGITS, MLP, TRAIN.model_copy(update={"batch_size": 32}), workers=1)
    assert result.folds[0].digits_seen == 3 * 64


def test_progress_ends_at_all_steps_with_the_accuracy_beside_it() -> None:
    told: list[tuple[int, str]] = []

    def report(advance: int = 1, note: str = "") -> None:
        told.append((advance, note))

    loop.train_fold(loop.Task(DIGITS, 0, MLP, TRAIN, 0.003, "cpu"), report)
    assert sum(advance for advance, _ in told) == loop.PROGRESS
    assert "epoch 3/3, validation " in told[-1][1]


def test_settings_of_the_caller_are_left_alone() -> None:
    before = torch.get_num_threads(), torch.random.get_rng_state(), torch.are_deterministic_algorithms_enabled()
    train_folds(DIGITS, MLP, TRAIN.model_copy(update={"epochs": 1}), workers=1)
    assert torch.get_num_threads() == before[0]
    assert torch.equal(torch.random.get_rng_state(), before[1])
    assert torch.are_deterministic_algorithms_enabled() == before[2]


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device that should be absent")
def test_an_absent_device_is_one_line() -> None:
    with pytest.raises(BadInputError, match=r"train.device: expected a device that is here \(.*cpu\), got 'cuda'; use"):
        choose_device("cuda")


def test_one_cycle_rises_to_the_peak_and_falls_to_nothing() -> None:
    rates = [rate_at(step, 101, 0.5, "one-cycle") for step in range(101)]
    peak = int(np.argmax(rates))
    assert rates[peak] == pytest.approx(0.5)
    assert peak == 30
    assert rates == sorted(rates[:peak]) + sorted(rates[peak:], reverse=True)
    assert rates[0] == pytest.approx(0.02)
    assert rates[-1] < 1e-5
    assert rate_at(7, 100, 0.5, "constant") == 0.5


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adam", torch.optim.Adam),
        ("adamw", torch.optim.AdamW),
        ("sgd", torch.optim.SGD),
        ("rmsprop", torch.optim.RMSprop),
    ],
)
def test_an_optimizers_name_means_it_and_biases_do_not_decay(name: str, kind: type[torch.optim.Optimizer]) -> None:
    optimizer = make_optimizer(build("digitnet", "relu", 0), name, 0.1, 0.5)
    assert type(optimizer) is kind
    decay = {parameter.ndim: group["weight_decay"] for group in optimizer.param_groups for parameter in group["params"]}
    assert decay == {4: 0.5, 2: 0.5, 1: 0.0}


def test_paper_is_nought_and_ink_is_one() -> None:
    image = torch.tensor([0, 51, 255], dtype=torch.uint8).reshape(1, 1, 3)
    assert as_input(image).flatten().tolist() == pytest.approx([0, 0.2, 1])
    assert as_input(image).shape == (1, 1, 1, 3)


def test_predict_takes_28_by_28_bytes_only() -> None:
    network = build("mlp", "relu", 0)
    with pytest.raises(ValueError, match=r"expected \(N, 28, 28\) uint8, got \(2, 784\)"):
        predict(network, np.zeros((2, 784), np.uint8))
    with pytest.raises(ValueError, match="float64"):
        predict(network, np.zeros((2, 28, 28)))  # type: ignore[arg-type]  # the mistake under test
    assert predict(network, np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


def test_predictions_do_not_depend_on_the_neighbours_in_a_batch() -> None:
    network = build("digitnet", "relu", 0)
    together = predict(network, DIGITS.images)
    alone = np.concatenate([predict(network, DIGITS.images[row : row + 1]) for row in range(5)])
    np.testing.assert_allclose(together[:5], alone, atol=1e-5)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)


def saved(folder: Path) -> Path:
    save_ensemble(folder, MLP, [weights_bytes(build("mlp", "relu", seed)) for seed in range(3)])
    return folder


def test_ensemble_predicts_the_mean_of_its_folds(tmp_path: Path) -> None:
    ensemble = load_ensemble(saved(tmp_path / "models"))
    alone = [predict(build("mlp", "relu", seed), DIGITS.images) for seed in range(3)]
    np.testing.assert_allclose(ensemble.predict(DIGITS.images), np.mean(alone, axis=0), atol=1e-6)
    assert ensemble.card.architecture == "mlp"
    assert ensemble.card.parameters == 235_146


def test_saving_again_replaces_the_whole_folder_with_the_same_bytes(tmp_path: Path) -> None:
    folder = saved(tmp_path / "models")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "fold-3.safetensors").write_bytes(b"left over")
    saved(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def missing(folder: Path) -> None:
    (folder / "fold-1.safetensors").unlink()


def cut(folder: Path) -> None:
    path = folder / "fold-1.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def another_network(folder: Path) -> None:
    (folder / "fold-1.safetensors").write_bytes(weights_bytes(build("lenet5", "relu", 0)))


def another_training(folder: Path) -> None:
    (folder / "fold-1.safetensors").write_bytes(weights_bytes(build("mlp", "relu", 77)))


def no_card(folder: Path) -> None:
    (folder / CARD).unlink()


def half_card(folder: Path) -> None:
    (folder / CARD).write_text('{"architecture": "mlp"', encoding="utf-8")


def unknown_network(folder: Path) -> None:
    card = folder / CARD
    card.write_text(card.read_text(encoding="utf-8").replace('"mlp"', '"mpl"'), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (missing, r"fold-1.safetensors: expected a weights file, got: No such file"),
        (cut, r"fold-1.safetensors: not a whole safetensors file"),
        (another_network, r"fold-1.safetensors: weights of another network: `.*` expected .*, got"),
        (another_training, r"fold-1.safetensors: expected SHA-256"),
        (no_card, r"model.json: expected a trained model, got: No such file"),
        (half_card, r"model.json: not valid JSON"),
        (unknown_network, r"model.json: `architecture`: expected .*, got 'mpl'; did you mean `mlp`"),
    ],
)
def test_a_damaged_model_is_one_line(damage: Callable[[Path], None], complaint: str, tmp_path: Path) -> None:
    folder = saved(tmp_path / "models")
    damage(folder)
    with pytest.raises(BadInputError, match=complaint) as error:
        load_ensemble(folder)
    assert "\n" not in str(error.value)
