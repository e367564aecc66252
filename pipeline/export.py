"""Stage `export`: the trained predictor in files that others can ship: one ONNX file, weights, card, an example."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.atomic import replacing, write_text
from pipeline.digits import CLASSES, SIDE, Images
from pipeline.errors import BadInputError
from pipeline.reader.normalizations import IN_WORDS
from pipeline.stage import run

if TYPE_CHECKING:
    from pipeline.learning.ensemble import Card

ONNX = "digits.onnx"
MODEL_CARD = "model-card.md"
AGREES = 1e-4  # the largest difference of a probability from torch's; float32 in another order of sums differs by 1e-6
TRIED = (0, 1, 2, 33)  # digits at once
SEED = 0  # of the images that both are tried with
EXAMPLE = '''"""Reads digits with onnxruntime and numpy alone: python example.py digits.npy."""

import sys
from pathlib import Path

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(Path(__file__).with_name("digits.onnx"))
images = np.load(sys.argv[1])  # (N, 28, 28) uint8, 0 = paper, 255 = ink, cut as the model card says
(probabilities,) = session.run(None, {"images": images})  # (N, 10) float32
for digit, confidence in zip(probabilities.argmax(axis=1), probabilities.max(axis=1)):
    print(digit, f"{confidence:.2f}")
'''

Predict = Callable[[Images], NDArray[np.float32]]
"""(N, 28, 28) uint8 to (N, 10) float32."""


def metadata(card: "Card") -> dict[str, str]:
    """Return what the ONNX file says of itself: labels, what goes in and comes out, and which weights it holds."""
    cut = IN_WORDS[card.reader.sheets.normalize] if card.reader else "nobody has said how its digits were cut"
    weights = hashlib.sha256("".join(card.weights.values()).encode()).hexdigest()
    return {
        "labels": json.dumps([str(digit) for digit in range(CLASSES)]),
        "input": f"images: (N, {SIDE}, {SIDE}) uint8, 0 = paper, 255 = ink; {cut}",
        "output": f"probabilities: (N, {CLASSES}) float32, of each label; each row sums to 1",
        "reader_normalisation": card.reader.normalisation if card.reader else "unknown",
        "architecture": f"mean of {len(card.weights)} {card.architecture}",
        "weights_sha256": weights,  # of the SHA-256 of each weights file, one after the other
    }


def runtime(content: bytes) -> Predict:
    """Return what an ONNX file does under onnxruntime, in one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (images,) = session.get_inputs()
    return lambda digits: np.asarray(session.run(None, {images.name: digits})[0], dtype=np.float32)


def difference(one: Predict, other: Predict, counts: Sequence[int] = TRIED) -> float:
    """Return the largest difference between two predictors' probabilities, on so many random images at once.

    Raises
    ------
    ValueError
        If a shape is not (N, 10).
    """
    draw, largest = np.random.default_rng(SEED), 0.0
    for count in counts:
        images = draw.integers(0, 256, (count, SIDE, SIDE), dtype=np.uint8)
        images[draw.random(images.shape) < 0.8] = 0  # about as much ink as a digit has
        found = [predict(images) for predict in (one, other)]
        if any(probabilities.shape != (count, CLASSES) for probabilities in found):
            raise ValueError(f"expected ({count}, {CLASSES}), got {[probabilities.shape for probabilities in found]}")
        largest = max(largest, float(np.abs(found[0] - found[1]).max(initial=0)))
    return largest


def main(models: Path, *, model_card: Path, export: Path) -> None:
    """Write the predictor as one ONNX file, checked against torch, with the weights and the model card beside it."""
    from pipeline.learning.device import exact
    from pipeline.learning.ensemble import CARD, load_ensemble
    from pipeline.learning.onnx_file import onnx_bytes

    if not model_card.is_file():
        raise BadInputError(f"{model_card}: expected the model card, found no such file; run `dvc repro report`")
    ensemble = load_ensemble(models)
    with exact(seed=0):  # nothing here is random
        content = onnx_bytes(ensemble.networks, metadata(ensemble.card))
        largest = difference(ensemble.predict, runtime(content))
    if not largest <= AGREES:
        raise RuntimeError(f"expected {ONNX} to give torch's probabilities within {AGREES:g}, got {largest:g} apart")
    with replacing(export) as draft:
        draft.mkdir()
        (draft / ONNX).write_bytes(content)
        for name in (CARD, *ensemble.card.weights):
            (draft / name).write_bytes((models / name).read_bytes())
        (draft / MODEL_CARD).write_bytes(model_card.read_bytes())
        write_text(draft / "example.py", EXAMPLE)
    print(f"{export / ONNX}: {len(content) / 1e6:.1f} MB, {len(ensemble.networks)} networks; agrees with torch")
    print(f"next: copy {export}/ to where digits are read; {export / 'example.py'} shows how")


if __name__ == "__main__":
    run(main)
