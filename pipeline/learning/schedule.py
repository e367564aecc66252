"""The learning rate at each step, and the optimiser that takes it."""

import math

from torch import nn, optim

WARM_UP = 0.3  # of all steps: Smith and Topin, "Super-convergence" (2018), as fast.ai and PyTorch's OneCycleLR set it
START = 1 / 25  # of the peak: PyTorch's OneCycleLR
END = 1e-5  # of the peak: practically 0
MOMENTUM = 0.9  # sgd: Sutskever et al., "On the importance of initialization and momentum" (2013)


def rate_at(step: int, steps: int, peak: float, schedule: str) -> float:
    """Return the learning rate of step ``step`` of 0..steps-1.

    ``one-cycle`` rises from :data:`START` to the peak and falls to :data:`END`, both along half a cosine;
    ``constant`` is always the peak.
    """
    if schedule == "constant":
        return peak
    done = step / max(steps - 1, 1)
    if done < WARM_UP:
        return peak * _glide(START, 1, done / WARM_UP)
    return peak * _glide(1, END, (done - WARM_UP) / (1 - WARM_UP))


def _glide(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


def make_optimizer(network: nn.Module, name: str, learning_rate: float, weight_decay: float) -> optim.Optimizer:
    """Return ``adam``, ``adamw``, ``sgd`` (Nesterov momentum) or ``rmsprop``, fused where PyTorch has it.

    Weights of convolutions and dense layers decay; biases and batch norm's scales do not.
    """
    decaying = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in network.parameters() if parameter.ndim <= 1]
    groups = [{"params": decaying, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    if name == "adam":
        return optim.Adam(groups, lr=learning_rate, fused=True)
    if name == "adamw":
        return optim.AdamW(groups, lr=learning_rate, fused=True)
    if name == "sgd":
        return optim.SGD(groups, lr=learning_rate, momentum=MOMENTUM, nesterov=True, fused=True)
    return optim.RMSprop(groups, lr=learning_rate)  # has no fused form
