from pathlib import Path

import numpy as np
import pytest

from pipeline.pictures import domain_gap
from tests.printed_digits import printed

ENTRY = {"collection": 1.2, "mnist": 2.6, "difference": -1.4, "effect": -2.5, "unit": "px"}
FOUND = {"n": 1196, "mnist_n": 5000, "auc": 0.99, "auc_ci95_low": 0.98, "auc_ci95_high": 0.995}


def test_the_typical_digit_is_the_one_nearest_to_its_labels_mean() -> None:
    images = np.repeat(printed(), 3, axis=0).copy()
    images[:, 0, 0] = np.tile([1, 2, 3], 10)
    measures = np.column_stack([np.tile([-4.0, 0.5, 4.0], 10), np.zeros(30)])
    chosen = domain_gap.typical(images, measures, np.repeat(np.arange(10), 3))
    assert (chosen[:, 0, 0] == 2).all()
    some = domain_gap.typical(images[:6], measures[:6], np.repeat([1, 7], 3))
    assert [label for label in range(10) if some[label].any()] == [1, 7]


def test_a_panel_says_how_well_digits_are_told_apart_or_that_they_are_too_few() -> None:
    panel = domain_gap.Panel("a", FOUND, printed(), printed())
    assert domain_gap.title(panel) == (
        "a: 1,196 digits against 5,000 of MNIST; told apart with AUC 0.990 (0.980 to 0.995)"
    )
    few = domain_gap.Panel("a", {"n": 9, "mnist_n": 5000}, printed(), printed())
    assert domain_gap.title(few).endswith("too few digits or writers to tell them apart")
    assert domain_gap.told(ENTRY) == "-1.40 px  (1.20, MNIST 2.60)"
    assert domain_gap.told({**ENTRY, "difference": -0.001, "unit": ""}).startswith("+0.00  (")


@pytest.mark.slow
def test_one_panel_a_collection_with_the_same_bytes_again(tmp_path: Path) -> None:
    panel = domain_gap.Panel("a", {**FOUND, "property": {"slant": ENTRY, "pieces": ENTRY}}, printed(), printed())
    for name, panels in (("one", [panel]), ("again", [panel]), ("two", [panel, panel]), ("none", [])):
        domain_gap.draw(tmp_path / f"{name}.png", panels)
    sizes = {path.stem: path.read_bytes() for path in tmp_path.iterdir()}
    assert sizes["one"] == sizes["again"]
    heights = {name: int.from_bytes(content[20:24], "big") for name, content in sizes.items()}
    assert heights["two"] == 2 * heights["one"] > heights["none"]
