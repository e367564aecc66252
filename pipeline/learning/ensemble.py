"""The predictor that is evaluated: the mean probability of the fold networks, kept in one folder."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from torch import nn

from pipeline.atomic import replacing, write_json
from pipeline.checked import Section, validated
from pipeline.digits import CLASSES, SIDE, Images
from pipeline.errors import BadInputError
from pipeline.learning.architectures import build, parameter_count
from pipeline.learning.predict import Probabilities, predict
from pipeline.learning.weights import load_weights
from pipeline.params import Architecture, Model, Sheets

CARD = "model.json"


class Input(Section):
    """What the networks take."""

    shape: tuple[Literal[1], Literal[28], Literal[28]]
    paper: Literal[0]
    ink: Literal[1]
    normalisation: Literal["pixels / 255"]


class HowRead(Section):
    """How photos become what the networks were trained on."""

    normalisation: str  # one of pipeline.reader.normalizations.VERSIONS, or another version's
    sheets: Sheets


class Card(Section):
    """models/model.json: what it takes to rebuild the predictor, and to read photos as its own were read."""

    architecture: Architecture
    activation: Literal["relu", "tanh", "sigmoid"]
    parameters: Annotated[int, Field(gt=0)]  # of one network
    classes: Literal[10]
    input: Input
    reader: HowRead | None = None  # None: made by a version that did not say it
    weights: dict[str, str]  # file: its SHA-256


@dataclass(frozen=True)
class Ensemble:
    """The fold networks, ready to predict."""

    card: Card
    networks: tuple[nn.Module, ...]
    device: str

    def predict(self, images: Images) -> Probabilities:
        """Return (N, 10) float32, the mean of the networks' probabilities, for (N, 28, 28) uint8."""
        total = np.zeros((len(images), CLASSES), np.float64)
        for network in self.networks:
            total += predict(network, images, self.device)
        return (total / len(self.networks)).astype(np.float32)


def save_ensemble(folder: Path, model: Model, weights: Sequence[bytes], reader: HowRead | None = None) -> None:
    """Write ``fold-<k>.safetensors`` and ``model.json``, replacing the whole folder.

    Without ``reader`` nobody can tell how photos must be read for the networks: `mnist-cn predict` refuses them.
    """
    files = {f"fold-{fold}.safetensors": content for fold, content in enumerate(weights)}
    card = {
        "architecture": model.arch,
        "activation": model.activation,
        "parameters": parameter_count(build(model.arch, model.activation, 0)),
        "classes": CLASSES,
        "input": {"shape": [1, SIDE, SIDE], "paper": 0, "ink": 1, "normalisation": "pixels / 255"},
        **({} if reader is None else {"reader": reader.model_dump()}),
        "weights": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    with replacing(folder) as draft:
        draft.mkdir()
        for name, content in files.items():
            (draft / name).write_bytes(content)
        write_json(draft / CARD, card)


def load_ensemble(folder: Path, device: str = "cpu") -> Ensemble:
    """Read what :func:`save_ensemble` wrote.

    Raises
    ------
    BadInputError
        If a file is missing, damaged, or belongs to another training or network.
    """
    path = folder / CARD
    try:
        card = validated(Card, json.loads(path.read_text(encoding="utf-8")), path)
    except OSError as error:
        raise BadInputError(
            f"{path}: expected a trained model, got: {error.strerror}; run `dvc repro`, or `dvc pull` what was pushed"
        ) from error
    except ValueError as error:
        raise BadInputError(f"{path}: not valid JSON ({error}); run `dvc repro --force train`") from error
    except BadInputError as error:
        raise BadInputError(f"{error}; was it made by another version of mnist-cn? run `dvc repro train`") from error
    if not card.weights:
        raise BadInputError(f"{path}: `weights` names no file; run `dvc repro --force train`")
    return Ensemble(card, tuple(_load(folder / name, digest, card) for name, digest in card.weights.items()), device)


def _load(path: Path, digest: str, card: Card) -> nn.Module:
    network = build(card.architecture, card.activation, 0)
    load_weights(network, path)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != digest:
        raise BadInputError(
            f"{path}: expected SHA-256 {digest} (in {CARD}), got {found}; the files are not of one training: "
            "run `dvc repro --force train`"
        )
    return network.eval()
