"""How quickly Keras `fit` trains: `python keras_peer.py lenet5 16 4096 3` prints digits a second.

Arguments: network, batch, digits, epochs after a first one that is not counted. Imports nothing of ours, so that it
runs in any environment that has Keras.
"""

import sys
import time
from importlib import import_module
from typing import Any

import numpy as np

keras: Any = import_module("keras")  # so that type checkers need not have it
layers = keras.layers

PARAMETERS = {"lenet5": 61_706, "digit_recognizer": 1_087_402}


def network(name: str) -> Any:
    """Return the report's network, compiled as the reports do."""
    if name == "lenet5":
        parts = [
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10),
        ]
    else:
        parts = [
            layers.Conv2D(128, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.3),
            layers.Conv2D(256, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.SpatialDropout2D(0.4),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.4),
            layers.Dense(10),
        ]
    made = keras.Sequential([layers.Input((28, 28, 1)), *parts])
    assert made.count_params() == PARAMETERS[name]
    made.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return made


def main(name: str, batch: int, digits: int, epochs: int) -> None:
    """Print the rate of all epochs but the first, which compiles."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (digits, 28, 28, 1), np.uint8).astype(np.float32) / 255
    labels = rng.integers(0, 10, digits)
    made = network(name)
    made.fit(images, labels, batch_size=batch, epochs=1, verbose=0)
    start = time.perf_counter()
    made.fit(images, labels, batch_size=batch, epochs=epochs, verbose=0)
    print(epochs * digits / (time.perf_counter() - start))


if __name__ == "__main__":
    main(sys.argv[1], *(int(number) for number in sys.argv[2:5]))
