"""Where a photo was taken: found in the file's metadata, and wiped there without touching a pixel."""

import re
import shutil
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.atomic import replacing

# EXIF is a TIFF structure wherever it lies (JPEG, HEIC, WebP, PNG, TIFF): header, then directories of 12-byte entries
# (EXIF 2.32, section 4.6; TIFF 6.0, section 2). What is wiped keeps its length, so that no container has to be rebuilt.
HEADERS = {b"II*\0": "<", b"MM\0*": ">"}
GPS_POINTER = 0x8825
GPS_TAGS = range(0x20)
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}  # bytes a value, by TIFF type
# Adobe's XMP repeats the position as text, as an attribute or an element.
XMP = re.compile(rb"exif:GPS(?:Latitude|Longitude|Altitude|DestLatitude|DestLongitude)(?:=[\"']|>)([^\"'<]*)")

Span = tuple[int, int, bytes]
"""First byte, number of bytes, and the byte that wipes them."""


def spans(content: bytes) -> list[Span]:
    """Return where in a file its metadata say where the photo was taken; none where they do not."""
    found: list[Span] = [(text.start(1), len(text[1]), b" ") for text in XMP.finditer(content) if text[1].strip()]
    for header, order in HEADERS.items():
        start = content.find(header)
        while start >= 0:
            found += _gps(content, start, order)
            start = content.find(header, start + 1)
    return sorted(found)


def strip(path: Path) -> bool:
    """Wipe the place where a photo was taken from its file; return whether there was one. Raises OSError."""
    content = path.read_bytes()
    found = spans(content)
    if not found:
        return False
    wiped = bytearray(content)
    for start, length, blank in found:
        wiped[start : start + length] = blank * length
    if content.startswith(b"\x89PNG"):
        _seal_chunks(wiped)
    with replacing(path) as draft:
        draft.write_bytes(wiped)
        shutil.copymode(path, draft)
    return True


def _gps(content: bytes, base: int, order: str) -> Iterator[Span]:
    """Yield the parts of a TIFF structure that hold a position; nothing where the bytes only look like a header."""
    try:
        (directory,) = struct.unpack_from(f"{order}I", content, base + 4)
        for tag, _, _, value in _entries(content, base + directory, order):
            if tag == GPS_POINTER:
                yield from _directory(content, base, base + value, order)
    except struct.error:
        return


def _directory(content: bytes, base: int, start: int, order: str) -> Iterator[Span]:
    entries = list(_entries(content, start, order))
    if not entries or any(tag not in GPS_TAGS or kind not in SIZES for tag, kind, _, _ in entries):
        return
    yield start, 2 + 12 * len(entries), b"\0"
    for _, kind, count, value in entries:
        length = SIZES[kind] * count
        if length > 4 and base + value + length <= len(content):
            yield base + value, length, b"\0"


def _entries(content: bytes, start: int, order: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield tag, type, count and value (or where it lies) of a directory. Raises struct.error beyond the end."""
    (count,) = struct.unpack_from(f"{order}H", content, start)
    for place in range(count):
        yield struct.unpack_from(f"{order}HHII", content, start + 2 + 12 * place)


def _seal_chunks(png: bytearray) -> None:
    """Compute every chunk's checksum anew (PNG, section 5.3)."""
    start = 8
    while start + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, start)
        end = start + 8 + length
        if end + 4 > len(png):
            return
        struct.pack_into(">I", png, end, zlib.crc32(png[start + 4 : end]))
        start = end + 4
