"""What training a fold gives, and the bytes in which that is kept."""

import hashlib
import io
import json
from dataclasses import asdict, dataclass, fields

import numpy as np

from pipeline.learning.predict import Probabilities

CHECKSUM = 16  # bytes


@dataclass(frozen=True)
class Epoch:
    """One row of the curves; both losses are the one that is trained on."""

    epoch: int  # from 1
    train_loss: float
    validation_loss: float
    validation_accuracy: float  # 0..1


@dataclass(frozen=True)
class TrainedFold:
    """One fold's network."""

    fold: int
    epochs: list[Epoch]
    weights: bytes  # safetensors, after the last epoch, like the probabilities
    probabilities: Probabilities  # of the digits that the fold validates, in table order
    digits_trained: int  # digits of the training part
    digits_seen: int  # over all epochs
    seconds: float
    processor_seconds: float

    @property
    def validation_accuracy(self) -> float:
        """After the last epoch, 0..1."""
        return self.epochs[-1].validation_accuracy

    def to_bytes(self) -> bytes:
        """Return a checksum and all of it in one NPZ archive, which holds numbers and no code."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        plain |= {"epochs": [asdict(row) for row in self.epochs]}
        arrays = {"weights": np.frombuffer(plain.pop("weights"), np.uint8), "probabilities": plain.pop("probabilities")}
        file = io.BytesIO()
        np.savez(file, text=np.frombuffer(json.dumps(plain).encode(), np.uint8), **arrays)
        return _checksum(file.getvalue()) + file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "TrainedFold":
        """Read what :meth:`to_bytes` wrote. Raises ValueError if one byte of it is another."""
        checksum, archive = content[:CHECKSUM], content[CHECKSUM:]
        if checksum != _checksum(archive):
            raise ValueError("not a whole trained fold")
        with np.load(io.BytesIO(archive), allow_pickle=False) as arrays:
            plain = json.loads(arrays["text"].tobytes())
            plain["epochs"] = [Epoch(**row) for row in plain["epochs"]]
            return cls(weights=arrays["weights"].tobytes(), probabilities=arrays["probabilities"], **plain)


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=CHECKSUM).digest()
