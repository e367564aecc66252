"""The 15 kinds of MNIST-C by name.

N. Mu and J. Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", ICML 2019 Workshop on Uncertainty and
Robustness in Deep Learning, arXiv:1906.02337. Severities are the defaults of the code with which it was made
(github.com/google-research/mnist-c); ours is written anew, so that it agrees in kind and strength, not in pixels.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from pipeline.digits import Images
from pipeline.learning.augmentation.draws import Keys, ids_of, keys_of, split
from pipeline.learning.corruptions import affine, blur, edges, fog, light, lines, noise

AT_ONCE = 1024  # digits: bounds the memory to some 100 MB

KINDS: Mapping[str, Callable[[Images, Keys], Images]] = MappingProxyType(
    {
        "shot_noise": noise.shot_noise,
        "impulse_noise": noise.impulse_noise,
        "glass_blur": blur.glass_blur,
        "motion_blur": blur.motion_blur,
        "shear": affine.shear,
        "scale": affine.scale,
        "rotate": affine.rotate,
        "brightness": light.brightness,
        "translate": affine.translate,
        "stripe": light.stripe,
        "fog": fog.fog,
        "spatter": light.spatter,
        "dotted_line": lines.dotted_line,
        "zigzag": lines.zigzag,
        "canny_edges": edges.canny_edges,
    }
)


def corrupted(kind: str, images: Images, ids: Sequence[str], seed: int) -> Images:
    """Return the digits corrupted; one's random numbers depend on the kind, its own id and the seed alone.

    Parameters
    ----------
    kind : str
        A name in :data:`KINDS`.
    images : (N, 28, 28) uint8
    ids : N str
        16 hexadecimal characters each, as in the digit table.
    seed : int, at least 0

    Returns
    -------
    (N, 28, 28) uint8
    """
    keys = split(keys_of(ids_of(ids), 0, seed), list(KINDS).index(kind))
    made = np.empty_like(images)
    for start in range(0, len(images), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        made[part] = KINDS[kind](images[part], keys[part])
    return made
