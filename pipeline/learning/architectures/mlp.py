"""The fully connected baseline."""

from torch import nn


class MLP(nn.Sequential):
    """Dense layers of 256, 128 and 10: 235,146 parameters.

    Takes (B, 1, 28, 28) float32 in 0..1, gives (B, 10) logits. The baseline that the task of the Chinese-handwriting
    report names; no accuracy is published for it.
    """

    def __init__(self) -> None:
        super().__init__(
            nn.Flatten(),
            nn.Linear(784, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        )
