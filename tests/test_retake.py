from pathlib import Path

import pytest

from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import Reading
from pipeline.reader.records import Reason, Reject
from pipeline.retake import Found, next_step


def test_the_last_line_says_what_to_do_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw" / "c").mkdir(parents=True)
    (tmp_path / "params.yaml").touch()
    good, raw, elsewhere = Found(digits=5), Path("raw/c"), Path("phone/a.jpg")
    assert next_step(good, raw, {}) == "next: `dvc repro` reads them"
    assert next_step(good, raw / "a.jpg", {}) == "next: `dvc repro` reads them"
    assert next_step(good, Path("raw"), {}) == "next: `dvc repro` reads them"
    assert next_step(good, elsewhere, {}) == "next: put them into raw/<collection>/, `dvc repro` reads them"
    stated = {"layout": "rows", "label": 7}
    expected = "next: write `label`, `layout` as stated here into raw/c/sheets.yaml, `dvc repro` reads them"
    assert next_step(good, raw, stated) == next_step(good, raw / "a.jpg", stated) == expected
    expected = "next: write `label`, `layout` as stated here into raw/<collection>/sheets.yaml, `dvc repro` reads them"
    assert next_step(good, Path("raw"), stated) == expected
    monkeypatch.chdir(raw)
    assert next_step(good, Path("a.jpg"), {}) == next_step(good, Path(), {}) == "next: `dvc repro` reads them"
    assert "as stated here into sheets.yaml" in next_step(good, Path("a.jpg"), stated)
    monkeypatch.chdir(tmp_path)
    assert "again" in next_step(Found(digits=5, rejects=1, retake=1), raw, {})
    assert "is it the paper" in next_step(Found(digits=3, rejects=118, refused=118, retake=1), raw, {})
    assert "no printed sheet? --layout rows" in next_step(Found(rejects=1, retake=1, unmarked=1), raw, {})
    assert "nothing is written" in next_step(Found(), raw, {})
    assert "correct `rows` where it is wrong" in next_step(Found(digits=9, rejects=1, retake=1, counted=1), raw, {})
    assert "correct `rows`" not in next_step(Found(digits=9, rejects=2, retake=2, counted=1), raw, {})


def found_of(*reasons: Reason) -> Found:
    found = Found()
    photo = Photo(Path("a.jpg"), "c/a.jpg", "c", Settings(layout="rows", label=1))
    found.add(Reading(photo, [], [Reject(reason, "") for reason in reasons]))
    return found


def test_what_no_better_photo_mends_is_not_to_be_taken_again() -> None:
    for reason in (Reason.TURN_UNSURE, Reason.UNLIKE_LABELS, Reason.NO_LABEL, Reason.BAD_NAME):
        assert (found_of(reason).described, found_of(reason).retake) == (1, 0)
    assert (found_of(Reason.BLURRED).described, found_of(Reason.BLURRED).retake) == (0, 1)


def test_a_count_of_rows_may_be_the_photos_fault_or_that_of_rows() -> None:
    assert (found_of(Reason.ROW_COUNT).counted, found_of(Reason.ROW_COUNT, Reason.BLURRED).counted) == (1, 0)
    assert found_of(Reason.ROW_COUNT, Reason.BLANK).counted == 1
