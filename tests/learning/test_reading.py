from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import BadInputError
from pipeline.learning import reading
from pipeline.learning.architectures import build
from pipeline.learning.ensemble import save_ensemble
from pipeline.learning.predict import predict
from pipeline.learning.weights import weights_bytes
from pipeline.params import Model


def test_the_reading_is_the_mean_of_the_networks_whatever_the_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = [build("mlp", "relu", seed) for seed in (0, 1)]
    save_ensemble(tmp_path / "models", Model(arch="mlp", activation="relu"), [weights_bytes(n) for n in networks])
    images = np.random.default_rng(0).integers(0, 256, (25, 28, 28), dtype=np.uint8)
    read = reading.read_digits(images, tmp_path / "models", "cpu", title="reading")
    np.testing.assert_allclose(read, np.mean([predict(network, images) for network in networks], axis=0), atol=1e-6)
    monkeypatch.setattr(reading, "AT_ONCE", 10)
    np.testing.assert_allclose(
        reading.read_digits(images, tmp_path / "models", "cpu", title="reading"), read, atol=1e-6
    )


def test_without_weights_nothing_is_read(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="expected a trained model"):
        reading.read_digits(np.zeros((1, 28, 28), np.uint8), tmp_path, "cpu", title="reading")
