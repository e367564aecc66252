"""AlexNet with a smaller stride and smaller dense layers, from the simple CNN's report."""

from torch import nn


class ChangedAlexNet(nn.Sequential):
    """Five convolutions and three dense layers of 2,048, 2,048 and 10: 8,467,146 parameters.

    Takes (B, 1, 28, 28) float32 in 0..1, gives (B, 10) logits. After Krizhevsky, Sutskever and Hinton, "ImageNet
    classification with deep convolutional neural networks" (2012). The report reached 98.6% on the MNIST test set.
    It names no dropout rate; 0.5 is the paper's.
    """

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 96, 11, stride=2, padding=5),  # 96 x 14 x 14
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),  # 96 x 6 x 6
            nn.Conv2d(96, 256, 5, padding=2),  # 256 x 6 x 6
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),  # 256 x 2 x 2
            nn.Conv2d(256, 384, 3, padding=1),  # 384 x 2 x 2
            nn.ReLU(),
            nn.Conv2d(384, 384, 3, padding=1),  # 384 x 2 x 2
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),  # 256 x 2 x 2
            nn.ReLU(),
            nn.MaxPool2d(2),  # 256 x 1 x 1
            nn.Flatten(),
            nn.Linear(256, 2048),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(2048, 2048),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(2048, 10),
        )
