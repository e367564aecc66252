"""One bad photo never stops the others and never loses their digits: a run over everything that could lie in raw/."""

import io
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.reader import drawn
from tests.test_sheets import Run


def png(width: int, height: int, *chunks: tuple[bytes, bytes], pixels: bytes = b"") -> bytes:
    """A PNG file of a stated size, with extra chunks, and whatever pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body


@cache
def hostile() -> dict[str, bytes]:
    """Name and content of files that are no photos, or not to be unpacked."""
    bomb = (b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 200_000_000))  # 200 kB that unpack to 200 MB
    return {
        "empty.jpg": b"",
        "text.jpg": b"dear reader, this is no photo\n",
        "huge.png": png(30_000, 30_000),
        "bomb.png": png(200, 300, bomb, pixels=bytes(301 * 200)),
        "pixels-missing.png": png(200, 300, pixels=b"\0"),
        "header.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        "film.mp4": b"\0\0\0\x18ftypmp42",
    }


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A good photo under every name and mode, and everything that is none."""
    raw = tmp_path / "raw"
    page = drawn.page(["123", "45"])
    for name in ("good.png", "a b/\u624b\u5199 \u6570\u5b57 7.png", "weird'$(name);.png"):
        drawn.save(page, raw / "c" / name)
    grey = Image.fromarray(page)
    grey.convert("CMYK").save(raw / "c" / "cmyk.jpg", quality=95)
    Image.fromarray(page.astype(np.uint16) * 257).save(raw / "c" / "deep.png")
    grey.convert("LA").save(raw / "c" / "transparent.png")
    for name, content in hostile().items():
        (raw / "c" / name).write_bytes(content)
    (raw / "c" / "cut.png").write_bytes((raw / "c" / "good.png").read_bytes()[:-500])
    (raw / "c" / "folder.jpg").mkdir()
    (tmp_path / "secret.png").write_bytes((raw / "c" / "good.png").read_bytes())
    (raw / "c" / "link.png").symlink_to(tmp_path / "secret.png")
    (raw / "c" / "nowhere.png").symlink_to(raw / "c" / "missing.png")
    (raw / "c" / "sheets.yaml").write_text('layout: rows\nrows: ["123", "45"]\n')
    return raw


@pytest.mark.slow
def test_all_that_is_a_photo_is_read_and_all_else_is_named(raw: Path, tmp_path: Path) -> None:
    run = Run(raw, tmp_path / "run", workers=2)
    digits: dict[str, str] = {}
    for row in run.rows:
        digits[row["photo"]] = digits.get(row["photo"], "") + str(row["label"])
    good = ("good.png", "a b/\u624b\u5199 \u6570\u5b57 7.png", "weird'$(name);.png", "cmyk.jpg", "deep.png")
    assert digits == {f"c/{name}": "12345" for name in (*good, "transparent.png")}
    told = {reject["photo"].removeprefix("c/"): reject["reason"] for reject in run.rejects}
    assert told == {
        **dict.fromkeys(hostile(), "not-an-image"),
        **dict.fromkeys(("cut.png", "folder.jpg", "nowhere.png"), "not-an-image"),
        "huge.png": "too-large",
        "link.png": "links-outside",
    }


@pytest.mark.slow
def test_a_photo_that_may_not_be_read_is_named(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so that the system's answer is given here instead of a mode."""
    locked = raw / "c" / "good.png"
    opened = io.open

    def refusing(file: object, *rest: Any, **options: Any) -> Any:
        if str(file) == str(locked):
            raise PermissionError(13, "Permission denied", str(file))
        return opened(file, *rest, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("io.open", refusing)  # Path.open
    monkeypatch.setattr("builtins.open", refusing)  # Pillow
    run = Run(raw, tmp_path / "run")
    (refused,) = [reject for reject in run.rejects if reject["photo"] == "c/good.png"]
    assert refused["reason"] == "not-an-image"
    assert "Permission denied" in refused["detail"]
    assert len(run.rows) == 25
