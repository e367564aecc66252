"""What all our transforms of a canvas share: settings, and for each tile random numbers of its own."""

from abc import ABC, abstractmethod
from typing import Any

from pipeline.learning.augmentation import library
from pipeline.learning.augmentation.draws import Keys
from pipeline.learning.augmentation.tiles import keys_for
from pipeline.params import Augment

ImageOnlyTransform: Any = library.albumentations().ImageOnlyTransform


class TileTransform(ImageOnlyTransform, ABC):  # type: ignore[misc]  # albumentations has no types that mypy reads
    """A transform of albumentations whose :meth:`apply` is given what :meth:`drawn` draws, by name."""

    def __init__(self, settings: Augment, stream: int = 0) -> None:
        super().__init__(p=1)
        self.settings = settings
        self.stream = stream

    def get_params_dependent_on_data(self, params: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        """Draw for the tiles of a canvas."""
        return self.drawn(keys_for(self, self.stream, data), params["shape"][1])

    @abstractmethod
    def drawn(self, keys: Keys, side: int) -> dict[str, Any]:
        """Return what is random, from (N,) keys of tiles of so many pixels a side."""
