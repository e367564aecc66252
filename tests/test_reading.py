from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import reading
from pipeline import store as stores
from pipeline.params import Sheets
from pipeline.reader import cache
from pipeline.reader.collection import Photo, Settings
from pipeline.reader.read import Reading, read_photo
from pipeline.reader.records import Reason, Reject
from pipeline.reading import Read, Reader, describe, read_all
from tests.reader import drawn


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv(stores.PLACE, str(tmp_path / "kept"))
    stores.store.cache_clear()
    yield
    stores.store.cache_clear()


def photo(folder: Path, name: str = "a.png", **settings: Any) -> Photo:
    path = folder / "c" / name
    if not path.exists():
        drawn.save(drawn.page(["123", "45"]), path)
    stated = Settings.model_validate({"layout": "rows", "rows": ("123", "45"), **settings})
    return Photo(path, f"c/{name}", "c", stated)


def same(one: Read, other: Read) -> bool:
    return one.picture == other.picture and all(
        np.array_equal(a.image, b.image) and (a.label, a.row, a.col) == (b.label, b.row, b.col)
        for a, b in zip(one.reading.digits, other.reading.digits, strict=True)
    )


def test_a_photo_is_read_once_and_comes_back_the_same(tmp_path: Path, limits: Sheets) -> None:
    reader, one = Reader(limits), photo(tmp_path)
    assert not reader.remembers(one)
    first, again = reader(one), reader(one)
    assert (first.reused, again.reused) == (False, True)
    assert len(first.reading.digits) == 5
    assert same(first, again)
    assert reader.remembers(one)


def test_an_untouched_photo_comes_back_without_being_opened(
    tmp_path: Path, limits: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, one = Reader(limits), photo(tmp_path)
    first = reader(one)
    monkeypatch.setattr(reading, "read_photo", lambda *_: pytest.fail("read again"))
    assert same(reader(one), first)


@pytest.mark.parametrize("change", ["rows", "limits", "code", "pixels", "name"])
def test_whatever_decides_a_reading_makes_it_new(
    change: str, tmp_path: Path, limits: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "read_photo", lambda one, _: (Reading(one, [], []), None))  # what is read is no matter
    one = photo(tmp_path)
    Reader(limits)(one)
    assert Reader(limits)(one).reused
    if change == "rows":
        one = photo(tmp_path, rows=("123", "46"))
    elif change == "limits":
        limits = limits.model_copy(update={"min_ink_contrast": 0.13})
    elif change == "code":
        monkeypatch.setattr(cache, "code", lambda: "another")
    elif change == "pixels":
        drawn.save(drawn.page(["123", "46"]), one.path)
    else:
        one.path.rename(one.path.with_name("b.png"))
        one = photo(tmp_path, "b.png")
    assert not Reader(limits)(one).reused


@pytest.mark.slow
def test_a_photo_that_changes_while_it_is_read_is_not_taken_for_the_one_before(
    tmp_path: Path, limits: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, really = photo(tmp_path), read_photo
    first = one.path.read_bytes()

    def of_another(changed: Photo, _: Sheets) -> tuple[Reading, None]:
        drawn.save(drawn.page(["678", "90"]), changed.path)
        return Reading(changed, [], []), None

    monkeypatch.setattr(reading, "read_photo", of_another)
    Reader(limits)(one)
    monkeypatch.setattr(reading, "read_photo", really)
    one.path.write_bytes(first)
    again = Reader(limits)(one)
    assert not again.reused
    assert len(again.reading.digits) == 5


@pytest.mark.slow
def test_who_wrote_it_where_it_comes_from_and_what_it_is_used_for_decide_nothing(
    tmp_path: Path, limits: Sheets
) -> None:
    Reader(limits)(photo(tmp_path))
    other = Reader(limits)(
        photo(tmp_path, writer="collection", split="test", simulated=True, license="CC0", origin="a class")
    )
    assert other.reused
    assert other.reading.photo.settings.writer == "collection"


@pytest.mark.slow
def test_a_copy_of_the_workspace_reads_nothing_again(tmp_path: Path, limits: Sheets) -> None:
    """As an experiment's temporary one is."""
    first = Reader(limits)(photo(tmp_path / "here"))
    again = Reader(limits)(photo(tmp_path / "there"))
    assert again.reused
    assert same(first, again)


@pytest.mark.slow
def test_without_a_cache_everything_is_read(tmp_path: Path, limits: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stores.PLACE, "")
    stores.store.cache_clear()
    reader, one = Reader(limits), photo(tmp_path)
    assert same(reader(one), reader(one))
    assert not reader(one).reused


@pytest.mark.slow
def test_a_damaged_entry_is_read_again(tmp_path: Path, limits: Sheets) -> None:
    reader, one = Reader(limits), photo(tmp_path)
    first, store = reader(one), stores.store()
    assert store is not None
    store.put(reader._key(one, store.digest(one.path)), b"damaged")
    again = reader(one)
    assert not again.reused
    assert same(again, first)


@pytest.mark.slow
def test_a_photo_that_the_reader_trips_over_is_a_reject_and_is_tried_again(
    tmp_path: Path, limits: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(*_: object) -> None:
        raise ZeroDivisionError("by\nzero")

    one = photo(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(reading, "read_photo", trip)
        (reject,) = Reader(limits)(one).reading.rejects
        assert (reject.reason, reject.detail) == (Reason.READER_FAILED, "ZeroDivisionError: by zero")
    assert len(Reader(limits)(one).reading.digits) == 5


@pytest.mark.slow
def test_known_and_new_photos_come_in_the_order_of_their_names(tmp_path: Path, limits: Sheets) -> None:
    photos = [photo(tmp_path, f"{name}.png") for name in "cab"]
    Reader(limits)(photos[1])
    lost = ("d.png", Reject(Reason.NO_COLLECTION, "lost"))
    reads = list(read_all([lost, *photos], limits, workers=1))
    assert [read.reading.photo.name for read in reads] == ["d.png", "c/a.png", "c/b.png", "c/c.png"]
    assert [read.reused for read in reads] == [False, True, False, False]


def test_a_reject_says_where_it_stands_why_it_is_one_and_what_to_do() -> None:
    assert describe(Reject(Reason.BLANK, "no ink", 2, 3, advice="write")) == "row 2, col 3: blank: no ink; write"
    assert describe(Reject(Reason.NO_DIGIT, "nothing")) == "no-digit: nothing"
