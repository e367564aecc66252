from pathlib import Path
from typing import Any

import pytest

from pipeline.reader.collection import Photo, Settings


def photo(name: str, **settings: Any) -> Photo:
    return Photo(Path(name), name, name.partition("/")[0], Settings(**settings))


@pytest.mark.parametrize(
    ("name", "settings", "label"),
    [
        ("c/7.jpg", {"layout": "rows", "label": "from-name"}, 7),
        ("c/sheet-0 of 9.jpg", {"layout": "rows", "label": "from-name"}, 0),
        ("c/5/img3.jpg", {"layout": "rows", "label": "from-name"}, 3),
        ("c/\u0663.jpg", {"layout": "rows", "label": "from-name"}, None),  # another script's digit
        ("c4/page.jpg", {"layout": "rows", "label": "from-name"}, None),
        ("c/7_012.jpg", {"layout": "rows", "label": "from-name"}, 7),
        ("c/IMG_2024.jpg", {"layout": "rows", "label": "from-name"}, None),  # a camera's numbers say no label
        ("c/IMG_2024 (3).jpg", {"layout": "rows", "label": "from-name"}, None),
        ("c/IMG_20240105_7.jpg", {"layout": "rows", "label": "from-name"}, None),
        ("c/7 (2).jpg", {"layout": "rows", "label": "from-name"}, 7),
        ("c/7.jpg", {"layout": "rows", "label": 0}, 0),
        ("c/7.jpg", {"layout": "rows"}, None),
        ("c/7/1.png", {"layout": "crops"}, 7),
        ("c/3/writer-2/7/1.png", {"layout": "crops"}, 7),
        ("c/7/more/1.png", {"layout": "crops"}, 7),
        ("7/1.png", {"layout": "crops"}, None),
        ("c/12/1.png", {"layout": "crops"}, None),
        ("c/7/1.png", {"layout": "crops", "label": "from-name"}, 1),
    ],
)
def test_label(name: str, settings: dict[str, Any], label: int | None) -> None:
    assert photo(name, **settings).label() == label


@pytest.mark.parametrize(
    ("settings", "writer"),
    [
        ({}, "c/sub/a.b"),
        ({"writer": "file"}, "c/sub/a.b"),
        ({"writer": "folder"}, "c/sub"),
        ({"writer": "row"}, "c/row-3"),
        ({"writer": "collection"}, "c/all"),
        ({"layout": "crops"}, None),
        ({"layout": "crops", "writer": "folder"}, "c/sub"),
    ],
)
def test_writer(settings: dict[str, Any], writer: str | None) -> None:
    assert photo("c/sub/a.b.jpg", **settings).writer(3) == writer
