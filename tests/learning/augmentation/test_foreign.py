import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from pipeline.errors import BadInputError
from pipeline.learning.augmentation import draws, foreign
from pipeline.learning.augmentation.each_tile import EachTile
from pipeline.learning.augmentation.tiles import canvas_of, tiles_of
from tests.params_file import ROOT

KEYS = draws.keys_of(np.arange(200, dtype=np.uint64), 1, 0)
GREY = np.full((200, 28, 28), 100, np.uint8)


def each(item: dict[str, Any], tiles: Any = GREY, keys: Any = KEYS) -> Any:
    return tiles_of(EachTile(foreign.build(item))(image=canvas_of(tiles), keys=keys)["image"])


def test_each_tile_has_numbers_of_its_own_wherever_it_stands() -> None:
    item = {"RandomBrightnessContrast": {"brightness_limit": (0.01, 0.5), "contrast_limit": (0, 0), "p": 1}}
    made = each(item)
    levels = made[:, 0, 0]
    assert len(np.unique(levels)) > 60
    assert (made == levels[:, None, None]).all()
    order = np.random.default_rng(0).permutation(200)
    assert np.array_equal(each(item, keys=KEYS[order]), made[order])


def test_a_probability_holds_for_each_tile_and_not_for_the_canvas() -> None:
    changed = (each({"InvertImg": {"p": 0.5}}) != GREY).any(axis=(1, 2))
    assert 70 < changed.sum() < 130


def test_a_tile_never_sees_its_neighbours() -> None:
    tiles = np.zeros((40, 28, 28), np.uint8)
    tiles[::2] = 255
    made = each({"Affine": {"translate_px": (-9, 9), "rotate": (-40, 40), "p": 1}}, tiles, KEYS[:40])
    assert not made[1::2].any()
    assert made[::2].any(axis=(1, 2)).all()


def test_groups_hold_transforms() -> None:
    item = {"OneOf": {"transforms": ({"InvertImg": {"p": 1}}, {"Blur": {"p": 1}}), "p": 1}}
    foreign.check(item)
    inverted = (each(item) == 155).all(axis=(1, 2))
    assert 60 < inverted.sum() < 140


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"RandomBrightnesContrast": {}}, "no transform `RandomBrightnesContrast`; did you mean `RandomBrightnessCont"),
        ({"BasicTransform": {}}, "no transform `BasicTransform`"),
        ({"Blur": {"strength": 3}}, "Blur: Argument.*strength.* not valid"),
        ({"Blur": {"p": 3}}, "Blur: 1 validation error.*less than or equal to 1"),
        ({"Resize": {"height": 14, "width": 14}}, "Resize: expected a digit to stay 28x28 uint8, got 14x14"),
        ({"ISONoise": {}}, "ISONoise cannot be applied to a 28x28 grey digit"),
        ({"OneOf": {"transforms": ({"Blurr": None},)}}, "no transform `Blurr`; did you mean `Blur`?"),
        ({"OneOf": {"transforms": ("noise",)}}, "expected one .*, got 'noise'"),
        ({"OneOf": {"transforms": ({"Blur": 3},)}}, "expected one .*, got {'Blur': 3}"),
        ({"OneOf": {"transforms": ({5: {}},)}}, "expected one .*, got {5: {}}"),
        ({"OneOf": {"transforms": 3}}, "OneOf: expected a list `transforms` of items, got 3"),
        ({"OneOf": {"transforms": ()}}, r"OneOf: expected a list `transforms` of items, got \(\)"),
        ({"OneOf": None}, "OneOf: expected a list `transforms` of items, got None"),
    ],
)
def test_what_cannot_be_applied_is_one_clear_error(item: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message) as caught:
        foreign.check(item)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_distorting_never_loads_torch() -> None:
    code = (
        "import sys, pipeline.learning.distortions as d, pathlib, pipeline.params as p; "
        "d.compose(p.load(pathlib.Path('params.yaml')).augment); print('torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.split() == ["False"]
