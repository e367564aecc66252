"""Networks of one kind as a single network, which one step trains: quicker than one by one where each is small.

A small network's step is mostly PyTorch's calls, and a stack makes each of them once. ``torch.func.vmap`` does so for
any network, but on a CPU its convolutions take several times as long: it does not keep channels last.
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

# Layers that treat each channel, or each number, by itself, and learn nothing.
APART = (nn.ReLU, nn.Tanh, nn.Sigmoid, nn.AvgPool2d, nn.MaxPool2d)


def stackable(network: nn.Module) -> bool:
    """Whether :class:`Stack` takes networks like this: convolutions, dense layers, poolings and activations in a row.

    Dropout would draw other random numbers for a network in a stack than for one by itself.
    """
    return isinstance(network, nn.Sequential) and all(map(_stackable, network))


def _stackable(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Conv2d):
        usual = (layer.groups, layer.dilation, layer.padding_mode) == (1, (1, 1), "zeros")
        return usual and layer.bias is not None
    return (isinstance(layer, nn.Linear) and layer.bias is not None) or isinstance(layer, (nn.Flatten, *APART))


class Stack(nn.Sequential):
    """F networks as one: (B, F, 28, 28) float32 in 0..1, digits of its own for each, to (F, B, 10) logits."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        """Copy the weights of F networks of one architecture, each :func:`stackable`. Raises ValueError on others."""
        for place, network in enumerate(networks):
            if not stackable(network):
                raise ValueError(f"expected networks that `stackable` takes, got as number {place}: {network}")
        super().__init__(*(_stacked(layers) for layers in _layer_by_layer(networks)))
        self.count = len(networks)

    @torch.no_grad()
    def write_back(self, networks: Sequence[nn.Module]) -> None:
        """Give each network its weights."""
        for stacked, layers in zip(self, _layer_by_layer(networks), strict=True):
            for name, weights in stacked.named_parameters():
                turned = weights.mT if weights.ndim == 3 else weights  # of Dense, which holds them transposed
                for layer, part in zip(layers, turned.chunk(len(networks)), strict=True):
                    weight = layer.get_parameter(name)
                    weight.copy_(part.reshape(weight.shape))


def _layer_by_layer(networks: Sequence[nn.Module]) -> list[tuple[nn.Module, ...]]:
    return list(zip(*(network.children() for network in networks), strict=True))


def _stacked(layers: Sequence[nn.Module]) -> nn.Module:
    """Return what does for F networks at once what each of these layers does for its own."""
    if isinstance(layers[0], nn.Conv2d):
        return _convolutions(cast("Sequence[nn.Conv2d]", layers))
    if isinstance(layers[0], nn.Linear):
        return Dense(cast("Sequence[nn.Linear]", layers))
    return Flatten(len(layers)) if isinstance(layers[0], nn.Flatten) else layers[0]


def _convolutions(layers: Sequence[nn.Conv2d]) -> nn.Conv2d:
    """(B, F * C, H, W) to (B, F * D, H', W'): F groups, of which none sees another's channels."""
    one, count = layers[0], len(layers)
    channels = count * one.in_channels, count * one.out_channels
    grouped = skip_init(nn.Conv2d, *channels, one.kernel_size, one.stride, one.padding, groups=count)  # type: ignore[no-untyped-call]  # torch's stub
    grouped.to(one.weight.device)
    with torch.no_grad():
        grouped.weight.copy_(torch.cat([layer.weight for layer in layers]))
        grouped.bias.copy_(torch.cat([cast("Tensor", layer.bias) for layer in layers]))
    return cast("nn.Conv2d", grouped.to(memory_format=torch.channels_last))


class Flatten(nn.Module):
    """(B, F * C, H, W) to (F, B, C * H * W)."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def forward(self, channels: Tensor) -> Tensor:
        """Put each network's channels in one row."""
        if channels.requires_grad:  # a pooling before this works backwards several times as fast so
            channels.register_hook(_channels_last)  # type: ignore[no-untyped-call]  # torch's stub
        return channels.reshape(len(channels), self._count, -1).transpose(0, 1)


class Dense(nn.Module):
    """(F, B, C) to (F, B, D)."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        # (F, C, D): the other way round its gradients would be copied into place every step.
        self.weight = nn.Parameter(torch.stack([layer.weight.detach().t() for layer in layers]))
        self.bias = nn.Parameter(torch.cat([layer.bias.detach() for layer in layers]))  # (F * D,): flat, as biases are

    def forward(self, features: Tensor) -> Tensor:
        """Multiply each network's features with its own weights."""
        bias = self.bias.view(len(self.weight), 1, -1)
        return torch.baddbmm(bias, features, self.weight)


def _channels_last(gradient: Tensor) -> Tensor:
    return gradient.contiguous(memory_format=torch.channels_last)
