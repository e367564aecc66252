import json
from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from pipeline.errors import BadInputError
from pipeline.learning import onnx_file
from pipeline.learning.architectures import ARCHITECTURES, build
from pipeline.learning.onnx_file import INPUT, OUTPUT, onnx_bytes

LARGE = ("alexnet", "changed_alexnet", "digit_recognizer", "inception_alexnet")  # a second and more each


def networks(name: str, count: int = 2, activation: str = "relu") -> list[nn.Module]:
    """Networks whose batch norm has statistics of its own, as a trained one's has."""
    made = [build(name, activation, seed) for seed in range(count)]
    for network in made:
        with torch.no_grad():
            network.train()(torch.rand(16, 1, 28, 28, generator=torch.Generator().manual_seed(0)))
    return made


def mean_by_hand(made: Sequence[nn.Module], images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The mean of softmaxes, in NumPy's float64 from each network's logits."""
    pixels = torch.tensor(images.astype(np.float32) / np.float32(255))[:, None]
    with torch.no_grad():
        logits = [network.eval()(pixels).double().numpy() for network in made]
    powers = [np.exp(one - one.max(axis=1, keepdims=True)) for one in logits]
    return np.asarray(np.mean([one / one.sum(axis=1, keepdims=True) for one in powers], axis=0))


@pytest.mark.first_quick
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in LARGE else ()) for name in ARCHITECTURES]
)
def test_the_file_gives_the_mean_probability_at_any_batch_size(name: str) -> None:
    made = networks(name)
    session = onnxruntime.InferenceSession(onnx_bytes(made, {}))
    for count in (1, 3):
        images = np.random.default_rng(count).integers(0, 256, (count, 28, 28), dtype=np.uint8)
        (found,) = session.run([OUTPUT], {INPUT: images})
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, mean_by_hand(made, images), atol=1e-5)
    (none,) = session.run([OUTPUT], {INPUT: np.zeros((0, 28, 28), np.uint8)})
    assert none.shape == (0, 10)


def test_the_same_networks_give_the_same_bytes_and_others_do_not() -> None:
    told = {"labels": json.dumps([*"0123456789"]), "input": "images"}
    first, again = (onnx_bytes(networks("lenet5", activation="tanh"), told) for _ in range(2))
    assert first == again
    assert first != onnx_bytes(networks("lenet5", count=1, activation="tanh"), told)


def test_the_file_says_what_it_was_told_and_takes_bytes() -> None:
    model = onnx.load_from_string(onnx_bytes(networks("mlp"), {"labels": "x", "input": "y"}))
    assert {entry.key: entry.value for entry in model.metadata_props} == {"labels": "x", "input": "y"}
    (taken,) = model.graph.input
    assert taken.type.tensor_type.elem_type == onnx.TensorProto.UINT8


def test_networks_that_no_file_holds_are_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "MOST_BYTES", 1_000_000)
    with pytest.raises(BadInputError, match=r"at most 0.001 GB together, .*, got 0.0 GB; train fewer folds"):
        onnx_bytes(networks("mlp"), {})


def test_nothing_is_printed_or_warned(capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder) -> None:
    onnx_bytes(networks("mlp", count=1), {})
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
