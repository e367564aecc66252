"""What cut digits look like to the quick classifier, as they stand or turned."""

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import SIDE
from pipeline.reader import quick
from pipeline.reader.normalize import normalize
from pipeline.reader.records import Crop


def looks_of(crops: list[Crop], turn: int = 0) -> NDArray[np.float64]:
    """Return (N, 10) logarithms of how likely each digit, turned clockwise by ``turn`` degrees, is each class."""
    images = [normalize(np.ascontiguousarray(np.rot90(crop.ink, -(turn // 90))), "mnist") for crop in crops]
    return quick.log_probabilities(np.array(images, np.uint8).reshape(-1, SIDE, SIDE))
