"""One written sheet on two photos that pass for two people's, and another person's sheet, as the audit sees them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pipeline import digits as digit_table
from pipeline import params
from pipeline.auditing import near_duplicates, neighbours
from pipeline.auditing.near_duplicates import SheetTwice
from pipeline.params import Sheets
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import ReadDigit, read_photo
from pipeline.simulate.bend import bend
from pipeline.simulate.camera import jpeg, shoot, viewpoint
from pipeline.simulate.light import light
from pipeline.simulate.marks import Drawn
from pipeline.simulate.severity import SEVERITIES
from pipeline.simulate.sheet import fill
from pipeline.simulate.streams import Streams
from pipeline.simulate.writers import writer
from pipeline.template import geometry
from tests import bundled
from tests.params_file import ROOT

SIZE = (1200, 1600)
FINER = 8.6  # pixels a mm: more than the photo has
GENTLE = SEVERITIES["gentle"]


class Shot(NamedTuple):
    """The digits of one photo, whose writer is its file."""

    name: str
    digits: list[ReadDigit]


def filled_in(seed: int) -> Drawn:
    return fill(geometry("a4"), writer(seed), Streams(np.random.default_rng(seed)), FINER, 0)


def shot(sheet: Drawn, name: str, seed: int, folder: Path, limits: Sheets) -> Shot:
    """Photograph a sheet from somewhere, in some light, and read the photo."""
    streams = Streams(np.random.default_rng(seed))
    view = viewpoint((0.0, 0.0, *sheet.page_mm), SIZE, GENTLE, streams["view"])
    lies, lit = bend(sheet.page_mm, view.eye, GENTLE, streams["bend"]), light(SIZE, GENTLE, streams)
    path = folder / f"{name}.jpg"
    path.write_bytes(jpeg(shoot(sheet, view, lies, lit, GENTLE, streams=streams), GENTLE, streams["jpeg"]))
    return Shot(name, read_photo(Photo(path, path.name, "c", Settings()), limits)[0].digits)


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory, limits: Sheets) -> list[Shot]:
    folder, sheet = tmp_path_factory.mktemp("shots"), filled_in(10)
    return [
        shot(sheet, "first", 1, folder, limits),
        shot(sheet, "second", 2, folder, limits),
        shot(filled_in(20), "other", 3, folder, limits),
    ]


@pytest.mark.slow
def test_a_sheet_that_is_photographed_twice_is_found_and_another_persons_is_not(shots: list[Shot]) -> None:
    table = bundled.table()
    read = [(one.name, digit) for one in shots for digit in one.digits]
    assert [len(one.digits) for one in shots] == [100, 100, 100]
    images = np.concatenate([digit_table.images(table), np.array([digit.image for _, digit in read])])
    labels = np.concatenate([digit_table.labels(table), np.array([digit.label for _, digit in read], np.uint8)])
    photos = [None] * len(table) + [name for name, _ in read]
    places = [(None, None)] * len(table) + [(digit.row, digit.col) for _, digit in read]
    nearest = neighbours.nearest(neighbours.embedded(images), neighbours.hands(photos))
    (twice,) = near_duplicates.sheets_twice(nearest, photos, places)
    assert (twice.first, twice.second) == ("first", "second")
    assert twice.same >= 100  # of 200
    spreads = params.load(ROOT / "params.yaml").audit.near_spreads
    pairs = near_duplicates.pairs(near_duplicates.distances(images, nearest), nearest, labels, spreads)
    assert {(photos[pair.first], photos[pair.second]) for pair in pairs} == {("first", "second")}
    same = [places[pair.first] == places[pair.second] for pair in pairs]
    assert sum(same) >= 20  # of 100: a second photo of the rest is no nearer than another person's digit may be
    assert sum(same) >= 0.9 * len(same)  # and else another digit by the same hand


def counted(same: int, elsewhere: int, photos: tuple[str | None, str | None] = ("a", "b")) -> list[SheetTwice]:
    """Two photos, so many digits of which are nearest to the same or another place of the other photo."""
    n = same + elsewhere
    nearest = np.concatenate([np.arange(n, 2 * n), np.full(n, neighbours.NOBODY)]).astype(np.intp)
    places = [(0, col) for col in range(n)]
    moved = [(0, col if col < same else -1) for col in range(n)]
    return near_duplicates.sheets_twice(nearest, [photos[0]] * n + [photos[1]] * n, [*places, *moved])


def test_two_photos_are_one_sheet_where_many_digits_and_most_agree_in_their_places() -> None:
    assert [str(one).split(", ")[0] for one in counted(20, 10)] == ["a and b"]
    assert (counted(20, 10)[0].same, counted(20, 10)[0].near) == (20, 30)
    assert counted(9, 0) == counted(20, 50) == counted(0, 60) == []


def test_a_photo_is_not_its_own_second_and_digits_of_no_photo_are_none() -> None:
    assert counted(20, 10, ("a", "a")) == counted(20, 10, ("a", None)) == counted(20, 10, (None, "b")) == []
