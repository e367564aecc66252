"""Our own default: small, modern, and made for the cores of a laptop."""

from torch import nn


class DigitNet(nn.Sequential):
    """Placeholder docstring."""

    def __init__(self) -> None:
        super().__init__(
            *_conv(1, 32, kernel=5, stride=2),  # 32 x 14 x 14
            *_conv(32, 64),  # 64 x 14 x 14
            nn.MaxPool2d(2),  # 64 x 7 x 7
            *_conv(64, 128),  # 128 x 7 x 7
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(128, 10),
        )


def _conv(inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
    """Return a convolution, batch norm (hence no bias) and ReLU."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]
