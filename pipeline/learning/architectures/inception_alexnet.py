"""AlexNet with small kernels, batch norm and an Inception-ResNet block: the Inception-AlexNet report's own network."""

import torch
from torch import Tensor, nn


class InceptionAlexNet(nn.Sequential):
    """Five plain 3x3 convolutions, one Inception-ResNet-C block and two dense layers: 809,434 parameters.

    Takes (B, 1, 28, 28) float32 in 0..1, gives (B, 10) logits. The report states about 8e5 parameters, 26 times fewer
    than its AlexNet, and reached 99.66% on the MNIST test set. It gives no widths for the block: see
    :class:`InceptionC`.
    """

    def __init__(self) -> None:
        super().__init__(
            *conv(1, 32, (3, 3)),  # 32 x 28 x 28
            *conv(32, 32, (3, 3)),  # 32 x 28 x 28
            nn.MaxPool2d(2),  # 32 x 14 x 14
            *conv(32, 128, (3, 3)),  # 128 x 14 x 14
            *conv(128, 128, (3, 3)),  # 128 x 14 x 14
            nn.MaxPool2d(2),  # 128 x 7 x 7
            InceptionC(128),  # 128 x 7 x 7
            nn.MaxPool2d(3, stride=2),  # 128 x 3 x 3
            *conv(128, 256, (3, 3)),  # 256 x 3 x 3
            nn.MaxPool2d(3),  # 256 x 1 x 1
            nn.Flatten(),
            nn.Linear(256, 1024),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(1024, 10),
        )


class InceptionC(nn.Module):
    """Inception-ResNet-C: a 1x1 branch beside 1x1, 1x3, 3x1, both projected by 1x1 and added to the input.

    Szegedy, Ioffe, Vanhoucke and Alemi, "Inception-v4, Inception-ResNet and the impact of residual connections on
    learning" (2016), figure 19, with a quarter of its widths (192 | 192, 224, 256), which gives the report's total.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.point = nn.Sequential(*conv(channels, 48, (1, 1)))
        self.cross = nn.Sequential(*conv(channels, 48, (1, 1)), *conv(48, 56, (1, 3)), *conv(56, 64, (3, 1)))
        self.project = nn.Sequential(nn.Conv2d(48 + 64, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, C, H, W) to the same shape."""
        branches = torch.cat([self.point(features), self.cross(features)], dim=1)
        return torch.relu(features + self.project(branches))


def conv(inputs: int, outputs: int, kernel: tuple[int, int]) -> list[nn.Module]:
    """Return a convolution that keeps height and width, batch norm (hence no bias) and ReLU."""
    padding = (kernel[0] // 2, kernel[1] // 2)
    return [nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
