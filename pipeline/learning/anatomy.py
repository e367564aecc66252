"""What a network is made of: its layers, their output shapes, and what each costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from pipeline.learning.architectures import bare

COUNTED = (nn.Conv2d, nn.Linear)  # their weights are the ones that digits are multiplied with

PLAIN: dict[type[nn.Module], str] = {  # what is not here is called what PyTorch calls it
    nn.Conv2d: "conv",
    nn.Linear: "dense",
    nn.MaxPool2d: "max pool",
    nn.AvgPool2d: "average pool",
    nn.BatchNorm1d: "batch norm",
    nn.BatchNorm2d: "batch norm",
    nn.LocalResponseNorm: "response norm",
    nn.Dropout2d: "channel dropout",
}

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One step of a network, for one digit."""

    place: str  # in the network: "4", or "6.cross.3" within a block
    what: str
    shape: Shape  # of the output: channels, height, width, or features
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Anatomy:
    """A network's layers in the order in which a digit passes them."""

    layers: tuple[Layer, ...]

    @property
    def parameters(self) -> int:
        """All trained numbers."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds that reading one digit takes."""
        return sum(layer.multiply_adds for layer in self.layers)


def anatomy(name: str, activation: str = "relu") -> Anatomy:
    """Take a registered network apart.

    The network runs once, with the weights that PyTorch gives it. To leave these out, on the `meta` device, would take
    longer than to draw those of all networks: its first use imports SymPy.

    Parameters
    ----------
    name : str
        A key of :data:`~pipeline.learning.architectures.ARCHITECTURES`.
    activation : str
        As :func:`~pipeline.learning.architectures.build` takes it.
    """
    with torch.random.fork_rng(devices=[]):
        network = bare(name, activation)
    return dissected(network, (1, 28, 28))


def dissected(network: nn.Module, shape: Shape) -> Anatomy:
    """Run a network once on one input of ``shape`` and note what its layers give.

    A multiply-add is one use of one weight of a convolution or dense layer. Biases, norms, activations and pooling
    are not counted.

    Raises
    ------
    ValueError
        If a layer other than these has a matrix of weights: nobody has said how often each is used.
    """
    layers: list[Layer] = []
    seen: set[int] = set()  # a layer that is used twice has its parameters once

    def note(place: str, module: nn.Module, output: Tensor) -> None:
        own = 0 if id(module) in seen else sum(p.numel() for p in module.parameters(recurse=False))
        seen.add(id(module))
        layers.append(Layer(place, described(module), tuple(output.shape[1:]), own, _multiply_adds(module, output)))

    hooks = [
        module.register_forward_hook(lambda module, _, output, place=place: note(place, module, output))
        for place, module in network.named_modules()
        if not any(True for _ in module.children()) or any(True for _ in module.parameters(recurse=False))
    ]
    training = network.training
    try:
        with torch.inference_mode():
            network.eval()(torch.zeros(1, *shape))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return Anatomy(tuple(layers))


def _multiply_adds(module: nn.Module, output: Tensor) -> int:
    if isinstance(module, nn.Conv2d):
        each = prod(module.weight.shape[1:])  # weights that make one number of the output
    elif isinstance(module, nn.Linear):
        each = module.in_features
    elif any(p.dim() > 1 for p in module.parameters(recurse=False)):
        raise ValueError(f"expected weights in {COUNTED}, found some in {type(module)}: say how often each is used")
    else:
        return 0
    return output[0].numel() * each


def described(module: nn.Module) -> str:
    """Return a layer in a few plain words: ``conv 5x5, 16 filters, stride 2``."""
    plain = next((words for kind, words in PLAIN.items() if isinstance(module, kind)), type(module).__name__.lower())
    given: Any = module  # each kind has attributes of its own
    match module:
        case nn.Conv2d():
            step = "" if set(_pair(given.stride)) == {1} else f", stride {_same(given.stride)}"
            plain += f" {_by(given.kernel_size)}, {given.out_channels} filters{step}"
        case nn.Linear():
            plain += f" {given.out_features}"
        case nn.MaxPool2d() | nn.AvgPool2d():
            step = "" if _pair(given.stride) == _pair(given.kernel_size) else f", stride {_same(given.stride)}"
            plain += f" {_by(given.kernel_size)}{step}"
        case nn.Dropout() | nn.Dropout2d():
            plain += f" {given.p:g}"
    return plain


def _pair(size: int | Sequence[int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def _by(size: int | Sequence[int]) -> str:
    return "x".join(str(side) for side in _pair(size))


def _same(size: int | Sequence[int]) -> str:
    pair = _pair(size)
    return str(pair[0]) if pair[0] == pair[1] else _by(pair)
