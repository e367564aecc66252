"""The networks, by name: one file each, every one (B, 1, 28, 28) float32 in 0..1 to (B, 10) logits."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from pipeline.learning.architectures.alexnet import AlexNet
from pipeline.learning.architectures.changed_alexnet import ChangedAlexNet
from pipeline.learning.architectures.digit_recognizer import DigitRecognizer
from pipeline.learning.architectures.digitnet import DigitNet
from pipeline.learning.architectures.inception_alexnet import InceptionAlexNet
from pipeline.learning.architectures.lenet5 import LeNet5
from pipeline.learning.architectures.mlp import MLP
from pipeline.learning.architectures.simple_cnn import SimpleCNN


@dataclass(frozen=True)
class Architecture:
    """What is known of a network."""

    layers: Callable[..., nn.Module]  # takes the activation's name if ``any_activation``, else nothing
    parameters: int  # of ours, exactly
    source: str
    published_parameters: int | None = None  # as the source states it; None: not stated, or only roughly
    any_activation: bool = False  # False: ReLU
    together: bool = False  # its folds train quicker in the same steps than one by one: pipeline.learning.stacked


ARCHITECTURES = {
    "digitnet": Architecture(DigitNet, 307_178, "this project"),
    "lenet5": Architecture(
        LeNet5, 61_706, "LeNet-5 report, after LeCun et al. 1998", 61_706, any_activation=True, together=True
    ),
    "simple_cnn": Architecture(SimpleCNN, 194_474, "simple CNN and changed AlexNet report", 194_474),
    "changed_alexnet": Architecture(
        ChangedAlexNet,
        8_467_146,
        "simple CNN and changed AlexNet report, after Krizhevsky et al. 2012",
        8_467_146,
    ),
    "alexnet": Architecture(
        AlexNet,
        21_589_706,
        "Inception-AlexNet report, after Krizhevsky et al. 2012",
        21_589_706,
    ),
    "inception_alexnet": Architecture(
        InceptionAlexNet,
        809_434,
        "Inception-AlexNet report (about 8e5 parameters), after Szegedy et al. 2016",
    ),
    "digit_recognizer": Architecture(
        DigitRecognizer,
        1_087_402,
        "Chinese handwriting report",
        1_087_402,
    ),
    "mlp": Architecture(MLP, 235_146, "fully connected baseline of the Chinese handwriting report's task"),
}


def build(name: str, activation: str, seed: int) -> nn.Module:
    """Return a new network with seeded weights, on the CPU; PyTorch's own random state is left as it was.

    Convolutions and dense layers start as in He et al., "Delving deep into rectifiers" (2015), before ReLU, and as in
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010), before
    anything else; biases start at 0. PyTorch's default start is too small for deep networks without batch norm.

    Parameters
    ----------
    name : str
        A key of :data:`ARCHITECTURES`.
    activation : str
        ``relu``, ``tanh`` or ``sigmoid``; only lenet5 has a choice, the others are ReLU whatever it says.
    seed : int
        0 <= seed < 2**64.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = bare(name, activation)
        _start(network, rectified=activation == "relu" or not ARCHITECTURES[name].any_activation)
    return network


def bare(name: str, activation: str) -> nn.Module:
    """Return a new network whose weights are whatever PyTorch gave them; name and activation as in :func:`build`."""
    architecture = ARCHITECTURES[name]
    return architecture.layers(activation) if architecture.any_activation else architecture.layers()


def _start(network: nn.Module, *, rectified: bool) -> None:
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            if rectified:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            else:
                nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def parameter_count(network: nn.Module) -> int:
    """Return the number of trained numbers (batch norm's running statistics are not trained)."""
    return sum(parameter.numel() for parameter in network.parameters())
