"""A folder of simulated photos, and what else may lie in its place."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from pipeline.errors import BadInputError
from pipeline.reader.collection import Photo
from pipeline.reader.finding import find
from pipeline.simulate import photos
from pipeline.simulate.folder import MADE, ORIGIN
from pipeline.simulate.photos import write
from pipeline.simulate.severity import Layout

TRUTH = json.dumps({"simulated": True})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"writer-00.jpg": "a photo"}, "writer-00.jpg"),
        ({"writer-00.jpg": "a photo", "writer-00.json": "[]"}, "writer-00.jpg"),
        ({"writer-00.jpg": "a photo", "writer-00.json": "{"}, "writer-00.jpg"),
        ({"writer-00.jpg": "", "writer-00.json": TRUTH, "writer-01.jpg": "a photo"}, "writer-01.jpg"),
        ({"writer-00.jpg": "", "writer-00.json": TRUTH, "ann.jpg": "a photo"}, "ann.jpg"),
        ({"in/writer-00.jpg": "", "in/writer-00.json": TRUTH}, "in.writer-00.jpg"),
        ({"writer-00.json": "{}"}, "writer-00.json"),
        ({"sheets.yaml": "layout: rows\nsimulated: true\n"}, "sheets.yaml"),
        ({"in/sheets.yaml": MADE}, "in.sheets.yaml"),
    ],
)
def test_a_folder_with_anything_of_a_persons_is_left_as_it_was(
    files: dict[str, str], found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in files.items():
        (tmp_path / "c" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "c" / name).write_text(content)
    before = contents(tmp_path)
    monkeypatch.setattr(photos, "photo_file", lambda *_, **__: pytest.fail("work was done"))
    with pytest.raises(BadInputError, match=f"that this command made, found `{found}` in it; name another --out"):
        write(tmp_path / "c", 1, 3, "gentle", layout="rows")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("layout", get_args(Layout))
def test_a_reader_of_the_folder_knows_that_nobody_wrote_it(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "photo_file", drawn)
    write(tmp_path / "c", 1, 3, "gentle", layout=layout)
    (photo,) = find(tmp_path)
    assert isinstance(photo, Photo)
    assert photo.settings.simulated
    assert photo.settings.origin == ORIGIN
    assert photo.settings.layout == {"lined": "rows"}.get(layout, layout)
    assert photo.settings.label == (None if layout == "template" else 7)  # a printed sheet says it itself


def drawn(*_: object, **__: object) -> tuple[bytes, Any]:
    """In place of a simulated photo, which takes a second."""
    return b"", SimpleNamespace(label=7, as_json=lambda: {"simulated": True})


def test_what_the_command_made_is_made_again_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "photo_file", drawn)
    write(tmp_path / "new" / "c", 101, 3, "gentle", layout="grid")
    assert len(contents(tmp_path / "new" / "c")) == 203
    write(tmp_path / "new" / "c", 1, 3, "gentle", layout="rows")
    assert set(contents(tmp_path)) == {f"new/c/{name}" for name in ("sheets.yaml", "writer-00.jpg", "writer-00.json")}


def test_a_photo_that_arrives_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(*_: object, **__: object) -> tuple[bytes, Any]:
        (tmp_path / "c").mkdir()
        (tmp_path / "c" / "writer-00.jpg").write_text("a photo")
        return drawn()

    monkeypatch.setattr(photos, "photo_file", slowly)
    with pytest.raises(BadInputError, match=r"found `writer-00\.jpg` in it"):
        write(tmp_path / "c", 1, 3, "gentle")
    assert contents(tmp_path) == {"c/writer-00.jpg": b"a photo"}
