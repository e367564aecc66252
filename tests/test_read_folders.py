from pathlib import Path

import pytest

from pipeline.errors import BadInputError
from pipeline.read_folders import keep_outside, place_for, raw_above, read_above


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a collection, and a described folder of photos elsewhere."""
    (tmp_path / "repo" / "raw" / "cls").mkdir(parents=True)
    (tmp_path / "repo" / "params.yaml").touch()
    (tmp_path / "phone" / "in").mkdir(parents=True)
    (tmp_path / "phone" / "sheets.yaml").touch()
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"


@pytest.mark.parametrize("marked", ["params.yaml", "dvc.yaml"])
def test_raw_is_the_folder_beside_what_makes_a_repository(marked: str, repository: Path) -> None:
    (repository / "params.yaml").rename(repository / marked)
    raw = repository / "raw"
    for place in ("raw", "raw/cls/a.jpg", "metrics/../raw/cls"):
        assert raw_above(Path(place)) == raw
    for place in ("a.jpg", "raw/../a.jpg", "../raw/a.jpg", "../phone"):
        assert raw_above(Path(place)) is None


def test_read_is_what_lies_in_raw_beside_a_sheets_yaml_or_in_a_named_folder(repository: Path) -> None:
    assert read_above(Path("raw/a.jpg"), []) == repository / "raw"
    assert read_above(Path("../phone/in/a.jpg"), []) == repository.parent / "phone"
    assert read_above(Path("named/in/a.jpg"), [Path("named")]) is None  # no such folder
    Path("named").mkdir()
    assert read_above(Path("named/in/a.jpg"), [Path("named")]) == repository / "named"
    for place in ("a.jpg", "named.jpg", "metrics/a.jpg"):
        assert read_above(Path(place), [Path("named"), Path("raw/cls/a.jpg")]) is None


@pytest.mark.parametrize(
    ("here", "place"), [(".", "a"), ("raw", "../a"), ("raw/cls", "../../a"), ("../phone/in", "../../a")]
)
def test_by_default_the_nearest_folder_that_is_not_read_is_written_to(
    here: str, place: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / here)
    assert place_for("a", []) == Path(place)
    assert place_for("a", [Path()]) == Path("../a" if here == "." else place)


def test_a_picture_where_photos_are_read_is_refused_with_another_place(repository: Path) -> None:
    keep_outside([Path("a.jpg"), Path("metrics/a.jpg")], [Path("raw")], Path("b.jpg"))
    told = rf"^raw/cls/a\.jpg: expected a place outside of {repository}/raw, .* one more photo; try --out b\.jpg$"
    with pytest.raises(BadInputError, match=told):
        keep_outside([Path("a.jpg"), Path("raw/cls/a.jpg")], [], Path("b.jpg"))
