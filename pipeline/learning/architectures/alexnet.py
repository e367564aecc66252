"""The 2012 AlexNet fitted to 28x28, the baseline of the Inception-AlexNet report."""

from torch import nn

from pipeline.learning.architectures.response_norm import ResponseNorm


class AlexNet(nn.Sequential):
    """Five convolutions and three dense layers of 4,096, 4,096 and 10: 21,589,706 parameters.

    Takes (B, 1, 28, 28) float32 in 0..1, gives (B, 10) logits. After Krizhevsky, Sutskever and Hinton, "ImageNet
    classification with deep convolutional neural networks" (2012); response normalisation and dropout as there
    (section 3.3: k 2, n 5, alpha 1e-4, beta 0.75; section 4.2: 0.5). The report reached 99.33% on the MNIST test set.
    """

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 96, 5),  # 96 x 24 x 24
            nn.ReLU(),
            ResponseNorm(96),
            nn.MaxPool2d(3, stride=2),  # 96 x 11 x 11
            nn.Conv2d(96, 256, 5),  # 256 x 7 x 7
            nn.ReLU(),
            ResponseNorm(256),
            nn.MaxPool2d(3, stride=2),  # 256 x 3 x 3
            nn.Conv2d(256, 384, 3, padding=1),  # 384 x 3 x 3
            nn.ReLU(),
            nn.Conv2d(384, 384, 3, padding=1),  # 384 x 3 x 3
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),  # 256 x 3 x 3
            nn.ReLU(),
            nn.MaxPool2d(3),  # 256 x 1 x 1
            nn.Flatten(),
            nn.Linear(256, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, 10),
        )
