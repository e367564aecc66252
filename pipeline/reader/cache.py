"""What a kept reading depends on besides its photo and settings."""

from functools import cache
from pathlib import Path

from pipeline.store import code_digest

LIBRARIES = ("opencv-python-headless", "numpy", "scipy", "pillow", "pillow-heif", "mlxtend")  # they change pixels
PIPELINE = Path(__file__).parents[1]
# What makes a reading and its picture.
DRAWING = ("reading.py", "drawn.py", "template.py", "sheet_code.py", "pictures/contact.py", "reader/**/*.py")


@cache
def code() -> str:
    """Return a hash of all that decides what a photo gives besides its settings: our code and the libraries."""
    return code_digest(PIPELINE, (path for pattern in DRAWING for path in PIPELINE.glob(pattern)), LIBRARIES)
