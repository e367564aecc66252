import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline import export
from pipeline.errors import BadInputError
from pipeline.learning.architectures import build
from pipeline.learning.ensemble import HowRead, load_ensemble, save_ensemble
from pipeline.learning.weights import weights_bytes
from pipeline.params import Model, load
from tests.params_file import ROOT


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    weights = [weights_bytes(build("lenet5", "relu", seed)) for seed in range(2)]
    how = HowRead(normalisation="mnist-1", sheets=load(ROOT / "params.yaml").sheets)
    save_ensemble(folder / "models", Model(arch="lenet5", activation="relu"), weights, how)
    (folder / "model-card.md").write_text("# Model card\n")
    return folder / "models"


@pytest.fixture(scope="module")
def exported(models: Path) -> Path:
    out = models.parent / "export"
    export.main(models, model_card=models.parent / "model-card.md", export=out)
    return out


def test_the_folder_has_the_onnx_file_the_weights_and_the_cards(models: Path, exported: Path) -> None:
    found = {path.name: path.read_bytes() for path in exported.iterdir()}
    assert set(found) == {
        *(path.name for path in models.iterdir()),
        "digits.onnx",
        "model-card.md",
        "example.py",
    }
    for path in models.iterdir():
        assert found[path.name] == path.read_bytes()
    assert found["model-card.md"] == b"# Model card\n"


def test_it_ends_with_what_to_do_with_the_folder(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = models.parent / "told"
    export.main(models, model_card=models.parent / "model-card.md", export=out)
    assert capsys.readouterr().out.endswith(f"next: copy {out}/ to where digits are read; {out}/example.py shows how\n")


def test_the_same_models_give_the_same_bytes(models: Path, exported: Path) -> None:
    again = models.parent / "again"
    export.main(models, model_card=models.parent / "model-card.md", export=again)
    assert (again / "digits.onnx").read_bytes() == (exported / "digits.onnx").read_bytes()


def test_the_file_names_the_weights_and_the_normalisation(models: Path) -> None:
    card = load_ensemble(models).card
    said = export.metadata(card)
    assert json.loads(said["labels"]) == [*"0123456789"]
    assert said["reader_normalisation"] == "mnist-1"
    assert said["architecture"] == "mean of 2 lenet5"
    swapped = card.model_copy(update={"weights": dict(zip(card.weights, reversed(card.weights.values()), strict=True))})
    assert export.metadata(swapped)["weights_sha256"] != said["weights_sha256"]


def test_the_file_says_how_its_digits_were_cut(models: Path) -> None:
    card = load_ensemble(models).card
    assert card.reader
    assert "0 = paper, 255 = ink; the ink's bounding box scaled into 20x20" in export.metadata(card)["input"]
    stretched = card.reader.model_copy(
        update={"sheets": card.reader.sheets.model_copy(update={"normalize": "stretch"})}
    )
    assert "the whole crop resized to 28x28" in export.metadata(card.model_copy(update={"reader": stretched}))["input"]
    assert "nobody has said" in export.metadata(card.model_copy(update={"reader": None}))["input"]


@pytest.mark.slow
def test_the_example_needs_onnxruntime_and_numpy_alone(models: Path, exported: Path, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    np.save(tmp_path / "digits.npy", images)
    blocked = "import sys, runpy; sys.modules.update(torch=None, pipeline=None, onnx=None, cv2=None)"
    code = f"{blocked}; sys.argv[1:] = [{str(tmp_path / 'digits.npy')!r}]"
    code = f"{code}; runpy.run_path({str(exported / 'example.py')!r}, run_name='__main__')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    expected = load_ensemble(models).predict(images)
    assert ran.stdout.splitlines() == [f"{row.argmax()} {row.max():.2f}" for row in expected]


def test_a_file_that_disagrees_with_torch_is_not_written(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "runtime", lambda _: lambda images: np.full((len(images), 10), 0.1, np.float32))
    with pytest.raises(RuntimeError, match=r"torch's probabilities within 0\.0001, got "):
        export.main(models, model_card=models.parent / "model-card.md", export=tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_difference_is_the_largest_of_all_tried() -> None:
    def constant(images: np.ndarray) -> np.ndarray:
        return np.full((len(images), 10), 0.1, np.float32)

    def once(images: np.ndarray) -> np.ndarray:
        found = constant(images)
        found[len(images) - 1 :, 7] += np.float32(0.25)
        return found

    assert export.difference(constant, constant) == 0
    assert export.difference(constant, once) == pytest.approx(0.25)
    with pytest.raises(ValueError, match=r"expected \(2, 10\)"):
        export.difference(constant, lambda images: constant(images)[:1], counts=(2,))


def test_a_missing_model_card_is_one_line(models: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="run `dvc repro report`"):
        export.main(models, model_card=tmp_path / "none.md", export=tmp_path / "export")
