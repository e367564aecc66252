"""LeNet-5 with average pooling, as the LeNet-5 report trained it on MNIST."""

from torch import nn

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


class LeNet5(nn.Sequential):
    """Two 5x5 convolutions and three dense layers: 61,706 parameters.

    Takes (B, 1, 28, 28) float32 in 0..1, gives (B, 10) logits. After LeCun, Bottou, Bengio and Haffner, "Gradient-based
    learning applied to document recognition" (1998), without its sparse connection table. The report reached 98.97% on
    the MNIST test set.

    Parameters
    ----------
    activation : str
        ``relu`` (the report's best), ``tanh`` (1998's) or ``sigmoid``.
    """

    def __init__(self, activation: str = "relu") -> None:
        nonlinear = ACTIVATIONS[activation]
        super().__init__(
            nn.Conv2d(1, 6, 5, padding=2),  # 6 x 28 x 28
            nonlinear(),
            nn.AvgPool2d(2),  # 6 x 14 x 14
            nn.Conv2d(6, 16, 5),  # 16 x 10 x 10
            nonlinear(),
            nn.AvgPool2d(2),  # 16 x 5 x 5
            nn.Flatten(),
            nn.Linear(400, 120),
            nonlinear(),
            nn.Linear(120, 84),
            nonlinear(),
            nn.Linear(84, 10),
        )
