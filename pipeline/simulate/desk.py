"""What a sheet lies on: a desk, plain or of wood, dark or nearly as white as the paper."""

import cv2
import numpy as np

from pipeline.simulate.pens import Bgr, Colour

PLAIN: tuple[Colour, ...] = ((60, 70, 80), (150, 140, 135), (120, 110, 80), (90, 120, 170))
WOOD: tuple[Colour, ...] = ((70, 105, 150), (40, 60, 95), (120, 165, 205))
DARK: tuple[Colour, ...] = ((28, 30, 34), (45, 38, 32))
NEAR_WHITE: tuple[Colour, ...] = ((215, 220, 222), (200, 205, 212))
_SHARES = (0.3, 0.4, 0.15, 0.15)


def desk(size: tuple[int, int], rng: np.random.Generator) -> Bgr:
    """Return a desk of ``size`` (width, height) pixels: wood with streaks that run one way, others plain."""
    kinds = (PLAIN, WOOD, DARK, NEAR_WHITE)
    kind = kinds[int(rng.choice(len(kinds), p=_SHARES))]
    colour = np.array(kind[int(rng.integers(len(kind)))], np.float32)
    coarse = rng.standard_normal((size[1] // 8 + 1, size[0] // 8 + 1), dtype=np.float32)
    long, strength = (12.0, 0.12) if kind is WOOD else (1.5, 0.02)
    streaks = cv2.GaussianBlur(coarse, (0, 0), sigmaX=long, sigmaY=0.8)
    if rng.random() < 0.5:
        streaks = cv2.resize(np.ascontiguousarray(streaks.T), streaks.shape[::-1])
    grain = 1 + strength * streaks / max(float(np.std(streaks)), 1e-6)
    small = np.asarray(np.clip(colour * grain[:, :, None], 0, 255), dtype=np.uint8)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
