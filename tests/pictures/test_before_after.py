from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.gain import Readings, gained
from pipeline.pictures import before_after
from pipeline.pictures.before_after import Compared

LABELS = np.repeat(np.arange(10, dtype=np.uint8), 12)
NAMES = ("HEAD", "workspace")


def compared(before: dict[int, int], after: dict[int, int]) -> Compared:
    """Digits as they are read by both: by row, the digit that it is misread as; the surer, the lower the row."""
    read = []
    for misread in (before, after):
        digits = LABELS.copy()
        digits[list(misread)] = list(misread.values())
        read.append(digits)
    images = np.random.default_rng(0).integers(0, 256, (len(LABELS), 28, 28), dtype=np.uint8)
    sure = np.linspace(0.9, 0.5, len(LABELS))
    return Compared(Readings(LABELS, read[0], read[1], [None] * len(LABELS)), images, sure, sure[::-1])


def drawn(path: Path, one: Compared, tracked: tuple[int, ...] = (2, 5, 7, 9)) -> Image.Image:
    entry = {"shown_as": "李雷 [a] $\\x$ (simulated)", **gained(one.readings, tracked)}
    before_after.draw(path, one, entry, NAMES)
    with Image.open(path) as picture:
        return picture.convert("RGB")


def test_galleries_hold_what_only_one_read_right_the_surest_mistakes_first() -> None:
    one = compared({3: 7, 40: 1, 80: 2, 90: 3}, {40: 1, 41: 0, 100: 0})
    assert before_after.fixed(one).tolist() == [3, 80, 90]
    assert before_after.broken(one).tolist() == [100, 41]
    assert before_after.fixed(one, places=1).tolist() == [3]


@pytest.mark.slow
def test_a_picture_is_the_same_bytes_again_and_another_of_other_digits(tmp_path: Path) -> None:
    one, other = compared({24: 7, 25: 7}, {60: 1}), compared({24: 7, 25: 7}, {61: 1})
    for name, shown in (("a.png", one), ("b.png", one), ("c.png", other)):
        drawn(tmp_path / name, shown)
    first, again, changed = ((tmp_path / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert first == again != changed


@pytest.mark.slow
def test_fixed_digits_stand_above_broken_ones_as_many_as_there_are(tmp_path: Path) -> None:
    one = compared({24: 7, 25: 7, 26: 7}, {60: 1})
    one.images[:] = 255
    picture = np.asarray(drawn(tmp_path / "a.png", one)).astype(int)
    height, width = picture.shape[:2]
    galleries = picture[int(0.17 * height) :, int(0.53 * width) :].max(axis=2) < 90  # captions have a colour
    above, below = np.array_split(galleries, [int(0.38 * height)])
    assert below.sum() > 1000
    assert above.sum() / below.sum() == pytest.approx(3, rel=0.01)


@pytest.mark.parametrize(
    ("digit", "said"),
    [("2", "2 fixed, 1 broken\nmisread as 7 (2) to 1 (1)"), ("3", "0 fixed, 1 broken"), ("5", "unchanged")],
)
def test_beside_a_digit_stands_what_changed_and_what_a_tracked_one_is_misread_as(digit: str, said: str) -> None:
    entry = gained(compared({24: 7, 25: 7}, {26: 1, 40: 8}).readings, (2, 5, 7, 9))
    assert before_after.confusion_text(entry, digit) == said


def test_the_heading_has_errors_gain_interval_p_and_sentence() -> None:
    entry = {"shown_as": "class", **gained(compared(dict.fromkeys(range(24, 32), 7), {}).readings, (2,))}
    title, said = before_after.heading(entry, NAMES)
    assert title == "class: 120 test digits, HEAD to workspace"
    assert said.startswith("8 errors before, 0 after: +6.67 percentage points (+3.")
    assert said.endswith("p 0.0078. Helped: 8 digits fixed, none broken.")
