"""Where folds train: which device, in which precision, and how many at once; asked of a cluster where there is one."""

from dataclasses import dataclass
from typing import Literal

import torch

from pipeline import parallel
from pipeline.learning.device import choose_device, choose_precision


@dataclass(frozen=True)
class Placement:
    """What the folds' numbers depend on besides digits and parameters."""

    device: str  # cpu, cuda or mps
    precision: Literal["float32", "bfloat16"]
    hardware: str  # what of it changes the last bits of a training

    def at_once(self, folds: int, workers: int) -> int:
        """Return how many of so many folds train side by side: ``workers``, or for 0 one a core, or one a GPU."""
        wanted = parallel.cores(workers) if self.device == "cpu" else workers or parallel.gpus() or 1
        return min(wanted, max(folds, 1))


def place_folds(device: str, precision: str) -> Placement:
    """Decide on the machine that will train: on a cluster's GPU where it lends one, else as on this machine.

    Parameters
    ----------
    device, precision : str
        ``train.device``, and ``train.precision`` or what the recipe says.

    Raises
    ------
    BadInputError
        If the device or the precision is asked for and absent.
    """
    wanted = "cpu" if device == "auto" and parallel.gpus() == 0 else device
    return next(parallel.each(_decided, [(wanted, precision)], workers=1, title="device", gpu=wanted != "cpu"))


def _decided(asked: tuple[str, str]) -> Placement:
    device = choose_device(asked[0])
    return Placement(device, choose_precision(asked[1], device), hardware(device))


def hardware(device: str) -> str:
    """Return what of this machine changes the last bits of a training: the GPU's name and cuDNN's, or the CPU's."""
    if device == "cuda":
        return f"cuda {torch.cuda.get_device_name()} cudnn {torch.backends.cudnn.version()}"  # type: ignore[no-untyped-call]  # torch's stub
    found = torch.cpu.get_capabilities()  # a virtual machine's name says little: so all that it can do
    abilities = sorted(name for name, can in found.items() if can is True)
    # Of what it can do PyTorch uses no more than ATEN_CPU_CAPABILITY lets it.
    return " ".join([device, str(found.get("cpu_name", "")), torch.backends.cpu.get_cpu_capability(), *abilities])
