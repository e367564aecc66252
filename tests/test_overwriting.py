import os
from pathlib import Path

import pytest

from pipeline.errors import BadInputError
from pipeline.overwriting import protect_folder, protect_photos


def test_a_photo_is_never_written_over(tmp_path: Path) -> None:
    photo, other = tmp_path / "a.jpg", tmp_path / "b.jpg"
    photo.touch()
    protect_photos([other], [photo])
    other.touch()
    protect_photos([other], [photo, tmp_path / "gone.jpg"])  # a picture of last time
    os.link(photo, tmp_path / "same.jpg")
    for out in (photo, tmp_path / "." / "a.jpg", tmp_path / "same.jpg"):
        with pytest.raises(BadInputError, match="got the photo itself; name another --out"):
            protect_photos([other, out], [photo])
    with pytest.raises(BadInputError, match="name another --json"):
        protect_photos([photo], [photo], "--json")


def test_a_folder_with_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    protect_folder(folder, lambda _: False)
    (folder / "in").mkdir(parents=True)
    protect_folder(folder, lambda _: False)
    (folder / "in" / "ours.txt").touch()
    protect_folder(folder, lambda path: path == Path("in/ours.txt"))
    (folder / "in" / "thesis.tex").touch()
    with pytest.raises(BadInputError, match=r"found `in.thesis\.tex` in it; name another --out"):
        protect_folder(folder, lambda path: path == Path("in/ours.txt"))
    with pytest.raises(BadInputError, match="expected a folder to write, got a file"):
        protect_folder(folder / "in" / "ours.txt", lambda _: True)


def test_a_folder_without_what_the_command_always_writes_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").touch()
    (tmp_path / "a.heic.jpg").touch()
    protect_folder(tmp_path, lambda _: True, ["index.html"])
    with pytest.raises(BadInputError, match="expected a new folder, or one that this command made"):
        protect_folder(tmp_path, lambda _: True, ["index.html", "rejects.csv"])
    protect_folder(tmp_path / "empty", lambda _: True, ["index.html", "rejects.csv"])


@pytest.mark.parametrize(("out", "apart"), [("a", False), (".", False), ("a/b", False), ("ab", True), ("a/../c", True)])
def test_a_folder_that_is_holds_or_lies_in_the_photos_is_left_alone(out: str, apart: bool, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    if apart:
        protect_folder(tmp_path / out, lambda _: True, photos=tmp_path / "a")
        return
    with pytest.raises(BadInputError, match=r"expected a folder apart from the photos in `.*a`; name another --out"):
        protect_folder(tmp_path / out, lambda _: True, photos=tmp_path / "a")


@pytest.mark.parametrize("out", [".", "..", "../in", "{here}", "../../out"])
def test_a_folder_that_the_command_runs_in_is_left_alone(
    out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out" / "in").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "out" / "in")
    with pytest.raises(BadInputError, match="got one that the command runs in; name another --out, such as a folder"):
        protect_folder(Path(out.format(here=Path.cwd())), lambda _: True)
    protect_folder(Path("new"), lambda _: True)
    protect_folder(Path("../new"), lambda _: True)
