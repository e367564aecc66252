"""What can be simulated, and how bad it gets: what a severity allows light, camera, paper and hand to do."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["gentle", "ordinary", "brutal"]
Layout = Literal["template", "rows", "lined", "grid"]


@dataclass(frozen=True)
class Conditions:
    """The worst that a severity does; what a photo gets is drawn up to that."""

    # camera
    turn: float  # degrees either way about the photo's axis
    quarter_turns: float  # probability that the phone was held another way
    tilt: float  # degrees between the camera's axis and the paper's normal
    fills: tuple[float, float]  # of the photo's width or height, by the sheet
    blur: tuple[float, float]  # standard deviation, pixels of a 1200x1600 photo
    defocus: float  # radius of a point's disc, pixels of a 1200x1600 photo; for one photo in four
    motion: float  # length of a shake, pixels of a 1200x1600 photo
    noise: float  # standard deviation, of 255
    quality: tuple[int, int]  # JPEG, 0..100
    cut: float  # probability that the photo ends within the writing
    # light
    exposure: tuple[float, float]  # how bright white paper comes out, of 240
    dimming: float  # how much darker the darkest corner is than the lamp's place, 0..1
    vignette: float  # light that the lens loses in the corners, 0..1
    shadow: float  # how much light a shadow takes, 0..1
    shadows: int  # soft ones, at most
    hard_shadow: float  # probability of the phone's or the hand's shadow, with an edge
    cast: float  # how yellow lamp light is: share of the blue that is missing
    glare: float  # probability that a lamp or the flash is mirrored in the paper
    # paper
    curl: float  # mm that a part of the sheet stands up from the desk
    folds: int  # creases, at most
    ghost: float  # how much of the back's writing is seen through, 0..1
    # hand
    spoilt: float  # share of cells left blank or struck out
    reach: tuple[float, float]  # height of a digit in a ruled box, of the box
    touching: float  # probability that a digit is written into the one before it
    ruling: float  # how much darker than pale a notebook's lines are, of 255
    specks: int  # dots of dirt or ink, at most
    words: float  # probability of printed words on the page


SEVERITIES: dict[Severity, Conditions] = {
    "gentle": Conditions(
        turn=4, quarter_turns=0, tilt=6, fills=(0.93, 0.98), blur=(0.2, 0.5), defocus=0, motion=0, noise=1.5,
        quality=(88, 95), cut=0, exposure=(0.95, 1.0),
        dimming=0.1, vignette=0.05, shadow=0, shadows=0, hard_shadow=0, cast=0.05, glare=0,
        curl=0.5, folds=0, ghost=0, spoilt=0, reach=(0.5, 0.68), touching=0, ruling=0, specks=0, words=0,
    ),
    "ordinary": Conditions(
        turn=12, quarter_turns=0.2, tilt=18, fills=(0.86, 0.97), blur=(0.3, 0.8), defocus=1.2, motion=0, noise=4,
        quality=(76, 88), cut=0, exposure=(0.8, 1.04),
        dimming=0.3, vignette=0.15, shadow=0.3, shadows=2, hard_shadow=0.2, cast=0.25, glare=0,
        curl=3, folds=1, ghost=0.04, spoilt=0.02, reach=(0.55, 0.8), touching=0.004, ruling=40, specks=4, words=0.2,
    ),
    "brutal": Conditions(
        turn=180, quarter_turns=0, tilt=32, fills=(0.8, 0.95), blur=(0.6, 1.5), defocus=2.5, motion=3, noise=9,
        quality=(40, 75), cut=0.35, exposure=(0.5, 1.1),
        dimming=0.55, vignette=0.35, shadow=0.5, shadows=2, hard_shadow=0.5, cast=0.5, glare=0.3,
        curl=10, folds=3, ghost=0.12, spoilt=0.04, reach=(0.65, 1.05), touching=0.03, ruling=70, specks=15, words=0.4,
    ),
}  # fmt: skip
