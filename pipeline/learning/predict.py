"""Digits to probabilities."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.digits import CLASSES, SIDE, Images

BATCH = 512  # digits at once: large enough to be quick, small enough for any cache and any GPU

Probabilities = NDArray[np.float32]
"""(N, 10) float32, each row sums to 1."""


def place(network: nn.Module, device: str) -> nn.Module:
    """Move the network to the device, channels last, which is how convolutions are quickest; return it."""
    return network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]  # torch's stub lacks it


def as_input(images: Tensor) -> Tensor:
    """Turn (B, 28, 28) uint8 into what every network takes: (B, 1, 28, 28) float32, pixels / 255."""
    return images.unsqueeze(1).float().div_(255)


@torch.inference_mode()
def logits(network: nn.Module, images: Tensor) -> Tensor:
    """Return (N, 10) float32 for (N, 28, 28) uint8 on the network's device; the network is left in evaluation mode."""
    network.eval()
    parts = [network(as_input(batch)).float() for batch in torch.split(images, BATCH)]
    return torch.cat(parts) if parts else torch.zeros(0, CLASSES, device=images.device)


def predict(network: nn.Module, images: Images, device: str = "cpu") -> Probabilities:
    """Return the probability of each digit.

    Parameters
    ----------
    network : nn.Module
        Moved to ``device``.
    images : (N, 28, 28) uint8

    Raises
    ------
    ValueError
        If ``images`` has another shape or type.
    """
    if images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError(f"images: expected (N, {SIDE}, {SIDE}) uint8, got {images.shape} {images.dtype}")
    place(network, device)
    scores = logits(network, torch.tensor(images, device=device))
    return np.asarray(scores.softmax(dim=1).cpu().numpy(), dtype=np.float32)
