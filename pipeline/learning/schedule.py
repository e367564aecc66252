"""The learning rate at each step, and the optimiser that takes it."""

import math
from collections.abc import Sequence

import torch
from torch import nn, optim

WARM_UP = 0.3  # of all steps: Smith and Topin, "Super-convergence" (2018), as fast.ai and PyTorch's OneCycleLR set it
START = 1 / 25  # of the peak: PyTorch's OneCycleLR
END = 1e-5  # of the peak: practically 0
MOMENTUM = 0.9  # sgd: Sutskever et al., "On the importance of initialization and momentum" (2013)
HALVE_AFTER, STOP_AFTER = 2, 6  # epochs without a better validation loss: the Inception-AlexNet report's


def rate_at(step: int, steps: int, peak: float, schedule: str) -> float:
    """Return the learning rate of step ``step`` of 0..steps-1.

    ``one-cycle`` rises from :data:`START` to the peak and falls to :data:`END`, both along half a cosine; with the
    other schedules it is the peak (which :func:`plateau` lowers between epochs).
    """
    if schedule != "one-cycle":
        return peak
    done = step / max(steps - 1, 1)
    if done < WARM_UP:
        return peak * _glide(START, 1, done / WARM_UP)
    return peak * _glide(1, END, (done - WARM_UP) / (1 - WARM_UP))


def _glide(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


def plateau(losses: Sequence[float]) -> tuple[float, bool]:
    """Return what the rate is multiplied by after epochs with these validation losses, and whether to stop.

    Halved after every :data:`HALVE_AFTER` epochs in a row without a better loss; stopped after :data:`STOP_AFTER`.
    """
    best, since_best, since_halved, factor = math.inf, 0, 0, 1.0
    for loss in losses:
        better = loss < best
        best = min(best, loss)
        since_best, since_halved = (0, 0) if better else (since_best + 1, since_halved + 1)
        if since_halved == HALVE_AFTER:
            factor, since_halved = factor / 2, 0
    return factor, since_best >= STOP_AFTER


def make_optimizer(network: nn.Module, name: str, learning_rate: float, weight_decay: float) -> optim.Optimizer:
    """Return ``adam``, ``adamw``, ``sgd`` (Nesterov momentum) or ``rmsprop``, fused where PyTorch has it.

    Weights of convolutions and dense layers decay; biases and batch norm's scales do not. On CUDA the rate is a tensor
    there, which a captured step reads anew.
    """
    parameters = list(network.parameters())
    decaying = [parameter for parameter in parameters if parameter.ndim > 1]
    others = [parameter for parameter in parameters if parameter.ndim <= 1]
    groups = [{"params": decaying, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    if not weight_decay:  # the same steps with half the bookkeeping: 6% of lenet5's time at batch 16
        groups = [{"params": parameters, "weight_decay": 0.0}]
    device = parameters[0].device
    on_gpu = device.type == "cuda"
    rate = torch.tensor(learning_rate, device=device) if on_gpu else learning_rate
    if name == "adam":
        return optim.Adam(groups, lr=rate, fused=True, capturable=on_gpu)
    if name == "adamw":
        return optim.AdamW(groups, lr=rate, fused=True, capturable=on_gpu)
    if name == "sgd":
        return optim.SGD(groups, lr=rate, momentum=MOMENTUM, nesterov=True, fused=True)
    return optim.RMSprop(groups, lr=rate, capturable=on_gpu)  # has no fused form


def set_rate(optimizer: optim.Optimizer, rate: float) -> None:
    """Let the next step take this rate."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
