"""Trained numbers as safetensors: no code in the file, and the same numbers give the same bytes."""

from pathlib import Path

import torch
from torch import nn

from pipeline.errors import BadInputError


def weights_bytes(network: nn.Module) -> bytes:
    """Return the network's numbers, batch norm's statistics included, in safetensors format."""
    from safetensors.torch import save

    return bytes(save({name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}))


def load_weights(network: nn.Module, path: Path) -> None:
    """Fill the network from a safetensors file.

    Raises
    ------
    BadInputError
        If the file is missing, damaged, or made for a network of other layers.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(path.read_bytes())
    except OSError as error:
        raise BadInputError(f"{path}: expected a weights file, got: {error.strerror}; run `dvc repro train`") from error
    except SafetensorError as error:
        raise BadInputError(f"{path}: not a whole safetensors file ({error}); run `dvc repro --force train`") from error
    expected, found = _shapes(network.state_dict()), _shapes(tensors)
    if expected != found:
        name = next(iter(name for name in {**expected, **found} if expected.get(name) != found.get(name)))
        raise BadInputError(
            f"{path}: weights of another network: `{name}` expected {expected.get(name, 'absent')}, "
            f"got {found.get(name, 'absent')}; run `dvc repro --force train`"
        )
    network.load_state_dict(tensors)


def _shapes(tensors: dict[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}
