import numpy as np
import pytest
import torch

from pipeline.learning.architectures import build
from pipeline.learning.predict import BATCH, as_input, logits, predict
from tests.learning.bars import DIGITS


def test_paper_is_nought_and_ink_is_one() -> None:
    image = torch.tensor([0, 51, 255], dtype=torch.uint8).reshape(1, 1, 3)
    assert as_input(image).flatten().tolist() == pytest.approx([0, 0.2, 1])
    assert as_input(image).shape == (1, 1, 1, 3)


def test_predict_takes_28_by_28_bytes_only() -> None:
    network = build("mlp", "relu", 0)
    with pytest.raises(ValueError, match=r"expected \(N, 28, 28\) uint8, got \(2, 784\)"):
        predict(network, np.zeros((2, 784), np.uint8))
    with pytest.raises(ValueError, match="float64"):
        predict(network, np.zeros((2, 28, 28)))  # type: ignore[arg-type]  # the mistake under test
    assert predict(network, np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


@pytest.mark.slow
def test_predictions_do_not_depend_on_the_neighbours_in_a_batch() -> None:
    network = build("digitnet", "relu", 0)
    together = predict(network, DIGITS.images)
    alone = np.concatenate([predict(network, DIGITS.images[row : row + 1]) for row in range(5)])
    np.testing.assert_allclose(together[:5], alone, atol=1e-5)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)


@pytest.mark.slow
def test_predictions_are_the_same_whatever_was_set_before_and_leave_no_trace() -> None:
    """Dropout is off, batch norm's statistics stay, and no gradient is kept."""
    network = build("digitnet", "relu", 0).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    first, again = predict(network, DIGITS.images), predict(network, DIGITS.images)
    np.testing.assert_array_equal(first, again)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_more_digits_than_a_batch_come_back_in_order() -> None:
    network = build("mlp", "relu", 0)
    images = torch.from_numpy(np.resize(DIGITS.images, (2 * BATCH + 3, 28, 28)))
    np.testing.assert_allclose(logits(network, images)[-3:], logits(network, images[-3:]), atol=1e-5)
    assert logits(network, images).shape == (2 * BATCH + 3, 10)
