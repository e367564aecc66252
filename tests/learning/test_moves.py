"""Networks that see a digit a pixel apart."""

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from pipeline.learning.architectures import build
from pipeline.learning.moves import APART, Moved, moves_of
from pipeline.learning.onnx_file import INPUT, OUTPUT, onnx_bytes
from pipeline.learning.predict import predict

PIXELS = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@given(down=st.integers(-5, 5), right=st.integers(-5, 5))
def test_every_pixel_moves_by_its_move_and_edges_are_repeated(down: int, right: int) -> None:
    padded = np.pad(PIXELS.numpy(), ((0, 0), (0, 0), (5, 5), (5, 5)), mode="edge")
    expected = padded[:, :, 5 - down : 33 - down, 5 - right : 33 - right]
    assert np.array_equal(Moved(nn.Identity(), (down, right))(PIXELS).numpy(), expected)


@pytest.mark.parametrize("networks", [0, 1, 3, 7])
def test_networks_apart_move_in_turn_and_networks_alike_not_at_all(networks: int) -> None:
    assert moves_of(networks, apart=False) == [(0, 0)] * networks
    assert moves_of(networks, apart=True) == [*APART, *APART][:networks]


def test_the_five_moves_are_a_pixel_at_most_and_cancel_out() -> None:
    assert len(set(APART)) == 5
    assert APART[0] == (0, 0)
    assert {abs(down) + abs(right) for down, right in APART[1:]} == {1}
    assert np.array(APART).sum(axis=0).tolist() == [0, 0]


def test_a_moved_network_has_the_weights_of_the_network_alone() -> None:
    network = build("mlp", "relu", 0)
    assert {name.removeprefix("network.") for name in Moved(network, (1, 0)).state_dict()} == set(network.state_dict())


def test_the_onnx_file_moves_digits_as_the_networks_do() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 28, 28), dtype=np.uint8)
    moved = [Moved(build("lenet5", "relu", seed), move) for seed, move in enumerate(APART[:3])]
    (found,) = onnxruntime.InferenceSession(onnx_bytes(moved, {})).run([OUTPUT], {INPUT: images})
    np.testing.assert_allclose(found, np.mean([predict(one, images) for one in moved], axis=0), atol=1e-5)
