"""The ensemble reads digits: images in, mean probabilities of the fold networks out."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.digits import Images

AT_ONCE = 1000  # digits a step of the progress bar; more is no faster and needs more memory


def read_digits(images: Images, models: Path, device: str, *, title: str) -> NDArray[np.float32]:
    """Return (N, 10) float32, the mean probabilities of the fold networks, for (N, 28, 28) uint8, N at least 1.

    One thread reads: the number of threads would change the last bits.

    Parameters
    ----------
    images : (N, 28, 28) uint8
    models : Path
        The folder with ``model.json`` and the weights.
    device : str
        As ``train.device``.
    title : str
        What the progress bar says.

    Raises
    ------
    BadInputError
        If the weights or the device are not there.
    """
    from pipeline.learning.device import choose_device, exact
    from pipeline.learning.ensemble import load_ensemble
    from pipeline.parallel import each

    place = choose_device(device)
    ensemble = load_ensemble(models, place)
    batches = [images[start : start + AT_ONCE] for start in range(0, len(images), AT_ONCE)]
    with exact(seed=0, device=place):  # nothing here is random
        return np.concatenate(list(each(ensemble.predict, batches, workers=1, title=title)))
