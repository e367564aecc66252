from functools import cache

import pytest
import torch
from torch import nn

from pipeline.learning.anatomy import anatomy, described, dissected
from pipeline.learning.architectures import ARCHITECTURES

NAMES = sorted(ARCHITECTURES)

taken_apart = cache(anatomy)


def test_lenet5_is_what_it_is_by_hand() -> None:
    layers = [(one.what, one.shape, one.parameters, one.multiply_adds) for one in taken_apart("lenet5").layers]
    assert layers == [
        ("conv 5x5, 6 filters", (6, 28, 28), 6 * 25 + 6, 6 * 28 * 28 * 25),
        ("relu", (6, 28, 28), 0, 0),
        ("average pool 2x2", (6, 14, 14), 0, 0),
        ("conv 5x5, 16 filters", (16, 10, 10), 16 * 6 * 25 + 16, 16 * 10 * 10 * 6 * 25),
        ("relu", (16, 10, 10), 0, 0),
        ("average pool 2x2", (16, 5, 5), 0, 0),
        ("flatten", (400,), 0, 0),
        ("dense 120", (120,), 400 * 120 + 120, 400 * 120),
        ("relu", (120,), 0, 0),
        ("dense 84", (84,), 120 * 84 + 84, 120 * 84),
        ("relu", (84,), 0, 0),
        ("dense 10", (10,), 84 * 10 + 10, 84 * 10),
    ]
    assert taken_apart("lenet5").parameters == 61_706
    assert taken_apart("lenet5").multiply_adds == 117_600 + 240_000 + 48_000 + 10_080 + 840


def test_lenet5s_activation_is_named() -> None:
    assert [one.what for one in taken_apart("lenet5", "tanh").layers].count("tanh") == 4


@pytest.mark.parametrize("name", NAMES)
def test_parameters_of_the_layers_are_those_of_the_registry(name: str) -> None:
    assert taken_apart(name).parameters == ARCHITECTURES[name].parameters


@pytest.mark.parametrize("name", NAMES)
def test_ten_logits_are_the_last_output(name: str) -> None:
    assert taken_apart(name).layers[-1].shape == (10,)


def test_layers_of_a_block_have_their_place_in_it() -> None:
    crossed = {one.place: (one.what, one.multiply_adds) for one in taken_apart("inception_alexnet").layers}
    assert crossed["14.cross.3"] == ("conv 1x3, 56 filters", 56 * 7 * 7 * 48 * 3)


def test_stride_padding_and_groups_count() -> None:
    network = nn.Sequential(nn.Conv2d(4, 8, (3, 1), stride=2, padding=(1, 0), groups=2, bias=False))
    (layer,) = dissected(network, (4, 9, 7)).layers
    assert (layer.what, layer.shape) == ("conv 3x1, 8 filters, stride 2", (8, 5, 4))
    assert (layer.parameters, layer.multiply_adds) == (8 * 2 * 3, 8 * 5 * 4 * 2 * 3)


def test_a_layer_that_is_used_twice_has_its_weights_once_and_its_work_twice() -> None:
    twice = nn.Linear(6, 6)
    found = dissected(nn.Sequential(twice, nn.ReLU(), twice), (6,))
    assert (found.parameters, found.multiply_adds) == (42, 72)


def test_weights_that_nobody_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="say how often"):
        dissected(nn.Sequential(nn.ConvTranspose2d(1, 2, 3)), (1, 5, 5))


def test_looking_leaves_a_network_as_it_was() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    dissected(network, (1, 5, 5))
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_taking_apart_leaves_the_random_state_alone() -> None:
    before = torch.random.get_rng_state()
    anatomy("mlp")
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (nn.MaxPool2d(3, stride=2), "max pool 3x3, stride 2"),
        (nn.MaxPool2d(2), "max pool 2x2"),
        (nn.AvgPool2d(2, stride=(1, 2)), "average pool 2x2, stride 1x2"),
        (nn.Dropout(0.5), "dropout 0.5"),
        (nn.Dropout2d(0.4), "channel dropout 0.4"),
        (nn.BatchNorm1d(3), "batch norm"),
        (nn.LocalResponseNorm(5), "response norm"),
        (nn.GELU(), "gelu"),
    ],
)
def test_layers_are_described_in_plain_words(layer: nn.Module, words: str) -> None:
    assert described(layer) == words
