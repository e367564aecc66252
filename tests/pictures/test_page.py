import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.pictures.page import PHOTOS, TOLD, Page

COUNTS = {
    "photos": 2, "digits": 30, "rejects": 3, "reasons": {"blank": 2, "row-count": 1},
    "collections": {
        "c": {"photos": 1, "digits": 30, "rejects": 1, "reasons": {"row-count": 1}},
        "drawn": {"photos": 1, "digits": 0, "rejects": 2, "reasons": {"blank": 2}, "simulated": True},
    },
}  # fmt: skip


class Seen(HTMLParser):
    """What a browser would show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.pictures: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pictures += [value for name, value in attrs if tag == "img" and name == "src" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_data(self, data: str) -> None:
        self.words += [data.strip()] if data.strip() else []


def page(folder: Path, *photos: tuple[str, list[str]], retake: bool = False) -> str:
    with Page(folder / "index.html") as written:
        for name, rejects in photos:
            written.add(name, f"{name}.jpg", 15, rejects, retake=retake)
        written.finish(COUNTS)
    assert [path.name for path in folder.iterdir()] == ["index.html"]
    return (folder / "index.html").read_text(encoding="utf-8")


def test_every_photo_is_shown_with_its_counts_and_rejects(tmp_path: Path) -> None:
    seen = Seen(page(tmp_path, ("c/a.jpg", ["row 1: row-count: expected 3, found 4"]), ("drawn/b.png", [])))
    assert seen.pictures == ["c/a.jpg.jpg", "drawn/b.png.jpg"]
    assert "row 1: row-count: expected 3, found 4" in seen.words
    assert "15 digits, 1 rejects" in seen.words
    assert "drawn (simulated)" in seen.words


def test_nothing_on_the_page_comes_from_elsewhere(tmp_path: Path) -> None:
    text = page(tmp_path, ("c/a.jpg", ["x"]))
    assert not [link for link in Seen(text).links if ":" in link or link.startswith("/")]
    assert "http" not in text


@pytest.mark.parametrize("name", ['c/<b>&amp;".jpg', "c/a b#1?.jpg", "c/\u624b\u5199.jpg", "c/100%.jpg"])
def test_any_name_is_shown_and_linked_as_it_is(name: str, tmp_path: Path) -> None:
    from urllib.parse import unquote

    seen = Seen(page(tmp_path, (name, ["<script>"])))
    assert name in seen.words
    assert "<script>" in seen.words
    assert [unquote(picture) for picture in seen.pictures] == [f"{name}.jpg"]
    assert not re.search(r"[#?]", seen.pictures[0])


def test_a_thousand_photos_full_of_rejects_stay_a_small_page(tmp_path: Path) -> None:
    rejects = [f"row {row}: row-count: expected 10 digits (1234567890), found 11; write it again" for row in range(99)]
    text = page(tmp_path, *((f"collection/sub/IMG_{number}.jpg", rejects) for number in range(1000)), retake=True)
    assert len(text) < 1_500_000
    assert f"and {99 - TOLD} more" in text


def test_each_thousand_photos_have_a_page_and_the_first_names_the_others(tmp_path: Path) -> None:
    count = 2 * PHOTOS + 1
    with Page(tmp_path / "index.html") as written:
        for number in range(count):
            written.add(f"c/{number}.jpg", f"c/{number}.jpg.jpg", 1, [], retake=number % PHOTOS == 7)
        written.finish(COUNTS)
    names = ["index.html", "index-2.html", "index-3.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    texts = [(tmp_path / name).read_text(encoding="utf-8") for name in names]
    pages = [Seen(text) for text in texts]
    assert [picture for seen in pages for picture in seen.pictures] == [f"c/{n}.jpg.jpg" for n in range(count)]
    assert [len(seen.pictures) for seen in pages] == [PHOTOS, PHOTOS, 1]
    assert [[link for link in seen.links if "index" in link] for seen in pages] == [
        names, ["index.html", "index.html", "index-3.html"], ["index.html", "index-2.html"],
    ]  # fmt: skip
    assert f"c/{PHOTOS}.jpg to c/{2 * PHOTOS - 1}.jpg" in pages[0].words
    assert [word for word in pages[0].words if "take again" in word] == [
        ": 1 to take again", ": 1 to take again", ": 0 to take again", "only photos to take again",
    ]  # fmt: skip
    assert ["drawn (simulated)" in seen.words for seen in pages] == [True, False, False]


def test_a_thousand_photos_are_one_page_without_links_to_others(tmp_path: Path) -> None:
    text = page(tmp_path, *((f"c/{number}.jpg", []) for number in range(PHOTOS)))
    assert not [link for link in Seen(text).links if "index" in link]


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    photos = [(f"c/{number}.jpg", [""]) for number in range(PHOTOS + 1)]
    with pytest.raises(AttributeError):
        page(tmp_path, *photos, ("c/bad.jpg", [None]))  # type: ignore[list-item]  # what ends it
    assert list(tmp_path.iterdir()) == []


def test_photos_to_take_again_can_be_told_apart(tmp_path: Path) -> None:
    assert "<article class=retake>" in page(tmp_path, ("c/a.jpg", []), retake=True)
    (tmp_path / "index.html").unlink()
    assert "<article class=retake>" not in page(tmp_path, ("c/a.jpg", []))
