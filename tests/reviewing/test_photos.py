from pathlib import Path

import numpy as np
import pytest

from pipeline import reading as reader
from pipeline.params import Sheets
from pipeline.reviewing import photos as photos_module
from pipeline.reviewing.photos import Photos, Recent
from tests.reader import drawn


def test_the_last_few_results_are_kept() -> None:
    asked: list[int] = []

    def squared(key: int) -> int:
        asked.append(key)
        return key * key

    recent = Recent(squared, 2)
    assert [recent(key) for key in (1, 2, 1, 3, 1, 2)] == [1, 4, 1, 9, 1, 4]
    assert asked == [1, 2, 3, 2]
    recent.forget()
    recent(1)
    assert asked[-1] == 1


@pytest.mark.slow
@pytest.mark.parametrize("turn", [90, 0, 180, 270])
def test_corners_meet_the_ink_on_a_reduced_and_turned_photo(
    turn: int, tmp_path: Path, limits: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos_module, "SIDE", 350)
    paper = np.rot90(drawn.page(["1234", "5678"], height=120), turn // 90)
    drawn.save(paper, tmp_path / "raw/c/a.png")
    (tmp_path / "raw/c/sheets.yaml").write_text(f'layout: rows\nrows: ["1234", "5678"]\nturn: {turn}\n')
    photos = Photos(tmp_path / "raw", limits)
    picture = photos.picture("c/a.png")
    assert picture is not None
    assert max(picture.shape) * 2 == max(paper.shape)
    for row, col in ((0, 0), (1, 3)):
        digit = photos.digit("c/a.png", row, col)
        assert digit is not None
        corners = photos.corners("c/a.png", digit.corners)
        assert corners is not None
        (left, top), (right, bottom) = corners.min(axis=0).round().astype(int), corners.max(axis=0).round().astype(int)
        dark = np.argwhere(picture[:, :, 0] < 100)
        near = dark[
            (np.abs(dark - ((top + bottom) / 2, (left + right) / 2)) < np.array([bottom - top, right - left])).all(
                axis=1
            )
        ]
        assert np.abs(np.concatenate([near.min(axis=0) - (top, left), near.max(axis=0) - (bottom, right)])).max() <= 4


def test_what_was_read_before_is_not_read_again(
    tmp_path: Path, limits: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn.save(drawn.page(["12"]), tmp_path / "raw/c/a.png")
    (tmp_path / "raw/c/sheets.yaml").write_text('layout: rows\nrows: ["12"]\n')
    first = Photos(tmp_path / "raw", limits).reading("c/a.png")
    monkeypatch.setattr(reader, "read_photo", lambda *_: pytest.fail("read again"))
    again = Photos(tmp_path / "raw", limits).reading("c/a.png")
    assert (len(again.digits), again.shape) == (len(first.digits), first.shape)


def test_a_photo_that_cannot_be_decoded_has_no_picture(tmp_path: Path, limits: Sheets) -> None:
    (tmp_path / "raw/c").mkdir(parents=True)
    (tmp_path / "raw/c/a.jpg").write_bytes(b"\xff\xd8\xff no more")
    photos = Photos(tmp_path / "raw", limits)
    assert photos.picture("c/a.jpg") is None
    assert photos.digit("c/a.jpg", 0, 0) is None
    with pytest.raises(KeyError):
        photos.reading("c/b.jpg")
