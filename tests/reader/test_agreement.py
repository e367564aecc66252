from pathlib import Path

import pytest

from pipeline.errors import BadInputError
from pipeline.reader.agreement import demand_free_names, stated_splits
from pipeline.reader.collection import Photo, Settings


def photo(name: str, split: str, writer: str = "folder") -> Photo:
    return Photo(Path(name), name, "c", Settings.model_validate({"writer": writer, "split": split}))


def test_a_writer_in_two_splits_is_told_before_any_photo_is_read() -> None:
    with pytest.raises(BadInputError, match=r"writer `c/li` in one split, but c/li/1.jpg says test and c/li/2.jpg"):
        stated_splits([photo("c/li/1.jpg", "test"), photo("c/li/2.jpg", "train")])
    others = [photo("c/li/1.jpg", "auto"), photo("c/li/2.jpg", "train"), photo("c/3.jpg", "test", "row")]
    assert stated_splits(others) == {"c/li": "train"}


@pytest.mark.parametrize("name", ["mnist", "Handwriting"])
def test_no_collection_is_called_as_other_digits_are(name: str, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    demand_free_names(tmp_path)
    (tmp_path / name).mkdir()
    with pytest.raises(BadInputError, match=f"`{name}` stands for .*; rename the folder"):
        demand_free_names(tmp_path)
