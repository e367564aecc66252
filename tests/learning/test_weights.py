from pathlib import Path

import pytest
import torch
from torch import nn

from pipeline.errors import BadInputError
from pipeline.learning.weights import load_weights, weights_bytes


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    one, other = nn.Linear(3, 2), nn.Linear(3, 2)
    (tmp_path / "weights").write_bytes(weights_bytes(one))
    load_weights(other, tmp_path / "weights")
    assert torch.equal(one.weight, other.weight)
    assert torch.equal(one.bias, other.bias)


def test_weights_with_the_same_names_and_another_shape_are_of_another_network(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(weights_bytes(nn.Linear(4, 2)))
    with pytest.raises(
        BadInputError, match=r"weights of another network: `weight` expected \(2, 3\), got \(2, 4\); run"
    ):
        load_weights(nn.Linear(3, 2), tmp_path / "weights")


def test_a_layer_too_many_or_too_few_is_named(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(weights_bytes(nn.Linear(3, 2)))
    with pytest.raises(BadInputError, match="`bias` expected absent, got"):
        load_weights(nn.Linear(3, 2, bias=False), tmp_path / "weights")
