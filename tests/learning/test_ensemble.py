from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import BadInputError
from pipeline.learning.architectures import build
from pipeline.learning.ensemble import CARD, HowRead, load_ensemble, save_ensemble
from pipeline.learning.predict import predict
from pipeline.learning.weights import weights_bytes
from pipeline.params import load
from tests.learning.bars import DIGITS, MLP
from tests.params_file import ROOT


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


def test_a_model_says_how_its_photos_were_read_or_nothing(tmp_path: Path) -> None:
    how = HowRead(normalisation="mnist-1", sheets=load(ROOT / "params.yaml").sheets)
    save_ensemble(tmp_path / "said", MLP, [weights_bytes(build("mlp", "relu", 0))], how)
    assert load_ensemble(tmp_path / "said").card.reader == how
    assert load_ensemble(saved(tmp_path / "not")).card.reader is None
    assert "reader" not in (tmp_path / "not" / CARD).read_text(encoding="utf-8")


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


def later_version(folder: Path) -> None:
    card = folder / CARD
    card.write_text(card.read_text(encoding="utf-8").replace('"classes"', '"writers": 3, "classes"'), encoding="utf-8")


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
        (later_version, r"model.json: unknown key `writers`.*; was it made by another version of mnist-cn"),
        (unknown_network, r"model.json: `architecture`: expected .*, got 'mpl'; did you mean `mlp`"),
    ],
)
def test_a_damaged_model_is_one_line(damage: Callable[[Path], None], complaint: str, tmp_path: Path) -> None:
    folder = saved(tmp_path / "models")
    damage(folder)
    with pytest.raises(BadInputError, match=complaint) as error:
        load_ensemble(folder)
    assert "\n" not in str(error.value)
