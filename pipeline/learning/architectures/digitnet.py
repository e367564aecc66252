"""Our own default: small, modern, and made for a laptop's cores."""

from torch import nn


class DigitNet(nn.Sequential):
    """Five convolutions and two dense layers with batch norm: 307,178 parameters, 17.9 million multiply-adds a digit.

    Takes (B, 1, 28, 28) float32 in 0..1, gives (B, 10) logits. Batch norm: Ioffe and Szegedy, "Batch normalization"
    (2015). The first convolution already halves the picture, so that nearly all work is done on 14x14 and 7x7, where
    a CPU's vectors are full of channels; a dense layer on 3x3 keeps where strokes are, which an average would lose.

    Chosen on 11,901 digits by writers held out of MNIST's training files, never on its test files: one such network,
    trained on the others for 30 epochs, misread 42 of them; six 3x3 convolutions from 28x28 on (288,170 parameters, 29
    million multiply-adds), trained for 14 epochs in four fifths of the time, 49; this one for 14 epochs, 54.
    """

    def __init__(self) -> None:
        super().__init__(
            *_conv(1, 32, kernel=5, stride=2),  # 32 x 14 x 14
            *_conv(32, 64),  # 64 x 14 x 14
            *_conv(64, 64),  # 64 x 14 x 14
            nn.MaxPool2d(2),  # 64 x 7 x 7
            *_conv(64, 96),  # 96 x 7 x 7
            *_conv(96, 96),  # 96 x 7 x 7
            nn.MaxPool2d(2),  # 96 x 3 x 3
            nn.Flatten(),
            nn.Linear(864, 128, bias=False),
            nn.BatchNorm1d(128),
            nn.ReLU(),
            nn.Linear(128, 10),
        )


def _conv(inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1) -> list[nn.Module]:
    """Return a convolution, batch norm (hence no bias) and ReLU."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]
