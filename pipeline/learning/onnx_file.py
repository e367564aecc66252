"""The whole predictor as one ONNX file: uint8 digit images in, the networks' mean probabilities out."""

import io
import warnings
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from pipeline.digits import SIDE
from pipeline.errors import BadInputError
from pipeline.learning.predict import as_input

INPUT, OUTPUT = "images", "probabilities"
OPSET = 18  # of December 2022: any onnxruntime from 1.14 on reads it, and those in phones and browsers do
MOST_BYTES = 2_000_000_000  # protobuf, in which ONNX is written, ends at 2 GiB


class Mean(nn.Module):
    """The mean of the probabilities that networks give: (N, 28, 28) uint8 to (N, 10) float32."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, images: Tensor) -> Tensor:
        """Read digits: 0 = paper, 255 = ink."""
        digits = as_input(images)
        return torch.stack([network(digits).softmax(dim=1) for network in self.networks]).mean(dim=0)


def onnx_bytes(networks: Sequence[nn.Module], metadata: Mapping[str, str]) -> bytes:
    """Return the ONNX file of the mean of these networks; the same weights and words give the same bytes.

    The file takes ``images``, (N, 28, 28) uint8 with N from 0 on, and gives ``probabilities``, (N, 10) float32: what
    the networks do with pixels (/ 255), their softmax and their mean are inside. It is written by torch's exporter
    that traces (TorchScript), not by the newer one (``dynamo=True``): that takes 25 times as long, prints, and does
    not give the same bytes for one AlexNet twice (torch 2.13).

    Parameters
    ----------
    networks : at least one, on the CPU
        Left in evaluation mode.
    metadata : mapping of str to str
        What the file says of itself (ONNX's ``metadata_props``), in this order.

    Raises
    ------
    BadInputError
        If the file would be larger than ONNX allows.
    """
    import onnx

    size = sum(tensor.nbytes for network in networks for tensor in network.state_dict().values())
    if size > MOST_BYTES:
        raise BadInputError(
            f"expected networks of at most {MOST_BYTES / 1e9:g} GB together, which is what an ONNX file holds, got "
            f"{size / 1e9:.1f} GB; train fewer folds (train.run_folds) or a smaller model.arch"
        )
    traced = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one, and that batches of any size are checked
        torch.onnx.export(
            Mean(networks).eval(),
            (torch.zeros(2, SIDE, SIDE, dtype=torch.uint8),),
            traced,  # type: ignore[arg-type]  # torch's stub is of the newer exporter; this one takes a file
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "n"}, OUTPUT: {0: "n"}},
        )
    model = onnx.load_from_string(traced.getvalue())
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))
